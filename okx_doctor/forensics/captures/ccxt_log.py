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
)
from okx_doctor.protocol.wire import WireRequest

_REQUEST: Final = re.compile(
    r"fetch Request:\s*(\w+)\s+([A-Z]+)\s+(\S+)\s+RequestHeaders:\s*(.*?)\s*RequestBody:[ \n]?(.*)", re.DOTALL
)
_RESPONSE: Final = re.compile(
    r"fetch Response:\s*\w+\s+[A-Z]+\s+(\S+)\s+(\d{3}).*?ResponseHeaders:\s*(.*?)\s*ResponseBody:\s*(.*)", re.DOTALL
)
_FIELD: Final = re.compile(
    r"""(?x) ['"]?([A-Za-z][\w-]*)['"]?\s*:\s* (?: '((?:[^'\\]|\\.)*)' | "((?:[^"\\]|\\.)*)" | `([^`]*)` )"""
)
_EMPTY: Final = ("None", "undefined", "null", "")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where the log has it."""
    waiting: Capture | None = None
    for began, text in _blocks(numbered):
        if "fetch Response:" in text[:200]:
            if waiting is not None:
                yield _answered(waiting, text)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = None
        try:
            waiting = _request(text, f"line {began}")
        except Malformed as error:
            yield Unreadable(place=f"line {began}", why=str(error))
    if waiting is not None:
        yield waiting


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
    if found is None:
        raise Malformed("is a request of ccxt's that is cut off")
    _, method, url, headers, body = found.groups()
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
    first = text.rstrip("\r\n").strip(" ")
    lines = first.split("\n")
    body = lines[0] if lines[0][:1] in ("{", "[") and lines[0][-1:] in ("}", "]") else first
    return b"" if body.strip() in _EMPTY else body.encode("utf-8", "surrogateescape")


def _answered(capture: Capture, text: str) -> Capture:
    from dataclasses import replace

    found = _RESPONSE.match(text)
    if found is None:
        return capture
    headers = {name.lower(): value for name, value in _fields(found[3]).items()}
    body = found[4].strip().split("\n")[0]
    answer: Response = response_of(int(found[2]), headers, body)
    return replace(capture, response=answer)
