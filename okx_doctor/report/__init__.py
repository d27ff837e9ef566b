"""Printing: a finished report in, text out. Nothing is measured or judged here."""
