"""The JSON capture: ``method``, ``url``, ``headers``, ``body`` or ``body_base64``, ``received_at``, ``response``."""

from __future__ import annotations

import base64
import re
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from okx_doctor.forensics.captures import literals, objects
from okx_doctor.forensics.captures.capture import (
    Beside,
    Capture,
    Item,
    Malformed,
    Response,
    headers_of,
    iso_date,
    login_capture,
    response_of,
    split_url,
)
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.secret import shows_only

Headers = dict[str, str] | list[tuple[str, str]]


@shows_only("status")
class RawResponse(msgspec.Struct):
    """``response`` of a capture."""

    status: int | None = None
    headers: Headers | None = None
    body: Any = None


@shows_only("method")
class RawCapture(msgspec.Struct, forbid_unknown_fields=True):
    """A capture as it is written."""

    url: str
    method: str | None = None
    headers: Headers | None = None
    body: Any = None
    body_base64: str | None = None
    received_at: str | float | None = None
    response: RawResponse | None = None


@shows_only()
class RawArgument(msgspec.Struct):
    """One entry of a login's ``args``."""

    apiKey: str = ""
    passphrase: str = ""
    timestamp: str | int | float = ""
    sign: str = ""


@shows_only()
class RawLogin(msgspec.Struct):
    """A WebSocket login message."""

    op: str
    args: list[RawArgument]
    received_at: str | float | None = None
    response: RawResponse | None = None


_FOREIGN: Final = re.compile(rb'\s*\{\s*"(?:info|_type|item|config|message|request|type)"\s*:')
"""The beginning of an export or of a library's own object."""
_CAPTURE: Final = msgspec.json.Decoder(RawCapture)
_LOGIN: Final = msgspec.json.Decoder(RawLogin)


def read(raw: bytes, place: str) -> list[Item]:
    """The requests of one JSON object: a capture, a WebSocket login, which may hold several, or what a library
    prints of its own as JSON.

    Raises ``Malformed``.
    """
    try:
        return _read(raw, place)
    except (msgspec.DecodeError, RecursionError) as error:
        if found := _as_literal(raw, place):
            return found
        raise Malformed(f"is no JSON: {error}") from None
    except UnicodeDecodeError:
        raise Malformed(f"is not UTF-8: byte {_first_that_is_no_text(raw)}") from None


def _read(raw: bytes, place: str) -> list[Item]:
    """Raises ``Malformed``, and msgspec's own errors where the text is not JSON."""
    try:
        capture = _CAPTURE.decode(raw)
        if isinstance(capture.body, dict | list):  # not the text that was sent: written as a client does
            return _of_a_library(raw, place)
        return [_capture(capture, place)]
    except msgspec.ValidationError as error:
        if b'"op"' in raw and (logins := _logins(raw, place)):
            return [*logins]
        if found := _of_a_library(raw, place):
            return found
        if _FOREIGN.match(raw):
            raise Malformed("holds no request to OKX") from None
        raise Malformed(f"is no capture: {error}") from None


def _as_literal(raw: bytes, place: str) -> list[Item]:
    """The requests in what is nearly JSON: Python's or JavaScript's own notation with double quotes."""
    try:
        return _of_a_library(raw, place)
    except (Malformed, UnicodeDecodeError):
        return []


def _of_a_library(raw: bytes, place: str) -> list[Item]:
    """The requests in an object of some other form; with an explanation where there is an address and no more.

    A single request without an answer comes with the whole object: another field of it may say how it failed.
    """
    text = raw.decode()
    found = objects.captures([one.value for one in literals.read(text)], place, "json")
    if len(found) == 1 and isinstance(one := found[0], Capture) and not one.is_answered:
        return [replace(one, beside=Beside(text=text))]
    return found


def _first_that_is_no_text(raw: bytes) -> int:
    """The number, from 1, of the first byte that is not UTF-8; msgspec counts from the start of its string."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start + 1
    return 1


def _logins(raw: bytes, place: str) -> list[Capture]:
    try:
        login = _LOGIN.decode(raw)
    except msgspec.DecodeError:
        return []
    if login.op != "login":
        return []
    return [
        replace(
            login_capture(
                LoginRequest(
                    api_key=one.apiKey,
                    passphrase=one.passphrase,
                    timestamp=one.timestamp if isinstance(one.timestamp, str) else _number(one.timestamp),
                    sign=one.sign,
                ),
                place,
            ),
            received_at=iso_date(login.received_at),
            response=_response(login.response) if login.response else None,
        )
        for one in login.args
    ]


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(value)


def _capture(raw: RawCapture, place: str) -> Capture:
    origin, target = split_url(raw.url)
    body = _body(raw)
    method = raw.method or ""
    if not method:
        raise Malformed("names no method")
    if not method.isascii() or not method.isprintable() or " " in method:
        raise Malformed("has an invalid HTTP method")
    return Capture(
        request=WireRequest(method=method, target=target, headers=_headers(raw.headers), body=body),
        form="json",
        place=place,
        origin=origin,
        received_at=iso_date(raw.received_at),
        response=_response(raw.response) if raw.response else None,
    )


def _headers(headers: Headers | None) -> tuple[tuple[str, str], ...]:
    if not headers:
        return ()
    return headers_of(headers.items() if isinstance(headers, dict) else headers)


def _body(raw: RawCapture) -> bytes:
    if raw.body_base64 is not None:
        try:
            return base64.b64decode(raw.body_base64, validate=True)
        except ValueError:
            raise Malformed("has a body_base64 that is not base64") from None
    if raw.body is None:
        return b""
    if not isinstance(raw.body, str):
        raise Malformed("has a body that is no text: give the body as it was sent, in quotes")
    return raw.body.encode("utf-8", "surrogatepass")


def _response(raw: RawResponse) -> Response:
    pairs = raw.headers.items() if isinstance(raw.headers, dict) else raw.headers or ()
    headers = {name.lower(): value for name, value in pairs}
    body = b"" if raw.body is None else raw.body if isinstance(raw.body, str) else msgspec.json.encode(raw.body)
    return response_of(raw.status, headers, body)
