"""HMAC (RFC 2104) by a key that is taken in once: its two states are copied for each message, which makes it fast."""

from __future__ import annotations

import hashlib
from functools import cache

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Keyed:
    """A key of any length and any bytes."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, algorithm: str) -> None:
        block = key_block(key, algorithm)
        self._inner, self._outer = started(algorithm).copy(), started(algorithm).copy()
        self._inner.update(block.translate(_INNER))
        self._outer.update(block.translate(_OUTER))

    def digest(self, message: bytes) -> bytes:
        """The HMAC of a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def key_block(key: bytes, algorithm: str) -> bytes:
    """The key as HMAC sees it: hashed when too long, filled with zeros. Equal blocks sign equally."""
    size = started(algorithm).block_size
    if len(key) > size:
        key = hashlib.new(algorithm, key, usedforsecurity=False).digest()
    return key.ljust(size, b"\0")


@cache
def started(algorithm: str) -> hashlib._Hash:
    """A hash of nothing, to be copied: making one by its name takes longer than a digest."""
    return hashlib.new(algorithm, usedforsecurity=False)
