"""A request as it stands on the wire, and as a WebSocket login carries it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request before anybody interprets it.

    ``target`` is the raw request target, a dangling ``?`` included. ``headers`` keep order, spelling and
    duplicates.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def header(self, name: str) -> str | None:
        """The first value of a header, its name compared without case; ``None`` when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRequest:
    """The one entry in ``args`` of a WebSocket login, absent fields empty."""

    api_key: str
    passphrase: str
    timestamp: str
    sign: str
