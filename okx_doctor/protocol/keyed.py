"""HMAC for many messages with one key: what it makes of the key is made once and copied (RFC 2104)."""

from __future__ import annotations

import hashlib
from functools import cache

from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.signing import key_of, written
from okx_doctor.secrets.secret import Secret

INNER = bytes(byte ^ 0x36 for byte in range(256))
OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Keyed:
    """The states of a key of any length and any bytes: a digest begins with the one and ends with the other."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, algorithm: str) -> None:
        begun = started(algorithm).copy
        inner, outer = begun(), begun()
        block = key_block(key, algorithm)
        inner.update(block.translate(INNER))
        outer.update(block.translate(OUTER))
        self._inner, self._outer = inner, outer

    def digest(self, message: bytes) -> bytes:
        """The HMAC of a message."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


class Signer:
    """Signs one message after the other, each as ``signing.sign`` does."""

    __slots__ = ("_keyed",)

    def __init__(self, secret: Secret) -> None:
        self._keyed = Keyed(key_of(secret.reveal()), OKX.digest)

    def sign(self, message: bytes) -> str:
        """Standard padded base64 (44 characters) of HMAC-SHA256."""
        return written(self._keyed.digest(message))


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
