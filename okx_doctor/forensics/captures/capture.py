"""The record that every form of capture is read into, and the one for a piece that cannot be read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.protocol.channels import named
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.signing import (
    KEY_HEADER,
    PASSPHRASE_HEADER,
    SIGN_HEADER,
    TIMESTAMP_HEADER,
    WEBSOCKET_METHOD,
    WEBSOCKET_PATH,
)
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.secret import shows_only

PIECE_LIMIT: Final = 16 * 1024 * 1024
"""One request is never longer; what is, is said to be unreadable and skipped without being held."""
TOO_LONG: Final = "is too long to be a request"
UNREAD: Final = "not read, because it is not known"
"""How a note begins that names what was left aside."""


class Response(Struct, frozen=True, kw_only=True):
    """The response, as far as the capture has it. ``date`` is the server's own, in Unix seconds; ``is_page`` tells that
    it is a page for people, ``blocked`` the number that Cloudflare refused it with.
    """

    status: int | None = None
    code: str = ""
    date: float | None = None
    is_page: bool = False
    blocked: int | None = None


@shows_only("line")
class Beside(Struct, frozen=True, kw_only=True):
    """Text beside a request, in which its client may say how it failed. ``line`` is the number of its first line in the
    capture, 0 where the capture has no lines.
    """

    text: str
    line: int = 0


@shows_only("request", "form", "place", "channel", "received_at", "sent_at", "response")
class Capture(Struct, frozen=True, kw_only=True):
    """One captured request.

    ``origin`` is scheme and host, ``""`` where unknown. ``received_at`` is when a server or proxy took it,
    ``sent_at`` when the client's own clock says it left, both Unix seconds. ``notes`` say what was read besides the
    capture, or assumed. ``body_file`` names the file that the body comes from, and ``body_read`` says whether it was
    read: its content may be judged, and is never shown. ``masked`` are the headers, in lower case, whose values were
    hidden before the capture was shared; ``sent_before`` is the place of an earlier request with this signature.
    ``asked`` are the channels that a socket was asked for before this message was refused. ``beside`` is the text
    beside a request without an answer.
    """

    request: WireRequest
    form: str
    place: str
    origin: str = ""
    channel: Literal["rest", "websocket"] = "rest"
    received_at: float | None = None
    sent_at: float | None = None
    response: Response | None = None
    notes: tuple[str, ...] = ()
    body_file: str = ""
    body_read: bool = False
    masked: frozenset[str] = frozenset()
    sent_before: str = ""
    asked: tuple[str, ...] = ()
    beside: Beside | None = None

    @property
    def is_answered(self) -> bool:
        """Whether the capture holds an answer to it."""
        return self.response is not None and (self.response.status is not None or self.response.code != "")


class Unreadable(Struct, frozen=True, kw_only=True):
    """A piece of the input that cannot be read as a request: its place, and why."""

    place: str
    why: str


class Malformed(ValueError):
    """A piece that cannot be read; the text says why, the caller knows where."""


@shows_only()
class Subscription(Struct, frozen=True):
    """The channels of OKX's that a message asks for. It is not judged itself."""

    channels: tuple[str, ...]


Piece = Capture | Unreadable
Item = Piece | Response | Subscription


def with_answers(messages: Iterable[Item | None]) -> Iterator[Piece]:
    """Each request with the response behind it, if there is one; ``None`` is a message that is of no concern."""
    waiting: Capture | None = None
    asked: tuple[str, ...] = ()
    for message in messages:
        if isinstance(message, Subscription):
            asked = message.channels
            continue
        if isinstance(message, Capture) and is_refused_message(message):
            message = replace(message, asked=asked)
        if isinstance(message, Response):
            if waiting is not None:
                yield waiting if is_refused_message(waiting) else replace(waiting, response=message)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = message if isinstance(message, Capture) else None
        if isinstance(message, Unreadable):
            yield message
    if waiting is not None:
        yield waiting


def event_of(code: str, place: str) -> Capture | Response:
    """The answer in a socket's event: to the login before it, or to a message that came without one."""
    response = Response(code=code)
    row = find(code, "websocket")
    if row is None or row.category != "not_logged_in":
        return response
    message = WireRequest(method="WS", target="message", headers=(), body=b"")
    return Capture(request=message, form="websocket", place=place, channel="websocket", response=response)


