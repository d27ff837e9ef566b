"""Where a fact about OKX is known from, and the day on which it was last confirmed."""

from __future__ import annotations

from msgspec import Struct


class Source(Struct, frozen=True):
    """``address`` begins with a URL, a repository, or "a public client's source, month year"; a remark may follow.

    ``day`` is ISO, or year and month alone.
    """

    address: str
    day: str
