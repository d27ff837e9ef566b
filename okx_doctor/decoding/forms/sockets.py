"""WebSocket close frames, as clients of every language print them; events with a code are envelopes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.numbers import CLOSE_CODES
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.codes import find

_NUMBER: Final = re.compile(r"(?:400[1-9]|1009)(?!\w|\.\d)")
_BEFORE: Final = re.compile(
    r"(?:clos\w{0,8}|received|sent|frame|socket|disconnect\w{0,3}|code)\b[^\n]{0,24}$", re.IGNORECASE
)
_LOOKS: Final = 4
_PASSED_OVER: Final = 200
_LIKENESS: Final = 10


def close_codes(paste: Paste) -> Iterator[Sighting]:
    """Close codes beside a word for closing, or before OKX's own reason."""
    looks: Counter[str] = Counter()
    passed_over: Counter[str] = Counter()
    text = paste.text
    for match in _NUMBER.finditer(text):
        code, at = match.group(), match.start()
        if looks[code] >= _LOOKS or passed_over[code] >= _PASSED_OVER or code not in CLOSE_CODES:
            continue
        before = text[max(0, at - 40) : at]
        loose = not at or not (before[-1].isalnum() or before[-1] in "._-$")
        if loose and (_reason_follows(text, match) or _closes(text, before, match)):
            looks[code] += 1
            yield Sighting(code=code, channel="websocket", kind="code", form="WebSocket close", at=at)
        else:
            passed_over[code] += 1


def _closes(text: str, before: str, match: re.Match[str]) -> bool:
    if not _BEFORE.search(before):
        return False
    around = text[max(0, match.start() - 160) : match.end() + 80].lower()
    return "clos" in around or "socket" in around


def _reason_follows(text: str, match: re.Match[str]) -> bool:
    row = find(match.group(), "websocket")
    reason = row.text[:_LIKENESS].lower() if row else ""
    return bool(reason) and reason in text[match.end() : match.end() + 60].lower()
