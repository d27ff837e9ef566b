"""ccxt's verbose output: ``fetch Request:``, answered by Python's ``fetch Response:`` or JavaScript's
``handleRestResponse:``.

Source: https://github.com/ccxt/ccxt/blob/master/python/ccxt/base/exchange.py and js/src/base/Exchange.js.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from okx_doctor.forensics.captures.capture import (
    Capture,
    Malformed,
    Piece,
    Response,
    Unreadable,
    headers_of,
    response_of,
    split_url,
    with_answers,
)
from okx_doctor.forensics.captures.scanning import messages
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.wire import WireRequest

_REQUEST: Final = re.compile(r"fetch Request:\s*+\w++\s++([A-Z]++)\s++(\S++)\s++RequestHeaders:")
_RESPONSE: Final = re.compile(r"(?:fetch Response|handleRestResponse):\s*+\w++\s++([A-Z]++)\s++(\S++)\s++(\d{3})")
_START: Final = re.compile(r"fetch Request:|fetch Response:|handleRestResponse:")
_COLOUR: Final = re.compile(r"\x1b\[[\d;]*+m")
"""Node colours what it prints of an object to a terminal."""
_FIELD: Final = re.compile(
    r"""(?x) (?<![\w-])([A-Za-z][\w-]*+)['"]?\s*+:\s*+
        (?: '((?:[^'\\]++|\\.)*+)' | "((?:[^"\\]++|\\.)*+)" | `([^`]*)` )"""
)
_EMPTY: Final = ("None", "undefined", "null", "")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where the log has it right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece | Response | None]:
    asked = ("", "")
    for began, block in messages(_lines(numbered)):
        text = "\n".join(block)
        if text.startswith("fetch Request:"):
            found = _REQUEST.match(text)
            asked = (found[1], found[2]) if found else ("", "")
            yield _request(found, text, f"line {began}")
        else:
            answer = _RESPONSE.match(text)
            yield _response(answer, text) if answer and answer.group(1, 2) == asked else None


def _lines(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[tuple[int, str, bool]]:
    """The lines without colours, and whether each begins a message; text before its beginning is cut off."""
    for number, raw in numbered:
        line = "" if raw is None else _COLOUR.sub("", raw.decode("utf-8", "surrogateescape"))
        start = _START.search(line)
        yield number, line[start.start() :] if start else line, start is not None


def _request(found: re.Match[str] | None, text: str, place: str) -> Piece | None:
    headers, cut, body = text[found.end() :].partition("RequestBody:") if found else ("", "", "")
    if found is None or not cut:
        return Unreadable(place=place, why="is a request of ccxt's that is cut off")
    method, url = found.groups()
    if "okx" not in url and OKX.prefix.lower() not in headers.lower():
        return None
    try:
        origin, target = split_url(url)
    except Malformed as error:
        return Unreadable(place=place, why=str(error))
    return Capture(
        request=WireRequest(
            method=method, target=target, headers=headers_of(_fields(headers).items()), body=_body(body)
        ),
        form="ccxt",
        place=place,
        origin=origin,
    )


def _fields(text: str) -> dict[str, str]:
    """The entries of a printed dict or object whose values are text."""
    found: dict[str, str] = {}
    for name, single, double, back in _FIELD.findall(text):
        quote = "'" if single else '"'
        found[name] = back or _unescaped(quote + (single or double) + quote)
    return found


def _unescaped(literal: str) -> str:
    try:
        value = ast.literal_eval(literal)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return literal[1:-1]
    return value if isinstance(value, str) else literal[1:-1]


def _body(text: str) -> bytes:
    """The body, which takes one line; the lines below it were printed by something else."""
    body = _first_line(text)
    return b"" if body in _EMPTY else body.encode("utf-8", "surrogateescape")


def _response(found: re.Match[str], text: str) -> Response:
    printed, _, body = text.partition("ResponseHeaders:")[2].partition("ResponseBody:")
    headers = {name.lower(): value for name, value in _fields(printed).items()}
    return response_of(int(found[3]), headers, _first_line(body))


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()
