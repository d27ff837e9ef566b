"""Which form an input has, and its pieces one after another."""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.forensics.captures import (
    ccxt_go_log,
    ccxt_log,
    curl,
    dotnet_text,
    dumps,
    flows,
    har,
    http_text,
    json_capture,
    listed,
    okhttp_log,
    prefixes,
    python_logs,
    redacted,
    rescu_log,
    websocket_log,
)
from okx_doctor.forensics.captures.beside import Heard, with_text_beside
from okx_doctor.forensics.captures.capture import (
    TOO_LONG,
    Beside,
    Capture,
    Item,
    Malformed,
    Piece,
    Unreadable,
    with_answers,
)
from okx_doctor.forensics.captures.scanning import AsUtf8, Scanner, lines
from okx_doctor.protocol.signing import SIGN_HEADER, TIMESTAMP_HEADER

_PEEK: Final = 1 << 16
_REMEMBERED: Final = 10_000
_SIGN, _STAMP = SIGN_HEADER.lower(), TIMESTAMP_HEADER.lower()
_UTF_16: Final = (BOM_UTF16_LE, BOM_UTF16_BE)


class Sign(IntEnum):
    """The kinds of evidence for a form, surest first."""

    BEGINNING = 1
    LOG_LINE = 2
    TRANSCRIPT = 3
    COMMAND = 4
    REQUEST_LINE = 5
    FIELD = 6
    DUMP = 7


class Mark(NamedTuple):
    """A pattern that an input of some form shows near its beginning."""

    sign: Sign
    pattern: re.Pattern[bytes]


Read = Callable[[BinaryIO, bytes, Path | None], Iterator[Piece]]


class Reader(Struct, frozen=True, kw_only=True):
    """A form of capture. ``read`` takes the stream, how it begins, and the folder that files may be read from."""

    form: str
    marks: tuple[Mark, ...]
    read: Read


def _by_lines(read: Callable[[Iterator[tuple[int, bytes | None]]], Iterator[Piece]]) -> Read:
    return lambda stream, start, directory: read(lines(stream))


_HTTPX_LOG: Final = re.compile(rb"HTTP Request: [A-Z]+ https?://|send_request_headers\.started")


def pieces(stream: BinaryIO, form: str | None = None, directory: Path | None = None) -> Iterator[Piece]:
    """Every request in the input, and every piece of it that cannot be read, in their order.

    Masks in a request are marked, and a signature that was sent before.

    ``directory`` is the one folder from which a curl command's ``@file`` is read; without it none is.
    """
    places: dict[tuple[str, str], str] = {}
    for piece in _pieces(stream, form, directory):
        yield _marked_again(redacted.marked(piece), places) if isinstance(piece, Capture) else piece


def _marked_again(capture: Capture, places: dict[tuple[str, str], str]) -> Capture:
    """The capture with the place of the first one that has its signature and its timestamp."""
    sign, stamp = (capture.request.first.get(name, "") for name in (_SIGN, _STAMP))
    if not sign or (capture.masked and not capture.masked.isdisjoint((_SIGN, _STAMP))):
        return capture
    earlier = places.get((sign, stamp))
    if earlier is not None:
        return replace(capture, sent_before=earlier)
    if len(places) < _REMEMBERED:
        places[sign, stamp] = capture.place
    return capture


def _pieces(stream: BinaryIO, form: str | None, directory: Path | None) -> Iterator[Piece]:
    buffered = io.BufferedReader(cast(Any, stream), _PEEK)
    start = buffered.peek(_PEEK)
    if start.startswith(_UTF_16):
        buffered = io.BufferedReader(AsUtf8(buffered), _PEEK)
        start = buffered.peek(_PEEK)
    if start.startswith(BOM_UTF8):
        buffered.read(len(BOM_UTF8))
        start = start[len(BOM_UTF8) :]
    if not start.strip() and len(start) < _PEEK:
        yield Unreadable(place="the input", why="is empty")
        return
    reader, is_bare = _detected(start, form)
    if is_bare:
        buffered = io.BufferedReader(prefixes.Bare(buffered), _PEEK)
        start = buffered.peek(_PEEK)
    if reader is None:
        yield Unreadable(place="the input", why=_why_unknown(start))
        return
    heard = Heard(buffered, _PEEK)
    try:
        yield from with_text_beside(reader.read(heard, start, directory), heard)
    except Malformed as error:
        yield Unreadable(place="the input", why=str(error))


