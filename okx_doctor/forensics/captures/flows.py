"""mitmproxy's flow file: netstrings with a type behind each, one flow after another.

Format: https://github.com/mitmproxy/mitmproxy/blob/main/mitmproxy/io/tnetstring.py; as mitmproxy 12 writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from msgspec.structs import replace

from okx_doctor.forensics.captures import objects
from okx_doctor.forensics.captures.capture import (
    PIECE_LIMIT,
    TOO_LONG,
    Beside,
    Capture,
    Item,
    Malformed,
    Piece,
    Unreadable,
    with_answers,
)
from okx_doctor.forensics.captures.literals import MOST_NESTED, Value, Word

START: Final = re.compile(rb"\A\d{1,12}:\d{1,3}:[a-z_]{2,40};\d{1,12}:")
_DIGITS: Final = 12
_FLOW_LIMIT: Final = 4 * PIECE_LIMIT


def read(stream: BinaryIO) -> Iterator[Piece]:
    """Every request to OKX in the file. Raises ``Malformed`` where the file itself is broken."""
    number = 0
    while (size := _size(stream)) is not None:
        number += 1
        place = f"flow {number}"
        if size > _FLOW_LIMIT:
            _skip(stream, size + 1)
            yield Unreadable(place=place, why=TOO_LONG)
            continue
        raw = stream.read(size + 1)
        if len(raw) <= size:
            raise Malformed(f"is cut off: flow {number} has {size:,} bytes, and the file ends after {len(raw):,}")
        try:
            flow = _value(raw[:size], raw[size : size + 1])
            yield from with_answers(_pieces(flow, place))
        except Malformed as error:
            yield Unreadable(place=place, why=str(error))


def _size(stream: BinaryIO) -> int | None:
    digits = b""
    while (char := stream.read(1)) != b":":
        if not char and not digits:
            return None
        if not char.isdigit() or len(digits) == _DIGITS:
            raise Malformed("is no flow file of mitmproxy's: a length is missing")
        digits += char
    return int(digits or b"0")


def _skip(stream: BinaryIO, count: int) -> None:
    while count > 0 and (passed := len(stream.read(min(count, PIECE_LIMIT)))):
        count -= passed


def _value(raw: bytes, kind: bytes, depth: int = 0) -> Value:
    """The value of one netstring. Raises ``Malformed``."""
    if depth > MOST_NESTED:
        raise Malformed(f"is nested more than {MOST_NESTED} levels deep")
    match kind:
        case b"," | b";":
            return raw.decode("utf-8", "surrogateescape")
        case b"#" | b"^":
            return Word(raw.decode("ascii", "replace"))
        case b"!":
            return raw == b"true"
        case b"~":
            return None
        case b"]":
            return list(_values(raw, depth))
        case b"}":
            found = list(_values(raw, depth))
            return {str(name): value for name, value in zip(found[::2], found[1::2], strict=False)}
    raise Malformed("is no flow of mitmproxy's: it holds a value of an unknown type")


def _values(raw: bytes, depth: int) -> Iterator[Value]:
    at = 0
    while at < len(raw):
        colon = raw.find(b":", at, at + _DIGITS + 1)
        if colon < 0 or not raw[at:colon].isdigit():
            raise Malformed("is no flow of mitmproxy's: a length is missing")
        end = colon + 1 + int(raw[at:colon])
        if end >= len(raw):
            raise Malformed("is cut off: a value in it has no end")
        yield _value(raw[colon + 1 : end], raw[end : end + 1], depth + 1)
        at = end + 1


def _pieces(flow: Value, place: str) -> list[Item]:
    """The request of a flow, and the logins on its socket."""
    if not isinstance(flow, dict):
        return []
    found = [_with_its_error(item, flow.get("error")) for item in objects.captures([flow], place, "mitmproxy")]
    socket = flow.get("websocket")
    messages = socket.get("messages") if isinstance(socket, dict) else None
    for message in messages if isinstance(messages, list) else ():
        for part in message if isinstance(message, list) else ():
            found += objects.of_text(part, place) if isinstance(part, str) and not isinstance(part, Word) else ()
    return found


def _with_its_error(item: Item, error: Value) -> Item:
    """A request without an answer, with the reason for none."""
    reason = error.get("msg") if isinstance(error, dict) else None
    if isinstance(item, Capture) and not item.is_answered and isinstance(reason, str):
        return replace(item, beside=Beside(text=reason))
    return item
