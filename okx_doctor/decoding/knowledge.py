"""Facts about answers that have no code of OKX's v5 API, read from ``knowledge.json``. Codes: protocol/codes.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from msgspec import Struct


class Knowledge(Struct, frozen=True, kw_only=True):
    """``likely`` and ``possible`` are catalogue ids; ``next`` is the command that decides."""

    meaning: str = ""
    likely: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    next: str = ""


class Retired(Struct, frozen=True, kw_only=True):
    """Codes of the v1 and v3 APIs: the v5 code that means the same, and their texts."""

    meaning: str
    next: str
    twins: Mapping[str, str]
    texts: Mapping[str, tuple[str, ...]]


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(files(__package__).joinpath("knowledge.json").read_text("utf-8"))
    return document


def _knowledge(row: Mapping[str, Any]) -> Knowledge:
    return Knowledge(
        meaning=row["meaning"],
        likely=tuple(row.get("likely", ())),
        possible=tuple(row.get("possible", ())),
        next=row.get("next", ""),
    )


def of_status(status: int) -> Knowledge:
    """The meaning of an HTTP status without a code."""
    rows = _document()["statuses"]
    family = "52x" if 520 <= status <= 530 else "5xx" if status >= 500 else "400"
    return _knowledge(rows.get(str(status)) or rows[family])


def of_edge(kind: str) -> Knowledge:
    """The meaning of an answer that is not from OKX's API."""
    return _knowledge(_document()["edge"][kind])


def of_cloudflare(number: str) -> Knowledge:
    """The meaning of one of Cloudflare's own error numbers."""
    rows = _document()["cloudflare"]
    return _knowledge(rows.get(number) or rows["other"])


def cloudflare_status(number: str) -> int | None:
    """The HTTP status that Cloudflare sends with one of its numbers, where it is known."""
    status = _document()["cloudflare"].get(number, {}).get("status")
    return status if isinstance(status, int) else None


@cache
def retired() -> Retired:
    """Codes of the retired APIs."""
    row = _document()["retired"]
    return Retired(
        meaning=row["meaning"],
        next=row["next"],
        twins={code: entry["twin"] for code, entry in row["codes"].items()},
        texts={code: tuple(entry["texts"]) for code, entry in row["codes"].items()},
    )


def of_web3(code: str, message: str) -> bool:
    """Whether code and message together are of OKX's Web3 product."""
    text = _document()["web3"]["texts"].get(code)
    return text is not None and text in message.lower()


def web3_meaning() -> str:
    """The meaning of a code of OKX's Web3 product."""
    meaning: str = _document()["web3"]["meaning"]
    return meaning


@cache
def wordings() -> tuple[tuple[str, str], ...]:
    """Lower-case wordings and their codes, documented or seen on the wire, in English and Chinese."""
    rows = _document()["wordings"]
    return tuple((words, code) for code, texts in rows.items() for words in texts)
