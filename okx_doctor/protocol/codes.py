"""OKX's error codes as data: documented and observed status and text, the causes behind each, source, date.

Codes decide, texts never do: the wire's wording differs from the documented one and may be localised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal

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

    @property
    def wording(self) -> str:
        """The text in English: the one of the wire, or the documented one where the wire's was seen in Chinese."""
        return self.wire_text if self.wire_text.isascii() else self.text


REST_TWIN: Mapping[str, str] = {
    "60005": "50111",
    "60032": "50119",
    "60024": "50105",
    "60007": "50113",
    "60006": "50102",
    "60004": "50112",
}
"""WebSocket codes and the REST codes that mean the same (pairing inferred from the documented texts)."""


_VALUE: Final = re.compile(r"\{%?[\w-]*\}")


def without_values(text: str) -> str:
    """A text of OKX's as a sentence to quote: ``…`` for each value that it leaves open, such as ``{param0}``."""
    return _VALUE.sub("…", text).strip()


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
    """The row for a code on a channel. REST codes can arrive over a socket, so that is looked up second.

    Only a code that stands in none of these rows is looked up among all that OKX documents.
    """
    table = _by_code()
    known = table.get((channel, code)) or table.get(("rest", code)) or table.get(("websocket", code))
    return known or documented().get(code)


@cache
def documented() -> Mapping[str, Code]:
    """Every REST code that OKX documents, some 1,000, each with the first of its texts and without causes.

    A second, longer file, read only when somebody asks for a code that the first one lacks.
    """
    document = json.loads(files(__package__).joinpath("codes-all.json").read_text("utf-8"))
    table: dict[str, Code] = {}
    for code, status, text, _section, category in document["rows"]:
        row = Code(
            code=code,
            channel="rest",
            kind="error",
            status=status,
            text=text,
            category=category,
            causes=(),
            source=document["source"],
            date=document["date"],
            meaning="",
            observed=None,
        )
        table.setdefault(code, row)
        family = code.partition("_")[0]  # 51008 is documented only as 51008_1000 and its like, and comes alone too
        table.setdefault(family, replace(row, code=family))
    return table


def _row(row: Mapping[str, Any]) -> Code:
    observed = row.get("observed")
    return Code(
        code=row["code"],
        channel=row["channel"],
        kind=row["kind"],
        status=row["status"],
        text=row["text"],
        category=row["category"],
        causes=tuple(row["causes"]),
        source=row["source"],
        date=row["date"],
        meaning=row.get("meaning", ""),
        observed=Observed(**observed) if observed else None,
    )
