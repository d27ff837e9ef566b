"""HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/), entry by entry: the requests in it, or the answers.

Parsed as the JSON it is: the HAR libraries that exist load the whole file, and are about browsers' timings.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Final

import msgspec
from msgspec.structs import replace

from okx_doctor.forensics.captures import objects
from okx_doctor.forensics.captures.capture import (
    TOO_LONG,
    Beside,
    Capture,
    Item,
    Malformed,
    Piece,
    Response,
    Unreadable,
    code_of,
    headers_of,
    http_date,
    iso_date,
    split_url,
    with_answers,
)
from okx_doctor.forensics.captures.scanning import Scanner
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import shows_only


@shows_only()
class Header(msgspec.Struct):
    name: str
    value: str = ""


@shows_only()
class Content(msgspec.Struct):
    """A body. ``encoding`` of a request's is not of the standard; Chrome and mitmproxy write it. Some write null for
    what is not there.
    """

    text: str | None = None
    encoding: str | None = None
    mimeType: str | None = None

    @property
    def body(self) -> bytes:
        """As it was sent. Raises ``Malformed`` for invalid base64."""
        text = self.text or ""
        if self.encoding != "base64":
            return text.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(text, validate=True)
        except ValueError:
            raise Malformed("has a body that is not the base64 it says it is") from None


@shows_only("method", "bodySize")
class Request(msgspec.Struct):
    method: str
    url: str
    headers: list[Header] = []
    queryString: list[Header] | None = None
    postData: Content | None = None
    bodySize: float | None = None


@shows_only("status")
class Answer(msgspec.Struct):
    """An answer, or with ``_error`` the reason for none, as Chrome and mitmproxy write it."""

    status: int | None = None
    headers: list[Header] | None = None
    content: Content | None = None
    error: str | None = msgspec.field(default=None, name="_error")

    @property
    def body(self) -> bytes:
        """As it was sent; nothing for invalid base64."""
        try:
            return self.content.body if self.content else b""
        except Malformed:
            return b""


@shows_only("time")
class Message(msgspec.Struct):
    """A message of a WebSocket, as Chrome writes it: ``send`` or ``receive``, when, and its text."""

    type: str = ""
    time: float | None = None
    data: str = ""


@shows_only()
class Entry(msgspec.Struct):
    request: Request
    response: Answer | None = None
    startedDateTime: str = ""
    messages: list[Message] | None = msgspec.field(default=None, name="_webSocketMessages")


@shows_only()
class Address(msgspec.Struct):
    url: str | None = None


@shows_only()
class AnsweredEntry(msgspec.Struct):
    """An entry of which the answer alone matters."""

    response: Answer
    request: Address | None = None


_ENTRY: Final = msgspec.json.Decoder(Entry)
_ANSWERED: Final = msgspec.json.Decoder(AnsweredEntry)


def read(scanner: Scanner) -> Iterator[Piece]:
    """Every request to OKX in the file. Raises ``Malformed`` where the file itself is broken."""
    for number, raw in enumerate(_entries(scanner), 1):
        if raw is None:
            yield Unreadable(place=f"entry {number}", why=TOO_LONG)
        else:
            yield from _request(raw, f"entry {number}")


def answered(text: str) -> Iterator[AnsweredEntry]:
    """The answers of a whole file or of one entry alone; none where it is not JSON."""
    raw = text.encode("utf-8", "replace")
    scanner = Scanner(BytesIO(raw))
    try:
        found = list(_entries(scanner)) or [raw]
    except Malformed:
        return
    for entry in () if scanner.peek() else found:
        with suppress(msgspec.DecodeError, RecursionError):
            yield _ANSWERED.decode(entry or b"")


def _entries(scanner: Scanner) -> Iterator[bytes | None]:
    """Each entry as JSON; ``None`` for one that is too long. Raises ``Malformed`` where the file itself is broken."""
    scanner.expect(b"{")
    for key in _keys(scanner):
        if key != b'"log"':
            scanner.value()
            continue
        scanner.expect(b"{")
        for inner in _keys(scanner):
            if inner != b'"entries"':
                scanner.value()
                continue
            yield from scanner.elements()


def _keys(scanner: Scanner) -> Iterator[bytes | None]:
    """The keys of an object; the value behind each is the caller's to pass."""
    while not scanner.take(b"}"):
        key = scanner.value()
        scanner.expect(b":")
        yield key
        scanner.take(b",")
        if not scanner.peek():
            raise Malformed("is cut off")


def _request(raw: bytes, place: str) -> Iterator[Piece]:
    try:
        entry = _ENTRY.decode(raw)
        if entry.messages:
            yield from with_answers(_of_socket(entry, entry.messages, place))
            return
        if not _is_for_okx(entry.request):
            return
        yield _capture(entry, place)
    except (msgspec.DecodeError, RecursionError) as error:
        yield Unreadable(place=place, why=f"is no HAR entry: {error}")
    except UnicodeDecodeError:
        yield Unreadable(place=place, why="is not UTF-8")
    except Malformed as error:
        yield Unreadable(place=place, why=str(error))


def _of_socket(entry: Entry, messages: list[Message], place: str) -> Iterator[Item]:
    """The logins on a socket, with their answers."""
    origin = split_url(entry.request.url)[0]
    for message in messages:
        for found in objects.of_text(message.data, place):
            if isinstance(found, Capture):
                yield replace(found, origin=origin, sent_at=message.time)
            else:
                yield found


def _is_for_okx(request: Request) -> bool:
    """Signed for OKX, or sent to its API."""
    if any(header.name.lower().startswith(OKX.prefix.lower()) for header in request.headers):
        return True
    host, _, path = request.url.partition("://")[2].partition("/")
    return ("okx" in host or "okex" in host) and (path.startswith("api/") or "/api/v5/" in path)


def _capture(entry: Entry, place: str) -> Capture:
    origin, target = split_url(entry.request.url)
    if entry.request.queryString and "?" not in target:
        raise Malformed("has a query that is not in its address, so its encoding is not known")
    headers = [(header.name, header.value) for header in entry.request.headers if not header.name.startswith(":")]
    return Capture(
        request=WireRequest(
            method=entry.request.method, target=target, headers=headers_of(headers), body=_body(entry.request)
        ),
        form="har",
        place=place,
        origin=origin,
        sent_at=iso_date(entry.startedDateTime),
        response=_response(entry.response) if entry.response else None,
        beside=Beside(text=entry.response.error) if entry.response and entry.response.error else None,
    )


def _body(request: Request) -> bytes:
    data = request.postData or Content()
    if not data.text and request.bodySize and request.bodySize > 0:
        raise Malformed(f"has a body of {request.bodySize:.0f} bytes that is not in the file")
    return data.body


def _response(answer: Answer) -> Response:
    date = next((header.value for header in answer.headers or () if header.name.lower() == "date"), "")
    return Response(
        status=answer.status or None, code=code_of(answer.body.decode("utf-8", "replace")), date=http_date(date)
    )
