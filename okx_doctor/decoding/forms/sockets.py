"""WebSocket close frames, as clients of every language print them; events with a code are envelopes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.forms.patience import LookBudget
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.codes import find

_NUMBER: Final = re.compile(r"(?:400[1-9]|1009)(?!\w|\.\d)")
_BEFORE: Final = re.compile(
    r"(?:clos\w{0,8}|received|sent|frame|socket|disconnect\w{0,3}|code)\b[^\n]{0,24}$", re.IGNORECASE
)
_LIKENESS: Final = 10


def close_codes(paste: Paste) -> Iterator[Sighting]:
    """Close codes beside a word for closing, or before OKX's own reason."""
    patience = LookBudget()
    text = paste.text
    for match in _NUMBER.finditer(text):
        code, at = match[0], match.start()
        if code in patience.over:
            continue
        before = text[max(0, at - 40) : at]
        loose = not at or not (before[-1].isalnum() or before[-1] in "._-$")
        found = loose and (_reason_follows(text, match) or _closes(text, before, match))
        patience.looked(code, found=found)
        if found:
            yield Sighting(code=code, channel="websocket", kind="code", form="WebSocket close", at=at)


def _closes(text: str, before: str, match: re.Match[str]) -> bool:
    if not _BEFORE.search(before):
        return False
    around = text[max(0, match.start() - 160) : match.end() + 80].lower()
    return "clos" in around or "socket" in around


def _reason_follows(text: str, match: re.Match[str]) -> bool:
    row = find(match.group(), "websocket")
    reason = row.text[:_LIKENESS].lower() if row else ""
    return bool(reason) and reason in text[match.end() : match.end() + 60].lower()
