"""Many digests fast: the states of a key are made once and copied, a prefix that messages share is hashed once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

from okx_doctor.forensics.search.parts import HmacVariant
from okx_doctor.protocol import keyed
from okx_doctor.protocol.keyed import INNER, OUTER, started


class Hasher(Protocol):
    """One way from a message to a digest."""

    @property
    def digest_size(self) -> int:
        """The bytes of each digest that it makes."""

    def scan(self, prefix: bytes, tails: Sequence[bytes], digest: bytes) -> list[int]:
        """The places in ``tails`` for which ``prefix + tail`` has this digest."""


class Keyed(keyed.Keyed):
    """HMAC. The key may be of any length and any bytes."""

    __slots__ = ()

    @property
    def digest_size(self) -> int:
        return self._outer.digest_size

    def scan(self, prefix: bytes, tails: Sequence[bytes], digest: bytes) -> list[int]:
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
            if last.digest() == digest:
                found.append(tail)
        return _places(found, tails) if found else []


class Plain:
    """A hash of the message with the secret in front, behind, or nowhere."""

    __slots__ = ("_end", "_start")

    def __init__(self, before: bytes, behind: bytes, algorithm: str) -> None:
        self._start = hashlib.new(algorithm, before, usedforsecurity=False)
        self._end = behind

    @property
    def digest_size(self) -> int:
        return self._start.digest_size

    def scan(self, prefix: bytes, tails: Sequence[bytes], digest: bytes) -> list[int]:
        start = self._start.copy()
        start.update(prefix)
        copy, end = start.copy, self._end
        found: list[bytes] = []
        for tail in tails:
            state = copy()
            state.update(tail + end)
            if state.digest() == digest:
                found.append(tail)
        return _places(found, tails) if found else []


class Swapped:
    """HMAC whose key is the message and whose message is the secret. A message too long for a key is hashed first, and
    only of that hash can a beginning be shared.
    """

    __slots__ = ("_algorithm", "_key")

    def __init__(self, key: bytes, algorithm: str) -> None:
        self._key, self._algorithm = key, algorithm

    @property
    def digest_size(self) -> int:
        return digest_size(self._algorithm)

    def scan(self, prefix: bytes, tails: Sequence[bytes], digest: bytes) -> list[int]:
        nothing, key = started(self._algorithm), self._key
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
            inner.update(block.translate(INNER) + key)
            last = copy()
            last.update(block.translate(OUTER) + inner.digest())
            if last.digest() == digest:
                found.append(tail)
        return _places(found, tails) if found else []


class HashedFirst:
    """HMAC over the SHA-256 of the message."""

    __slots__ = ("_as_hex", "_keyed")

    def __init__(self, key: bytes, algorithm: str, *, as_hex: bool) -> None:
        self._keyed, self._as_hex = Keyed(key, algorithm), as_hex

    @property
    def digest_size(self) -> int:
        return self._keyed.digest_size

    def scan(self, prefix: bytes, tails: Sequence[bytes], digest: bytes) -> list[int]:
        start = hashlib.sha256(prefix)
        copy, as_hex = start.copy, self._as_hex
        texts: list[bytes] = []
        for tail in tails:
            state = copy()
            state.update(tail)
            texts.append(state.hexdigest().encode() if as_hex else state.digest())
        return self._keyed.scan(b"", texts, digest)


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


def digest_size(algorithm: str) -> int:
    """The bytes of a hash's digest."""
    return started(algorithm).digest_size


def _places(found: Sequence[bytes], tails: Sequence[bytes]) -> list[int]:
    return [at for at, tail in enumerate(tails) if tail in found]
