"""Requests in objects that programs print: each library's names for address, headers, body and answer.

Sources: axios 1.21, got 15, undici 8, requests 2.32, httpx 0.28, aiohttp 3.13 and urllib of Python 3.11, as their own
dumps have it; Postman's collection 2.1 (https://schema.postman.com), Insomnia's export 4, Charles's session in JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from okx_doctor.forensics.captures import http_text, literals
from okx_doctor.forensics.captures.capture import (
    Capture,
    Item,
    Malformed,
    Piece,
    Response,
    Unreadable,
    event_of,
    headers_of,
    login_capture,
    split_url,
    subscription_of,
)
from okx_doctor.forensics.captures.literals import Call, LeftOut, Value, Word
from okx_doctor.forensics.captures.objects.fields import address_of, first_of, pairs_of, text_of
from okx_doctor.forensics.captures.objects.names import BODY, HEADERS, URL
from okx_doctor.forensics.captures.objects.requests import Parts, add_body, answer_of, request_of, response_in
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.wire import LoginRequest, WireRequest

_SENT: Final = re.compile(r"[A-Za-z]{3,7} \S+ HTTP/1\.[01]\r?\n")
_METHODS: Final = ("get", "post", "put", "delete", "patch", "head")
_CLIENTS: Final = (
    "fetch",
    "axios",
    "got",
    "request",
    "requests",
    "httpx",
    "undici",
    "session",
    "client",
    "ky",
    "superagent",
)
_PYTHON: Final = ("requests", "session", "aiohttp")


def captures(values: Iterable[Value], place: str, form: str) -> list[Item]:
    """Every request to OKX and every answer to a login in these values, in their order."""
    found: list[Item] = []
    waiting = [*reversed(list(values))]
    while waiting:
        value = waiting.pop()
        try:
            here = _here(value, place, form)
        except Malformed as error:
            found.append(Unreadable(place=place, why=str(error)))
            continue
        if here is not None:
            found += here
            continue
        match value:
            case dict():
                waiting += reversed(value.values())
            case list():
                waiting += reversed(value)
            case Call():
                waiting += [*reversed(value.fields.values()), *reversed(value.items)]
            case str() if not isinstance(value, Word | LeftOut) and _SENT.match(value):
                found += _sent(value, place, form)
    return found


def of_text(text: str, place: str) -> list[Item]:
    """The login, its answer or the subscription that a message of a WebSocket holds as JSON; nothing for any other."""
    if '"login"' not in text and '"error"' not in text and '"subscribe"' not in text:
        return []
    try:
        return captures([one.value for one in literals.read(text)], place, "websocket")
    except Malformed as error:
        return [Unreadable(place=place, why=str(error))]


def _here(value: Value, place: str, form: str) -> list[Item] | None:
    """The request that this very value is; ``None`` if it is none, and those in it are to be looked at."""
    if isinstance(value, Call):
        parts = _call(value)
        return None if parts is None else _pieces(parts, place, form)
    if not isinstance(value, dict):
        return None
    if value.get("op") == "login" and isinstance(value.get("args"), list):
        return list(_logins(value, place))
    if value.get("op") == "subscribe":
        return [subscription_of(value)]
    if value.get("event") in ("login", "error") and "code" in value:
        return [event_of(text_of(value["code"]), place)]
    if "code" in value and "msg" in value and "op" not in value:
        return [Response(code=text_of(value["code"]))]
    config, request = value.get("config"), value.get("request")
    if isinstance(config, dict) and _is_request(config):
        parts = request_of(config)
        _as_sent(parts, request)
        parts.response = answer_of(value) or response_in(value)
        return _pieces(parts, place, form)
    options = value.get("options")
    if isinstance(options, dict) and _is_request(options):
        parts = request_of(options)
        parts.response = answer_of(value) or answer_of(options)
        return _pieces(parts, place, form)
    if isinstance(request, dict) and (_is_request(request) or isinstance(request.get("header"), dict)):
        parts = request_of(request if _is_request(request) else _of_charles(value, request))
        parts.response = parts.response or answer_of(value)
        return _pieces(parts, place, form)
    if isinstance(request, str) and _SENT.match(request):
        return _sent(request, place, form, answer_of(value))
    if isinstance(request, list) and isinstance(value.get("item"), dict | list):
        return None
    if isinstance(sent := value.get("_header"), str) and _SENT.match(sent):
        return _sent(sent, place, form, answer_of(value))
    return _pieces(request_of(value), place, form) if _is_request(value) else None


def _is_request(value: Mapping[str, Value]) -> bool:
    """Whether an object has an address and headers, and is for OKX."""
    headers = first_of(value, HEADERS)
    if not isinstance(headers, dict | list | str):
        return False
    addressed = first_of(value, URL) is not None or isinstance(value.get("path"), str)
    return addressed and (OKX.prefix.lower() in _names(headers) or _is_okx(address_of(value)))


def _is_okx(url: str) -> bool:
    host, _, path = url.partition("://")[2].partition("/")
    return ("okx" in host or "okex" in host) and path.startswith(("api/", "priapi/"))


def _names(headers: Value) -> str:
    """The names of headers in lower case, in any shape, as one text."""
    return " ".join(name.lower() for name, _ in pairs_of(headers))


def headers_in(value: Value) -> Value:
    """The headers of a request to OKX that a value is, or has beside other things; ``None`` without them."""
    given = first_of(value, HEADERS) if isinstance(value, dict) else None
    found = given if isinstance(given, dict | list) else value
    return found if isinstance(found, dict | list) and OKX.prefix.lower() in _names(found) else None


def _call(call: Call) -> Parts | None:
    """The request that a call makes: ``fetch(url, {…})``, ``axios.post(url, data, {…})``, ``requests.get(url, …)``."""
    *owners, last = call.name.split(".")
    texts = [one for one in call.items if isinstance(one, str)]
    if not texts or (last not in _METHODS and last.split("_")[0] not in _CLIENTS):
        return None
    owner = owners[-1] if owners else last
    options = [one for one in call.items[1:] if isinstance(one, dict)]
    described: dict[str, Value] = {"url": texts[-1] if last == "request" and len(texts) > 1 else texts[0]}
    if last in _METHODS:
        described["method"] = last
    elif last == "request" and len(texts) > 1:
        described["method"] = texts[0]
    if owner == "axios" and last in ("post", "put", "patch") and len(call.items) > 1:
        described["data"] = call.items[1]
        options = options[1 if isinstance(call.items[1], dict) else 0 :]
    for one in (*options, call.fields):
        described |= one
    if not _is_request(described):
        return None
    parts = Parts(compact=owner not in _PYTHON)
    made = request_of({name: each for name, each in described.items() if name not in BODY})
    parts.notes, parts.headers, parts.url = (
        [note for note in made.notes if "method" not in note],
        made.headers,
        made.url,
    )
    add_body(parts, described)
    parts.method = text_of(described.get("method")).upper() or ("POST" if parts.body and owner != "fetch" else "GET")
    return parts


def _as_sent(parts: Parts, request: Value) -> None:
    """The request line as Node sent it, where the dump has it: the parameters in it are encoded already."""
    sent = request.get("_header") if isinstance(request, dict) else None
    if isinstance(sent, str) and (found := re.match(r"([A-Z]{3,7}) (/\S*) HTTP/1", sent)):
        origin = split_url(parts.url)[0] if "://" in parts.url else ""
        parts.url = origin + found[2]
        parts.notes = [note for note in parts.notes if "query" not in note]


def _of_charles(entry: Mapping[str, Value], request: Mapping[str, Value]) -> dict[str, Value]:
    """Charles's session as JSON: the address is beside the request, the headers are in its ``header``."""
    query = text_of(entry.get("query"))
    return {
        "method": entry.get("method"),
        "url": f"{text_of(entry.get('scheme')) or 'https'}://{text_of(entry.get('host'))}{text_of(entry.get('path'))}"
        + (f"?{query}" if query else ""),
        "headers": request.get("header"),
        "body": request.get("body"),
    }


