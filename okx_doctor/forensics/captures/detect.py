"""Which form an input has, and its pieces one after another."""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from okx_doctor.forensics.captures import ccxt_log, curl, har, http_text, json_capture, python_logs, websocket_log
from okx_doctor.forensics.captures.capture import TOO_LONG, Form, Malformed, Piece, Unreadable
from okx_doctor.forensics.captures.scanning import AsUtf8, Scanner, lines

_PEEK: Final = 1 << 16
_UTF_16: Final = (BOM_UTF16_LE, BOM_UTF16_BE)
_MARKS: Final[tuple[tuple[Form, re.Pattern[bytes]], ...]] = (
    ("ccxt", re.compile(rb"fetch Request:")),
    ("requests", re.compile(rb"send: b['\"]")),
    ("python-okx", re.compile(rb"header: \{'Content-Type'")),
    ("http", re.compile(rb"(?:^|\n)> GET [^ \r\n]+ HTTP/\d")),  # the command above may leave its values to the shell
    ("curl", re.compile(rb"(?:^|\n)" + curl.START.pattern.encode(), re.IGNORECASE)),
    ("http", re.compile(rb"(?:^|\n)(?:> )?[A-Za-z]{3,7} [^ \r\n]+ HTTP/\d")),
    ("websocket", re.compile(rb"\"op\"\s*:\s*\"login\"")),
)
_HTTPX_LOG: Final = re.compile(rb"HTTP Request: [A-Z]+ https?://|send_request_headers\.started")


def pieces(stream: BinaryIO, form: Form | None = None, directory: Path | None = None) -> Iterator[Piece]:
    """Every request in the input, and every piece of it that cannot be read, in their order.

    ``directory`` is the one folder from which a curl command's ``@file`` is read; without it none is.
    """
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
    chosen = form or detect(start)
    if chosen is None:
        yield Unreadable(place="the input", why=_why_unknown(start))
        return
    try:
        yield from _read(buffered, start, chosen, directory)
    except Malformed as error:
        yield Unreadable(place="the input", why=str(error))


def detect(start: bytes) -> Form | None:
    """The form of an input that begins like this; ``None`` for none of those known."""
    text = start.lstrip()
    if b"\0" in text[:1024]:
        return None
    if re.match(rb"\{\s*\"log\"\s*:", text):
        return "har"
    if re.match(rb"\{|\[\s*[\[{\]]", text):
        return "json"
    return next((form for form, mark in _MARKS if mark.search(start)), None)


def _read(stream: BinaryIO, start: bytes, form: Form, directory: Path | None) -> Iterator[Piece]:
    match form:
        case "har":
            yield from har.read(Scanner(stream))
        case "json":
            yield from _json(stream, start)
        case "websocket":
            yield from _json(stream, start) if start.lstrip()[:1] in (b"{", b"[") else websocket_log.read(lines(stream))
        case "curl":
            yield from curl.read(lines(stream), directory)
        case "http":
            yield from http_text.read(lines(stream))
        case "ccxt":
            yield from ccxt_log.read(lines(stream))
        case "requests":
            yield from python_logs.read_requests(lines(stream))
        case "python-okx":
            yield from python_logs.read_python_okx(lines(stream))


def _json(stream: BinaryIO, start: bytes) -> Iterator[Piece]:
    if _is_lines(start):
        for number, line in lines(stream):
            if line is None:
                yield Unreadable(place=f"line {number}", why=TOO_LONG)
            elif line.strip():
                yield from _object(line, f"line {number}")
        return
    scanner = Scanner(stream)
    number = 0
    while first := scanner.peek():
        values = scanner.elements() if first == b"[" else iter((scanner.value(),))
        for raw in values:
            number += 1
            if raw is None:
                yield Unreadable(place=f"request {number}", why=TOO_LONG)
            else:
                yield from _object(raw, f"request {number}")
        scanner.take(b",")


def _is_lines(start: bytes) -> bool:
    """Whether each line is an object of its own: the first one is closed, or the next begins another."""
    first, newline, rest = start.lstrip().partition(b"\n")
    if not first.startswith(b"{") or len(first.strip()) < 2:
        return False
    return not newline or first.rstrip().endswith(b"}") or rest.lstrip().startswith(b"{")


def _object(raw: bytes, place: str) -> Iterator[Piece]:
    try:
        yield from json_capture.read(raw, place)
    except Malformed as error:
        yield Unreadable(place=place, why=str(error))


def _why_unknown(start: bytes) -> str:
    if _HTTPX_LOG.search(start):
        return "is httpx's own log, which holds neither headers nor body: log request.headers in an event hook instead"
    if b"\0" in start[:1024]:
        return "is binary: give a curl command, HAR, raw HTTP, JSON or a verbose log"
    return (
        "has no form that is known: give a curl command, HAR, raw HTTP, JSON or a verbose log, or say which with --as"
    )
