"""Captured requests in the forms people have them, each read into one ``Capture``."""
