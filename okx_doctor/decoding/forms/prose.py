"""A code in a sentence or a log line without a word for *code*: ``50113:Invalid Sign``, ``OKX error 50119``.

The last resort is OKX's wording where there is no code beside it. Wordings differ and change; the code decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from okx_doctor.decoding.forms.messages import compare
from okx_doctor.decoding.forms.patience import LookBudget
from okx_doctor.decoding.knowledge import retired, wordings
from okx_doctor.decoding.numbers import known
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Channel, Sighting
from okx_doctor.protocol.answers import caller_ip
from okx_doctor.protocol.codes import all_codes, find
from okx_doctor.protocol.outcome import GATE_CODES
from okx_doctor.protocol.steps import refuses

_AFTER_WORD: Final = tuple(
    re.compile(rf"{word}[^\w\n]{{0,4}}(\d{{5}}(?:_\d{{4}})?)(?!\w|\.\d)")
    for word in ("rror", "RROR", "xception", "rrno", "错误", "报错", r"Cod\.", "ódigo", "odigo", "odice")
)
"""A word for failure, then the number. Each begins with letters of its own: that is what makes the search quick."""
_AFTER_OKX: Final = tuple(
    re.compile(rf"{name}(?:[ :]{{1,2}}(?:error|code|API|api))?[ :#/(\[-]{{1,4}}(\d{{5}}(?:_\d{{4}})?)(?!\w|\.\d)")
    for name in ("OKX", "okx", "Okx", "OKEX", "okex")
)
"""OKX's own name, then the number."""
_OF_THE_GATE: Final = re.compile(r"(?:50[01]|60[01])\d\d")
"""Where OKX's codes of authentication are: such a number behind its name is one even where no table has it."""
_IN_BRACKETS: Final = re.compile(r"[\[(<{](5\d{4}|60\d{3})(?=[\])>}])")
"""A number in brackets, which is a code where its line tells of a refusal: a price looks alike."""
_REFUSED: Final = re.compile(r"(?<![\w.])(?:HTTP|[Ss]tatus)?[ :=/]{0,2}4\d\d(?![\w.])")
"""A status of a refused request."""
_FAMILIES: Final = tuple(re.compile(rf"({family}\d\d)(?!\w|\.\d)") for family in ("500", "501", "600", "300", "100"))
"""Numbers that OKX's own wording may follow."""
_ANY: Final = re.compile(r"(\d{5}(?:_\d{4})?)(?!\w|\.\d)")
_MEASURE: Final = re.compile(r"\s?(?:ms|us|s|bytes|usdt?|usd|x|%|/)(?!\w)|\s?\$", re.IGNORECASE)
_TOLD: Final = re.compile(
    r"(?:okx|okex\d?|status|a|an|the|get|gets|got|getting|with|why|is|answers?|answered|returns?|returned|throws?|says?"
    r"|遇到|出现|返回|这个)[^\w\n]{0,4}$",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"(?m)^[^\w\n]{0,8}([56]\d{4})(?![\w.])[ \t]{0,3}[:：,|-]{0,2}[ \t]{0,3}(?P<said>[^\W\d][^\n]{3,200})"
)
"""A number of OKX's ranges at the beginning of a line, and words right behind it."""
_FAILS: Final = re.compile(
    r"(?i)fail|invalid|error|incorrect|wrong|expire|denied|refuse|reject|unauthori|not\b|n't\b|insufficient|missing"
    r"|unsupported|cannot|unknown|illegal"
)
"""Words of a refusal; a number may be a price."""
_BETWEEN: Final = re.compile(r"[\"')\]}]{0,2}\s{0,3}(?:[:：,|-]\s{0,3}){0,2}(?:\d{3}\s{0,3}\|\s{0,3})?[\"']?")
_LIKENESS: Final = 10
"""Letters of OKX's wording that have to follow a number for it to be that code."""
_NEARBY: Final = 200
_TALK: Final = 600
"""In so short a text a number of the gate's is the subject."""


def spoken_codes(paste: Paste) -> Iterator[Sighting]:
    """Every number that its surroundings show to be a code. Prices and order ids look alike."""
    talk = len(paste.text) <= _TALK
    if paste.about_okx:
        for pattern in _AFTER_WORD:
            yield from _seen(paste, pattern, lambda number, at: not _MEASURE.match(paste.text, at + len(number)))
        for pattern in _AFTER_OKX:
            yield from _seen(
                paste,
                pattern,
                lambda number, at: (
                    not _MEASURE.match(paste.text, at + len(number))
                    and (_is_a_code(number) or _is_refused(paste.text, at, at + len(number)))
                ),
            )
        yield from _seen(
            paste,
            _IN_BRACKETS,
            lambda number, at: _is_refused(paste.text, at, at + len(number), or_said=_is_a_code(number)),
        )
    for pattern in (_ANY,) if talk else _FAMILIES:
        yield from _seen(
            paste,
            pattern,
            lambda number, at: (
                _stands_alone(paste.text, at)
                and (_shown_by_wording(paste.text, number, at) or (talk and _is_subject(paste.text, number, at)))
            ),
        )


