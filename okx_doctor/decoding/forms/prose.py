"""A code in a sentence or a log line without a word for *code*: ``50113:Invalid Sign``, ``OKX error 50119``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Final

from okx_doctor.decoding.numbers import known
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.codes import all_codes, find
from okx_doctor.standing import GATE_CODES

_NUMBER: Final = re.compile(r"[1-6]\d{4}(?:_\d{4})?(?!\w|\.\d)")
_BEFORE: Final = re.compile(
    r"(?:error|err|errno|exception|code|failed|错误|错误码|错误代码|报错)[^\w\n]{0,4}$", re.IGNORECASE
)
_TOLD: Final = re.compile(
    r"(?:okx|okex\d?|a|an|the|get|gets|got|getting|with|why|is|answers?|answered|returns?|returned|throws?|says?"
    r"|遇到|出现|返回|这个)[^\w\n]{0,4}$",
    re.IGNORECASE,
)
_AFTER: Final = re.compile(r"[\"')\]}]{0,2}\s{0,3}(?:[:：,|-]\s{0,3}){0,2}(?:\d{3}\s{0,3}\|\s{0,3})?[\"']?")
_LIKENESS: Final = 10
"""Letters of OKX's wording that have to follow a number for it to be that code."""
_LOOKS: Final = 4
_PASSED_OVER: Final = 200
_TALK: Final = 600
"""In so short a text a number of the gate's is the subject."""


def spoken_codes(paste: Paste) -> Iterator[Sighting]:
    """Every number of a code's that its surroundings show to be one. Prices and order ids look alike."""
    looks: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    codes = known() | _retired_texts().keys()
    text = paste.text
    for match in _NUMBER.finditer(text):
        number = match.group()
        if number not in codes or looks[number] >= _LOOKS or passed_over[number] >= _PASSED_OVER:
            continue
        if _is_code(paste, number, match) and not paste.of_another_exchange(match.start()):
            looks[number] += 1
            row = find(number)
            yield Sighting(
                code=number,
                channel=row.channel if row else "rest",
                kind="code",
                form="code in text",
                at=match.start(),
            )
        else:
            passed_over[number] += 1


def _is_code(paste: Paste, number: str, match: re.Match[str]) -> bool:
    text, at = paste.text, match.start()
    if at and (text[at - 1].isalnum() or text[at - 1] in "._-"):
        return False
    before = text[max(0, at - 24) : at]
    if _BEFORE.search(before):
        return paste.about_okx
    after = _AFTER.match(text, match.end())
    follows = text[after.end() if after else match.end() :][: _LIKENESS + 2].lower()
    if any(follows.startswith(words) for words in _wording().get(number, ()) if words):
        return True
    if len(text) > _TALK or not (number in GATE_CODES or number.startswith("60")):
        return False
    return _TOLD.search(before) is not None or not before.strip("\"'([{ \n")


@cache
def _wording() -> dict[str, tuple[str, ...]]:
    """How the text of each code that is known in depth begins, documented and on the wire; retired ones too."""
    table: dict[str, tuple[str, ...]] = dict(_retired_texts())
    for row in all_codes():
        texts = {row.text[:_LIKENESS].lower(), row.wire_text[:_LIKENESS].lower()} - {""}
        table[row.code] = (*table.get(row.code, ()), *sorted(text for text in texts if "{" not in text))
    return table


@cache
def _retired_texts() -> dict[str, tuple[str, ...]]:
    from okx_doctor.decoding.knowledge import retired

    return {code: tuple(text[:_LIKENESS].lower() for text in texts) for code, texts in retired().texts.items()}
