"""The log of XChange's HTTP client at its level TRACE: the address, the body below it, the headers, and the answer.

Source: the output of ResCU 3.0 under XChange 5.2; https://github.com/mmazi/rescu, HttpTemplate.java.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from okx_doctor.forensics.captures.capture import (
    Piece,
    Response,
    code_of,
    printed_request,
    with_answers,
)
from okx_doctor.protocol.scheme import OKX

START: Final = r"Executing [A-Z]{3,7} request at https?://"
_REQUEST: Final = re.compile(r"Executing ([A-Z]{3,7}) request at (\S+)")
_HEADERS: Final = re.compile(r"Request headers = \{(.*)\}")
_HEADER: Final = re.compile(r"([\w-]+)=(.*?)(?=, [\w-]+=|$)")
_ANSWER: Final = re.compile(r"Http call returned (\d{3}); response body:")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where it is right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece | Response]:
    method = url = ""
    body: list[str] = []
    began = 0
    status: int | None = None
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        if status is not None:
            yield Response(status=status, code=code_of(line.strip()))
            status = None
        elif found := _REQUEST.search(line):
            method, url, body, began = found[1], found[2], [], number
        elif method and (given := _HEADERS.search(line)):
            yield from _request(method, url, "\n".join(body), given[1], f"line {began}")
            method = ""
        elif method:
            body.append(line)
        elif answer := _ANSWER.search(line):
            status = int(answer[1])


def _request(method: str, url: str, body: str, headers: str, place: str) -> Iterator[Piece]:
    if "okx" not in url and OKX.prefix not in headers:
        return
    yield printed_request(method, url, _HEADER.findall(headers), body, form="xchange", place=place)
