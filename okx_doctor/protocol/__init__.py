"""OKX's wire contract: bytes in, bytes out. No I/O beyond the package's own data, no clock."""
