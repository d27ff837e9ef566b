"""``curl -i``, ``curl -v`` and everything else that shows a status line with headers and a body below it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.forms.pages import page_sighting
from okx_doctor.decoding.forms.patience import LookBudget
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting
from okx_doctor.protocol.answers import Form, read_answer

_STATUS_LINE: Final = re.compile(r"HTTP/(?:1\.[01]|2|3)(?:\.0)? (\d{3})(?!\d)[^\n]{0,80}")
_HEADER: Final = re.compile(r"(?:< ?)?([A-Za-z][A-Za-z0-9-]{0,60}):[ \t]?([^\n]{0,4000})")
_NOISE: Final = re.compile(r"(?:[{}] \[\d+ bytes data\]|[*>] ?[^\n]{0,2000}|[ \d.:kM-]{40,120}|  % Total[^\n]*)\r?\n?")
_BODY: Final = 65_536
_MOST_HEADERS: Final = 64
_MOST_NOISE: Final = 40


def transcripts(paste: Paste) -> Iterator[Sighting]:
    """Every answer of a transcript. Its body, where the paste has it, goes through ``protocol.answers``."""
    patience = LookBudget()
    text = paste.text
    for match in _STATUS_LINE.finditer(text):
        status = int(match[1])
        if match[1] in patience.over or not (300 <= status < 600) or status == 304:
            continue
        patience.looked(match[1], found=True)
        if paste.asked_of_another_host(match.start(), match.end()):
            continue
        seen = _answer(text, match.start(), match.end(), status)
        if seen is not None:
            yield seen


def _answer(text: str, at: int, end: int, status: int) -> Sighting | None:
    headers, start, ended = _headers(text, end)
    body = _body(text, start)
    if not ended or (not body and headers.get("content-length", "0") != "0"):
        return _codeless(status, at, "status line") if status >= 400 else None
    answer = read_answer(status, headers, body.encode("utf-8", "replace"))
    if answer.redirect_host or 300 <= status < 400:
        return Sighting(channel="edge", kind="redirect", form="redirect", at=at, http_status=status)
    if answer.form is Form.PAGE:
        return page_sighting(body, at, status)
    if answer.form is Form.EMPTY:
        if status == 407:
            return Sighting(channel="edge", kind="proxy", form="HTTP answer", at=at, http_status=status)
        return Sighting(channel="edge", kind="empty", form="HTTP answer", at=at, http_status=status)
    if answer.form is Form.OTHER_JSON:
        return Sighting(channel="edge", kind="gateway", form="HTTP answer", at=at, http_status=status)
    return _codeless(status, at, "HTTP answer")  # a code in the body is an envelope's to see; the two are put together


def _codeless(status: int, at: int, form: str) -> Sighting:
    return Sighting(channel="rest", kind="status", form=form, at=at, http_status=status)


def _headers(text: str, at: int) -> tuple[dict[str, str], int, bool]:
    """Headers by lower-case name, where the body begins, and whether an empty line ended them."""
    found: dict[str, str] = {}
    newline = text.find("\n", at)
    at = len(text) if newline < 0 else newline + 1
    for _ in range(_MOST_HEADERS):
        line_end = text.find("\n", at, at + 8_192)
        line = text[at : line_end if line_end >= 0 else min(len(text), at + 8_192)]
        if line.strip(" \r<") == "":
            return found, line_end + 1 if line_end >= 0 else len(text), True
        header = _HEADER.fullmatch(line.rstrip("\r"))
        if header is None:
            return found, at, False
        found.setdefault(header.group(1).lower(), header.group(2).strip())
        at = line_end + 1 if line_end >= 0 else len(text)
    return found, at, False


def _body(text: str, at: int) -> str:
    """The body, without curl's own lines before it and without what follows a JSON object or a page."""
    for _ in range(_MOST_NOISE):
        noise = _NOISE.match(text, at)
        if noise is None or noise.end() == at:
            break
        at = noise.end()
    following = _STATUS_LINE.search(text, at, at + _BODY)
    body = text[at : following.start() if following else at + _BODY].strip()
    if body[:1] in "{[":
        try:
            return body[: json.JSONDecoder().raw_decode(body)[1]]
        except (ValueError, RecursionError):
            return body
    if body[:1] == "<":
        stop = body.lower().find("</html>")
        return body[: stop + 7] if stop >= 0 else body
    return body
