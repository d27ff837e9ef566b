"""A request as .NET prints it (``HttpRequestMessage``), its body behind it, and the answer.

Source: the output of .NET Core 3.1; https://github.com/dotnet/runtime, HttpRequestMessage.ToString.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from okx_doctor.forensics.captures.capture import (
    Piece,
    Response,
    Unreadable,
    code_of,
    printed_request,
    response_of,
    with_answers,
)
from okx_doctor.protocol.scheme import OKX
from okx_doctor.secrets.secret import shows_only

START: Final = r"Method: [A-Za-z]{3,7}, RequestUri: '"
_REQUEST: Final = re.compile(
    r"Method: ([A-Za-z]{3,7}), RequestUri: '([^'\n]*+)', Version: [\d.]+, Content: (\S+), Headers:"
)
_ANSWER: Final = re.compile(r"StatusCode: (\d{3}), ReasonPhrase: ")
_NOTHING: Final = "<null>"


@shows_only("number", "status")
class _Printed(Struct):
    """A request or an answer as far as it was read. ``status`` is an answer's; ``stage`` tells what comes next."""

    number: int
    method: str = ""
    url: str = ""
    content: str = _NOTHING
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    stage: str = "brace"


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request to OKX, with its answer where it is right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece | Response | None]:
    printed: _Printed | None = None
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        begun = _begun(number, line)
        if begun is not None:
            yield _finished(printed)
            printed = begun
        elif printed is not None and not _taken(printed, line.strip()):
            yield _finished(printed)
            printed = None
            if code := code_of(line.strip()):
                yield Response(code=code)
    yield _finished(printed)


def _begun(number: int, line: str) -> _Printed | None:
    if found := _REQUEST.search(line):
        return _Printed(number=number, method=found[1], url=found[2], content=found[3])
    if found := _ANSWER.search(line):
        return _Printed(number=number, status=int(found[1]))
    return None


def _taken(printed: _Printed, line: str) -> bool:
    """Whether a line is one of what is being read."""
    if printed.stage == "brace":
        printed.stage = "headers"
        return line == "{"
    if printed.stage == "headers":
        name, colon, value = line.partition(":")
        if line == "}":
            printed.stage = "body"
        elif colon:
            printed.headers.append((name, value.strip()))
        return True
    if printed.stage == "body" and line and (printed.status is not None or printed.content != _NOTHING):
        printed.body, printed.stage = line, "end"
        return True
    return not line


def _finished(printed: _Printed | None) -> Piece | Response | None:
    if printed is None:
        return None
    if printed.status is not None:
        return response_of(printed.status, {name.lower(): value for name, value in printed.headers}, printed.body)
    place = f"line {printed.number}"
    names = " ".join(name.lower() for name, _ in printed.headers)
    if "okx" not in printed.url and OKX.prefix.lower() not in names:
        return None
    if printed.content != _NOTHING and not printed.body:
        return Unreadable(
            place=place, why="has a body that .NET does not print: print request.Content's text behind it"
        )
    return printed_request(printed.method, printed.url, printed.headers, printed.body, form="dotnet", place=place)
