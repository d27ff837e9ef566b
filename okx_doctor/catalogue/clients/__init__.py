"""The programs and libraries that OKX's users call it with: how each is recognised, and how it names each setting."""
