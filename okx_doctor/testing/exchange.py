"""An exchange for tests: OKX on a loopback port, with accounts made for it and a verdict on every request.

What the pytest fixture ``okx_exchange`` gives. Any Python test can use ``OkxExchange`` as a context manager.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from threading import Lock
from typing import TYPE_CHECKING, Final, Literal, Self

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account as GateAccount
from okx_doctor.gate.accounts import generate, variables
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import EVERY_SITE, Exchange, Plan
from okx_doctor.listening.received import ReceivedRequest, heard, held_bytes
from okx_doctor.protocol.sites import SERVED_APART
from okx_doctor.secrets.secret import shows_only

if TYPE_CHECKING:
    from okx_doctor.gate.serve.events import Event
    from okx_doctor.gate.trading.orders import Order as DeskOrder

__all__ = ["SHOWN", "Account", "Clock", "OkxExchange", "Order", "Ran", "Request", "Stage"]

REMEMBERED_BYTES: Final = 64 * 1024 * 1024
"""Of requests; beyond it the oldest ones are forgotten, but never that one of them was refused."""
SHOWN: Final = 20
"""Refused requests that are explained; one that nothing explains takes about a second."""
_REQUEST_BYTES: Final = 2048

Permission = Literal["read_only", "trade", "withdraw"]


@shows_only("demo")
class Account(Struct, frozen=True, kw_only=True):
    """Credentials that the exchange knows, made for it."""

    api_key: str
    secret_key: str
    passphrase: str
    demo: bool = False


@shows_only("method", "status", "code", "accepted")
class Request(Struct, frozen=True, kw_only=True):
    """One request, or one WebSocket login (``method`` ``WS``), and how it was answered.

    ``target`` is path and query as they were sent; ``headers`` keep order, spelling and duplicates. ``status`` is 0 on
    a socket; ``code`` is OKX's. ``accepted`` means that OKX would have accepted it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    code: str
    accepted: bool


@shows_only("state", "size", "filled", "price", "average_price")
class Order(Struct, frozen=True, kw_only=True):
    """One order in its present state. ``price`` is ``None`` for a market order, ``average_price`` before a fill.

    ``size`` and ``filled`` are in the coin for spot and in contracts else; ``state`` and ``kind`` are OKX's words.
    """

    id: str
    client_id: str
    instrument: str
    side: str
    kind: str
    state: str
    size: Decimal
    filled: Decimal
    price: Decimal | None
    average_price: Decimal | None


class Clock:
    """The exchange's clock: ``offset`` seconds ahead of this machine's."""

    def __init__(self, moved: Callable[[float], None]) -> None:
        self._moved = moved
        self._offset = 0.0

    @property
    def offset(self) -> float:
        return self._offset

    @offset.setter
    def offset(self, seconds: float) -> None:
        self._offset = seconds
        self._moved(seconds)


class Stage:
    """A fault that is on; leaving it as a context manager ends it."""

    def __init__(self, ended: Callable[[], None]) -> None:
        self._ended = ended

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._ended()


@shows_only("status", "packets")
class Ran(Struct, frozen=True, kw_only=True):
    """How a sealed command ended: its ``status`` as a shell gives it; ``names`` and ``packets`` were not let out."""

    status: int
    names: tuple[str, ...]
    packets: int


