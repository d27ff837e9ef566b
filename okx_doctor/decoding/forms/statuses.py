"""An HTTP status in a client's error text: requests, httpx, aiohttp, urllib, axios, Go, Java, C#, PHP, ccxt."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.numbers import STATUSES
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting

_KEYED: Final = re.compile(
    r"(?:[sS]tatus(?: is| of)?|STATUS|HTTP(?: [eE]rror)?|indicate success)[\"'\s:=]{1,4}([1-5]\d\d)(?![\w.])"
)
_REASON: Final = re.compile(
    r"Unauthorized|Forbidden|Too Many Requests|Proxy Authentication Required|Bad Gateway|Service Unavailable"
    r"|Service Temporarily Unavailable|Gateway Time-?[oO]ut|Internal Server Error|Not Found|Method Not Allowed"
    r"|Bad Request|Client [eE]rror|Server [eE]rror|ResponseHeaders"
)
_JUST_BEFORE: Final = re.compile(r"(?<!\d)([45]\d\d)(?:\W{1,3}|, message=')$")
_ONLY: Final = re.compile(r"\{([45]\d\d): {0,3}\}")
_LOOKS: Final = 4
_PASSED_OVER: Final = 200


def status_texts(paste: Paste) -> Iterator[Sighting]:
    """Statuses that stand for an answer whose body is elsewhere in the paste, or was thrown away."""
    if not paste.about_okx:
        return
    looks: Counter[int] = Counter()
    passed_over: Counter[int] = Counter()
    for status, start, end in _candidates(paste.text):
        if status not in STATUSES or looks[status] >= _LOOKS or passed_over[status] >= _PASSED_OVER:
            continue
        if paste.asked_of_another_host(start, end) or paste.of_another_exchange(start):
            passed_over[status] += 1
            continue
        looks[status] += 1
        yield Sighting(code="", channel="rest", kind="status", form="status", at=start, http_status=status)


def _candidates(text: str) -> Iterator[tuple[int, int, int]]:
    for pattern in (_KEYED, _ONLY):
        for match in pattern.finditer(text):
            yield int(match.group(1)), match.start(), match.end()
    for match in _REASON.finditer(text):
        found = _JUST_BEFORE.search(text[max(0, match.start() - 16) : match.start()])
        if found:
            yield int(found.group(1)), match.start() - (len(found.group())), match.end()
