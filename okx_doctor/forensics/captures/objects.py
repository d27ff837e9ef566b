"""Requests in objects that programs print: each library's names for address, headers, body and answer.

Sources: axios 1.21, got 15, undici 8, requests 2.32, httpx 0.28, aiohttp 3.13 and urllib of Python 3.11, as their own
dumps have it; Postman's collection 2.1 (https://schema.postman.com), Insomnia's export 4, Charles's session in JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.forensics.captures import http_text, literals
from okx_doctor.forensics.captures.capture import (
    Capture,
    Malformed,
    Piece,
    Response,
    Unreadable,
    headers_of,
    iso_date,
    login_capture,
    response_of,
    split_url,
)
from okx_doctor.forensics.captures.literals import Call, LeftOut, Value, Word
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.secret import shows_only

Pairs = list[tuple[str, str]]

_URL: Final = ("url", "_url", "uri", "href", "_full_url", "full_url", "real_url", "requestUrl", "endpoint")
_BASE: Final = ("baseURL", "baseUrl", "base_url", "prefixUrl")
_HEADERS: Final = ("headers", "_headers", "header", "requestHeaders", "request_headers", "requestHeader")
_METHOD: Final = ("method", "_method", "verb", "httpMethod", "requestMethod", "type")
_PARAMS: Final = ("params", "searchParams", "query", "qs", "parameters", "query_params", "queryString")
_BODY: Final = (
    *("body", "data", "_data", "content", "_content", "payload", "postData", "requestBody", "request_body"),
    *("rawBody", "json", "form"),
)
_ANSWER: Final = ("response", "res", "answer")
_RECEIVED: Final = ("received_at",)
_OTHER_NAMES: Final = frozenset(
    {
        "_body_position",
        "_cookies",
        "_host",
        "abort",
        "aborted",
        "actualPort",
        "adapter",
        "agent",
        "allowAbsoluteUrls",
        "allow_redirects",
        "auth",
        "authentication",
        "authority",
        "beforeRedirect",
        "blocking",
        "bodyTimeout",
        "cache",
        "cert",
        "certificate",
        "code",
        "completed",
        "config",
        "contentLength",
        "contentType",
        "cookies",
        "created",
        "credentials",
        "decompress",
        "description",
        "duplex",
        "env",
        "expectContinue",
        "extensions",
        "files",
        "form",
        "fragment",
        "headersTimeout",
        "hooks",
        "host",
        "hostname",
        "httpAgent",
        "http_version",
        "httpsAgent",
        "id",
        "idempotent",
        "integrity",
        "isAxiosError",
        "isPrivate",
        "keepalive",
        "key_file",
        "keys",
        "maxBodyLength",
        "maxContentLength",
        "maxRate",
        "maxRedirects",
        "message",
        "metaSortKey",
        "metadata",
        "mode",
        "modified",
        "name",
        "origin",
        "origin_req_host",
        "paramsSerializer",
        "parentId",
        "path",
        "port",
        "priority",
        "protocol",
        "proxy",
        "query",
        "received_at",
        "redirect",
        "referrer",
        "referrerPolicy",
        "request",
        "reset",
        "responseType",
        "scheme",
        "selector",
        "servername",
        "settings",
        "signal",
        "socketPath",
        "stack",
        "status",
        "statusText",
        "stream",
        "target",
        "throwOnError",
        "time",
        "timeout",
        "timestamp_end",
        "timestamp_start",
        "title",
        "trailers",
        "transformRequest",
        "transformResponse",
        "transitional",
        "typeOfService",
        "unredirected_hdrs",
        "unverifiable",
        "upgrade",
        "validateStatus",
        "verify",
        "window",
        "withCredentials",
        "xsrfCookieName",
        "xsrfHeaderName",
    }
)
"""Fields that change nothing of what is judged, as these libraries print them."""
_MOST_NAMED: Final = 5
"""Unknown fields that are named. An object with more is a library's own, of dozens that have nothing to do with it."""
_SENT: Final = re.compile(r"[A-Za-z]{3,7} \S+ HTTP/1\.[01]\r?\n")
_PLAIN: Final = re.compile(r"[\w.~-]*", re.ASCII)
_AXIOS_SAFE: Final = ":$,"
_OF_AXIOS: Final = ("transformRequest", "xsrfHeaderName", "baseURL")
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
_LINES: Final = re.compile(r"\r?\n")


