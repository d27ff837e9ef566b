"""From what reached the exchange to something that can be judged: a capture, and how it was answered."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import Final, Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Response, event_of, login_capture
from okx_doctor.forensics.structure import is_refused_agent
from okx_doctor.gate.serve.events import (
    UNTRUSTED,
    DeadPort,
    Event,
    Handled,
    HandledFrame,
    HandledLogin,
    TurnedAway,
)
from okx_doctor.gate.steps import Step
from okx_doctor.protocol.outcome import RATE_CODES
from okx_doctor.protocol.signing import DEMO_HEADER, KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from okx_doctor.protocol.sites import SITES, retired_port
from okx_doctor.protocol.timestamps import DOCUMENTED_LENGTH
from okx_doctor.protocol.wire import Manner, WireRequest
from okx_doctor.secrets.secret import shows_only

Kind = Literal["request", "login", "message", "connection", "turned-away"]
_HEADER_BYTES: Final = 256
_HOSTS: Final = tuple(url.partition("://")[2] for known in SITES for url in known.rest)
_LOOPBACK: Final = ("127.", "localhost", "[::1]")
_ORDINARY: Final = frozenset(
    name.lower()
    for name in (
        *(KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER, DEMO_HEADER),
        *("host", "accept", "accept-encoding", "connection", "user-agent", "content-type", "content-length"),
    )
)
_TIMESTAMP: Final = TIMESTAMP_HEADER.lower()
_PASSPHRASE: Final = PASSPHRASE_HEADER.lower()
_PLAIN: Final[dict[str, str]] = {
    "path": "OKX documents no such path",
    "method": "OKX documents another method at this path",
    "account-open": "the account is restricted",
    "content-type": "the Content-Type is not application/json",
    "body-present": "a POST needs a body",
    "body-json": "the body is not the JSON that OKX takes here",
    "permission": "the key lacks the permission",
}
"""Steps that are refused for no fault of the credentials, in words."""

_FRAMES: Final[dict[str, str]] = {
    "50120": "the key may not trade",
    "60011": "before a login on this connection",
    "60012": "no request of OKX",
    "60014": "too many different wrong passphrases",
    "60018": "no such channel here",
    "60019": "no such op",
    "60031": "logged in already",
    "64001": "it is on /business",
    "64002": "it is not on /business",
}
"""Reasons for a refusal on a socket, in words."""


@shows_only("number", "kind", "accepted", "status", "code", "signed", "received_at")
class ReceivedRequest(Struct, frozen=True, kw_only=True):
    """One thing that reached the listener.

    ``sent`` is the request itself, a login in the form that its signature stands for; ``status`` the HTTP status (0 on
    a socket), ``code`` OKX's. ``signed``: it had to pass the authentication. ``reason`` says in words why it was
    refused, where no cause of the catalogue does. ``origin`` is scheme and host that it was sent to.
    """

    number: int
    kind: Kind
    method: str
    target: str
    accepted: bool
    status: int = 0
    code: str = ""
    signed: bool = False
    reason: str = ""
    steps: tuple[Step, ...] = ()
    received_at: float | None = None
    sent: WireRequest | None = None
    origin: str = ""

    @property
    def capture(self) -> Capture | None:
        """The capture to inspect, made on demand: most requests are accepted and need none."""
        if self.sent is None or not (self.signed or self.kind == "message" or retired_port(self.origin)):
            return None
        rest = self.kind == "request"
        return Capture(
            request=self.sent,
            form="http" if rest else "websocket",
            place=f"{self.kind} {self.number}",
            origin=self.origin,
            channel="rest" if rest else "websocket",
            received_at=self.received_at,
            response=None
            if self.accepted
            else Response(status=self.status or None, code=self.code, date=self.received_at),
        )


@shows_only("method", "code", "scheme")
class Ordinary(Struct, frozen=True, kw_only=True):
    """An accepted request that has nothing odd, without its number: every credential in it is one that was loaded.

    ``event`` is ``None`` where nobody asks for more of it than a line shows; then one value serves for all that were
    asked for and answered alike.
    """

    method: str
    target: str
    code: str
    event: Handled | None = None
    scheme: str = "http"


@shows_only("number")
class OrdinaryRequest(NamedTuple):
    """An ordinary request in the order in which things came."""

    number: int
    what: Ordinary
    inspection: None = None
    refused: Literal[False] = False

    @property
    def heard(self) -> ReceivedRequest:
        what = self.what
        if what.event is not None:
            return heard(self.number, what.event, what.scheme)
        return ReceivedRequest(
            number=self.number,
            kind="request",
            method=what.method,
            target=what.target,
            status=200,
            code=what.code,
            accepted=True,
            signed=True,
        )


def heard(number: int, event: Event, scheme: str = "http", trust: str = "") -> ReceivedRequest:
    """One event as something to judge.

    ``scheme`` is how the listener is spoken to, ``trust`` how a client is brought to trust its certificate.
    """
    match event:
        case Handled():
            return _request(number, event, scheme)
        case HandledLogin():
            return _login(number, event)
        case HandledFrame():
            told = None if event.login_refused else event_of(event.code, "")
            return ReceivedRequest(
                number=number,
                kind="message",
                method="WS",
                target=f"{'/demo' if event.demo_socket else ''}{event.path}",
                code=event.code,
                accepted=event.code == "0",
                reason=": ".join(part for part in (event.asked, _FRAMES.get(event.code, "")) if part),
                sent=told.request if isinstance(told, Capture) else None,
            )
        case DeadPort():
            return ReceivedRequest(
                number=number,
                kind="connection",
                method="WS",
                target=f"{event.origin.partition('://')[2]}{event.request.path}",
                accepted=False,
                received_at=event.received_at,
                sent=event.request,
                origin=event.origin,
            )
        case TurnedAway():
            return ReceivedRequest(
                number=number,
                kind="turned-away",
                method="-",
                target="",
                status=event.status,
                accepted=False,
                reason=f"{event.why}: {trust}" if event.why == UNTRUSTED and trust else event.why,
            )


def _request(number: int, event: Handled, scheme: str) -> ReceivedRequest:
    request = _as_sent(event.request)
    refused = event.trace.refusal if event.trace else None
    stopped = event.trace.stopped_at if event.trace else ""
    return ReceivedRequest(
        number=number,
        kind="request",
        method=request.method,
        target=request.target,
        status=event.status,
        code=event.code,
        accepted=_is_accepted(event),
        signed=event.trace is not None or event.withheld,
        reason=_PLAIN.get(stopped, "") if refused else _without_fault(event),
        steps=event.trace.steps if event.trace else (),
        received_at=event.received_at,
        sent=request,
        origin=event.origin or f"{scheme}://{request.header('host') or 'localhost'}",
    )


def _is_accepted(event: Handled) -> bool:
    """Whether OKX would have accepted it: where its port is dead, it would never have got there."""
    passed = event.code == "0" if event.trace is None else event.trace.stopped is None
    return passed and event.status == 200 and not (event.origin and retired_port(event.origin))


def is_ordinary(event: Handled) -> bool:
    """Whether an accepted request has nothing about it that could be remarked on: a quick look that spares a long one.

    Each header once, the timestamp as OKX documents it, JSON named as such, no look-alike of the demo header, no
    User-Agent that is refused.
    """
    request = event.request
    if event.trace is None or request.repeats or not _is_accepted(event):
        return False
    look, first = _look(request.manner), request.first
    timestamp = first.get(_TIMESTAMP, "")
    return (
        look.ordinary
        and request.target.startswith("/")
        and (not request.body or (look.says_json and request.body.startswith((b"{", b"["))))
        and len(timestamp) == DOCUMENTED_LENGTH
        and timestamp.endswith("Z")  # OKX reads nothing else of this length that ends so
        and first.get(_PASSPHRASE, "").isascii()
    )


class _Look(NamedTuple):
    """At the headers that a client sends alike each time."""

    ordinary: bool
    says_json: bool


@lru_cache(maxsize=32)
def _look(manner: Manner) -> _Look:
    named = dict(manner.lines)
    return _Look(
        ordinary=named.keys() <= _ORDINARY
        and "".join((*manner.names, *manner.values)).isascii()
        and _is_usual(named.get("host", ""))
        and named.get(DEMO_HEADER.lower()) in (None, "1")
        and not is_refused_agent(named.get("user-agent", "")),
        says_json=named.get("content-type") == "application/json",
    )


def _is_usual(host: str) -> bool:
    """Whether it is one of OKX's API hosts, as it should be written, or this machine."""
    return host in _HOSTS or host.startswith(_LOOPBACK)


