"""Every endpoint that OKX documents, without what it answers: enough to authenticate any bot.

The table names its source. It is read when a path is asked for that the exchange has no answer of its own for.
Imports the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from msgspec import Struct


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
    text = files("okx_doctor.gate").joinpath("documented.json").read_text("utf-8")
    table: dict[str, tuple[Documented, ...]] = {}
    for method, path, permission, requests, seconds in json.loads(text)["rows"]:
        row = Documented(method=method, permission=permission, limit=Limit(requests=requests, seconds=seconds))
        table[path] = (*table.get(path, ()), row)
    return table
