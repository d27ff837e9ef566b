"""The request that an object describes, put together as its client would send it, and the answer beside it."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, unquote_plus, urlencode

from msgspec import Struct, field

from okx_doctor.forensics.captures.capture import UNREAD, Malformed, Response, iso_date, response_of
from okx_doctor.forensics.captures.literals import Call, LeftOut, Value, Word
from okx_doctor.forensics.captures.objects.fields import Pairs, address_of, first_of, pairs_of, text_of
from okx_doctor.forensics.captures.objects.names import (
    ANSWER,
    BASE,
    BODY,
    HEADERS,
    METHOD,
    OTHER_NAMES,
    PARAMS,
    RECEIVED,
    URL,
)
from okx_doctor.secrets.secret import shows_only

_MOST_NAMED: Final = 5
"""Unknown fields that are named. An object with more is a library's own, of dozens that have nothing to do with it."""
_PLAIN: Final = re.compile(r"[\w.~-]*", re.ASCII)
_AXIOS_SAFE: Final = ":$,"
_OF_AXIOS: Final = ("transformRequest", "xsrfHeaderName", "baseURL")


@shows_only("compact")
class Parts(Struct):
    """A request as it is put together. ``compact``: its client writes JSON without blanks."""

    method: str = ""
    url: str = ""
    headers: Pairs = field(default_factory=list)
    body: bytes = b""
    notes: list[str] = field(default_factory=list)
    compact: bool = True
    response: Response | None = None
    received_at: float | None = None


def request_of(value: Mapping[str, Value]) -> Parts:
    """The request that an object describes. Raises ``Malformed`` where a part of it was not printed."""
    parts = Parts(method=text_of(first_of(value, METHOD)).upper(), url=address_of(value))
    headers = first_of(value, HEADERS)
    if isinstance(headers, LeftOut):
        raise Malformed("has headers that its printer left out: print it with depth: null, or as JSON")
    parts.headers = [*pairs_of(headers), *pairs_of(value.get("unredirected_hdrs"))]
    is_axios = any(name in value for name in _OF_AXIOS) or "axios" in dict(parts.headers).get("User-Agent", "")
    _with_params(parts, first_of(value, PARAMS), is_axios=is_axios)
    add_body(parts, value)
    if not parts.method:
        parts.method = "POST" if parts.body else "GET"
        parts.notes.append("the method is taken from whether there is a body")
    parts.response = answer_of(value)
    parts.received_at = iso_date(_number_or_text(first_of(value, RECEIVED)))
    read = {*URL, *BASE, *HEADERS, *METHOD, *PARAMS, *BODY, *ANSWER, *OTHER_NAMES, "body_base64"}
    unknown = [name for name in value if name not in read and not name.startswith(("_", "[", "#"))]
    if 0 < len(unknown) <= _MOST_NAMED or (unknown and parts.method != "GET" and not parts.body):
        shown = ", ".join(name if name.isidentifier() and len(name) < 40 else "…" for name in unknown[:_MOST_NAMED])
        more = f" and {len(unknown) - _MOST_NAMED} more" if len(unknown) > _MOST_NAMED else ""
        parts.notes.append(f"{UNREAD}: {shown}{more}")
    return parts


def _number_or_text(value: Value) -> object:
    if isinstance(value, Word):
        try:
            return float(value)
        except ValueError:
            return None
    return value if isinstance(value, str) else None


