"""Requests as HTTP/1.1 text, as proxies and packet captures print them, responses between them or not.

Read line by line and leniently: pasted text has bare newlines, ``HTTP/2`` in its first line, and a length that no
longer fits, all of which an HTTP library rightly refuses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
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
from okx_doctor.protocol.wire import WireRequest

_REQUEST: Final = re.compile(rb"([A-Za-z]{3,7}) (\S+) HTTP/\d(?:\.\d)?\s*")
STATUS: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: .*)?")
_HEADER: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z\"-]+)[ \t]*:[ \t]?(.*)")
_VERBOSE: Final = re.compile(rb"[<>] (?:[A-Za-z]{3,7} \S+ )?HTTP/\d")
_CURLS_OWN: Final = re.compile(
    rb"\* .*|[{}] \[\d+ bytes data\]|\r? *\d[ \d.kMGTP]*(?:[ \d]\d|--):(?:\d\d|--):(?:\d\d|--) .*"
)
_BEHIND_BODY: Final = re.compile(rb"\* (?:Connection #\d+ to host \S+ left intact|Closing connection.{0,10})$")
"""Curl's note after a response without a newline at its end."""
_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)
_JSON: Final = json.JSONDecoder()
_CHUNK_SIZE: Final = re.compile(rb"[\r\n]*+([0-9A-Fa-f]{1,8})[^\n]{0,80}\n")


def read(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """Every request, each with the response behind it if there is one."""
    return with_answers(_message(block, f"line {began}") for began, block in messages(_lines(numbered)))


def _message(block: Sequence[bytes], place: str) -> Piece | Response | None:
    if is_tunnel(block[0]):
        return None
    if STATUS.fullmatch(block[0]):
        return response(block)
    try:
        return request_of(block, place)
    except Malformed as error:
        return Unreadable(place=place, why=str(error))


def is_tunnel(line: bytes) -> bool:
    """Whether a request line asks a proxy on the way for a tunnel: OKX never sees it."""
    return line.startswith(b"CONNECT ")


def _lines(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[tuple[int, bytes, bool]]:
    """The lines, and whether each is a request line or a status line; ``curl -v`` puts > and < before."""
    verbose = False
    for number, raw in numbered:
        line = b"" if raw is None else raw
        verbose = verbose or _VERBOSE.match(line) is not None
        if verbose:
            if _CURLS_OWN.fullmatch(line):
                continue
            line = _BEHIND_BODY.sub(b"", line)
            line = line[2:] if line[:2] in (b"> ", b"< ") else b"" if line in (b">", b"<") else line
        yield number, line, bool(_REQUEST.fullmatch(line) or STATUS.fullmatch(line))


def request_of(block: Sequence[bytes], place: str, form: str = "http") -> Capture:
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
            method=first[1].decode(),
            target=target,
            headers=headers_of(headers),
            body=b"" if _has_none(first[1], known) else _body(rest, known),
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
            raise Malformed(f"has something else than a header in line {at + 1} of its headers")
        found.append((header[1].decode("ascii"), header[2].decode("utf-8", "surrogateescape")))
    return found, ()


def _has_none(method: bytes, headers: dict[str, str]) -> bool:
    """Whether a request has no body, so that the text below is not part of it: a GET announces one (RFC 9112, 6.3)."""
    return method.upper() == b"GET" and "content-length" not in headers and "transfer-encoding" not in headers


def _body(lines: Sequence[bytes], headers: dict[str, str]) -> bytes:
    """The body, as long as its headers say, else all of it without the blank lines at the end.

    Raises ``Malformed`` where the headers announce a body that is missing.
    """
    text = b"\n".join(lines)
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return _dechunked(text)
    length = headers.get("content-length", "").strip()
    if _LENGTH.fullmatch(length):
        if len(text) >= int(length):
            return text[: int(length)]
        with_returns = b"\r\n".join(lines)
        if len(with_returns) >= int(length):
            return with_returns[: int(length)]
    if not text.strip() and length.strip("0"):
        raise Malformed(f"has a body of {length[:20]} bytes that is not in the capture (curl -v does not print it)")
    return _without_what_is_said(text).rstrip(b"\r\n") if text.strip() else b""


def _without_what_is_said(text: bytes) -> bytes:
    """A body of JSON without the lines that a program printed below it; any other as it is."""
    said = text.decode("utf-8", "surrogateescape")
    try:
        _, end = _JSON.raw_decode(said)
    except (ValueError, RecursionError):
        return text
    return said[:end].encode("utf-8", "surrogateescape") if said[end : end + 2].startswith(("\n", "\r\n")) else text


def _dechunked(text: bytes) -> bytes:
    parts: list[bytes] = []
    at = 0
    while found := _CHUNK_SIZE.match(text, at):
        count = int(found[1], 16)
        if not count:
            return b"".join(parts)
        parts.append(text[found.end() : found.end() + count])
        at = found.end() + count
    return b"".join(parts) or text.strip()


def response(block: Sequence[bytes]) -> Response:
    status = STATUS.fullmatch(block[0])
    try:
        headers, rest = _headers(block[1:])
    except Malformed:
        headers, rest = [], ()
    known = {name.lower(): value for name, value in headers if name.lower() != "content-length"}
    return response_of(int(status[1]) if status else None, known, _body(rest, known).strip())
