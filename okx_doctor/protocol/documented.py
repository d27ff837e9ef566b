"""Every endpoint that OKX documents, without what it answers: enough to authenticate any bot, and to tell public ones.

The table names its source. It is read where a path is asked about that nothing else is known of.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.protocol.sources import Source

CALLED_PUBLIC: Final = "/api/v5/public/event-contract/"
"""Paths that are called public and want authentication all the same. Which code refuses them without was not said."""
CALLED_PUBLIC_SOURCE: Final = Source("https://github.com/okx/agent-trade-kit, CHANGELOG", "2026-11")
_PUBLIC: Final = ("/api/v5/public/", "/api/v5/market/", "/api/v5/rubik/", "/api/v5/system/status", "/api/v5/support/")
"""Beginnings of paths that OKX serves without a signature, one that the table does not list included."""


class Limit(Struct, frozen=True, kw_only=True):
    """A rate limit: ``requests`` in ``seconds``."""

    requests: float
    seconds: float


class Documented(Struct, frozen=True, kw_only=True):
    """One path and method; ``permission`` is ``None`` for a public one."""

    method: Literal["GET", "POST"]
    permission: Literal["read_only", "trade", "withdraw"] | None
    limit: Limit


@cache
def documented() -> Mapping[str, tuple[Documented, ...]]:
    """The documented endpoints of each path, one per method."""
    table: dict[str, tuple[Documented, ...]] = {}
    document = json.loads(get_data(__package__, "documented.json") or b"")
    for method, path, permission, requests, seconds in document["rows"]:
        row = Documented(method=method, permission=permission, limit=Limit(requests=requests, seconds=seconds))
        table[path] = (*table.get(path, ()), row)
    return table


def is_public(path: str) -> bool:
    """Whether OKX serves a path without authentication."""
    if path.startswith(CALLED_PUBLIC):
        return False
    return path.startswith(_PUBLIC) or any(row.permission is None for row in documented().get(path, ()))
