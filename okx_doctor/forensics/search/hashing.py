"""Many digests fast: the states of a key are made once and copied, a prefix that messages share is hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Sequence
from functools import cache
from typing import Protocol

from okx_doctor.forensics.search.parts import HmacVariant

_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class Hasher(Protocol):
    """One way from a message to a digest."""

    def scan(self, prefix: bytes, tails: Sequence[bytes], wanted: Container[bytes]) -> list[int]:
        """The places in ``tails`` for which ``prefix + tail`` has a digest that is wanted."""


class Keyed:
    """HMAC. The key may be of any length and any bytes."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes, algorithm: str) -> None:
        started = _started(algorithm).copy
        inner, outer = started(), started()
        block = key_block(key, algorithm)
        inner.update(block.translate(_INNER))
        outer.update(block.translate(_OUTER))
        self._inner, self._outer = inner, outer

    def scan(self, prefix: bytes, tails: Sequence[bytes], wanted: Container[bytes]) -> list[int]:
        start = self._inner
        if prefix:
            start = start.copy()
            start.update(prefix)
        copy, finish = start.copy, self._outer.copy
        found: list[bytes] = []
        for tail in tails:
            state = copy()
            state.update(tail)
            last = finish()
            last.update(state.digest())
            if last.digest() in wanted:
                found.append(tail)
        return _places(found, tails) if found else []


class Plain:
    """A hash of the message with the secret in front, behind, or nowhere."""

    __slots__ = ("_end", "_start")

    def __init__(self, before: bytes, behind: bytes, algorithm: str) -> None:
        self._start = hashlib.new(algorithm, before, usedforsecurity=False)
        self._end = behind

    def scan(self, prefix: bytes, tails: Sequence[bytes], wanted: Container[bytes]) -> list[int]:
        start = self._start.copy()
        start.update(prefix)
        copy, end = start.copy, self._end
        found: list[bytes] = []
        for tail in tails:
            state = copy()
            state.update(tail + end)
            if state.digest() in wanted:
                found.append(tail)
        return _places(found, tails) if found else []


class Swapped:
    """HMAC whose key is the message and whose message is the secret. A message too long for a key is hashed first, and
    only of that hash can a beginning be shared.
    """

    __slots__ = ("_algorithm", "_key")

    def __init__(self, key: bytes, algorithm: str) -> None:
        self._key, self._algorithm = key, algorithm

    def scan(self, prefix: bytes, tails: Sequence[bytes], wanted: Container[bytes]) -> list[int]:
        nothing, key = _started(self._algorithm), self._key
        begun, copy, size = nothing.copy(), nothing.copy, nothing.block_size
        begun.update(prefix)
        hashed, fits = begun.copy, size - len(prefix)
        found: list[bytes] = []
        for tail in tails:
            if len(tail) > fits:
                state = hashed()
                state.update(tail)
                block = state.digest().ljust(size, b"\0")
            else:
                block = (prefix + tail).ljust(size, b"\0")
            inner = copy()
            inner.update(block.translate(_INNER) + key)
            last = copy()
            last.update(block.translate(_OUTER) + inner.digest())
            if last.digest() in wanted:
                found.append(tail)
        return _places(found, tails) if found else []


class HashedFirst:
    """HMAC over the SHA-256 of the message."""

    __slots__ = ("_as_hex", "_keyed")

    def __init__(self, key: bytes, algorithm: str, *, as_hex: bool) -> None:
        self._keyed, self._as_hex = Keyed(key, algorithm), as_hex

    def scan(self, prefix: bytes, tails: Sequence[bytes], wanted: Container[bytes]) -> list[int]:
        start = hashlib.sha256(prefix)
        copy, as_hex = start.copy, self._as_hex
        texts: list[bytes] = []
        for tail in tails:
            state = copy()
            state.update(tail)
            texts.append(state.hexdigest().encode() if as_hex else state.digest())
        return self._keyed.scan(b"", texts, wanted)


def hasher(manner: HmacVariant, key: bytes, algorithm: str) -> Hasher:
    """The way that a manner, a key and a hash make."""
    match manner:
        case "hmac":
            return Keyed(key, algorithm)
        case "swapped":
            return Swapped(key, algorithm)
        case "plain":
            return Plain(b"", b"", algorithm)
        case "secret first":
            return Plain(key, b"", algorithm)
        case "secret last":
            return Plain(b"", key, algorithm)
        case "digest first" | "hex digest first":
            return HashedFirst(key, algorithm, as_hex=manner == "hex digest first")


def key_block(key: bytes, algorithm: str) -> bytes:
    """The key as HMAC sees it (RFC 2104): hashed when too long, filled with zeros. Equal blocks sign equally."""
    size = _started(algorithm).block_size
    if len(key) > size:
        key = hashlib.new(algorithm, key, usedforsecurity=False).digest()
    return key.ljust(size, b"\0")


def digest_size(algorithm: str) -> int:
    """The bytes of a hash's digest."""
    return _started(algorithm).digest_size


@cache
def _started(algorithm: str) -> hashlib._Hash:
    """A hash of nothing, to be copied: making one by its name takes longer than a digest."""
    return hashlib.new(algorithm, usedforsecurity=False)


def _places(found: Sequence[bytes], tails: Sequence[bytes]) -> list[int]:
    return [at for at, tail in enumerate(tails) if tail in found]
