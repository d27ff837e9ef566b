"""OKX credentials in files where they do not belong: which line, which variable, never the value."""
