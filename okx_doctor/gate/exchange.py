"""An OKX of one's own, in this process: every site on a loopback port, with a clock that can be shifted.

Imports ``okx_doctor.protocol`` and the gate's own modules; sockets and TLS only when a plan asks for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.answering import answer
from okx_doctor.gate.evaluate import Trace, Venue
from okx_doctor.gate.faults import REDIRECTED, Fault, reply_of
from okx_doctor.gate.http import HttpServer
from okx_doctor.gate.looping import LoopThread
from okx_doctor.gate.ntp import TimeResponder
from okx_doctor.gate.replies import Reply
from okx_doctor.protocol import sites
from okx_doctor.protocol.wire import LoginRequest, WireRequest

if TYPE_CHECKING:
    from okx_doctor.gate.sockets import SocketServer

Tls = Literal["off", "trusted", "unknown-issuer", "not-yet-valid", "expired"]

LOOPBACK = "127.0.0.1"
EVERY_SITE = "*"
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an exchange is to be like.

    ``clock_offset`` are the seconds by which the exchange and its time server are ahead of this machine;
    ``ntp_offset`` is the time server's own when it differs. ``faults`` pairs a site id or ``*`` with a fault;
    ``faulty_paths`` limits them to some paths (empty: all). ``stripped`` names headers that
    something on the way removes. ``delay`` seconds are added to every HTTP answer,
    half before the clock is read and half after, as a slow way there and back would.
    """

    accounts: tuple[Account, ...] = ()
    sites: tuple[str, ...] = ("global", "eea", "us", "tr")
    clock_offset: float = 0.0
    ntp_offset: float | None = None
    faults: tuple[tuple[str, Fault], ...] = ()
    faulty_paths: tuple[str, ...] = ()
    tls: Tls = "off"
    websocket: bool = False
    ntp: Literal["off", "answers", "silent"] = "off"
    delay: float = 0.0
    stripped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """One HTTP request and what became of it. ``trace`` is ``None`` on a public path, ``status`` 0 when no
    answer was sent; ``site`` is the one whose server it reached."""

    request: WireRequest
    trace: Trace | None
    site: str
    status: int
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandledLogin:
    """One WebSocket login and what became of it; ``code`` is ``"0"`` when it succeeded."""

    login: LoginRequest
    trace: Trace
    site: str
    demo_socket: bool
    code: str


