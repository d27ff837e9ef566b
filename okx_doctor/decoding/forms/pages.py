"""Answers that do not come from OKX's API: HTML of Cloudflare, a gateway or a proxy, a gateway's JSON.

The JSON was seen in ccxt/ccxt#6722, freqtrade/freqtrade#10704 and, from OKX's sister exchange,
thrasher-corp/gocryptotrader#1436; the other texts of gateways are those of the software itself (Kong).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.numbers import CLOUDFLARE
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.answers import Form, read_answer

_START: Final = re.compile(r"<(?:!DOCTYPE html|!doctype html|html|HTML|head>|title>|center><h1>)")
_TAG: Final = re.compile(r"<[^<>]{0,400}>")
_ERROR: Final = re.compile(r"\berror(?: code)?:? (1\d{3}|[45]\d\d)\b")
_LEADING: Final = re.compile(r"(?:^|\| )([45]\d\d)\b")
_SAID: Final = (
    ("you are being rate limited", "1015"),
    ("has banned your ip address", "1006"),
    ("has banned the country or region", "1009"),
    ("has banned your access based on your browser", "1010"),
)
_BLOCKS: Final = ("attention required!", "sorry, you have been blocked", "just a moment", "access denied")
_WINDOW: Final = 32_768
_MOST: Final = 300
_MESSAGE: Final = re.compile(
    r"\{\s{0,8}[\"']?(?:message|error_message|msg)[\"']?\s{0,3}:\s{0,3}[\"']([^\"'\\\n]{1,300})[\"']\s{0,8}\}"
)
_GATEWAYS_SAY: Final = (
    "an unexpected error occurred",
    "name resolution failed",
    "you have been denied access",
    "no route matched",
    "the upstream server is timing out",
    "an invalid response was received from the upstream server",
    "api rate limit exceeded",
    "failure to get a peer from the ring-balancer",
)
_MOST_MESSAGES: Final = 2_000
_TITLES: Final = (
    "Web server is down",
    "Web server is returning an unknown error",
    "Connection timed out",
    "Origin is unreachable",
    "Origin DNS error",
    "A timeout occurred",
    "SSL handshake failed",
    "Invalid SSL certificate",
)
"""Cloudflare's (https://developers.cloudflare.com/support/troubleshooting), as text copied from a page."""
_NUMBERED: Final = re.compile(r"(?<![\w.])(52[0-7]|530)(?::\s?|\s{1,3})$")
_LONGEST_NUMBER: Final = 12


def pages(paste: Paste) -> Iterator[Sighting]:
    """Every page, or the beginning of one that a client printed."""
    over = 0
    seen = 0
    for match in _START.finditer(paste.text):
        if match.start() < over:
            continue
        if seen >= _MOST:
            return
        seen += 1
        window = paste.text[match.start() : match.start() + _WINDOW]
        stop = window.lower().find("</html>")
        window = window[: stop + 7] if stop >= 0 else window
        over = match.start() + (len(window) if stop >= 0 else 2_000)
        if not paste.asked_of_another_host(match.start(), match.start()):
            yield page_sighting(window, match.start(), None)


def page_sighting(page: str, at: int, status: int | None) -> Sighting:
    """A page's own account: Cloudflare's number, or the HTTP status in its title."""
    title = read_answer(0, {"content-type": "text/html"}, page.encode("utf-8", "replace")).message.lower()
    words = " ".join(_TAG.sub(" ", page[:_WINDOW]).lower().split())
    cloudflare = "cloudflare" in words or "cf-error" in page or "cf-wrapper" in page
    number = _number(words, title)
    code = number if cloudflare and number in CLOUDFLARE else ""
    if status is None:
        status = int(number) if number and not code and len(number) == 3 else None
        if status is None and not code and any(said in words or said in title for said in _BLOCKS):
            status = 403
    form = "Cloudflare page" if cloudflare else "HTML page"
    return Sighting(code=code, channel="edge", kind="code" if code else "page", form=form, at=at, http_status=status)


def _number(words: str, title: str) -> str:
    for said, number in _SAID:
        if said in words:
            return number
    found = _ERROR.search(words) or _LEADING.search(title)
    return found.group(1) if found else ""


def gateway_texts(paste: Paste) -> Iterator[Sighting]:
    """The texts that gateways of OKX's and its sister exchange were seen to send."""
    for number, match in enumerate(_MESSAGE.finditer(paste.text)):
        if number >= _MOST_MESSAGES:
            return
        answer = read_answer(0, {}, json.dumps({"message": match[1]}).encode())
        said = answer.message.lower()
        if answer.form is Form.OTHER_JSON and any(words in said for words in _GATEWAYS_SAY):
            status = 403 if "denied access" in said else None
            yield Sighting(
                channel="edge", kind="gateway", form="no-code envelope", at=match.start(), http_status=status
            )


def titles(paste: Paste) -> Iterator[Sighting]:
    """The titles of Cloudflare's pages, number and words, where the page itself is not in the paste."""
    for words in _TITLES:
        at = -1
        for _ in range(_MOST):
            at = paste.text.find(words, at + 1)
            if at < 0:
                break
            found = _NUMBERED.search(paste.text[max(0, at - _LONGEST_NUMBER) : at])
            if found and not paste.asked_of_another_host(at, at + len(words)):
                yield Sighting(channel="edge", kind="page", form="Cloudflare page", at=at, http_status=int(found[1]))
