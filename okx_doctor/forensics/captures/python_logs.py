"""Debug output of Python clients that holds whole requests: ``http.client``'s (requests, urllib3), and python-okx's.

httpx's and urllib3's own loggers name method, URL and status only: nothing to inspect.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from msgspec.structs import replace

from okx_doctor.forensics.captures import http_text
from okx_doctor.forensics.captures.capture import (
    PIECE_LIMIT,
    Capture,
    Malformed,
    Piece,
    Response,
    Unreadable,
    headers_of,
    http_date,
    split_url,
)
from okx_doctor.protocol.wire import WireRequest

_SEND: Final = re.compile(r"send: (b'(?:[^'\\]++|\\.)*+'|b\"(?:[^\"\\]++|\\.)*+\")")
_REPLY: Final = re.compile(r"reply: ['\"]HTTP/[\d.]+ (\d{3})")
_DATE: Final = re.compile(r"header: [Dd]ate:\s*(.*)")
_REQUEST_LINE: Final = re.compile(rb"[A-Za-z]+ \S+ HTTP/1\.[01]\r\n")


def read_requests(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """The output of ``http.client.HTTPConnection.debuglevel = 1``, under requests and urllib3 alike."""
    sent: list[bytes] = []
    began = size = 0
    response: Response | None = None
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "replace")
        for literal in _SEND.findall(line):
            part = _literal(literal)
            if _REQUEST_LINE.match(part):
                if sent and not http_text.is_tunnel(sent[0]):
                    yield _from_wire(b"".join(sent), began, response)
                sent, began, size, response = [part], number, len(part), None
            elif sent and size < PIECE_LIMIT:
                sent.append(part)
                size += len(part)
        if found := _REPLY.search(line):
            response = Response(status=int(found[1]))
        if response is not None and (dated := _DATE.search(line)):
            response = replace(response, date=http_date(dated[1].strip()))
    if sent and not http_text.is_tunnel(sent[0]):
        yield _from_wire(b"".join(sent), began, response)


def _literal(text: str) -> bytes:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return b""
    return value if isinstance(value, bytes) else b""


def _from_wire(sent: bytes, began: int, response: Response | None) -> Piece:
    head, _, body = sent.partition(b"\r\n\r\n")
    try:
        found = http_text.request_of([*head.split(b"\r\n"), b"", *body.split(b"\n")], f"line {began}", "requests")
    except Malformed as error:
        return Unreadable(place=f"line {began}", why=str(error))
    return replace(found, response=response)


_HEADER: Final = re.compile(r"header: (\{.*\})")
_DOMAIN: Final = re.compile(r"domain: (\S+)")
_URL: Final = re.compile(r"url: (\S.*+)")
_SENT_AS_IT_IS: Final = "!$%&'()*+,-./:;=?@[]^_`{|}~\\"
"""Of a query, besides letters and digits: https://github.com/encode/httpx, httpx/_urlparse.py, 0.28."""
_BODY: Final = re.compile(r"\bbody:(.*)")


def read_python_okx(numbered: Iterable[tuple[int, bytes | None]]) -> Iterator[Piece]:
    """python-okx with ``debug=True``: header, domain, url and body in lines of their own, in this order."""
    headers: dict[str, str] = {}
    began = 0
    domain = url = ""
    for number, raw in numbered:
        line = "" if raw is None else raw.decode("utf-8", "surrogateescape")
        if found := _HEADER.search(line):
            headers, began, domain, url = _dictionary(found[1]), number, "", ""
        elif found := _DOMAIN.search(line):
            domain = found[1]
        elif found := _URL.search(line):
            url = found[1].rstrip()
        elif headers and url and (body := _BODY.search(line)):
            yield _python_okx(headers, domain + url, body[1], f"line {began}")
            headers = {}


def _dictionary(text: str) -> dict[str, str]:
    try:
        found = ast.literal_eval(re.sub(r"\bb('[A-Za-z0-9+/=]*')", r"\1", text))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def _python_okx(headers: dict[str, str], url: str, body: str, place: str) -> Piece:
    try:
        origin, target = split_url(url)
    except Malformed as error:
        return Unreadable(place=place, why=str(error))
    text = body.strip()
    notes = ["the method is taken from whether there is a body"]
    sent = quote(target, safe=_SENT_AS_IT_IS, errors="surrogateescape")
    if sent != target:
        notes.append("the address is not in the log as it was sent: it is taken as httpx encodes it")
    return Capture(
        request=WireRequest(
            method="POST" if text else "GET",
            target=sent,
            headers=headers_of(headers.items()),
            body=text.encode("utf-8", "surrogateescape"),
        ),
        form="python-okx",
        place=place,
        origin=origin,
        notes=tuple(notes),
    )