def _pieces(parts: Parts, place: str, form: str) -> list[Item]:
    origin, target = split_url(parts.url)
    if not parts.method.isascii() or not parts.method.isalpha():
        raise Malformed("has a method that is none")
    return [
        Capture(
            request=WireRequest(method=parts.method, target=target, headers=headers_of(parts.headers), body=parts.body),
            form=form,
            place=place,
            origin=origin,
            received_at=parts.received_at,
            response=parts.response,
            notes=tuple(parts.notes),
        )
    ]


def _sent(text: str, place: str, form: str, response: Response | None = None) -> list[Item]:
    """A request that is held as the text that was sent."""
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    if OKX.prefix.lower() not in head.lower():
        return []
    try:
        lines = [line.encode("utf-8", "surrogateescape") for line in (*head.split("\n"), "", *body.split("\n"))]
        return [replace(http_text.request_of(lines, place, form), response=response)]
    except Malformed as error:
        return [Unreadable(place=place, why=str(error).partition(" (")[0])]


def _logins(value: Mapping[str, Value], place: str) -> Iterator[Piece]:
    arguments = value.get("args")
    for one in arguments if isinstance(arguments, list) else ():
        if isinstance(one, LeftOut):
            yield Unreadable(
                place=place, why="is a login whose args were left out: print it with depth: null, or as JSON"
            )
        elif isinstance(one, dict):
            login = LoginRequest(
                api_key=text_of(one.get("apiKey")),
                passphrase=text_of(one.get("passphrase")),
                timestamp=text_of(one.get("timestamp")),
                sign=text_of(one.get("sign")),
            )
            yield login_capture(login, place)
