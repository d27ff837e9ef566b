"""JSON as the libraries of many languages write it, and the other texts that programs make of a structure.

A document is read into a tree that keeps the order of keys, duplicates, and numbers as they were spelled. Sources
are the languages' own documentation; tests compare with Node, Java, PHP and Python where they are installed.
"""
