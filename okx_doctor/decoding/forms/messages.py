"""The message beside a code against every wording of that code: another product may use the same number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from okx_doctor.decoding.knowledge import retired, wordings
from okx_doctor.protocol.codes import Code, all_codes, documented

_WORD: Final = re.compile(r"[a-z0-9]+")
_VALUE: Final = re.compile(r"\{[^{}]*\}")
_FEWEST: Final = 2
"""Words of a message that can be compared."""
_ALIKE: Final = 0.5
"""Share of the shorter text's words that both have, where the two are one text in two editions."""
_SAME: Final = 0.85
"""The same where the code is to be found by its text alone."""


class Comparison(Struct, frozen=True):
    """``unlike``: the message is no wording of its code that is known. ``worded``: the code whose wording it is."""

    unlike: bool = False
    worded: str = ""


def compare(code: str, message: str) -> Comparison:
    """Compare a message with the known wordings of a code. Texts in other languages are not compared."""
    words = _words(message[:400])
    if len(words) < _FEWEST or not message.isascii():
        return Comparison()
    known = [text for text in _texts().get(code, ()) if text]
    if any(_overlap(words, text) >= _ALIKE for text in known):
        return Comparison()
    alike = (
        (_overlap(words, text), len(text), other)
        for other, text in _gate_texts()
        if other[0] == code[0] and other != code
    )
    share, _, other = max(alike, default=(0.0, 0, ""))
    return Comparison(unlike=bool(known), worded=other if share >= _SAME else "")


def _overlap(some: frozenset[str], others: frozenset[str]) -> float:
    return len(some & others) / min(len(some), len(others))


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(_VALUE.sub(" ", text).lower()))


@cache
def _texts() -> dict[str, tuple[frozenset[str], ...]]:
    """Every wording of every code, documented or seen on the wire, in English."""
    table: dict[str, tuple[frozenset[str], ...]] = {}
    said = ((row.code, text) for row in (*documented().values(), *all_codes()) for text in _of(row))
    old = ((code, text) for code, texts in retired().texts.items() for text in texts)
    for code, text in (*said, *((code, text) for text, code in wordings()), *old):
        table[code] = (*table.get(code, ()), _words(text))
    return table


def _of(row: Code) -> Iterator[str]:
    yield row.text
    yield row.wire_text


@cache
def _gate_texts() -> tuple[tuple[str, frozenset[str]], ...]:
    """The wordings by which an unknown code is read: those of the codes that are known in depth."""
    rows = ((row.code, _words(text)) for row in all_codes() if row.causes for text in _of(row))
    return tuple((code, words) for code, words in rows if len(words) >= _FEWEST)
