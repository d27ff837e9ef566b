"""Finds faults of a request that can be seen without the secret key: here where it goes, its body, and OKX's answer.

Confidence follows the cause's page: what OKX's own answer in the capture says is ``stated``, the rest at most
``likely``; nothing here is ``proven``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from okx_doctor.catalogue import usual
from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.catalogue.clients.words import dials
from okx_doctor.forensics.captures.capture import Capture, is_refused_message
from okx_doctor.forensics.findings import Finding, likely, possible, stated
from okx_doctor.forensics.stand_ins import UNKNOWN
from okx_doctor.forensics.structure import headers, stamps, templates, values
from okx_doctor.forensics.variants.templates import in_body, may_be_in
from okx_doctor.protocol import web3
from okx_doctor.protocol.channels import home
from okx_doctor.protocol.signing import DEMO_HEADER
from okx_doctor.protocol.sites import NOT_API_HOSTS, retired_port
from okx_doctor.protocol.steps import refuses, step_of
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret

_RETIRED: Final = re.compile(r"/api/(?:v[1-4]/|\w+/v[1-4]/|v[1-4]$)")
_UNKNOWN_HOSTS: Final = ("aws.okx.com", "api.okx.com")
_FORM: Final = re.compile(rb"[\w.%+-]+=[^&=\s{}\"]*(?:&[\w.%+-]+=[^&=\s{}\"]*)*", re.ASCII)
_FORM_LIMIT: Final = 64 * 1024
_TYPE: Final = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}", re.ASCII)


def findings(capture: Capture) -> list[Finding]:
    """All faults that show in a signed request; that there are none mostly shows at once."""
    return [] if _is_plain(capture) else every(capture)


def _is_plain(capture: Capture) -> bool:
    """Whether a request without an answer is as it should be: only what differs between two requests of a client is
    looked at each time. ``False`` where that cannot be said so quickly.
    """
    request, first = capture.request, capture.request.first
    if capture.response is not None or capture.received_at is not None or capture.masked or request.repeats:
        return False
    path, _, query = request.target.partition("?")
    body = request.body
    return (
        capture.channel == "rest"
        and stamps.is_documented(first.get(_STAMP, ""))
        and values.is_signature(first.get(_SIGN, ""))
        and values.is_key(first.get(_KEY, ""))
        and _is_passphrase(Secret(first.get(_PASSPHRASE, "")))
        and not may_be_in(query)
        and (not body or (body[:1] in (b"{", b"[") and not in_body(body)))
        and path[:1] == "/"
        and _is_known_good(capture.origin, path, tuple(first), tuple([first.get(name) for name in _JUDGED]), bool(body))
    )


@lru_cache(maxsize=64)
def _is_passphrase(sent: Secret) -> bool:
    """Whether a passphrase is no example and no place to fill in. What is asked is kept, so it is asked as a secret."""
    text = sent.reveal()
    return bool(text) and values.is_no_example(text) and not templates.is_template(text)


_KEY, _SIGN, _STAMP, _PASSPHRASE = (name.lower() for name in headers.REQUIRED)
_JUDGED: Final = ("host", "user-agent", "content-type", DEMO_HEADER.lower())
"""The other headers whose values are judged; of any further one only the name."""
_MOST_REMEMBERED: Final = 2000


def _is_known_good(
    origin: str, path: str, names: tuple[str, ...], judged: tuple[str | None, ...], has_body: bool
) -> bool:
    """Whether what stays the same from one request of a client to the next is as it should be."""
    size = len(origin) + len(path) + sum(map(len, names)) + sum([len(value) for value in judged if value])
    return size <= _MOST_REMEMBERED and "@" not in origin and _is_good(origin, path, names, judged, has_body)


@lru_cache(maxsize=512)
def _is_good(origin: str, path: str, names: tuple[str, ...], judged: tuple[str | None, ...], has_body: bool) -> bool:
    """The same, by all checks of a request that has nothing else wrong with it."""
    known = {**_RIGHT, **{name: value for name, value in zip(_JUDGED, judged, strict=True) if value is not None}}
    request = WireRequest(
        method="POST" if has_body else "GET",
        target=path,
        headers=tuple((name, known.get(name, "")) for name in names),
        body=b"{}" if has_body else b"",
    )
    return not every(Capture(request=request, form="json", place="", origin=origin))


_RIGHT: Final[Mapping[str, str]] = {
    _KEY: "37c541a1-91d4-4f0e-a1b3-10fe7a038418",
    _SIGN: "A" * 43 + "=",
    _STAMP: "2020-12-08T09:08:57.715Z",
    _PASSPHRASE: UNKNOWN,
}
"""A value of the right look for each of the four headers."""


def every(capture: Capture) -> list[Finding]:
    """The faults of a signed request, by every check."""
    given = headers.by_name(capture)
    first = {name: found[0] for name, found in given.items() if name not in capture.masked}
    return [
        *_target(capture),
        *headers.findings(capture, given),
        *stamps.findings(capture, first),
        *values.findings(capture, first),
        *_body(capture, first),
        *_answer(capture),
        *edge(capture),
        *templates.findings(capture),
    ]


def _target(capture: Capture) -> Iterator[Finding]:
    """Causes about host and path."""
    host, path = _host(capture.origin), capture.request.path
    yield from dead_port(capture)
    foreign = {
        f"the host is {host}": host == web3.HOST,
        "the path is one of OKX's Web3 product": web3.is_web3_path(path),
        f"{web3.PROJECT_HEADER} is sent": capture.request.header(web3.PROJECT_HEADER) is not None,
    }
    if any(foreign.values()):
        yield likely("web3-key", *(what for what, is_so in foreign.items() if is_so))
        return
    sent_host = (capture.request.header("host") or "").partition(":")[0].strip().lower()
    if _is_okx(host) and sent_host and not _is_okx(sent_host):
        yield likely("host-not-api", f"it goes to {host}, and its Host header is another one: a relay must send OKX's")
    if capture.channel == "rest" and host in NOT_API_HOSTS:
        yield likely("host-not-api", f"the request goes to {host}: {NOT_API_HOSTS[host]}")
    elif host in _UNKNOWN_HOSTS:
        yield possible("host-not-api", f"the request goes to {host}, which the documentation of 2026 does not name")
    if found := _RETIRED.match(path):
        yield likely("api-version-retired", f"the path begins with {found.group()}; only /api/v5/ is served")


def _is_okx(host: str) -> bool:
    return host.endswith((".okx.com", ".okx.cab", ".okex.com"))


def edge(capture: Capture) -> Iterator[Finding]:
    """Causes that somebody in front of OKX answered: a page, or a refusal without a code of OKX's."""
    answer = capture.response
    agent = capture.request.header("user-agent") or ""
    refused = (
        f"the User-Agent is {agent}, which some met refused by the gateway in front of OKX: set another one"
        if is_refused_agent(agent)
        else ""
    )
    if answer is None and refused:
        yield possible("blocked-by-edge", refused)
    if answer is None or answer.code or answer.status is None:
        return
    page = "a page, not OKX's JSON" if answer.is_page else "without a code of OKX's"
    said = f"the answer is {answer.status}, {page}: something in front of OKX refused"
    if answer.status >= _SERVER_ERROR and answer.is_page:
        yield likely("exchange-unavailable", f"the answer is {answer.status}, {page}")
    elif answer.status == _FORBIDDEN or answer.blocked:
        numbered = f"Cloudflare's error {answer.blocked}" if answer.blocked else ""
        yield likely("blocked-by-edge", *filter(None, (said, numbered, refused)))


