"""The orders, balances and positions of one account: the one place where trading changes anything.

Everything that is kept is bounded: open orders by OKX's own limit, closed ones and fills by ``KEPT``, the oldest of
which are forgotten. Time comes in with every call. Orders that rest are filled in the second in which the price first
reaches them, whenever somebody next looks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.market import books
from okx_doctor.gate.market.instruments import Instrument, find
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.refusals import Refused
from okx_doctor.gate.trading import asking, orders
from okx_doctor.gate.trading.orders import NOTHING, Fill, Order, Position
from okx_doctor.secrets.secret import shows_only

KEPT: Final = 5000
OPEN_PER_INSTRUMENT: Final = 500
FUNDS: Final[Mapping[str, str]] = {"BTC": "0.01", "ETH": "0.2", "USDT": "10000"}
"""The balance of an account at its start."""

_CANCELLED_ALL_AFTER: Final = "20"
_REASONS: Final[Mapping[str, str]] = {"fok": "13", "op_fok": "13", "post_only": "31", "mmp_and_post_only": "31"}
_UNFILLED: Final = "14"
_EXPIRED: Final = "6"

PositionKey = tuple[str, str, str]


@shows_only("moment")
class News(Struct, frozen=True, kw_only=True):
    """Something that changed: an order, with the fill that did it if one did; balances and positions with a fill."""

    order: Order
    fill: Fill | None
    moment: float


class Desk:
    """One account's. ``numbers`` gives ids that rise; ``revision`` rises with every change."""

    def __init__(self, numbers: Callable[[float], str]) -> None:
        self.cash: dict[str, Decimal] = {ccy: Decimal(amount) for ccy, amount in FUNDS.items()}
        self.hedged = False
        self.fills: deque[Fill] = deque(maxlen=KEPT)
        self.positions: dict[PositionKey, Position] = {}
        self.told: list[Callable[[News], None]] = []
        self._numbers = numbers
        self._open: dict[str, Order] = {}
        self._closed: dict[str, Order] = {}
        self._by_client: dict[str, str] = {}
        self._levers: dict[tuple[str, str, str], Decimal] = {}
        self._settled: int | None = None
        self._cancel_at: float | None = None
        self.revision = 0

    def pending(self) -> tuple[Order, ...]:
        """Open orders, the newest first."""
        return tuple(reversed(self._open.values()))

    def history(self) -> tuple[Order, ...]:
        """Orders that are filled or cancelled, the newest first."""
        return tuple(reversed(self._closed.values()))

    def order(self, order_id: str, client_id: str = "") -> Order | None:
        """The order with this id; where none is given, the newest with that id of the client's."""
        known = order_id or self._by_client.get(client_id, "")
        return self._open.get(known) or self._closed.get(known)

    def frozen(self, ccy: str) -> Decimal:
        """The part of a currency that open orders and positions hold."""
        held = sum((amount for at, amount in (one.held for one in self._open.values()) if at == ccy), NOTHING)
        return held + sum((margin(one) for one in self.positions.values() if one.instrument.settle == ccy), NOTHING)

    def available(self, ccy: str) -> Decimal:
        return max(NOTHING, self.cash.get(ccy, NOTHING) - self.frozen(ccy))

    def lever(self, one: Instrument, mode: str, side: str) -> Decimal:
        known = self._levers
        return known.get((one.id, mode, side)) or known.get((one.id, mode, "")) or Decimal(3)

    def set_lever(self, one: Instrument, mode: str, side: str, lever: Decimal) -> None:
        self.revision += 1
        self._levers[one.id, mode, side] = lever

    def set_hedged(self, hedged: bool) -> None:
        """Hold positions long and short at once from now on, or not."""
        self.revision += 1
        self.hedged = hedged

    def place(self, entry: asking.Entry, prices: Prices, now: float) -> Order:
        """The order as it is once it has met the book. Raises ``Refused``, having changed nothing."""
        self.settle(prices, now)
        wanted = asking.asked(entry, prices, now, hedged=self.hedged)
        if wanted.client_id and wanted.client_id in self._by_client and self.order("", wanted.client_id):
            raise Refused("51016")
        one = wanted.instrument
        if sum(each.instrument.id == one.id for each in self._open.values()) >= OPEN_PER_INSTRUMENT:
            raise Refused("51102", str(OPEN_PER_INSTRUMENT))
        moment = int(now * 1000)
        order = Order(
            id=self._numbers(now),
            client_id=wanted.client_id,
            instrument=one,
            side=wanted.side,
            kind=wanted.kind,
            mode=wanted.mode,
            position_side=wanted.position_side,
            size=wanted.size,
            price=wanted.price,
            asked=wanted.kept,
            created=moment,
            updated=moment,
            lever=self.lever(one, wanted.mode, wanted.position_side),
            reduces=wanted.reduces or self._closes(wanted),
        )
        order = self._within_position(order) if order.reduces else order
        self._check_funds(order, prices, now)
        self._remember(order)
        self._tell(order, None, now)
        return self._met(order, prices, now)

    def cancel(self, order: Order, now: float, source: str = "0") -> Order:
        """Cancel an open order."""
        ended = replace(order, state="canceled", cancel_source=source, updated=int(now * 1000))
        self._remember(ended)
        self._tell(ended, None, now)
        return ended

    def amend(self, order: Order, entry: asking.Entry, prices: Prices, now: float) -> Order:
        """Change price or size of an open order. Raises ``Refused``, having changed nothing."""
        if not (entry.get("newSz", "") or entry.get("newPx", "")):
            raise Refused("51500")
        size, price = order.size, order.price
        if entry.get("newSz", ""):
            size = asking.checked_size(order.instrument, asking.decimal(entry, "newSz"))
            if size <= order.filled:
                raise Refused("51503")
        if entry.get("newPx", ""):
            price = asking.checked_price(order.instrument, asking.decimal(entry, "newPx"), order.side, prices, now)
        changed = replace(order, size=size, price=price, updated=int(now * 1000))
        del self._open[order.id]
        try:
            self._check_funds(changed, prices, now)
        except Refused:
            self._open[order.id] = order
            raise
        self._remember(changed)
        self._tell(changed, None, now)
        return self._met(changed, prices, now)

    def cancel_all_after(self, seconds: int, now: float) -> float:
        """Cancel everything ``seconds`` from now, with 0 not at all. Returns when, or 0."""
        self._cancel_at = now + seconds if seconds else None
        return self._cancel_at or 0.0

    def settle(self, prices: Prices, now: float) -> None:
        """Bring everything up to a time: orders that the price has reached since are filled."""
        second = int(now)
        if second == self._settled and self._cancel_at is None:
            return
        if self._settled is None or second < self._settled:  # the clock was set back: nothing is undone
            self._settled = second
        until = second if self._cancel_at is None else min(second, int(self._cancel_at))
        if until > self._settled and self._open:
            self._fill_reached(prices, self._settled + 1, until)
        if self._cancel_at is not None and now >= self._cancel_at:
            self._cancel_at = None
            for order in tuple(self._open.values()):
                self.cancel(order, now, _CANCELLED_ALL_AFTER)
        if second // 3600 != self._settled // 3600:
            self._expire(prices, now)
        self._settled = second

    def reach(self, prices: Prices, now: float) -> None:
        """Fill what a price reaches that was set this very second."""
        self.settle(prices, now)
        self._fill_reached(prices, int(now), int(now))

    def fill(self, order: Order, price: Decimal, size: Decimal, moment: float, *, maker: bool) -> Order:
        """Fill so much of an open order at a price."""
        one = order.instrument
        number = self._numbers(moment)
        fee = orders.fee_of(one, order.side, size, price, maker=maker)
        earned = NOTHING
        sign = 1 if order.side == "buy" else -1
        if one.kind == "SPOT":
            self._add(one.base, sign * size)
            self._add(one.quote, -sign * size * price)
        else:
            earned = self._move(order, sign * size, price, int(moment * 1000), number, fee)
            self._add(one.settle, earned)
        self._add(order.fee_currency, fee)
        done = Fill(
            id=number,
            order_id=order.id,
            client_id=order.client_id,
            instrument=one,
            side=order.side,
            position_side=order.position_side,
            price=price,
            size=size,
            fee=fee,
            profit=earned,
            maker=maker,
            moment=int(moment * 1000),
            tag=order.asked.get("tag", ""),
        )
        filled = order.filled + size
        changed = replace(
            order,
            filled=filled,
            spent=order.spent + size * price,
            fee=order.fee + fee,
            profit=order.profit + earned,
            state="filled" if filled == order.size else "partially_filled",
            updated=int(moment * 1000),
            last=done,
        )
        self.fills.append(done)
        self._remember(changed)
        self._tell(changed, done, moment)
        return changed

    def _met(self, order: Order, prices: Prices, now: float) -> Order:
        """The order after it has taken what it can from the book."""
        takes = tuple(_takes(order, prices, int(now)))
        there = sum((size for _, size in takes), NOTHING)
        if (order.kind in ("post_only", "mmp_and_post_only") and takes) or (
            order.kind in ("fok", "op_fok") and there < order.left
        ):
            return self.cancel(order, now, _REASONS[order.kind])
        for price, size in takes:
            order = self.fill(order, price, size, now, maker=False)
        if order.open and order.kind in (*asking.PRICELESS, "ioc"):
            return self.cancel(order, now, _UNFILLED)
        return order

    def _fill_reached(self, prices: Prices, begin: int, end: int) -> None:
        reached: list[tuple[int, str]] = []
        by_instrument: dict[str, list[Order]] = {}
        for order in self._open.values():
            by_instrument.setdefault(order.instrument.id, []).append(order)
        for waiting in by_instrument.values():
            one = waiting[0].instrument
            course = prices.span(one, begin, end + 1)
            for order in waiting:
                if order.price is not None and _is_reached(order, course.low, course.high):
                    reached.append((_first_reached(order, prices, begin, end), order.id))
        for second, order_id in sorted(reached):
            order = self._open[order_id]
            if order.price is not None:
                self.fill(order, order.price, order.left, float(second), maker=True)

    def _expire(self, prices: Prices, now: float) -> None:
        """Orders of expired contracts are cancelled, and their positions settled at the last price."""
        for order in tuple(self._open.values()):
            if order.instrument.expires and find(order.instrument.id, now) is None:
                self.cancel(order, now, _EXPIRED)
        for key, held in tuple(self.positions.items()):
            one = held.instrument
            if one.expires and find(one.id, now) is None:
                price = one.price(prices.last(one, one.expires))
                self.revision += 1
                self._add(one.settle, orders.profit(one, held.size, held.average, price))
                del self.positions[key]

    def _move(self, order: Order, change: Decimal, price: Decimal, moment: int, number: str, fee: Decimal) -> Decimal:
        one = order.instrument
        key = (one.id, order.position_side, order.mode)
        held = self.positions.get(key) or Position(
            id=number,
            instrument=one,
            side=order.position_side,
            mode=order.mode,
            lever=order.lever,
            size=NOTHING,
            average=price,
            created=moment,
            updated=moment,
        )
        changed, earned = orders.moved(held, change, price, moment, number)
        if changed.size:
            self.positions[key] = replace(changed, fee=held.fee + fee)
        else:
            self.positions.pop(key, None)
        return earned

    def _closes(self, wanted: asking.Asked) -> bool:
        return (wanted.position_side, wanted.side) in (("long", "sell"), ("short", "buy"))

    def _within_position(self, order: Order) -> Order:
        """An order that only reduces, no larger than what it can reduce. Raises ``Refused``."""
        held = self.positions.get((order.instrument.id, order.position_side, order.mode))
        if held is None or (held.size > 0) == (order.side == "buy"):
            raise Refused("51169" if order.instrument.settle else "51205")
        if order.size <= abs(held.size):
            return order
        if self.hedged:
            raise Refused("51112")
        return replace(order, size=abs(held.size))

    def _check_funds(self, order: Order, prices: Prices, now: float) -> None:
        """The funds that an order would hold have to be there; one that reduces a position needs none."""
        one = order.instrument
        if order.reduces:
            return
        ccy, needed = order.held
        if order.price is None:
            at, sizes = zip(*_takes(order, prices, int(now)), strict=True)
            worst = replace(order, price=max(at), size=sum(sizes, NOTHING))
            ccy, needed = worst.held
        held = self.positions.get((one.id, order.position_side, order.mode))
        if held and (held.size > 0) != (order.side == "buy"):
            return
        if needed > self.available(ccy):
            raise Refused("51008", ccy)

    def _add(self, ccy: str, amount: Decimal) -> None:
        self.cash[ccy] = self.cash.get(ccy, NOTHING) + amount

    def _remember(self, order: Order) -> None:
        self.revision += 1
        if order.client_id:
            self._by_client[order.client_id] = order.id
        if order.open:
            self._open[order.id] = order
            return
        self._open.pop(order.id, None)
        self._closed[order.id] = order
        if len(self._closed) > KEPT:
            oldest = self._closed.pop(next(iter(self._closed)))
            if self._by_client.get(oldest.client_id) == oldest.id:
                del self._by_client[oldest.client_id]

    def _tell(self, order: Order, fill: Fill | None, moment: float) -> None:
        for told in self.told:
            told(News(order=order, fill=fill, moment=moment))


