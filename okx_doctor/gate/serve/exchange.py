"""An OKX of one's own, in this process: every site on a loopback port, with a clock that can be shifted.

Imports ``okx_doctor.protocol`` and the gate's own modules; sockets and TLS only when a plan asks for them.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Final, Literal, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.answering import Market, answer
from okx_doctor.gate.api.channels import DEMO_PREFIX
from okx_doctor.gate.api.faults import REDIRECTED, REFUSING, Fault, rate_limited, reply_of
from okx_doctor.gate.api.replies import Reply, page
from okx_doctor.gate.evaluate import Trace, Venue
from okx_doctor.gate.serve import LOOPBACK
from okx_doctor.gate.serve.browser_guard import rejection_reason
from okx_doctor.gate.serve.connections import reached_at
from okx_doctor.gate.serve.events import DeadPort, Event, Handled, HandledLogin, Observer, TurnedAway
from okx_doctor.gate.serve.http import HttpServer, Upgrade
from okx_doctor.gate.serve.loop_thread import LoopThread
from okx_doctor.gate.serve.ntp import TimeResponder
from okx_doctor.gate.throttle import Throttle
from okx_doctor.protocol import sites
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.protocol.wire import Manner, WireRequest

if TYPE_CHECKING:
    from okx_doctor.gate.api.living import Living
    from okx_doctor.gate.api.rates import Rates

Result = TypeVar("Result")

Tls = Literal["off", "trusted", "unknown-issuer", "not-yet-valid", "expired"]

EVERY_SITE = "*"
_PLAIN_PORT: Final = 80
_TLS_PORT: Final = 443
_FORBIDDEN: Final = b"HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Plan(Struct, frozen=True, kw_only=True):
    """The plan of an exchange.

    ``clock_offset`` are the seconds by which the exchange and its time server are ahead of this machine;
    ``ntp_offset`` is the time server's own when it differs. ``faults`` pairs a site id or ``*`` with a fault;
    ``faulty_paths`` limits them to some paths (empty: all). ``stripped`` names headers that
    something on the way removes. ``delay`` seconds are added to every HTTP answer,
    half before the clock is read and half after, as a slow way there and back would. ``host`` and ``port`` are where
    the first site listens (0: the machine's choice). ``guarded``: turn away what a web page can make a browser send;
    ``host_names`` are names of this machine that are then taken too. ``throttled``: judge different wrong passphrases
    only slowly. ``market_seed`` is that of the made-up market; without one orders are forgotten and there is no price.
    ``remembered`` requests and logins are kept for whoever asks.
    """

    accounts: tuple[Account, ...] = ()
    sites: tuple[str, ...] = sites.SERVED_APART
    clock_offset: float = 0.0
    ntp_offset: float | None = None
    faults: tuple[tuple[str, Fault], ...] = ()
    faulty_paths: tuple[str, ...] = ()
    tls: Tls = "off"
    websocket: bool = False
    ntp: Literal["off", "answers", "silent"] = "off"
    delay: float = 0.0
    stripped: tuple[str, ...] = ()
    host: str = LOOPBACK
    port: int = 0
    guarded: bool = False
    host_names: tuple[str, ...] = ()
    throttled: bool = False
    rate_limits: bool = False
    market_seed: int | None = None
    remembered: int = 10_000


class Handed(Struct, frozen=True):
    """Sockets that somebody else has bound, by their port, and the certificate of the names that lead to them.

    All sites are served on each of them, distinguished by the ``Host`` header, and so are demo trading's sockets.
    """

    sockets: Mapping[int, socket.socket]
    context: ssl.SSLContext


class Exchange:
    """Context manager: serves while inside, REST and WebSocket of a site on one port.

    ``sites`` are ``protocol.sites`` values in the plan's order whose addresses point here; ``ntp`` is
    ``host:port`` or empty; ``ca_pem`` is what a client is to trust under TLS. ``handled`` and ``logins``
    keep the newest. ``crashes`` stays empty unless the exchange itself is at fault. ``observer`` is called in the
    exchange's own thread, once for everything that reaches it, and must neither wait nor raise.
    """

    def __init__(
        self,
        plan: Plan,
        now: Callable[[], float] = time.time,
        observer: Observer = lambda event: None,
        handed: Handed | None = None,
    ) -> None:
        """``handed`` is served in place of sockets of its own; they are this object's from here on.

        Raises ``ValueError`` when the plan names a site that OKX does not have."""
        named = {account.site for account in plan.accounts} | {site for site, _ in plan.faults}
        if unknown := named.union(plan.sites) - {*sites.SITE_IDS, EVERY_SITE}:
            raise ValueError(f"no OKX site is called {', '.join(sorted(unknown))}")
        self.sites: tuple[sites.Site, ...] = ()
        self.ntp = ""
        self.ca_pem = b""
        self.handled: deque[Handled] = deque(maxlen=plan.remembered)
        self.logins: deque[HandledLogin] = deque(maxlen=plan.remembered)
        self.crashes: deque[BaseException | str] = deque()
        self._plan = plan
        self._now = now
        self._offset = plan.clock_offset
        self._faults = {_served_by(site, plan.sites): fault for site, fault in plan.faults}
        self._accounts = plan.accounts
        self._venues: dict[str, Venue] = {}
        self._observer = observer
        self._handed = handed
        self._allowed = frozenset(name.lower() for name in (plan.host, *plan.host_names))
        self._throttle = Throttle() if plan.throttled else None
        self._rates = _rates() if plan.rate_limits else None
        self._market = None if plan.market_seed is None else _market(plan.market_seed)
        self._servers: list[HttpServer] = []
        self._datagrams: asyncio.DatagramTransport | None = None
        self._context: ssl.SSLContext | None = None
        self._thread: LoopThread | None = None

    def __enter__(self) -> Self:
        self._thread = LoopThread("okx-doctor-exchange")
        self.crashes = self._thread.crashes
        try:
            if self._plan.tls != "off":
                from okx_doctor.gate.serve.certificates import issue

                made = issue(self._plan.tls, self._now(), (self._plan.host, *self._plan.host_names))
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

    def open_account(self, account: Account) -> None:
        """From now on there is this account too."""
        self._accounts = (*self._accounts, account)

    def on_market(self, work: Callable[[Living], Result]) -> Result:
        """The result of ``work`` on the market, done in the exchange's own thread.

        Raises what it raises, and ``LookupError`` where there is no market or the exchange does not run.
        """
        if self._market is None or self._thread is None:
            raise LookupError("this exchange has no market, or is not running")
        market = self._market

        async def done() -> Result:
            return work(market)

        return self._thread.run(done())

    def clock(self) -> float:
        """The exchange's time in Unix seconds."""
        return self._now() + self._offset

    def _ntp_clock(self) -> float:
        own = self._plan.ntp_offset
        return self._now() + (self._offset if own is None else own)

    async def _start(self) -> None:
        if self._handed:
            await self._serve_handed(self._handed)
            return
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
        first = not self._servers
        listening = _listen(self._plan.host, self._plan.port if first else 0)
        address = _address(listening)
        base_url = f"http{secure}://{address}"

        async def handle(request: WireRequest, caller_ip: str) -> Reply:
            reached = _owner(request.manner, self._plan.sites, owner)
            return await self._handle(reached, base_url, request, caller_ip, "")

        async def upgrade(asked: Upgrade) -> None:
            manner = asked.request.manner
            named = f"ws{secure}://{asked.request.header('host') or ''}"
            await self._upgrade(_owner(manner, self._plan.sites, owner), _by_name(asked, _host(manner)), named)

        server = HttpServer(handle, self.clock, upgrade if self._plan.websocket else None, self._observer)
        self._servers.append(server)
        await server.start(listening, self._context)
        socket_url = f"ws{secure}://{address}" if self._plan.websocket else None
        return replace(
            known,
            rest=(base_url,),
            websocket=socket_url if known.websocket else None,
            websocket_demo=f"{socket_url}{DEMO_PREFIX}" if socket_url and known.websocket_demo else None,
        )

    async def _serve_handed(self, handed: Handed) -> None:
        self.sites = tuple(map(sites.site, self._plan.sites))

        for port, listening in handed.sockets.items():
            tls = None if port == _PLAIN_PORT else handed.context
            await self._serve_by_name(listening, tls, "" if port in (_PLAIN_PORT, _TLS_PORT) else f":{port}")

    async def _serve_by_name(self, listening: socket.socket, tls: ssl.SSLContext | None, port: str) -> None:
        secure = "s" if tls else ""

        async def handle(request: WireRequest, caller_ip: str) -> Reply:
            manner = request.manner
            base_url = f"http{secure}://{_host(manner)}{port}"
            return await self._handle(_owner(manner, self._plan.sites), base_url, request, caller_ip, base_url)

        async def upgrade(asked: Upgrade) -> None:
            manner = asked.request.manner
            host = _host(manner)
            await self._upgrade(_owner(manner, self._plan.sites), _by_name(asked, host), f"ws{secure}://{host}{port}")

        server = HttpServer(handle, self.clock, upgrade if self._plan.websocket else None, self._observer)
        self._servers.append(server)
        await server.start(listening, tls)

    async def _upgrade(self, owner: str, asked: Upgrade, origin: str) -> None:
        from okx_doctor.gate.serve.sockets import Conversation, Talk

        if self._plan.guarded and (why := rejection_reason(asked.request, self._allowed)):
            self._observer(TurnedAway(status=403, why=why))
            asked.writer.write(_FORBIDDEN)
            await asked.writer.drain()
            return

        if sites.retired_port(origin):
            self._observer(DeadPort(request=asked.request, origin=origin, received_at=self.clock()))

        def observe(event: Event) -> None:
            if isinstance(event, HandledLogin):
                self.logins.append(event)
            self._observer(event)

        conversation = Conversation(
            self._venue(owner), asked.request.path, asked.caller_ip, observe, self._throttle, self._market, self._rates
        )
        await Talk(asked, conversation, self.clock, self._observer).hold()

    async def _keep_time(self) -> None:
        def responder() -> TimeResponder:
            return TimeResponder(self._ntp_clock, silent=self._plan.ntp == "silent")

        loop = asyncio.get_running_loop()
        self._datagrams, _ = await loop.create_datagram_endpoint(responder, local_addr=(LOOPBACK, 0))
        self.ntp = f"{LOOPBACK}:{self._datagrams.get_extra_info('sockname')[1]}"

    async def _handle(self, owner: str, base_url: str, request: WireRequest, caller_ip: str, origin: str) -> Reply:
        if self._plan.guarded and (why := rejection_reason(request, self._allowed)):
            self._observer(TurnedAway(status=403, why=why))
            return page(403, "403 Forbidden", close=True)
        if self._plan.delay:
            await asyncio.sleep(self._plan.delay / 2)
        if self._plan.stripped:
            request = _without(request, self._plan.stripped)
        now = self.clock()
        fault = self._fault(owner, request.path) if self._faults else None
        reply, trace, withheld = self._answer(owner, request, now, caller_ip, done=fault not in REFUSING)
        if fault:
            reply = reply_of(fault, base_url=base_url, target=request.target)
        handled = Handled(
            request=request,
            trace=trace,
            site=owner,
            status=reply.status,
            code=reply.code,
            received_at=now,
            withheld=withheld,
            origin=origin,
        )
        self.handled.append(handled)
        self._observer(handled)
        if self._plan.delay:
            await asyncio.sleep(self._plan.delay / 2)
        return reply

    def _answer(
        self, owner: str, request: WireRequest, now: float, caller_ip: str, *, done: bool
    ) -> tuple[Reply, Trace | None, bool]:
        """The third: whether the verdict is withheld, since wrong passphrases come too fast.

        ``done``: what is asked for is done, not only judged.
        """

        living = self._market.reply if self._market and done else None
        market = self._limited(caller_ip, living) if self._rates else living
        reply, trace = answer(request, venue=self._venue(owner), now=now, caller_ip=caller_ip, market=market)
        if self._throttle and trace and trace.stopped:
            key, passphrase = request.header(KEY_HEADER) or "", request.header(PASSPHRASE_HEADER) or ""
            if self._throttle.silences(trace, key, passphrase):
                return rate_limited(), None, True
        return reply, trace, False

    def _limited(self, caller_ip: str, market: Market | None) -> Market:
        """The same within the rate limits."""

        def admitted(request: WireRequest, account: Account | None, now: float) -> Reply | None:
            if not self._within(request, account, caller_ip):
                return rate_limited()
            return market(request, account, now) if market else None

        return admitted

    def _within(self, request: WireRequest, account: Account | None, caller_ip: str) -> bool:
        from okx_doctor.gate.api.rates import limit_of, orders

        limit = limit_of(request.method, request.path)
        if self._rates is None or limit is None:
            return True
        who = account.uid if account else caller_ip
        return self._rates.allows(who, request.method, request.path, limit, orders(request.body))

    def _fault(self, owner: str, path: str) -> Fault | None:
        if path.startswith(REDIRECTED) or (self._plan.faulty_paths and path not in self._plan.faulty_paths):
            return None
        return self._faults.get(owner) or self._faults.get(EVERY_SITE)

    def _venue(self, owner: str) -> Venue:
        known = self._venues.get(owner)
        if known is None or known.accounts is not self._accounts:
            known = self._venues[owner] = Venue(site=owner, accounts=self._accounts)
        return known

    async def _stop(self) -> None:
        if self._datagrams:
            self._datagrams.abort()
        for server in self._servers:
            await server.stop()


def _market(seed: int) -> Living:
    from okx_doctor.gate.api.living import Living

    return Living(seed)


def _rates() -> Rates:
    from okx_doctor.gate.api.rates import Rates  # and with it every documented endpoint

    return Rates()


@lru_cache(maxsize=64)
def _host(manner: Manner) -> str:
    return manner.first("host").partition(":")[0].rstrip(".")


@lru_cache(maxsize=64)
def _owner(manner: Manner, planned: tuple[str, ...], else_: str = "") -> str:
    """The planned site that a host's name leads to; ``else_`` for a name outside OKX's domains."""
    host = _host(manner)
    if else_ and not sites.is_okx_name(host):
        return else_
    return _served_by(sites.site_on(host).id, planned)


def _by_name(asked: Upgrade, host: str) -> Upgrade:
    """The same with the path by which the exchange knows demo trading's sockets, where the host is one of theirs."""
    if not sites.is_demo_socket(host):
        return asked
    return replace(asked, request=replace(asked.request, target=f"{DEMO_PREFIX}{asked.request.target}"))


def _without(request: WireRequest, names: tuple[str, ...]) -> WireRequest:
    removed = {name.lower() for name in names}
    return replace(request, headers=tuple(row for row in request.headers if row[0].lower() not in removed))


def _served_by(site_id: str, planned: tuple[str, ...]) -> str:
    """The planned site whose server a site shares: OKX serves Australia where it serves the US."""
    if site_id == EVERY_SITE:
        return site_id
    rest = sites.site(site_id).rest
    return next((other for other in planned if sites.site(other).rest == rest), site_id)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol by number: without it asyncio does not recognise TCP and leaves Nagle's delay on.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if port and sys.platform != "win32":  # there the option would let two programs share a port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
    except BaseException:
        listening.close()
        raise
    listening.setblocking(False)
    return listening


def _address(listening: socket.socket) -> str:
    host, port = reached_at(listening)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
