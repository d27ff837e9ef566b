"""Reads a JSON array of texts from stdin, prints the words that systemd's own ``extract_first_word`` makes of each.

``Environment=`` is split by it with these flags (``config_parse_environ``); the words before a fault are left out
here, as ``null`` says that there is one.
"""

import ctypes
import json
import sys

UNQUOTE, CUNESCAPE = 1 << 5, 1 << 1
library = ctypes.CDLL(sys.argv[1])
library.extract_first_word.argtypes = [
    ctypes.POINTER(ctypes.c_char_p),
    ctypes.POINTER(ctypes.c_char_p),
    ctypes.c_char_p,
    ctypes.c_int,
]
library.extract_first_word.restype = ctypes.c_int


def words(text: str) -> list[str] | None:
    rest, word = ctypes.c_char_p(text.encode()), ctypes.c_char_p()
    found: list[str] = []
    while True:
        result = library.extract_first_word(ctypes.byref(rest), ctypes.byref(word), None, CUNESCAPE | UNQUOTE)
        if result < 0:
            return None
        if result == 0:
            return found
        found.append((word.value or b"").decode("utf-8", "replace"))


json.dump([words(text) for text in json.load(sys.stdin)], sys.stdout)