def detect(start: bytes) -> str | None:
    """The form of an input that begins like this; ``None`` for none of those known."""
    reader, _ = _detected(start)
    return reader.form if reader else None


def _detected(start: bytes, form: str | None = None) -> tuple[Reader | None, bool]:
    """The reader for an input, and whether what a logger wrote before each line is to be taken off for it."""
    if form is None and b"\0" in start.lstrip()[:1024]:
        return None, False
    found = _READERS[form] if form else _marked(start)
    if not prefixes.is_everywhere(start.decode("utf-8", "replace")):
        return found, False
    inner = found if form else _marked(b"".join(map(prefixes.without, start.splitlines(keepends=True))))
    if inner is None or inner.form in _WITH_THEIR_PREFIXES:
        return found, False
    return (inner, True) if found in (None, inner, _READERS[dumps.FORM]) else (found, False)


_WITH_THEIR_PREFIXES: Final = (dumps.FORM, "websocket", "json", "okhttp")
"""Forms whose readers take off what is before a line themselves, and read the time in it."""


def _marked(start: bytes) -> Reader | None:
    """The reader whose mark is in a text, the surest mark first."""
    return next((reader for mark, reader in _MARKS if mark.pattern.search(start)), None)


def _json(stream: BinaryIO, start: bytes, directory: Path | None = None) -> Iterator[Piece]:
    return with_answers(_values(stream, start))


def _values(stream: BinaryIO, start: bytes) -> Iterator[Item]:
    if _is_lines(start):
        for number, line in lines(stream):
            if line is None:
                yield Unreadable(place=f"line {number}", why=TOO_LONG)
            elif line.strip() and not _is_said(line):
                yield from _object(line, f"line {number}")
        return
    yield from _with_words_behind(_documents(Scanner(stream)))


def _documents(scanner: Scanner) -> Iterator[Item | str]:
    """The requests of JSON documents one after another, and the text between them."""
    number = 0
    while first := scanner.peek():
        if number and _WORD.match(first):
            yield scanner.words()
            continue
        values = scanner.elements() if first == b"[" else iter((scanner.value(),))
        for raw in values:
            number += 1
            if raw is None:
                yield Unreadable(place=f"request {number}", why=TOO_LONG)
            else:
                yield from _object(raw, f"request {number}")
        scanner.take(b",")


def _with_words_behind(found: Iterator[Item | str]) -> Iterator[Item]:
    """The requests, those without an answer with the text behind each.

    Raises ``Malformed`` as the documents do, behind the last good request.
    """
    last: Item | None = None
    broken: Malformed | None = None
    try:
        for item in found:
            if isinstance(item, str):
                last = _with_words(last, item)
                continue
            if last is not None:
                yield last
            last = item
    except Malformed as error:
        broken = error
    if last is not None:
        yield last
    if broken is not None:
        raise broken


_OBJECT: Final = re.compile(rb"\s*+(?:\{\s*+(?:[\"'{}\w]|\Z)|\[\s*+[\[{\]])")
_WORD: Final = re.compile(rb"[A-Za-z\d]")


def _is_said(line: bytes) -> bool:
    """Whether a line is text between a program's objects, and no part of one."""
    return not _OBJECT.match(line) and not (line.rstrip().endswith((b"}", b"},")) and dumps.MARK.search(line))


def _with_words(item: Item | None, words: str) -> Item | None:
    """A request without an answer, with the text behind it."""
    if not isinstance(item, Capture) or item.is_answered:
        return item
    own = item.beside.text if item.beside else ""
    return replace(item, beside=Beside(text=f"{own}\n{words}"))


def _is_lines(start: bytes) -> bool:
    """Whether each line is an object of its own: the first one is closed, or the next begins another."""
    first, newline, rest = start.lstrip().partition(b"\n")
    if not first.startswith(b"{") or len(first.strip()) < 2:
        return False
    return not newline or first.rstrip().endswith(b"}") or rest.lstrip().startswith(b"{")


def _object(raw: bytes, place: str) -> Iterator[Item]:
    try:
        yield from json_capture.read(raw, place)
    except Malformed as error:
        yield Unreadable(place=place, why=str(error))


_JSON: Final = re.compile(rb"\s*+(?:\{|\[\s*+[\[{\]])")


