"""OKX's error codes as data, one record each: documented, observed, meaning, causes with public reports, source.

Codes decide, texts never do: the wire's wording differs from the documented one and may be localised.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache, lru_cache
from pkgutil import get_data
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.protocol.steps import Channel


class Observed(Struct, frozen=True, kw_only=True):
    """An answer as a server really sent it: HTTP status (``None`` where the report does not tell) and text."""

    status: int | None
    text: str
    source: str
    confidence: str


class Reports(Struct, frozen=True, kw_only=True):
    """Public reports of one code: how many in all, and how many by cause."""

    total: int
    causes: Mapping[str, int]


class Code(Struct, frozen=True, kw_only=True):
    """One row of OKX's tables, and what is known of it. ``date`` is the source's.

    ``causes``, ``likely`` and ``possible`` are catalogue ids, ``groups`` the catalogue's groups of which every cause is
    possible; ``catalogue/usual.py`` puts them in order. ``meaning`` is a note, ``explained`` whole sentences for people
    who paste an answer, ``proves`` what it proves, ``misread`` what it is not, ``next`` the command that decides.
    """

    code: str
    channel: Channel
    kind: str
    status: int | None
    text: str
    category: str
    causes: tuple[str, ...]
    source: str
    date: str
    meaning: str = ""
    observed: Observed | None = None
    likely: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    explained: str = ""
    proves: str = ""
    misread: str = ""
    next: str = ""

    @property
    def reports(self) -> Reports | None:
        """The public reports of it; ``None`` where there is none."""
        return reports(self.code)

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


_VALUE: Final = re.compile(r"\{%?[\w-]*\}")


def without_values(text: str) -> str:
    """A text of OKX's as a sentence to quote: ``…`` for each value that it leaves open, such as ``{param0}``."""
    return _VALUE.sub("…", text).strip()


def _document(name: str) -> Any:
    return json.loads(get_data(__package__, name) or b"")  # importlib.resources would load zipfile for it


@cache
def _table() -> tuple[tuple[Code, ...], Mapping[str, tuple[str, ...]]]:
    """The rows, and the causes of each category."""
    document = _document("codes.json")
    rows = tuple(_row(row, document["sources"]) for row in document["codes"])
    return rows, {category: tuple(causes) for category, causes in document["categories"].items()}


def all_codes() -> tuple[Code, ...]:
    """Every row, in the order of OKX's own tables: REST first, then WebSocket."""
    return _table()[0]


def causes_of_category(category: str) -> tuple[str, ...]:
    """The causes that every code of a category has."""
    return _table()[1].get(category, ())


def reports(answer: str) -> Reports | None:
    """The public reports of a code, or of an HTTP status without a code; ``None`` without reports."""
    return _reports().get(answer)


@cache
def _reports() -> Mapping[str, Reports]:
    rows = _document("shares.json")["codes"]
    return {code: Reports(total=row["reports"], causes=row["causes"]) for code, row in rows.items()}


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


@lru_cache(maxsize=256)
def find(code: str, channel: Channel = "rest") -> Code | None:
    """The row for a code on a channel. REST codes can arrive over a socket, so that is looked up second.

    Only a code without such a row is looked up among all that OKX documents.
    """
    table = _by_code()
    known = table.get((channel, code)) or table.get(("rest", code)) or table.get(("websocket", code))
    return known or documented().get(code)


@cache
def documented() -> Mapping[str, Code]:
    """Every REST code that OKX documents, some 1,000, each with the first of its texts and without causes.

    A second, longer file, read only when somebody asks for a code that the first one lacks.
    """
    document = _document("codes-all.json")
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
        )
        table.setdefault(code, row)
        family = code.partition("_")[0]  # 51008 is documented only as 51008_1000 and its like, and comes alone too
        table.setdefault(family, replace(row, code=family))
    return table


def _row(row: Mapping[str, Any], sources: Mapping[str, Mapping[str, str]]) -> Code:
    """A row, with what its source's name stands for. A source of its own is written out, with its date."""
    told: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    if "observed" in told:
        told["observed"] = Observed(**told["observed"])
    return Code(**{**told, **sources.get(row["source"], {})})
