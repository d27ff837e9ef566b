"""The JSON that a request's body holds, read once for all who look at it."""

from __future__ import annotations

import json
from functools import lru_cache

import msgspec


@lru_cache(maxsize=1)
def document_of(body: bytes) -> object:
    """The document, which is not to be changed: UTF-8 as well as UTF-16 and UTF-32, as Python reads it.

    Raises ``ValueError`` for anything else, NaN and Infinity included, and ``RecursionError``.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # what it takes Python takes for the same, and more
        return _DECODER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))


def _no_constant(name: str) -> float:
    raise ValueError(name)  # NaN and Infinity are Python's, not JSON's


_DECODER = json.JSONDecoder(parse_constant=_no_constant)