_FORBIDDEN: Final = 403
_SERVER_ERROR: Final = 500
_REFUSED_AGENT: Final = re.compile(r"Python-urllib/[\d.]{1,9}", re.ASCII)
"""urllib's own name. Source: four public clients' notes on what they mended, November 2026, who met 403 at OKX with it.

Cloudflare is known for it elsewhere too, as error 1010; whether OKX's edge refuses it everywhere was not seen here.
"""


def is_refused_agent(agent: str) -> bool:
    """Whether the gateway in front of OKX is known to refuse a client of that name."""
    return _REFUSED_AGENT.fullmatch(agent) is not None


def message(capture: Capture) -> Iterator[Finding]:
    """That a message was refused since its connection had not logged in."""
    if capture.response is not None and is_refused_message(capture):
        yield stated(
            "websocket-login-missing",
            f"OKX answered {capture.response.code}: the connection is not logged in",
            *(f"{channel} is {at}" for channel in capture.asked if (at := home(channel))),
            "each has its own login: one on /private does not count on /business, nor one before a reconnect",
        )


def dead_port(capture: Capture) -> Iterator[Finding]:
    """That it goes to a port which OKX has retired; signed or not, it never gets there."""
    if retired := retired_port(capture.origin):
        gone = (
            f"it goes to port {retired.port}, which OKX announced to stop on {retired.retired}; port {retired.instead} "
            "serves the same paths"
        )
        agent = capture.request.header("user-agent") or ""
        known = dials(client_named(user_agent=agent), retired.port, agent)
        by_itself = f"{known}, which its User-Agent names, is known to dial that port by itself" if known else ""
        yield likely("websocket-port-retired", *filter(None, (gone, by_itself)))


@lru_cache(maxsize=64)
def _host(origin: str) -> str:
    return re.sub(r"^\w+://([^/:?#@]*@)?([^/:?#]*).*", r"\2", origin).lower()


def _body(capture: Capture, header: Mapping[str, str]) -> Iterator[Finding]:
    """Causes about what was sent as a body, and as its type."""
    body = capture.request.body
    if not body or capture.channel != "rest":
        return
    if body[:2] in (b'"{', b'"['):
        yield likely("body-double-encoded", "the body sent is a JSON text in quotes, not an object")
    elif body[:1] not in (b"{", b"[") and len(body) < _FORM_LIMIT and _FORM.fullmatch(body):
        yield likely("body-form-encoded", "the body sent is a form, name=value, where OKX expects JSON")
    kind = header.get("content-type")
    named = (kind or "").partition(";")[0].strip()
    if named.lower() != "application/json":
        shown = named if _TYPE.fullmatch(named) else "no type at all"
        said = f"the body is sent as {shown}" if kind else "the body is sent without a Content-Type"
        if capture.response and refuses(capture.response.code, "content-type"):
            yield stated("content-type", said, f"OKX answered {capture.response.code}")
        else:
            yield likely("content-type", f"{said}, where OKX wants application/json")


def _answer(capture: Capture) -> Iterator[Finding]:
    """Causes that the answer's code names, never its text; codes of time, headers and signature count with those."""
    code = capture.response.code if capture.response else ""
    step = step_of(code)
    if step and step.id in usual.stated():
        yield stated(usual.stated()[step.id], f"OKX answered {code}")
    elif refuses(code, "key-known"):
        yield likely("wrong-site", f"OKX answered {code}: this site does not know the key")
        yield possible("api-key-unknown", f"OKX answered {code}: the key may also be deleted")


__all__ = ["findings"]