@shows_only("compact")
class _Parts(Struct):
    """A request as it is put together. ``compact``: its client writes JSON without blanks."""

    method: str = ""
    url: str = ""
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    notes: list[str] = field(default_factory=list)
    compact: bool = True
    response: Response | None = None
    received_at: float | None = None


def captures(values: Iterable[Value], place: str, form: str) -> list[Piece | Response]:
    """Every request to OKX and every answer to a login in these values, in their order."""
    found: list[Piece | Response] = []
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


def of_text(text: str, place: str) -> list[Piece | Response]:
    """The login, or the answer to one, that a message of a WebSocket holds as JSON; nothing for any other."""
    if '"login"' not in text and '"error"' not in text:
        return []
    try:
        return captures([one.value for one in literals.read(text)], place, "websocket")
    except Malformed as error:
        return [Unreadable(place=place, why=str(error))]


def _here(value: Value, place: str, form: str) -> list[Piece | Response] | None:
    """The request that this very value is; ``None`` if it is none, and those in it are to be looked at."""
    if isinstance(value, Call):
        parts = _call(value)
        return None if parts is None else _pieces(parts, place, form)
    if not isinstance(value, dict):
        return None
    if value.get("op") == "login" and isinstance(value.get("args"), list):
        return list(_logins(value, place))
    if value.get("event") in ("login", "error") and "code" in value:
        return [Response(code=_text(value["code"]))]
    if "code" in value and "msg" in value and "op" not in value:
        return [Response(code=_text(value["code"]))]
    config, request = value.get("config"), value.get("request")
    if isinstance(config, dict) and _is_request(config):
        parts = _request(config)
        _as_sent(parts, request)
        parts.response = _answer(value) or _response(value)
        return _pieces(parts, place, form)
    options = value.get("options")
    if isinstance(options, dict) and _is_request(options):
        parts = _request(options)
        parts.response = _answer(value) or _answer(options)
        return _pieces(parts, place, form)
    if isinstance(request, dict) and (_is_request(request) or isinstance(request.get("header"), dict)):
        parts = _request(request if _is_request(request) else _of_charles(value, request))
        parts.response = parts.response or _answer(value)
        return _pieces(parts, place, form)
    if isinstance(request, str) and _SENT.match(request):
        return _sent(request, place, form, _answer(value))
    if isinstance(request, list) and isinstance(value.get("item"), dict | list):
        return None
    if isinstance(sent := value.get("_header"), str) and _SENT.match(sent):
        return _sent(sent, place, form, _answer(value))
    return _pieces(_request(value), place, form) if _is_request(value) else None


def _is_request(value: Mapping[str, Value]) -> bool:
    """Whether an object has an address and headers, and is for OKX."""
    headers = _first(value, _HEADERS)
    if not isinstance(headers, dict | list | str):
        return False
    addressed = _first(value, _URL) is not None or isinstance(value.get("path"), str)
    return addressed and (OKX.prefix.lower() in _names(headers) or _is_okx(_address(value)))


def _is_okx(url: str) -> bool:
    host, _, path = url.partition("://")[2].partition("/")
    return ("okx" in host or "okex" in host) and path.startswith(("api/", "priapi/"))


def _names(headers: Value) -> str:
    """The names of headers in lower case, in any shape, as one text."""
    return " ".join(name.lower() for name, _ in _pairs(headers))


def is_headers(value: Value) -> bool:
    """Whether a value is the headers of a request to OKX, and nothing else of it."""
    return isinstance(value, dict | list) and OKX.prefix.lower() in _names(value) and not _is_within(value)


