"""A request as it is sent over HTTP, and as a WebSocket login carries it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set
from typing import Final

from msgspec import Struct
from msgspec.structs import force_setattr

from okx_doctor.secrets.secret import shows_only

_ABSOLUTE: Final = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


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

    def __post_init__(self) -> None:
        # The first value of each name, once: a request is asked for its headers some twenty times.
        force_setattr(self, "_first", {name.lower(): value for name, value in reversed(self.headers)})

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
        return self.origin_form.partition("?")[0]

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
