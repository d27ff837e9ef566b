"""Logs that have a WebSocket's login message somewhere in a line, as wscat, websockets and bots print it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec.structs import replace

from okx_doctor.forensics.captures import json_capture, prefixes
from okx_doctor.forensics.captures.capture import (
    TOO_LONG,
    Capture,
    Item,
    Malformed,
    Piece,
    Subscription,
    Unreadable,
    code_of,
    event_of,
    subscription_of,
    with_answers,
)

_LOGIN: Final = re.compile(r'"op"\s*+:\s*+"login"')
_SUBSCRIBE: Final = re.compile(r'"op"\s*+:\s*+"subscribe"')
_OUTER: Final = 8
"""Braces at a line's beginning that are tried as the start of the message, after the last one before its ``op``."""
_ANSWER: Final = re.compile(r'\{(?=[^{}]*"event"\s*:\s*"(?:login|error)")')
_BRACE: Final = re.compile(r"\{")
_OBJECT: Final = json.JSONDecoder()


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every login, with its answer where the log has it."""
    return with_answers(message for number, raw in numbered for message in _messages(raw, f"line {number}"))


def _messages(raw: bytes | None, place: str) -> Sequence[Item]:
    if raw is None:
        return [Unreadable(place=place, why=TOO_LONG)]
    line = raw.decode("utf-8", "replace")
    if found := _LOGIN.search(line):
        try:
            read = json_capture.read(_message(line, found.start(), _LOGIN).encode(), place)
            return [_timed(one, line) if isinstance(one, Capture) else one for one in read]
        except Malformed as error:
            return [Unreadable(place=place, why=str(error))]
    if found := _SUBSCRIBE.search(line):
        return [_asked(_message(line, found.start(), _SUBSCRIBE))]
    answer = _ANSWER.search(line)
    return [event_of(code_of(_object(line, answer.start())), place)] if answer else []


def _timed(login: Capture, line: str) -> Capture:
    """The login with the log's own time, where the log tells one with its zone."""
    at = prefixes.moment(line)
    return replace(login, sent_at=at.timestamp()) if at is not None and at.tzinfo else login


def _asked(text: str) -> Subscription:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return Subscription(())
    return subscription_of(frame) if isinstance(frame, dict) else Subscription(())


def _message(line: str, at: int, op: re.Pattern[str]) -> str:
    """The JSON object around this place, which has that ``op``."""
    braces = [line.rfind("{", 0, at), *(found.start() for found in islice(_BRACE.finditer(line, 0, at), _OUTER))]
    tried = (_object(line, brace) for brace in braces if brace >= 0)
    return next((text for text in tried if op.search(text) and text.endswith("}")), line[max(braces[0], 0) :])


def _object(line: str, start: int) -> str:
    """The JSON object that begins at this place; all that follows where it has no end."""
    try:
        _, end = _OBJECT.raw_decode(line, start)
    except (ValueError, RecursionError):
        return line[start:]
    return line[start:end]
