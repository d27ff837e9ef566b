"""Events of an exchange: one value per thing that reached it. Imports the gate's own data."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from okx_doctor.gate.steps import Trace
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.secret import shows_only


@shows_only("request", "trace", "site", "status", "code", "received_at", "withheld")
class Handled(Struct, frozen=True, kw_only=True):
    """One HTTP request and what became of it.

    ``trace`` is ``None`` where nothing was authenticated: on a public path, or where the verdict is ``withheld`` since
    wrong passphrases come too fast.
    ``status`` is 0 when no answer was sent; ``site`` is the one whose server it reached; ``received_at`` is the
    exchange's clock in Unix seconds. ``origin`` is scheme, host and port as the client dialled them, by the socket that
    it reached; ``""`` where only the request can tell.
    """

    request: WireRequest
    trace: Trace | None
    site: str
    status: int
    code: str
    received_at: float
    withheld: bool = False
    origin: str = ""


class HandledLogin(Struct, frozen=True, kw_only=True):
    """One WebSocket login and what became of it; ``code`` is ``"0"`` when it succeeded."""

    login: LoginRequest
    trace: Trace
    site: str
    demo_socket: bool
    code: str
    received_at: float


@shows_only("code", "demo_socket")
class HandledFrame(Struct, frozen=True, kw_only=True):
    """Any other WebSocket message that was answered: what it asked for, in words that hold no value of a header.

    ``code`` is ``"0"`` when it was acknowledged. ``login_refused``: its connection's login was, which is why it is
    not logged in.
    """

    path: str
    asked: str
    code: str
    demo_socket: bool
    login_refused: bool = False


@shows_only("received_at")
class DeadPort(Struct, frozen=True, kw_only=True):
    """A WebSocket that was asked for on a port that OKX has retired: served here, and dead there."""

    request: WireRequest
    origin: str
    received_at: float


UNTRUSTED = "the client does not trust the certificate"
"""Why it is turned away, where its TLS says so."""


class TurnedAway(Struct, frozen=True, kw_only=True):
    """Input that could not be judged as a request. ``status`` is the HTTP status of the answer, 0 for none."""

    status: int
    why: str


Event = Handled | HandledLogin | HandledFrame | DeadPort | TurnedAway
Observer = Callable[[Event], None]
