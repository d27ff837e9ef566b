"""What is known of answers beyond their documented text, read from ``knowledge.json`` and ``shares.json``.

The first holds judgement with its sources, the second counts: how often each cause stood behind each code in
public reports. ``tests/decoding`` counts them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from okx_doctor.catalogue.causes import CAUSES


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """``likely`` and ``possible`` are catalogue ids; ``meaning`` replaces that of the code's table where it is set.

    ``proves`` is a sentence, ``misread`` says what the answer is not. ``next`` is the command that decides.
    """

    meaning: str = ""
    likely: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    proves: str = ""
    misread: str = ""
    next: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of OKX's gate in the assumed order: codes it answers, and causes a call past it does not have."""

    codes: frozenset[str]
    passes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Public reports of one code: how many, and behind how many of them stood each cause."""

    total: int
    causes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retired:
    """Codes of the v1 and v3 APIs: the v5 code that means the same, and their texts."""

    meaning: str
    next: str
    twins: Mapping[str, str]
    texts: Mapping[str, tuple[str, ...]]


@cache
def _document(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files(__package__).joinpath(name).read_text("utf-8"))
    return document


def _knowledge(row: Mapping[str, Any] | None) -> Knowledge:
    row = row or {}
    groups = [cause.id for group in row.get("groups", ()) for cause in CAUSES if cause.group == group]
    return Knowledge(
        meaning=row.get("meaning", ""),
        likely=tuple(row.get("likely", ())),
        possible=tuple(dict.fromkeys((*row.get("possible", ()), *groups))),
        proves=row.get("proves", ""),
        misread=row.get("misread", ""),
        next=row.get("next", ""),
    )


def of_code(code: str) -> Knowledge:
    """What is known of a code of OKX's; empty for most."""
    return _knowledge(_document("knowledge.json")["codes"].get(code))


def of_category(category: str) -> tuple[str, ...]:
    """The causes that every code of a category of the table has."""
    return tuple(_document("knowledge.json")["categories"].get(category, ()))


def of_status(status: int) -> Knowledge:
    """What an HTTP status says that stands alone."""
    rows = _document("knowledge.json")["statuses"]
    family = "52x" if 520 <= status <= 530 else "5xx" if status >= 500 else "400"
    return _knowledge(rows.get(str(status)) or rows[family])


def of_edge(kind: str) -> Knowledge:
    """What an answer that is not of OKX's API says."""
    return _knowledge(_document("knowledge.json")["edge"][kind])


def of_cloudflare(number: str) -> Knowledge:
    """What one of Cloudflare's own error numbers says."""
    rows = _document("knowledge.json")["cloudflare"]
    return _knowledge(rows.get(number) or rows["other"])


def cloudflare_status(number: str) -> int | None:
    """The HTTP status that Cloudflare sends with one of its numbers, where it is known."""
    status = _document("knowledge.json")["cloudflare"].get(number, {}).get("status")
    return status if isinstance(status, int) else None


@cache
def retired() -> Retired:
    """Codes of the retired APIs."""
    row = _document("knowledge.json")["retired"]
    return Retired(
        meaning=row["meaning"],
        next=row["next"],
        twins={code: entry["twin"] for code, entry in row["codes"].items()},
        texts={code: tuple(entry["texts"]) for code, entry in row["codes"].items()},
    )


@cache
def order(channel: str) -> tuple[Step, ...]:
    """The steps of OKX's gate, in the order that public observations suggest. OKX publishes none."""
    rows = _document("knowledge.json")["order"].get(channel, ())
    return tuple(Step(codes=frozenset(row["codes"]), passes=tuple(row["passes"])) for row in rows)


@cache
def wordings() -> tuple[tuple[str, str], ...]:
    """Lower-case wordings and their codes, documented or seen on the wire, in English and Chinese."""
    rows = _document("knowledge.json")["wordings"]
    return tuple((words, code) for code, texts in rows.items() for words in texts)


def reports(code: str) -> Reports | None:
    """The public reports of a code; ``None`` where there is none."""
    row = _document("shares.json")["codes"].get(code)
    return Reports(total=row["reports"], causes=row["causes"]) if row else None
