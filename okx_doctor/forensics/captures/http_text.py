"""Requests as HTTP/1.1 text, as proxies and packet captures print them, responses between them or not.

Read line by line and leniently: pasted text has bare newlines, ``HTTP/2`` in its first line, and a length that no
longer fits, all of which an HTTP library rightly refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from okx_doctor.forensics.captures.capture import (
    Capture,
    Form,
    Malformed,
    Piece,
    Response,
    Unreadable,
    headers_of,
    response_of,
    split_url,
)
from okx_doctor.protocol.wire import WireRequest

_REQUEST: Final = re.compile(rb"([A-Za-z]{3,7}) (\S+) HTTP/\d(?:\.\d)?\s*")
_STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: .*)?")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z\"-]+)[ \t]*:[ \t]?(.*)")
_BODY_LINES: Final = 100_000


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request, each with the response behind it if there is one."""
    waiting: Capture | None = None
    for began, block in _blocks(numbered):
        if _STATUS.fullmatch(block[0]):
            if waiting is not None:
                yield _answered(waiting, _response(block))
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = None
        try:
            waiting = request_of(block, f"line {began}")
        except Malformed as error:
            yield Unreadable(place=f"line {began}", why=str(error))
    if waiting is not None:
        yield waiting


def _blocks(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of each message: from a request line or status line to the next."""
    held: list[bytes] = []
    began = 0
    for number, raw in numbered:
        line = b"" if raw is None else re.sub(rb"^[<>*] ?(?=[A-Z<>])", b"", raw) if raw[:2] in (b"> ", b"< ") else raw
        if _REQUEST.fullmatch(line) or _STATUS.fullmatch(line):
            if held:
                yield began, held
            held, began = [line], number
        elif held and len(held) < _BODY_LINES:
            held.append(line)
    if held:
        yield began, held


def request_of(block: Sequence[bytes], place: str, form: Form = "http") -> Capture:
    """One request from its lines, without their ends. Raises ``Malformed``."""
    first = _REQUEST.fullmatch(block[0])
    if first is None:
        raise Malformed("begins with no request line")
    headers, rest = _headers(block[1:])
    target = first[2].decode("utf-8", "surrogateescape")
    origin = ""
    if not target.startswith("/"):
        origin, target = split_url(target)
    known = {name.lower(): value for name, value in headers}
    host = known.get("host", "")
    return Capture(
        request=WireRequest(
            method=first[1].decode(), target=target, headers=headers_of(headers), body=_body(rest, known)
        ),
        form=form,
        place=place,
        origin=origin or (f"https://{host.strip()}" if host else ""),
    )


def _headers(lines: Sequence[bytes]) -> tuple[list[tuple[str, str]], Sequence[bytes]]:
    found: list[tuple[str, str]] = []
    for at, line in enumerate(lines):
        if not line.strip():
            return found, lines[at + 1 :]
        header = _HEADER.fullmatch(line)
        if header is None:
            raise Malformed(f"has a line among its headers that is none: {line[:40].decode('utf-8', 'replace')!r}")
        found.append((header[1].decode("ascii"), header[2].decode("utf-8", "surrogateescape")))
    return found, ()


def _body(lines: Sequence[bytes], headers: dict[str, str]) -> bytes:
    """The body: as long as it says, else without the blank lines behind it."""
    text = b"\n".join(lines)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _dechunked(text)
    length = headers.get("content-length", "").strip()
    if length.isdecimal():
        if len(text) >= int(length):
            return text[: int(length)]
        with_returns = b"\r\n".join(lines)
        if len(with_returns) >= int(length):
            return with_returns[: int(length)]
    return text.rstrip(b"\r\n") if text.strip() else b""


def _dechunked(text: bytes) -> bytes:
    parts: list[bytes] = []
    rest = text
    while True:
        size, newline, rest = rest.partition(b"\n")
        try:
            count = int(size.partition(b";")[0].strip(), 16)
        except ValueError:
            return b"".join(parts) or text.strip()
        if not count or not newline:
            return b"".join(parts)
        parts.append(rest[:count])
        rest = rest[count:].lstrip(b"\r\n")


def _response(block: Sequence[bytes]) -> Response:
    status = _STATUS.fullmatch(block[0])
    try:
        headers, rest = _headers(block[1:])
    except Malformed:
        headers, rest = [], ()
    known = {name.lower(): value for name, value in headers}
    return response_of(int(status[1]) if status else None, known, _body(rest, known))


def _answered(capture: Capture, response: Response) -> Capture:
    from dataclasses import replace

    return replace(capture, response=response)