def leading_codes(paste: Paste) -> Iterator[Sighting]:
    """Codes that a short paste's lines begin with, known or not, with OKX's words or those of a refusal behind."""
    if len(paste.text) > _TALK or not paste.about_okx:
        return
    for match in _LEADING.finditer(paste.text):
        number, said, at = match[1], match["said"], match.start(1)
        if paste.of_another_exchange(at) or _MEASURE.match(paste.text, match.end(1)):
            continue
        likeness = compare(number, said)
        alike = find(number) is not None and not likeness.unlike
        if alike or likeness.worded or _FAILS.search(said):
            yield Sighting(
                code=number,
                channel=_channel(number),
                kind="code",
                form="code in text",
                at=at,
                unlike=likeness.unlike,
                worded=likeness.worded,
            )


def _channel(number: str) -> Channel:
    row = find(number)
    return row.channel if row else "websocket" if number.startswith("60") else "rest"


def _seen(paste: Paste, pattern: re.Pattern[str], is_code: Callable[[str, int], bool]) -> Iterator[Sighting]:
    """The codes among a pattern's numbers."""
    patience = LookBudget()
    over, codes = patience.over, _codes()
    for match in pattern.finditer(paste.text):
        number = match[1]
        if number in over or not (number in codes or _is_unknown(paste, pattern, number)):
            continue
        at = match.start(1)
        found = is_code(number, at) and not paste.of_another_exchange(at)
        patience.looked(number, found=found)
        if found:
            yield Sighting(code=number, channel=_channel(number), kind="code", form="code in text", at=at)


def _is_unknown(paste: Paste, pattern: re.Pattern[str], number: str) -> bool:
    """Whether a number that no table has is a code all the same, by its place in the text."""
    of_okx = len(number) == 5 and (number[0] == "5" or number.startswith("60"))
    return of_okx and (
        pattern in _AFTER_OKX or pattern is _IN_BRACKETS or (pattern in _AFTER_WORD and len(paste.text) <= _TALK)
    )


def _is_a_code(number: str) -> bool:
    """Whether a number is a code by itself: one that a table has, or one where OKX's codes of authentication are."""
    return number in _codes() or _OF_THE_GATE.fullmatch(number) is not None


@cache
def _codes() -> frozenset[str]:
    return known() | retired().texts.keys()


def _stands_alone(text: str, at: int) -> bool:
    return not at or not (text[at - 1].isalnum() or text[at - 1] in "._-")


def _is_refused(text: str, start: int, end: int, *, or_said: bool = False) -> bool:
    """Whether the line of a number has a status of a refused request beside it; ``or_said``: or a word for one."""
    first = max(text.rfind("\n", 0, start) + 1, start - _NEARBY)
    last = text.find("\n", end)
    rest = f"{text[first:start]} {text[end : min(last if last >= 0 else len(text), end + _NEARBY)]}"
    return bool(_REFUSED.search(rest) or (or_said and _FAILS.search(rest)))


def _shown_by_wording(text: str, number: str, at: int) -> bool:
    end = at + len(number)
    between = _BETWEEN.match(text, end)
    start = between.end() if between else end
    follows = text[start : start + _LIKENESS].lower()
    return any(follows.startswith(words) for words in _wording().get(number, ()))


def _is_subject(text: str, number: str, at: int) -> bool:
    if not (number in GATE_CODES or number.startswith("60")):
        return False
    before = text[max(0, at - 24) : at]
    return _TOLD.search(before) is not None or not before.strip("\"'([{ \n")


@cache
def _wording() -> dict[str, tuple[str, ...]]:
    """How the text of each code that is known in depth begins, documented and on the wire; retired ones too."""
    table = {code: tuple(text[:_LIKENESS].lower() for text in texts) for code, texts in retired().texts.items()}
    for row in all_codes():
        texts = {row.text[:_LIKENESS].lower(), row.wire_text[:_LIKENESS].lower()} - {""}
        table[row.code] = (*table.get(row.code, ()), *sorted(text for text in texts if "{" not in text))
    return table


def known_wordings(paste: Paste) -> Iterator[Sighting]:
    """Every wording, documented or seen on the wire, of a code that is about the way through OKX's gate."""
    if not paste.about_okx:
        return
    text = paste.text.lower()
    for words, code in wordings():
        at = text.find(words)
        if at < 0 or paste.of_another_exchange(at):
            continue
        row = find(code)
        yield Sighting(
            code=code,
            channel=row.channel if row else "rest",
            kind="code",
            form="wording",
            at=at,
            by_text=True,
            caller_ip=_address(paste.text, at) if refuses(code, "ip-allowed") else "",
        )


def _address(text: str, at: int) -> str:
    """The address right before the wording of a 50110."""
    return caller_ip(text[max(0, at - 48) : at])
