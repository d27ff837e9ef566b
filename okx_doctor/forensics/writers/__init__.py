"""JSON as the libraries of many languages write it, and the other texts that programs make of a structure.

A document is read into a tree that keeps the order of keys, duplicates, and numbers as they were spelled. Sources
are the languages' own documentation; tests compare with Node, Java, PHP and Python where they are installed.
"""

from okx_doctor.forensics.writers.numbers import as_sent, js_number
from okx_doctor.forensics.writers.styles import COMPACT, PYTHON, STYLES, Style, form, plain, style_of, text_of
from okx_doctor.forensics.writers.trees import (
    ORDERS,
    SIZE_LIMIT,
    Number,
    Pairs,
    Tree,
    as_java_hash_map,
    by_name,
    changed_numbers,
    from_form,
    has_fractions,
    numbers_as_texts,
    read,
    texts_as_numbers,
)

__all__ = [
    "COMPACT",
    "ORDERS",
    "PYTHON",
    "SIZE_LIMIT",
    "STYLES",
    "Number",
    "Pairs",
    "Style",
    "Tree",
    "as_java_hash_map",
    "as_sent",
    "by_name",
    "changed_numbers",
    "form",
    "from_form",
    "has_fractions",
    "js_number",
    "numbers_as_texts",
    "plain",
    "read",
    "style_of",
    "text_of",
    "texts_as_numbers",
]
