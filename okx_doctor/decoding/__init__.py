"""Finds the answers of OKX in a pasted text and names the usual causes of each. Pure."""
