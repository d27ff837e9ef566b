"""The log of OkHttp's interceptor at its level BODY: ``--> POST …`` to ``--> END POST``, ``<-- 401 …`` to ``<-- END``.

Source: the output of OkHttp 4.12; https://github.com/square/okhttp, HttpLoggingInterceptor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from okx_doctor.forensics.captures import http_text
from okx_doctor.forensics.captures.capture import (
    PIECE_LIMIT,
    Malformed,
    Piece,
    Response,
    Unreadable,
    with_answers,
)

START: Final = r"--> [A-Z]{3,7} https?://"
_BEGINS: Final = re.compile(rb"--> ([A-Z]{3,7}) (https?://\S+)(?: \S+)?$|<-- (\d{3})(?: .*)?$")
_ENDS: Final = re.compile(rb"(?:-->|<--) END ")
_LEFT_OUT: Final = re.compile(rb"--> END [A-Z]{3,7} \((?:.* body omitted|binary .*)\)")
_DIGITS: Final = re.compile(rb"\d")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request, with its answer where it is right behind."""
    return with_answers(_messages(numbered))


def _messages(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece | Response]:
    block: list[bytes] = []
    began = size = 0
    before = b""
    for number, raw in numbered:
        line = raw or b""
        found = _BEGINS.search(line)
        if found:
            block, began, size, before = [_first(found)], number, 0, line[: found.start()]
        elif block and _is_behind(line, before):
            line = line[len(before) :]
            if _ENDS.match(line):
                yield _message(block, began, _LEFT_OUT.match(line) is not None)
                block = []
            elif size < PIECE_LIMIT:
                block.append(line)
                size += len(line)


def _is_behind(line: bytes, before: bytes) -> bool:
    """Whether a line has before it what the message's first line has, whatever the time in it."""
    return _DIGITS.sub(b"0", line[: len(before)]) == _DIGITS.sub(b"0", before)


def _first(found: re.Match[bytes]) -> bytes:
    """The first line as HTTP has it."""
    return b"HTTP/1.1 " + found[3] if found[3] else found[1] + b" " + found[2] + b" HTTP/1.1"


def _message(block: list[bytes], began: int, is_left_out: bool) -> Piece | Response:
    place = f"line {began}"
    if http_text.STATUS.fullmatch(block[0]):
        return http_text.response(block)
    if is_left_out:
        return Unreadable(place=place, why="has a body that is not in the log: set the interceptor's level to BODY")
    try:
        return http_text.request_of(block, place, "okhttp")
    except Malformed as error:
        return Unreadable(place=place, why=str(error))