def _with_params(parts: Parts, params: Value, *, is_axios: bool) -> None:
    """Put parameters given apart behind the address, unless it has them already."""
    if isinstance(params, LeftOut):
        raise Malformed("has parameters that its printer left out: print it with depth: null, or as JSON")
    if not params:
        return
    query_in_url = parts.url.partition("?")[2]
    pairs = pairs_of(params) if isinstance(params, dict | list) else []
    if isinstance(params, str):
        query = params.removeprefix("?")
    elif not pairs:
        return
    elif {name for name, _ in pairs} & {unquote_plus(one.partition("=")[0]) for one in query_in_url.split("&")}:
        return  # a program prints both: the address as it was sent, and what was put into it
    elif is_axios:
        query = "&".join(f"{_of_axios(name)}={_of_axios(text)}" for name, text in pairs)
    else:
        query = urlencode([(name, text) for name, text in pairs], errors="surrogatepass")
    if not all(_PLAIN.fullmatch(text) for pair in pairs for text in pair):
        whose = "axios encodes" if is_axios else "Python's urlencode and URLSearchParams encode"
        parts.notes.append(f"the query is not in the capture as it was sent: it is taken as {whose} these parameters")
    if query and query not in query_in_url:
        parts.url += f"{'&' if query_in_url else '' if parts.url.endswith('?') else '?'}{query}"


def _of_axios(text: str) -> str:
    return quote(text, safe=f"!'()*{_AXIOS_SAFE}~", errors="surrogatepass").replace("%20", "+")


def add_body(parts: Parts, value: Mapping[str, Value]) -> None:
    """Read the body of an object into the parts. Raises ``Malformed`` where it was not printed."""
    encoded = value.get("body_base64")
    if isinstance(encoded, str):
        try:
            parts.body = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise Malformed("has a body_base64 that is not base64") from None
        return
    name = next((name for name in BODY if value.get(name) not in (None, "", b"")), "")
    if not name:
        return
    given = value[name]
    if isinstance(given, LeftOut):  # undici prints the given text beside its bytes
        inner = (each.get(name) for each in value.values() if isinstance(each, dict))
        given = next((text for text in inner if isinstance(text, str)), given)
    parts.body = _body(parts, name, given)


def _body(parts: Parts, name: str, given: Value) -> bytes:
    """The bytes of a body by what its field is called. Raises ``Malformed`` where it was not printed."""
    if isinstance(given, LeftOut):
        raise Malformed("has a body that its printer left out or cut: print the text that was sent")
    if isinstance(given, bytes):
        return given
    if isinstance(given, dict) and name in ("body", "postData", "request_body", "requestBody"):
        held = first_of(given, ("raw", "text"))  # Postman, Insomnia, HAR, Charles
        if held is not None:
            if given.get("encoding") == "base64":
                return base64.b64decode(text_of(held))
            return text_of(held).encode("utf-8", "surrogateescape")
        if "mode" in given or "mimeType" in given or not given:
            return b""
    if name == "form" or (name in ("data", "_data") and isinstance(given, dict) and not parts.compact):
        pairs = pairs_of(given) if isinstance(given, dict | list) else []
        return urlencode(pairs).encode() if pairs else text_of(given).encode("utf-8", "surrogateescape")
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
            return json.dumps(text_of(value))
        case str():
            return json.dumps(value, ensure_ascii=not compact)
        case list():
            return f"[{comma.join(written(one, compact=compact) for one in value)}]"
    members = (
        f"{json.dumps(name, ensure_ascii=not compact)}{colon}{written(one, compact=compact)}"
        for name, one in value.items()
    )
    return f"{{{comma.join(members)}}}"


def answer_of(value: Mapping[str, Value]) -> Response | None:
    """The answer that an object holds beside its request."""
    answer = first_of(value, ANSWER)
    if isinstance(answer, list):  # Postman's examples
        return None
    return response_in(answer) if isinstance(answer, dict) else None


def response_in(answer: Mapping[str, Value]) -> Response | None:
    """The answer that an object itself describes."""
    status = text_of(first_of(answer, ("status", "statusCode", "status_code")))
    headers = {name.lower(): text for name, text in pairs_of(first_of(answer, ("headers", "header")))}
    body = first_of(answer, ("body", "data", "text", "content", "rawBody"))
    if isinstance(body, dict) and isinstance(body.get("text"), str):
        body = body["text"]
    if isinstance(body, dict):
        body = json.dumps({"code": text_of(body["code"])}) if "code" in body else ""
    if not status.isdigit() and not body:
        return None
    return response_of(int(status) if re.fullmatch(r"\d{3}", status) else None, headers, text_of(body))
