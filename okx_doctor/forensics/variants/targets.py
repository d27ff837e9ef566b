"""Methods and paths that may have been signed in place of those sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

from okx_doctor.forensics.search.parts import Subject, Variant
from okx_doctor.protocol.sites import RETIRED_PORTS, SITES

_HOSTS: Final = (
    "https://www.okx.com",
    "https://openapi.okx.com",
    "https://okx.com",
    "https://aws.okx.com",
    "https://eea.okx.com",
    "https://my.okx.com",
    "https://us.okx.com",
    "https://app.okx.com",
    "https://tr.okx.com",
    "https://www.okex.com",
    "https://aws.okex.com",
    "https://api.okx.com",
    "https://demo.okx.com",
)
_SOCKETS: Final = tuple(
    f"{url}{port}"
    for url in (SITES[0].websocket, SITES[0].websocket_demo)
    for port in ("", *(f":{known.port}" for known in RETIRED_PORTS))
)
_PREFIX: Final = b"/api/v5"


def other_case(subject: Subject) -> Iterator[Variant]:
    """``get``, ``Get``."""
    method = subject.method
    yield Variant(method.lower(), method.lower().decode())
    yield Variant(method.capitalize(), method.capitalize().decode())


def other_method(subject: Subject) -> Iterator[Variant]:
    """Another verb."""
    for place, verb in enumerate(("GET", "POST", "PUT", "DELETE", "PATCH")):
        yield Variant(verb.encode(), verb, 3 if place < 2 else 1)
    for verb in ("get", "post", "delete"):
        if verb.encode() != subject.method.lower():
            yield Variant(verb.encode(), verb, 1)


def printed_method(subject: Subject) -> Iterator[Variant]:
    """The name of an enumeration's member instead of the verb."""
    verb = subject.method.decode("utf-8", "replace")
    for owner in ("HttpMethod", "Method", "RequestMethod", "HTTPMethod", "RESTMethod", "reqwest::Method"):
        for dot in (".", "::"):
            yield Variant(f"{owner}{dot}{verb}".encode(), f"{owner}{dot}{verb}", 1)
    for form in (f'"{verb}"', f"'{verb}'", f"{verb} "):
        yield Variant(form.encode(), repr(form), 1)


def nothing(subject: Subject) -> Iterator[Variant]:
    """The part was left out."""
    yield Variant(b"")


def printed_nothing(subject: Subject) -> Iterator[Variant]:
    """The words that languages print for a variable without a value."""
    for word in ("undefined", "None", "null"):
        yield Variant(word.encode(), word, 2)


def whole_url(subject: Subject) -> Iterator[Variant]:
    """Scheme and host before the path, of the request's own address first."""
    sockets = _SOCKETS if subject.channel == "websocket" else ()
    for place, origin in enumerate(dict.fromkeys((subject.origin, *sockets, *_HOSTS))):
        if not origin:
            continue
        host = origin.partition("://")[2]
        scheme = origin.partition("://")[0]
        rank = 3 if place < 2 else 2 if place < max(4, 1 + len(sockets)) else 1
        yield Variant(origin.encode() + subject.path, origin, rank)
        yield Variant(host.encode() + subject.path, f"{host}, without its scheme", 2 if place < 2 else 1)
        yield Variant(origin.encode() + b"/" + subject.path, f"{origin}/ and the path's own slash", 1)
        if scheme == "https":
            yield Variant(b"http://" + host.encode() + subject.path, f"http://{host}", 1)


def shorter(subject: Subject) -> Iterator[Variant]:
    """The path without its beginning."""
    path = subject.path
    if path.startswith(_PREFIX):
        yield Variant(path[len(_PREFIX) :], "/api/v5 left out")
        yield Variant(path[len("/api") :], "/api left out", 2)
        yield Variant(path[len(_PREFIX) + 1 :], "/api/v5/ left out", 2)
    head, _, last = path.rpartition(b"/")
    if head:
        yield Variant(b"/" + last, "all but the last step left out", 2)
        yield Variant(last, "all but the last word left out", 2)
    parent = head.rpartition(b"/")[0]
    if parent:
        yield Variant(path[len(parent) :], "all but the last two steps left out", 2)


def another(subject: Subject) -> Iterator[Variant]:
    """The path in another spelling."""
    path = subject.path
    text = path.decode("utf-8", "surrogateescape")
    yield Variant(path.rstrip(b"/") + b"/", "with a slash at the end")
    yield Variant(path.rstrip(b"/"), "without the slash at the end")
    yield Variant(b"/" + path, "with two slashes at the start")
    yield Variant(b"/" + path.lstrip(b"/"), "with one slash at the start")
    yield Variant(path.lstrip(b"/"), "without the slash at the start")
    yield Variant(_PREFIX + path, "with /api/v5 twice", 2)
    yield Variant(path.replace(b"//", b"/"), "without its double slash", 2)
    yield Variant(path.replace(b"/v5/", b"/v3/"), "with v3 for v5", 2)
    yield Variant(path.lower(), "in lower case", 2)
    yield Variant(path.upper(), "in upper case", 2)
    yield Variant(quote(text, safe="", errors="surrogateescape").encode(), "percent-encoded, slashes too", 2)
    yield Variant(unquote(text, errors="surrogateescape").encode("utf-8", "surrogateescape"), "percent-decoded", 2)
    if subject.channel == "rest":
        yield Variant(b"/users/self/verify", "as for a WebSocket login", 2)
    else:
        for other in (b"/ws/v5/private", b"/ws/v5/business", b"/api/v5/users/self/verify", b"/login"):
            yield Variant(other, other.decode(), 2)