def subscription_of(frame: Mapping[str, object]) -> Subscription:
    """The channels that a socket's message asks for."""
    entries = frame.get("args")
    asked = [entry.get("channel") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return Subscription(tuple(channel for one in asked if isinstance(one, str) and (channel := named(one))))


def is_refused_message(capture: Capture) -> bool:
    """Whether it stands for a message that was refused since its connection had not logged in."""
    return capture.channel == "websocket" and not capture.request.headers and capture.response is not None


_ORIGIN: Final = re.compile(r"(?:https?|wss?)://[^/?#\s]+", re.IGNORECASE)
_BARE: Final = re.compile(r"([\w.-]+\.[a-z]{2,}(?::\d+)?)(/[^\s#]*)?", re.IGNORECASE)


def split_url(url: str) -> tuple[str, str]:
    """Scheme with host, and the raw request target: nothing is normalised, a fragment does not travel.

    Raises ``Malformed`` where the text is not an address.
    """
    found = _ORIGIN.match(url)
    if found:
        target = url[found.end() :].partition("#")[0]
        return found.group(), target if target.startswith("/") else f"/{target}"
    if url.startswith("/"):
        return "", url.partition("#")[0]
    bare = _BARE.match(url)
    if bare and "okx" in bare.group(1).lower():
        return f"https://{bare.group(1)}", bare.group(2) or "/"
    raise Malformed("has an address that is no URL")


def printed_request(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: str, *, form: str, place: str
) -> Capture | Unreadable:
    """A request from its parts in a log, as they were printed."""
    try:
        origin, target = split_url(url)
    except Malformed as error:
        return Unreadable(place=place, why=str(error))
    sent = body.encode("utf-8", "surrogateescape")
    request = WireRequest(method=method, target=target, headers=headers_of(headers), body=sent)
    return Capture(request=request, form=form, place=place, origin=origin)


def headers_of(found: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers with the blanks around their values taken off, as every server does."""
    return tuple([(name, value.strip(" \t")) for name, value in found])


def response_of(status: int | None, headers: Mapping[str, str], body: bytes | str) -> Response:
    """Read a response. ``headers`` have lower-case names. Never raises."""
    raw = body.encode("utf-8", "replace") if isinstance(body, str) else body
    refused = _BLOCKED.search(raw, 0, _LOOKED_AT)
    return Response(
        status=status,
        code=code_of(body),
        date=http_date(headers.get("date", "")),
        is_page=_PAGE.match(raw) is not None or "text/html" in headers.get("content-type", ""),
        blocked=int(refused[1]) if refused else None,
    )


_PAGE: Final = re.compile(rb"\s{0,99}<(?:!doctype html|html)", re.IGNORECASE)
_BLOCKED: Final = re.compile(rb"(?i)\berror(?: code)?:?\s{1,3}(10[012]\d)\b")
_LOOKED_AT: Final = 20_000


def code_of(body: bytes | str) -> str:
    """OKX's code in a response body; ``""`` without one."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    code = document.get("code") if isinstance(document, dict) else None
    return str(code) if isinstance(code, str | int) and not isinstance(code, bool) else ""


@lru_cache(maxsize=1024)
def http_date(text: str) -> float | None:
    """Unix seconds of a ``Date`` header."""
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except (ValueError, TypeError, OverflowError):
        return None


_LAST_MILLISECOND: Final = 253_402_300_800_000  # of the year 9999


def iso_date(text: object) -> float | None:
    """Unix seconds of an ISO date, of seconds or of milliseconds since 1970; ``None`` for anything else."""
    if isinstance(text, bool):
        return None
    if isinstance(text, int | float):
        return None if not 0 <= text < _LAST_MILLISECOND else text / 1000 if text > 1e11 else float(text)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def login_capture(login: LoginRequest, place: str, form: str = "websocket") -> Capture:
    """A WebSocket login as the request that its signature stands for."""
    headers = (
        (KEY_HEADER, login.api_key),
        (SIGN_HEADER, login.sign),
        (TIMESTAMP_HEADER, login.timestamp),
        (PASSPHRASE_HEADER, login.passphrase),
    )
    request = WireRequest(
        method=WEBSOCKET_METHOD, target=WEBSOCKET_PATH, headers=tuple((name, text) for name, text in headers if text)
    )
    return Capture(request=request, form=form, place=place, channel="websocket")
