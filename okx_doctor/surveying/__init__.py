"""Asks OKX what it answers to requests with known faults, and compares that with the gate: keeps the facts true.

No account is needed: the key is a UUID of zeros, which no site knows. Every call reads, or is refused.
"""
