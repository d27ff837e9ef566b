"""The only place with outbound I/O. A probe measures and returns observations; it never judges or prints."""