class OkxExchange:
    """Serves while inside. ``accounts`` are a live one and a demo one; ``open_account`` makes more."""

    def __init__(
        self, *, rate_limits: bool = False, seed: int | None = 1, now: Callable[[], float] = time.time
    ) -> None:
        """``seed`` is that of the made-up market; with ``None`` there is none, and orders are forgotten."""
        made = (generate(), generate(demo=True))
        self._accounts: tuple[GateAccount, ...] = made
        self._heard: deque[ReceivedRequest] = deque()
        self._bytes = 0
        self._count = self._refused = 0
        self._signed = False
        self._wrong: list[ReceivedRequest] = []  # the first ones, to explain
        self._lock = Lock()
        sites = ("global",)
        self._plan = Plan(
            accounts=made,
            sites=sites,
            websocket=True,
            guarded=True,
            rate_limits=rate_limits,
            market_seed=seed,
            remembered=0,
        )
        self._fault: Fault | None = None
        self._exchange = Exchange(self._plan, now=now, observer=self._observe)
        self.clock = Clock(self._exchange.set_clock_offset)

    def __enter__(self) -> Self:
        self._exchange.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._exchange.__exit__(None, None, None)

    @property
    def url(self) -> str:
        """The base URL for REST: what stands for ``https://www.okx.com``."""
        return self._exchange.sites[0].rest[0]

    @property
    def ws_url(self) -> str:
        """The replacement for ``wss://ws.okx.com``; the paths are OKX's."""
        return self._exchange.sites[0].websocket or ""

    @property
    def ws_demo_url(self) -> str:
        """The replacement for ``wss://wspap.okx.com``."""
        return self._exchange.sites[0].websocket_demo or ""

    @property
    def accounts(self) -> tuple[Account, ...]:
        """Every account there is: first a live one, then a demo one."""
        given = [(variables(known), known.demo) for known in self._accounts]
        return tuple(
            Account(
                api_key=values["OKX_API_KEY"],
                secret_key=values["OKX_SECRET_KEY"],
                passphrase=values["OKX_PASSPHRASE"],
                demo=demo,
            )
            for values, demo in given
        )

    def open_account(
        self,
        *,
        demo: bool = False,
        permissions: tuple[Permission, ...] = ("read_only", "trade"),
        ip_allowlist: tuple[str, ...] = (),
    ) -> Account:
        """One more account: in demo trading, with fewer permissions, or bound to addresses."""
        made = generate(demo=demo, permissions=permissions, ip_allowlist=ip_allowlist)
        self._accounts = (*self._accounts, made)
        self._exchange.open_account(made)
        return self.accounts[-1]

    @property
    def requests(self) -> tuple[Request, ...]:
        """The requests so far, in order: REST requests and WebSocket logins."""
        with self._lock:
            return tuple(_request(one) for one in self._heard if one.kind in ("request", "login"))

    def set_price(self, instrument: str, price: float) -> None:
        """From now on this is the price, and it stays; orders that it reaches are filled.

        All instruments of the same coin move with it. Raises ``ValueError`` for an unknown instrument and for no price.
        """
        at = self._exchange.clock()
        self._exchange.on_market(lambda market: market.set_price(instrument, price, at))

    def price(self, instrument: str) -> Decimal:
        """The last price. Raises ``ValueError`` for an unknown instrument."""
        at = self._exchange.clock()
        return self._exchange.on_market(lambda market: market.price(instrument, at))

    def fill(self, order: str, *, size: Decimal | str | None = None, price: Decimal | str | None = None) -> Order:
        """Fill an open order, named by its id or the client's: all that is left of it unless ``size`` says less.

        At its own price unless another is given. Raises ``LookupError`` where no such order is open, and
        ``ValueError`` for a size that is more than what is left.
        """
        at = self._exchange.clock()
        amount, worth = (None if given is None else Decimal(given) for given in (size, price))
        return _order(self._exchange.on_market(lambda market: market.fill(order, amount, worth, at)))

    @property
    def orders(self) -> tuple[Order, ...]:
        """Every order of every account, the oldest first."""
        at = self._exchange.clock()
        return tuple(map(_order, self._exchange.on_market(lambda market: market.orders(at))))

    def order(self, order: str) -> Order:
        """The order with this id, or this id of the client's. Raises ``LookupError`` where there is none."""
        known = next((one for one in self.orders if order in (one.id, one.client_id)), None)
        if known is None:
            raise LookupError(f"no order {order!r} was placed")
        return known

    def run(
        self,
        command: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        allow: Sequence[str] = (),
        seconds: float | None = None,
    ) -> Ran:
        """Run a program as it is, where every name of OKX's leads here and nothing leads out.

        The first account's credentials are in its environment, which is this process's unless another is given.
        ``allow`` names services as ``HOST:PORT`` that it may reach too; after ``seconds`` it is ended. Raises
        ``CannotSeal`` where this machine cannot seal it off, and ``CannotStart`` where there is no such program.
        """
        from okx_doctor.testing.running import run

        plan = replace(
            self._plan,
            accounts=self._accounts,
            sites=SERVED_APART,
            guarded=False,
            faults=((EVERY_SITE, self._fault),) if self._fault else (),
        )
        status, wanted = run(plan, command, environ, allow, seconds, self._exchange.clock, self._observe)
        return Ran(status=status, names=wanted.names, packets=wanted.packets)

    def stage(self, fault: str | None) -> Stage:
        """Show a fault from now on (``rate-limited``, ``unavailable``, ``hang``, …).

        It lasts until ``stage(None)``, or as a context manager until the end of ``with``. Raises ``ValueError`` with
        the names there are for any other.
        """
        try:
            staged = None if fault is None else Fault(fault)
        except ValueError:
            raise ValueError(f"there is no fault {fault!r}; choose from {', '.join(Fault)}") from None
        self._stage(staged)
        return Stage(lambda: self._stage(None))

    def _stage(self, fault: Fault | None) -> None:
        self._fault = fault
        self._exchange.stage(fault)

    def assert_all_valid(self) -> None:
        """Fail unless something signed came and OKX would have let in all of it, whatever was staged.

        Raises ``AssertionError`` that explains each kind of refused request once, as ``okx-doctor inspect`` does; of
        more than ``SHOWN`` the first ones.
        """
        __tracebackhide__ = True
        with self._lock:
            wrong, refused, total, signed = tuple(self._wrong), self._refused, self._count, self._signed
        if wrong:
            from okx_doctor.testing.explaining import explained

            raise AssertionError(explained(wrong, refused, total, self._accounts))
        if not signed:
            raise AssertionError(f"no signed request reached the exchange: is the bot pointed at {self.url}?")

    def _observe(self, event: Event) -> None:
        with self._lock:
            self._count += 1
            one = heard(self._count, event)
            self._signed = self._signed or one.signed
            if _is_wrong(one):
                self._refused += 1
                if len(self._wrong) < SHOWN:
                    self._wrong.append(one)
            self._heard.append(one)
            self._bytes += _size(one)
            while self._bytes > REMEMBERED_BYTES:
                self._bytes -= _size(self._heard.popleft())


def _size(one: ReceivedRequest) -> int:
    return _REQUEST_BYTES + (held_bytes(one.sent) if one.sent else 0)


def _is_wrong(one: ReceivedRequest) -> bool:
    """Whether OKX would have refused it for what it is: a staged fault is not the bot's."""
    if one.kind in ("message", "turned-away"):
        return not one.accepted
    return any(step.passed is False for step in one.steps)


def _order(one: DeskOrder) -> Order:
    return Order(
        id=one.id,
        client_id=one.client_id,
        instrument=one.instrument.id,
        side=one.side,
        kind=one.kind,
        state=one.state,
        size=one.size,
        filled=one.filled,
        price=one.price,
        average_price=one.average,
    )


def _request(one: ReceivedRequest) -> Request:
    sent = one.sent
    return Request(
        method=one.method,
        target=one.target,
        headers=sent.headers if sent else (),
        body=sent.body if sent else b"",
        status=one.status,
        code=one.code,
        accepted=one.accepted,
    )