def _is_within(value: Value) -> bool:
    return isinstance(value, dict) and any(isinstance(value.get(name), dict | list) for name in _HEADERS)


def _first(value: Mapping[str, Value], names: Iterable[str]) -> Value:
    return next((value[name] for name in names if value.get(name) is not None), None)


def _text(value: Value) -> str:
    return (
        value.decode("utf-8", "surrogateescape")
        if isinstance(value, bytes)
        else value
        if isinstance(value, str)
        else ""
    )


def _address(value: Mapping[str, Value]) -> str:
    """The address, its base included; without parameters given apart."""
    given = _first(value, _URL)
    if isinstance(given, dict):
        given = _first(given, ("raw", "href", "full", "url"))
    url = _text(given)
    if not url and isinstance(path := value.get("path"), str):
        host = _text(value.get("host")) or _text(value.get("hostname"))
        scheme = _text(value.get("protocol") or value.get("scheme")).rstrip(":/") or "https"
        port = _text(value.get("port"))
        origin = _text(value.get("origin")) or (f"{scheme}://{host}" if host else "")
        return origin + (f":{port}" if port and not value.get("origin") and ":" not in host else "") + path
    base = _text(_first(value, _BASE))
    if base and not re.match(r"\w+://|//", url):
        return f"{base.rstrip('/')}/{url.lstrip('/')}" if url else base
    return url


def _pairs(headers: Value) -> Pairs:
    """Headers in any shape: by name, in pairs, one after another, as objects of name and value, as text."""
    match headers:
        case str():
            split = (line.partition(":") for line in _LINES.split(headers) if ":" in line)
            return [(name.strip(), text.strip()) for name, _, text in split]
        case dict():
            inner = next((each for name, each in headers.items() if name.startswith("[Symbol(") and each), None)
            if isinstance(inner, dict | list) and not any(not name.startswith("[") for name in headers):
                return _pairs(inner)
            listed = headers.get("headers")
            if isinstance(listed, list):
                return _pairs(listed)
            found: Pairs = []
            for name, each in headers.items():
                if name == "common" and isinstance(each, dict):
                    found += _pairs(each)
                else:
                    found += [(name, text) for text in _texts(each, name)]
            return found
        case list():
            return _listed(headers)
    return []


def _texts(value: Value, name: str) -> list[str]:
    """The values of one header."""
    if isinstance(value, list):
        return [_text(one) for one in value]
    if isinstance(value, dict):  # undici's: each with its name as it was given
        return [_text(value["value"])] if "value" in value else []
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, LeftOut) and name.lower().startswith(OKX.prefix.lower()):
        return [f"[{value.strip('[]<>')}]"]
    return [] if value is None or isinstance(value, LeftOut) else [_text(value)]


def _listed(headers: list[Value]) -> Pairs:
    if all(isinstance(one, str | bytes) for one in headers):
        texts = [_text(one) for one in headers]
        if all(": " in text or text.endswith(":") for text in texts):
            return _pairs("\n".join(texts))
        return list(zip(texts[::2], texts[1::2], strict=False))
    found: Pairs = []
    for one in headers:
        match one:
            case [name, value]:
                found.append((_text(name), _text(value)))
            case dict() if one.get("disabled") is not True and one.get("enabled") is not False:
                if name := _text(_first(one, ("name", "key"))):
                    found.append((name, _text(one.get("value"))))
    return found