class Exchange:
    """Context manager: serves while inside. Ports are the machine's choice, on 127.0.0.1 only.

    ``sites`` are ``protocol.sites`` values in the plan's order whose addresses point here; ``ntp`` is
    ``host:port`` or empty; ``ca_pem`` is what a client is to trust under TLS. ``handled`` and ``logins``
    keep the newest 10,000. ``crashes`` stays empty unless the exchange itself is at fault.
    """

    def __init__(self, plan: Plan, now: Callable[[], float] = time.time) -> None:
        """Raises ``ValueError`` when the plan names a site that OKX does not have."""
        named = {account.site for account in plan.accounts} | {site for site, _ in plan.faults}
        if unknown := named.union(plan.sites) - {*sites.SITE_IDS, EVERY_SITE}:
            raise ValueError(f"no OKX site is called {', '.join(sorted(unknown))}")
        self.sites: tuple[sites.Site, ...] = ()
        self.ntp = ""
        self.ca_pem = b""
        self.handled: deque[Handled] = deque(maxlen=_REMEMBERED)
        self.logins: deque[HandledLogin] = deque(maxlen=_REMEMBERED)
        self.crashes: deque[BaseException | str] = deque()
        self._plan = plan
        self._now = now
        self._offset = plan.clock_offset
        self._faults = {_served_by(site, plan.sites): fault for site, fault in plan.faults}
        self._servers: list[HttpServer | SocketServer] = []
        self._datagrams: asyncio.DatagramTransport | None = None
        self._context: ssl.SSLContext | None = None
        self._thread: LoopThread | None = None

    def __enter__(self) -> Self:
        self._thread = LoopThread("okx-doctor-exchange")
        self.crashes = self._thread.crashes
        try:
            if self._plan.tls != "off":
                from okx_doctor.gate.certificates import issue

                made = issue(self._plan.tls, self._now())
                self._context, self.ca_pem = made.context, made.ca_pem
            self._thread.run(self._start(), seconds=20)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is None:
            return
        with contextlib.suppress(TimeoutError):
            self._thread.run(self._stop())
        self._thread.stop()
        self._thread = None

    def set_clock_offset(self, seconds: float) -> None:
        """From now on the exchange, and its time server unless it has its own offset, is ahead by this."""
        self._offset = seconds

    def stage(self, fault: Fault | None, site: str = EVERY_SITE) -> None:
        """Show a fault from now on, on one site or on all; ``None`` ends it (on all: every one)."""
        faults = {} if site == EVERY_SITE else dict(self._faults)
        faults.pop(_served_by(site, self._plan.sites), None)
        if fault:
            faults[_served_by(site, self._plan.sites)] = fault
        self._faults = faults

    def clock(self) -> float:
        """The exchange's time in Unix seconds."""
        return self._now() + self._offset

    def _ntp_clock(self) -> float:
        own = self._plan.ntp_offset
        return self._now() + (self._offset if own is None else own)

    async def _start(self) -> None:
        served: dict[str, sites.Site] = {}
        for site_id in self._plan.sites:
            owner = _served_by(site_id, self._plan.sites)
            if owner not in served:
                served[owner] = await self._serve(owner)
            known, here = sites.site(site_id), served[owner]
            self.sites += (
                replace(
                    known,
                    rest=here.rest,
                    websocket=here.websocket if known.websocket else None,
                    websocket_demo=here.websocket_demo if known.websocket_demo else None,
                ),
            )
        if self._plan.ntp != "off":
            await self._keep_time()

    async def _serve(self, owner: str) -> sites.Site:
        known = sites.site(owner)
        secure = "s" if self._context else ""
        listening = _listen()
        base_url = f"http{secure}://{LOOPBACK}:{listening.getsockname()[1]}"

        async def handle(request: WireRequest, caller_ip: str) -> Reply:
            return await self._handle(owner, base_url, request, caller_ip)

        server = HttpServer(handle, self.clock)
        self._servers.append(server)
        await server.start(listening, self._context)
        live = await self._serve_socket(owner, demo=False) if known.websocket else None
        demo = await self._serve_socket(owner, demo=True) if known.websocket_demo else None
        return replace(known, rest=(base_url,), websocket=live, websocket_demo=demo)

    async def _serve_socket(self, owner: str, *, demo: bool) -> str | None:
        if not self._plan.websocket:
            return None
        from okx_doctor.gate.sockets import SocketServer

        def logged_in(login: LoginRequest, trace: Trace, code: str) -> None:
            self.logins.append(HandledLogin(login=login, trace=trace, site=owner, demo_socket=demo, code=code))

        server = SocketServer(self._venue(owner), demo=demo, clock=self.clock, logged_in=logged_in)
        self._servers.append(server)
        listening = _listen()
        await server.start(listening, self._context)
        return f"ws{'s' if self._context else ''}://{LOOPBACK}:{listening.getsockname()[1]}"

    async def _keep_time(self) -> None:
        def responder() -> TimeResponder:
            return TimeResponder(self._ntp_clock, silent=self._plan.ntp == "silent")

        loop = asyncio.get_running_loop()
        self._datagrams, _ = await loop.create_datagram_endpoint(responder, local_addr=(LOOPBACK, 0))
        self.ntp = f"{LOOPBACK}:{self._datagrams.get_extra_info('sockname')[1]}"

    async def _handle(self, owner: str, base_url: str, request: WireRequest, caller_ip: str) -> Reply:
        if self._plan.delay:
            await asyncio.sleep(self._plan.delay / 2)
        if self._plan.stripped:
            request = _without(request, self._plan.stripped)
        reply, trace = answer(request, venue=self._venue(owner), now=self.clock(), caller_ip=caller_ip)
        fault = self._fault(owner, request.path)
        if fault:
            reply = reply_of(fault, base_url=base_url, target=request.target)
        self.handled.append(Handled(request=request, trace=trace, site=owner, status=reply.status, code=reply.code))
        if self._plan.delay:
            await asyncio.sleep(self._plan.delay / 2)
        return reply

    def _fault(self, owner: str, path: str) -> Fault | None:
        if path.startswith(REDIRECTED) or (self._plan.faulty_paths and path not in self._plan.faulty_paths):
            return None
        return self._faults.get(owner) or self._faults.get(EVERY_SITE)

    def _venue(self, owner: str) -> Venue:
        return Venue(site=owner, accounts=self._plan.accounts)

    async def _stop(self) -> None:
        if self._datagrams:
            self._datagrams.abort()
        for server in self._servers:
            await server.stop()


def _without(request: WireRequest, names: tuple[str, ...]) -> WireRequest:
    removed = {name.lower() for name in names}
    return replace(request, headers=tuple(row for row in request.headers if row[0].lower() not in removed))


def _served_by(site_id: str, planned: tuple[str, ...]) -> str:
    """The planned site whose server a site shares: OKX serves Australia where it serves the US."""
    if site_id == EVERY_SITE:
        return site_id
    rest = sites.site(site_id).rest
    return next((other for other in planned if sites.site(other).rest == rest), site_id)


def _listen() -> socket.socket:
    # The protocol by number: without it asyncio does not recognise TCP and leaves Nagle's delay on.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind((LOOPBACK, 0))
    listening.setblocking(False)
    return listening