def held_bytes(request: WireRequest) -> int:
    """Roughly what a request takes in memory."""
    text = sum(map(len, chain.from_iterable(request.headers)))
    return _HEADER_BYTES * len(request.headers) + text + len(request.target) + len(request.body)


def _without_fault(event: Handled) -> str:
    if event.withheld:
        return "too many different wrong passphrases"
    if event.code in RATE_CODES:
        return "more requests than the rate limit allows"
    if event.status == 0:
        return "a staged fault: no answer"
    return "" if event.status == 200 else "not found" if event.status == 404 else "refused"


def _login(number: int, event: HandledLogin) -> ReceivedRequest:
    return ReceivedRequest(
        number=number,
        kind="login",
        method="WS",
        target=f"login{' (demo)' if event.demo_socket else ''}",
        code=event.code,
        accepted=event.code == "0",
        signed=True,
        steps=event.trace.steps,
        received_at=event.received_at,
        sent=login_capture(event.login, "").request,
    )


def _as_sent(request: WireRequest) -> WireRequest:
    """The request with the UTF-8 that its headers most often hold read as such; the exchange keeps Latin-1.

    A target in the form that a proxy is sent is brought into the one that is signed.
    """
    target = request.origin_form
    if target == request.target and "".join(chain.from_iterable(request.headers)).isascii():
        return request
    return replace(request, target=target, headers=tuple((name, _utf8(value)) for name, value in request.headers))


def _utf8(text: str) -> str:
    raw = text.encode("latin-1")
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return text