def _request(value: Mapping[str, Value]) -> _Parts:
    """The request that an object describes. Raises ``Malformed`` where a part of it was not printed."""
    parts = _Parts(method=_text(_first(value, _METHOD)).upper(), url=_address(value))
    headers = _first(value, _HEADERS)
    if isinstance(headers, LeftOut):
        raise Malformed("has headers that its printer left out: print it with depth: null, or as JSON")
    parts.headers = [*_pairs(headers), *_pairs(value.get("unredirected_hdrs"))]
    is_axios = any(name in value for name in _OF_AXIOS) or "axios" in dict(parts.headers).get("User-Agent", "")
    _with_params(parts, _first(value, _PARAMS), is_axios=is_axios)
    _with_body(parts, value)
    if not parts.method:
        parts.method = "POST" if parts.body else "GET"
        parts.notes.append("the method is taken from whether there is a body")
    parts.response = _answer(value)
    parts.received_at = iso_date(_number_or_text(_first(value, _RECEIVED)))
    read = {*_URL, *_BASE, *_HEADERS, *_METHOD, *_PARAMS, *_BODY, *_ANSWER, *_OTHER_NAMES, "body_base64"}
    unknown = [name for name in value if name not in read and not name.startswith(("_", "[", "#"))]
    if 0 < len(unknown) <= _MOST_NAMED or (unknown and parts.method != "GET" and not parts.body):
        shown = ", ".join(name if name.isidentifier() and len(name) < 40 else "…" for name in unknown[:_MOST_NAMED])
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        parts.notes.append(f"not read, because it is not known: {shown}{more}")
    return parts


def _number_or_text(value: Value) -> object:
    if isinstance(value, Word):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, str) else None


def _with_params(parts: _Parts, params: Value, *, is_axios: bool) -> None:
    """Put parameters given apart behind the address, unless it has some."""
    if not params or "?" in parts.url or isinstance(params, LeftOut):
        if isinstance(params, LeftOut):
            raise Malformed("has parameters that its printer left out: print it with depth: null, or as JSON")
        return
    pairs = _pairs(params) if isinstance(params, dict | list) else []
    if isinstance(params, str):
        query = params.removeprefix("?")
    elif not pairs:
        return
    elif is_axios:
        query = "&".join(f"{_of_axios(name)}={_of_axios(text)}" for name, text in pairs)
    else:
        query = urlencode([(name, text) for name, text in pairs], errors="surrogatepass")
    if not all(_PLAIN.fullmatch(text) for pair in pairs for text in pair):
        whose = "axios encodes" if is_axios else "Python's urlencode and URLSearchParams encode"
        parts.notes.append(f"the query is not in the capture as it was sent: it is taken as {whose} these parameters")
    parts.url += f"?{query}"


def _of_axios(text: str) -> str:
    return quote(text, safe=f"!'()*{_AXIOS_SAFE}~", errors="surrogatepass").replace("%20", "+")


def _with_body(parts: _Parts, value: Mapping[str, Value]) -> None:
    encoded = value.get("body_base64")
    if isinstance(encoded, str):
        try:
            parts.body = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise Malformed("has a body_base64 that is not base64") from None
        return
    name = next((name for name in _BODY if value.get(name) not in (None, "", b"")), "")
    if not name:
        return
    given = value[name]
    if isinstance(given, LeftOut):  # undici prints the given text beside its bytes
        inner = (each.get(name) for each in value.values() if isinstance(each, dict))
        given = next((text for text in inner if isinstance(text, str)), given)
    parts.body = _body(parts, name, given)


def _body(parts: _Parts, name: str, given: Value) -> bytes:
    """The bytes of a body by what its field is called. Raises ``Malformed`` where it was not printed."""
    if isinstance(given, LeftOut):
        raise Malformed("has a body that its printer left out or cut: print the text that was sent")
    if isinstance(given, bytes):
        return given
    if isinstance(given, dict) and name in ("body", "postData", "request_body", "requestBody"):
        held = _first(given, ("raw", "text"))  # Postman, Insomnia, HAR, Charles
        if held is not None:
            if given.get("encoding") == "base64":
                return base64.b64decode(_text(held))
            return _text(held).encode("utf-8", "surrogateescape")
        if "mode" in given or "mimeType" in given or not given:
            return b""
    if name == "form" or (name in ("data", "_data") and isinstance(given, dict) and not parts.compact):
        pairs = _pairs(given) if isinstance(given, dict | list) else []
        return urlencode(pairs).encode() if pairs else _text(given).encode("utf-8", "surrogateescape")
    if isinstance(given, str) and name != "json":
        return given.encode("utf-8", "surrogateescape")
    how = "without blanks, as JSON.stringify writes it" if parts.compact else "as Python's json.dumps writes it"
    parts.notes.append(f"the body is an object in the capture, not the text that was sent: it is taken {how}")
    return written(given, compact=parts.compact).encode("utf-8", "surrogatepass")