def _websocket(stream: BinaryIO, start: bytes, directory: Path | None) -> Iterator[Piece]:
    if _JSON.match(start):
        return _json(stream, start, directory)
    return websocket_log.read(lines(stream))


READERS: Final[tuple[Reader, ...]] = (
    Reader(
        form="curl",
        marks=(Mark(Sign.COMMAND, re.compile(rb"(?:^|\n)" + curl.START.pattern.encode(), re.IGNORECASE)),),
        read=lambda stream, start, directory: curl.read(lines(stream), directory),
    ),
    Reader(
        form="har",
        marks=(Mark(Sign.BEGINNING, re.compile(rb"\A\s*\{\s*\"log\"\s*:")),),
        read=lambda stream, start, directory: har.read(Scanner(stream)),
    ),
    Reader(
        form="http",
        marks=(  # the command above a transcript may leave its values to the shell
            Mark(Sign.TRANSCRIPT, re.compile(rb"(?:^|\n)> GET [^ \r\n]+ HTTP/\d")),
            Mark(Sign.REQUEST_LINE, re.compile(rb"(?:^|\n)(?:> )?[A-Za-z]{3,7} [^ \r\n]+ HTTP/\d")),
        ),
        read=lambda stream, start, directory: http_text.read(lines(stream)),
    ),
    Reader(
        form="json",
        marks=(Mark(Sign.BEGINNING, re.compile(rb"\A\s*(?:\{\s*(?:\"|\}|\{|\Z)|\[\s*(?:\]|\[|\{\s*(?:\"|\})))")),),
        read=_json,
    ),
    Reader(
        form="ccxt",
        marks=(Mark(Sign.LOG_LINE, re.compile(rb"fetch Request:")),),
        read=_by_lines(ccxt_log.read),
    ),
    Reader(
        form="ccxt-go",
        marks=(Mark(Sign.LOG_LINE, re.compile(ccxt_go_log.START.encode())),),
        read=_by_lines(ccxt_go_log.read),
    ),
    Reader(
        form="requests",
        marks=(Mark(Sign.LOG_LINE, re.compile(rb"send: b['\"]")),),
        read=_by_lines(python_logs.read_requests),
    ),
    Reader(
        form="python-okx",
        marks=(Mark(Sign.LOG_LINE, re.compile(rb"header: \{'Content-Type'")),),
        read=_by_lines(python_logs.read_python_okx),
    ),
    Reader(
        form="dotnet",
        marks=(Mark(Sign.LOG_LINE, re.compile(dotnet_text.START.encode())),),
        read=_by_lines(dotnet_text.read),
    ),
    Reader(
        form="okhttp",
        marks=(Mark(Sign.LOG_LINE, re.compile(okhttp_log.START.encode())),),
        read=_by_lines(okhttp_log.read),
    ),
    Reader(
        form="xchange",
        marks=(Mark(Sign.LOG_LINE, re.compile(rescu_log.START.encode())),),
        read=_by_lines(rescu_log.read),
    ),
    Reader(
        form="websocket",
        marks=(Mark(Sign.FIELD, re.compile(rb"\"op\"\s*:\s*\"(?:login|subscribe)\"")),),
        read=_websocket,
    ),
    Reader(
        form="mitmproxy",
        marks=(Mark(Sign.BEGINNING, flows.START),),
        read=lambda stream, start, directory: flows.read(stream),
    ),
    Reader(
        form=listed.FORM,
        marks=(Mark(Sign.FIELD, listed.MARK), Mark(Sign.FIELD, listed.SIGNED)),
        read=_by_lines(listed.read),
    ),
    Reader(
        form="object",
        marks=(Mark(Sign.DUMP, dumps.MARK),),
        read=_by_lines(dumps.read),
    ),
)
"""Every form of capture."""

FORMS: Final = tuple(reader.form for reader in READERS)
_READERS: Final[Mapping[str, Reader]] = {reader.form: reader for reader in READERS}
_MARKS: Final = sorted(((mark, reader) for reader in READERS for mark in reader.marks), key=lambda found: found[0].sign)


def _why_unknown(start: bytes) -> str:
    if _HTTPX_LOG.search(start):
        return "is httpx's own log, which holds neither headers nor body: log request.headers in an event hook instead"
    if b"\0" in start[:1024]:
        return "is binary: give a curl command, HAR, raw HTTP, JSON or a verbose log"
    return (
        "has no form that is known: give a curl command, HAR, raw HTTP, JSON or a verbose log, or say which with --as"
    )
