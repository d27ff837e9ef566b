"""One way in which a client has no answer, and what the texts of several have in common."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

Side = Literal["proxy", "network", "client"]
"""Who failed: a proxy, the way to OKX, or the client, which sent nothing."""


class Failure(Struct, frozen=True, kw_only=True):
    """One way to fail. ``words`` are looked for as they are; ``vague`` ones count only where nothing else is said."""

    id: str
    meaning: str
    side: Side = "network"
    likely: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()


CUT_BY: Final = ("proxy-failure", "blocked-by-edge")
UNASKED: Final = "Credentials and signature were not looked at."
