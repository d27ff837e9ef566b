"""ccxt's verbose output, of its Python and JavaScript versions: ``fetch Request:`` and ``fetch Response:``.

Source: https://github.com/ccxt/ccxt/blob/master/python/ccxt/base/exchange.py and js/src/base/Exchange.js.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final

from okx_doctor.forensics.captures.capture import (
    PIECE_LIMIT,
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
from okx_doctor.protocol.wire import WireRequest

_REQUEST: Final = re.compile(r"fetch Request:\s*+\w++\s++([A-Z]++)\s++(\S++)\s++RequestHeaders:")
_RESPONSE: Final = re.compile(r"fetch Response:\s*+\w++\s++[A-Z]++\s++\S++\s++(\d{3})")
_FIELD: Final = re.compile(
    r"""(?x) (?<![\w-])([A-Za-z][\w-]*+)['"]?\s*+:\s*+
        (?: '((?:[^'\\]++|\\.)*+)' | "((?:[^"\\]++|\\.)*+)" | `([^`]*)` )"""
)
_EMPTY: Final = ("None", "undefined", "null", "")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where the log has it."""
    return with_answers(_message(text, f"line {began}") for began, text in _blocks(numbered))


def _message(text: str, place: str) -> Piece | Response | None:
    if text.startswith("fetch Response:"):
        return _response(text)
    try:
        return _request(text, place)
    except Malformed as error:
        return Unreadable(place=place, why=str(error))


def _blocks(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[tuple[int, str]]:
    held: list[str] = []
    began = size = 0
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        starts = re.search(r"fetch (?:Request|Response):", line)
        if starts:
            if held:
                yield began, "\n".join(held)
            held, began, size = [line[starts.start() :]], number, len(line)
        elif held and size < PIECE_LIMIT:
            held.append(line)
            size += len(line)
    if held:
        yield began, "\n".join(held)


def _request(text: str, place: str) -> Capture | None:
    found = _REQUEST.match(text)
    headers, cut, body = text[found.end() :].partition("RequestBody:") if found else ("", "", "")
    if found is None or not cut:
        raise Malformed("is a request of ccxt's that is cut off")
    method, url = found.groups()
    if "okx" not in url and "ok-access" not in headers.lower():
        return None
    origin, target = split_url(url)
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
    first = text.strip()
    lines = first.split("\n")
    body = lines[0] if lines[0][:1] in ("{", "[") and lines[0][-1:] in ("}", "]") else first
    return b"" if body.strip() in _EMPTY else body.encode("utf-8", "surrogateescape")


def _response(text: str) -> Response | None:
    found = _RESPONSE.match(text)
    if found is None:
        return None
    printed, _, body = text.partition("ResponseHeaders:")[2].partition("ResponseBody:")
    headers = {name.lower(): value for name, value in _fields(printed).items()}
    return response_of(int(found[1]), headers, body.strip().split("\n")[0])
