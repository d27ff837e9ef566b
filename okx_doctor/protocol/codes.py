"""OKX's error codes as data: documented and observed status and text, the causes behind each, source, date.

Codes decide, texts never do: the wire's wording differs from the documented one and may be localised.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Channel = Literal["rest", "websocket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What a server really sent: HTTP status (``None`` where the report does not tell) and text."""

    status: int | None
    text: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of OKX's tables. ``causes`` are catalogue ids, most usual first; ``date`` is the source's."""

    code: str
    channel: Channel
    kind: str
    status: int | None
    text: str
    category: str
    causes: tuple[str, ...]
    source: str
    date: str
    meaning: str
    observed: Observed | None

    @property
    def wire_status(self) -> int:
        """The HTTP status that really comes with it: the observed one where there is one."""
        seen = self.observed.status if self.observed else None
        return seen or self.status or 200

    @property
    def wire_text(self) -> str:
        """The text that really comes with it: the observed one where there is one."""
        return self.observed.text if self.observed else self.text


@cache
def all_codes() -> tuple[Code, ...]:
    """Every row, in the order of OKX's own tables: REST first, then WebSocket."""
    document = json.loads(files(__package__).joinpath("codes.json").read_text("utf-8"))
    return tuple(_row(row) for row in document["codes"])


@cache
def _by_code() -> Mapping[tuple[str, str], Code]:
    table: dict[tuple[str, str], Code] = {}
    for row in all_codes():
        if row.kind == "historic":
            continue
        table.setdefault((row.channel, row.code), row)
        if row.observed:  # of two rows with one code, the one seen on the wire
            table[row.channel, row.code] = row
    return table


def find(code: str, channel: Channel = "rest") -> Code | None:
    """The row for a code on a channel. REST codes can arrive over a socket, so that is looked up second."""
    table = _by_code()
    return table.get((channel, code)) or table.get(("rest", code)) or table.get(("websocket", code))


def _row(row: Mapping[str, object]) -> Code:
    observed = row.get("observed")
    seen = None
    if isinstance(observed, dict):
        seen = Observed(
            status=observed["status"],
            text=observed["text"],
            source=observed["source"],
            confidence=observed["confidence"],
        )
    status = row["status"]
    causes = row["causes"]
    assert isinstance(causes, list)  # noqa: S101  the package's own file
    return Code(
        code=str(row["code"]),
        channel="websocket" if row["channel"] == "websocket" else "rest",
        kind=str(row["kind"]),
        status=status if isinstance(status, int) else None,
        text=str(row["text"]),
        category=str(row["category"]),
        causes=tuple(causes),
        source=str(row["source"]),
        date=str(row["date"]),
        meaning=str(row.get("meaning", "")),
        observed=seen,
    )
