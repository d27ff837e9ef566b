"""Where a fact about OKX is known from, and the day on which it was last confirmed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """``address`` is a URL, a repository, or "a public client's source, month year".

    ``day`` is ISO, or year and month alone.
    """

    address: str
    day: str
