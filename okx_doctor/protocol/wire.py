"""A request as it is sent over HTTP, and as a WebSocket login carries it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from okx_doctor.protocol.scheme import OKX
from okx_doctor.secrets.secret import shows_only

_CHANGING: Final = tuple(
    name.lower() for name in (OKX.headers.sign, OKX.headers.timestamp, OKX.headers.passphrase, "Content-Length")
)
_ABSOLUTE: Final = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


@shows_only()
class Manner(Struct, frozen=True, eq=False):
    """How a client asks: its headers without those that differ from one request of a bot to the next.

    One value serves for all requests that are alike in this, and is the same as itself alone: what follows from it can
    be remembered for it. The passphrase is no part of it, so that no time tells whether one was sent before.
    ``names`` are in lower case.
    """

    names: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def lines(self) -> Iterator[tuple[str, str]]:
        """Name and value of each."""
        return zip(self.names, self.values, strict=True)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, whose name is in lower case."""
        return tuple(value for each, value in self.lines if each == name)

    def first(self, name: str) -> str:
        """The first value of a header, whose name is in lower case; ``""`` when absent."""
        return next(iter(self.all(name)), "")


_manner = lru_cache(maxsize=32)(Manner)  # of 64 KiB each at the most


@lru_cache(maxsize=32)
def _lasting(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in _CHANGING)


@shows_only("method")
class WireRequest(Struct, frozen=True, kw_only=True):
    """One HTTP request before anybody interprets it.

    ``target`` is the raw request target, a dangling ``?`` included. ``headers`` keep order, spelling and
    duplicates.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""
    _first: Mapping[str, str] = {}
    _path: str = ""
    _manner: Manner | None = None

    def __post_init__(self) -> None:
        # Once: a request is asked for its headers some twenty times, and for its path five times.
        force_setattr(self, "_first", {name.lower(): value for name, value in reversed(self.headers)})
        force_setattr(self, "_path", self.origin_form.partition("?")[0])
        if self._manner:
            force_setattr(self, "_manner", None)  # it is that of the request from which this one was made

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, WireRequest):
            return NotImplemented
        return (self.method, self.target, self.headers, self.body) == (
            other.method, other.target, other.headers, other.body
        )  # fmt: skip

    @property
    def first(self) -> Mapping[str, str]:
        """The first value of each header, by its name in lower case."""
        return self._first

    @property
    def names(self) -> Set[str]:
        """The names of the headers, in lower case."""
        return self._first.keys()

    @property
    def repeats(self) -> bool:
        """Whether a header occurs twice."""
        return len(self._first) != len(self.headers)

    @property
    def manner(self) -> Manner:
        """How its client asks."""
        known = self._manner
        if known is None:
            force_setattr(self, "_manner", known := self._asked())
        return known

    def _asked(self) -> Manner:
        if self.repeats:
            lines = tuple((name.lower(), value) for name, value in self.headers if name.lower() not in _CHANGING)
            return _manner(tuple(name for name, _ in lines), tuple(value for _, value in lines))
        names = _lasting(tuple(self._first))
        return _manner(names, tuple(map(self._first.__getitem__, names)))

    @property
    def origin_form(self) -> str:
        """Path and query, which is what is signed; the absolute form is what a proxy is sent (RFC 9112)."""
        if self.target.startswith("/"):
            return self.target
        found = _ABSOLUTE.match(self.target)
        if not found:
            return self.target
        rest = self.target[found.end() :]
        return rest if rest.startswith("/") else f"/{rest}"

    @property
    def path(self) -> str:
        """The path, without the query."""
        return self._path

    def header(self, name: str) -> str | None:
        """The first value of a header, its name compared without case; ``None`` when absent."""
        return self._first.get(name.lower())


@shows_only()
class LoginRequest(Struct, frozen=True, kw_only=True):
    """The one entry in ``args`` of a WebSocket login, absent fields empty."""

    api_key: str
    passphrase: str
    timestamp: str
    sign: str
