"""The verbose output of ccxt for Go: headers, address, body and answer, each in a line of its own.

Source: the output of ccxt 4.5.84; https://github.com/ccxt/ccxt/blob/master/go/v4/exchange.go.
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

START: Final = r"Headers: map\[[\w-]+:\["
_HEADERS: Final = re.compile(r"Headers: map\[(.*)\]")
_HEADER: Final = re.compile(r"([\w-]+):\[(.*?)\](?= [\w-]+:\[|$)")
_REQUEST: Final = re.compile(r"Request: ([A-Z]{3,7}) (\S+)")
_BODY: Final = re.compile(r"Body: (.*)")
_ANSWER: Final = re.compile(r"Response: (.*)")
_NONE: Final = "<nil>"


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where it is right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece | Response]:
    headers = method = url = ""
    began = 0
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        if found := _HEADERS.search(line):
            headers, method, began = found[1], "", number
        elif headers and (asked := _REQUEST.search(line)):
            method, url = asked[1], asked[2]
        elif method and (sent := _BODY.search(line)):
            yield from _request(method, url, headers, sent[1], f"line {began}")
            headers = method = ""
        elif answer := _ANSWER.search(line):
            yield Response(code=code_of(answer[1].strip()))


def _request(method: str, url: str, headers: str, body: str, place: str) -> Iterator[Piece]:
    if "okx" not in url and OKX.prefix.lower() not in headers.lower():
        return
    sent = "" if body.strip() in (_NONE, "") else body
    yield printed_request(method, url, _HEADER.findall(headers), sent, form="ccxt-go", place=place)