def written(value: Value, *, compact: bool) -> str:
    """A value as JSON, its numbers as they are spelled."""
    comma, colon = (",", ":") if compact else (", ", ": ")
    match value:
        case None | Call():
            return "null"
        case bool():
            return "true" if value else "false"
        case LeftOut():
            raise Malformed("has a body that its printer left out or cut: print the text that was sent")
        case Word():
            return value
        case bytes():
            return json.dumps(_text(value))
        case str():
            return json.dumps(value, ensure_ascii=not compact)
        case list():
            return f"[{comma.join(written(one, compact=compact) for one in value)}]"
    members = (
        f"{json.dumps(name, ensure_ascii=not compact)}{colon}{written(one, compact=compact)}"
        for name, one in value.items()
    )
    return f"{{{comma.join(members)}}}"


def _call(call: Call) -> _Parts | None:
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
    parts = _Parts(compact=owner not in _PYTHON)
    made = _request({name: each for name, each in described.items() if name not in _BODY})
    parts.notes, parts.headers, parts.url = (
        [note for note in made.notes if "method" not in note],
        made.headers,
        made.url,
    )
    _with_body(parts, described)
    parts.method = _text(described.get("method")).upper() or ("POST" if parts.body and owner != "fetch" else "GET")
    return parts


def _as_sent(parts: _Parts, request: Value) -> None:
    """The request line as Node sent it, where the dump has it: the parameters in it are encoded already."""
    sent = request.get("_header") if isinstance(request, dict) else None
    if isinstance(sent, str) and (found := re.match(r"([A-Z]{3,7}) (/\S*) HTTP/1", sent)):
        origin = split_url(parts.url)[0] if "://" in parts.url else ""
        parts.url = origin + found[2]
        parts.notes = [note for note in parts.notes if "query" not in note]


def _of_charles(entry: Mapping[str, Value], request: Mapping[str, Value]) -> dict[str, Value]:
    """Charles's session as JSON: the address is beside the request, the headers are in its ``header``."""
    query = _text(entry.get("query"))
    return {
        "method": entry.get("method"),
        "url": f"{_text(entry.get('scheme')) or 'https'}://{_text(entry.get('host'))}{_text(entry.get('path'))}"
        + (f"?{query}" if query else ""),
        "headers": request.get("header"),
        "body": request.get("body"),
    }


def _answer(value: Mapping[str, Value]) -> Response | None:
    answer = _first(value, _ANSWER)
    if isinstance(answer, list):  # Postman's examples
        return None
    return _response(answer) if isinstance(answer, dict) else None


def _response(answer: Mapping[str, Value]) -> Response | None:
    status = _text(_first(answer, ("status", "statusCode", "status_code")))
    headers = {name.lower(): text for name, text in _pairs(_first(answer, ("headers", "header")))}
    body = _first(answer, ("body", "data", "text", "content", "rawBody"))
    if isinstance(body, dict) and isinstance(body.get("text"), str):
        body = body["text"]
    if isinstance(body, dict):
        body = json.dumps({"code": _text(body["code"])}) if "code" in body else ""
    if not status.isdigit() and not body:
        return None
    return response_of(int(status) if re.fullmatch(r"\d{3}", status) else None, headers, _text(body))


def _pieces(parts: _Parts, place: str, form: str) -> list[Piece | Response]:
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


def _sent(text: str, place: str, form: str, response: Response | None = None) -> list[Piece | Response]:
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
                api_key=_text(one.get("apiKey")),
                passphrase=_text(one.get("passphrase")),
                timestamp=_text(one.get("timestamp")),
                sign=_text(one.get("sign")),
            )
            yield login_capture(login, place)