def margin(position: Position) -> Decimal:
    """The margin that a position holds."""
    return orders.notional(position.instrument, abs(position.size), position.average) / position.lever


def _takes(order: Order, prices: Prices, second: int) -> Iterator[tuple[Decimal, Decimal]]:
    """Price and size of what an order takes from the book, the best first."""
    one, left = order.instrument, order.left
    bid, ask = books.best(one, prices.last(one, second), second)
    if order.price is not None and (
        order.price < one.price(ask) if order.side == "buy" else order.price > one.price(bid)
    ):
        return
    held = books.book(prices, one, second, books.DEEPEST)
    for ticks, lots in held.asks if order.side == "buy" else held.bids:
        price = one.price(ticks)
        if not left or (order.price is not None and _is_beyond(order.side, price, order.price)):
            return
        size = min(left, lots * Decimal(one.lot))
        left -= size
        yield price, size


def _is_beyond(side: Literal["buy", "sell"], price: Decimal, limit: Decimal) -> bool:
    return price > limit if side == "buy" else price < limit


def _is_reached(order: Order, low: int, high: int) -> bool:
    one = order.instrument
    if order.price is None:
        return False
    return one.price(low) <= order.price if order.side == "buy" else one.price(high) >= order.price


def _first_reached(order: Order, prices: Prices, begin: int, end: int) -> int:
    """The first second in which the price reaches an order, which it does before ``end`` is over."""
    while begin < end:
        middle = (begin + end) // 2
        course = prices.span(order.instrument, begin, middle + 1)
        if _is_reached(order, course.low, course.high):
            end = middle
        else:
            begin = middle + 1
    return begin
