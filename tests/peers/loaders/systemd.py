"""Reads a JSON array of file names from stdin, prints what systemd's own ``load_env_file`` makes of each.

Runs in a process of its own: the library is systemd's private one, called by its C signature, the same in 252 to 257.
It is what ``EnvironmentFile=`` calls; what is no valid assignment is then dropped by ``strv_env_clean``.
"""

import ctypes
import json
import sys
from pathlib import Path

library = ctypes.CDLL(sys.argv[1])
library.load_env_file.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_char_p))]
library.load_env_file.restype = ctypes.c_int
library.strv_env_clean_with_callback.argtypes = [
    ctypes.POINTER(ctypes.c_char_p),
    ctypes.c_void_p,
    ctypes.c_void_p,
]
library.strv_env_clean_with_callback.restype = ctypes.POINTER(ctypes.c_char_p)


def load(path: str) -> dict[str, str] | None:
    found = ctypes.POINTER(ctypes.c_char_p)()
    if library.load_env_file(None, str(Path(path)).encode(), ctypes.byref(found)) < 0:
        return None
    if not found:
        return {}
    found = library.strv_env_clean_with_callback(found, None, None)
    rows: dict[str, str] = {}
    at = 0
    while found[at] is not None:
        name, _, value = found[at].decode().partition("=")
        rows[name] = value
        at += 1
    return rows


json.dump([load(path) for path in json.load(sys.stdin)], sys.stdout)
