"""An HTTP status in a client's error text: requests, httpx, aiohttp, urllib, axios, Go, Java, C#, PHP, ccxt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from typing import Final

from okx_doctor.decoding.forms.patience import LookBudget
from okx_doctor.decoding.numbers import STATUSES
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting

_KEYED: Final = re.compile(
    r"(?:[sS]tatus(?: is| of)?|STATUS|HTTP(?: [eE]rror)?|indicate success)[\"'\s:=]{1,4}([1-5]\d\d)(?!\w|\.\d)"
)
_REASON: Final = re.compile(
    r"Unauthorized|Forbidden|Too Many Requests|Proxy Authentication Required|Bad Gateway|Service Unavailable"
    r"|Service Temporarily Unavailable|Gateway Time-?[oO]ut|Internal Server Error|Not Found|Method Not Allowed"
    r"|Bad Request|Client [eE]rror|Server [eE]rror|ResponseHeaders"
)
_JUST_BEFORE: Final = re.compile(r"(?<!\d)([45]\d\d)\W{1,3}$")
_BESIDE_BODY: Final = (
    re.compile(r"\{([45]\d\d): {0,3}\}"),  # OKX.Api for .NET
    re.compile(r"^([45]\d\d) +[{<]", re.MULTILINE),  # print(status, text)
    re.compile(r"\}\s{0,2}([45]\d\d)(?=\s|$)"),  # curl -w '%{http_code}'
    re.compile(r"([45]\d\d), message='(?!Not enough data)"),  # aiohttp
    re.compile(r"Unexpected server response: ([45]\d\d)"),  # ws for Node
    re.compile(r"status code 101 but got ([45]\d\d)"),  # coder/websocket
    re.compile(r"<Response \[([45]\d\d)\b"),  # requests and httpx
    re.compile(r"(?:GET|POST|PUT|DELETE) https?://[^\s\"']{4,400} ([45]\d\d)(?=\s|$)"),  # ccxt, whatever the reason is
)


def status_texts(paste: Paste) -> Iterator[Sighting]:
    """Statuses that stand for an answer whose body is elsewhere in the paste, or was thrown away."""
    if not paste.about_okx:
        return
    patience = LookBudget()
    for number, start, end in _candidates(paste.text, patience.over):
        found = not paste.asked_of_another_host(start, end) and not paste.of_another_exchange(start)
        patience.looked(number, found=found)
        if found:
            yield Sighting(channel="rest", kind="status", form="status", at=start, http_status=int(number))


def _candidates(text: str, over: Set[str]) -> Iterator[tuple[str, int, int]]:
    """Status, where its words begin and where they end."""
    for pattern in (_KEYED, *_BESIDE_BODY):
        for match in pattern.finditer(text):
            if match[1] not in over and int(match[1]) in STATUSES:
                yield match[1], match.start(), match.end()
    for match in _REASON.finditer(text):
        before = _JUST_BEFORE.search(text[max(0, match.start() - 16) : match.start()])
        if before and before[1] not in over and int(before[1]) in STATUSES:
            yield before[1], match.start() - len(before[0]), match.end()
