"""The subscriptions of one socket where there is a market, and the pushes that they lead to.

Everything on the public channels follows from the time, so only the last push is remembered. A private channel
gets news from its account's desk; how many may wait to be pushed is bounded.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-market-data and the channels of #trading-account
(2026-02-23). OKX pushes as often as every 10 ms; here all channels have their turn once a second.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.living import Living, encoded
from okx_doctor.gate.market import books, candles, data
from okx_doctor.gate.market.instruments import DAY, KINDS, Instrument, find, row, select
from okx_doctor.gate.trading import rows
from okx_doctor.gate.trading.desk import Desk, News

UNTOLD: Final = 1000
"""News of an account that may wait to be pushed to one socket."""
_LATE: Final = 100
"""Trades and candles that are pushed at once after a jump of the clock."""
_EVERY: Final = 5
"""Seconds between the pushes of a balance in which nothing has happened."""
_DEEP: Final[Mapping[str, int]] = {"books": 400, "books-l2-tbt": 400, "books50-l2-tbt": 50, "books-elp": 400}
_SHALLOW: Final[Mapping[str, int]] = {"books5": 5, "bbo-tbt": 1}
_OF_ONE: Final = frozenset({
    *_DEEP, *_SHALLOW, "tickers", "trades", "trades-all", "mark-price", "price-limit", "funding-rate", "open-interest",
    "index-tickers", "estimated-price", "call-auction-details",
})  # fmt: skip
_INDEX: Final = ("index-tickers", "index-candle")
_SILENT: Final = ("estimated-price", "call-auction-details")
_PRIVATE: Final = ("account", "positions", "balance_and_position", "orders", "fills")

Arg = Mapping[str, object]


class Channel:
    """One subscription: its parameters, the instrument where it is about one, and its last push."""

    def __init__(self, arg: Arg, one: Instrument | None) -> None:
        self.arg = arg
        self.name = str(arg.get("channel", ""))
        self.one = one
        self.key = (self.name, *(str(arg.get(name, "")) for name in ("instId", "instType", "instFamily", "uly")))
        self.told: tuple[int, int] | None = None
        self.book: books.Book | None = None


class Subscriptions:
    """Those of one connection. ``wake`` is called when there is something to tell before the next second begins."""

    def __init__(self, living: Living, wake: Callable[[], None]) -> None:
        self._living = living
        self._wake = wake
        self._channels: dict[tuple[str, ...], Channel] = {}
        self._news: deque[News] = deque(maxlen=UNTOLD)
        self._account: Account | None = None
        self._desk: Desk | None = None
        self._interval = 0

    @property
    def any(self) -> bool:
        return bool(self._channels)

    def known(self, arg: Arg, now: float) -> bool:
        """Whether a channel can be subscribed to with these parameters."""
        return _instrument(arg, now) is not None or not _needs_instrument(str(arg.get("channel", "")))

    def add(self, arg: Arg, account: Account | None, now: float) -> Iterator[bytes]:
        """Subscribe, and give what is pushed first."""
        channel = Channel(arg, _instrument(arg, now))
        self._channels[channel.key] = channel
        if channel.name in _PRIVATE and account:
            self._hear(account, now)
            yield from self._first_private(channel, now)
        else:
            yield from self._public(channel, now)

    def remove(self, arg: Arg) -> None:
        """End a subscription, if there is one."""
        self._channels.pop(Channel(arg, None).key, None)

    def end(self) -> None:
        """Hear of nothing any more."""
        self._channels.clear()
        self._living.watching.discard(self._wake)
        if self._desk and self._note in self._desk.told:
            self._desk.told.remove(self._note)

    def due(self, now: float) -> Iterator[bytes]:
        """Everything that is to be pushed by now."""
        if not self._channels:
            return
        self._living.watching.add(self._wake)
        if self._account:
            self._living.floor.desk(self._account, now)  # fills what the price has reached
        yield from self._told_news(now)
        for channel in tuple(self._channels.values()):
            if channel.name not in _PRIVATE:
                yield from self._public(channel, now)

    def _hear(self, account: Account, now: float) -> None:
        if self._desk is None:
            self._account = account
            self._desk = self._living.floor.desk(account, now)
            self._desk.told.append(self._note)

    def _note(self, news: News) -> None:
        self._news.append(news)
        self._wake()

    def _public(self, channel: Channel, now: float) -> Iterator[bytes]:
        prices = self._living.floor.prices
        moment = (int(now), prices.version)
        before, channel.told = channel.told, moment
        if moment == before:
            return
        name, one = channel.name, channel.one
        if one is None or name in _SILENT:
            yield from self._of_many(channel, before, now)
        elif name in _DEEP:
            yield self._book(channel, one, before, now)
        elif "candle" in name:
            yield from self._candles(channel, one, before, now)
        elif name in ("trades", "trades-all"):
            first = min(moment[0], before[0] + 1) if before else moment[0]
            for second in range(max(first, moment[0] - _LATE), moment[0] + 1):
                yield self._frame(channel, self._trade(name, one, second), now, second)
        else:
            yield self._frame(channel, lambda: [self._row(name, one, now)], now)

    def _row(self, name: str, one: Instrument, now: float) -> object:
        prices = self._living.floor.prices
        match name:
            case "tickers":
                return data.ticker(prices, one, now)
            case "mark-price":
                return data.mark_price(prices, one, now)
            case "price-limit":
                return data.price_limit(prices, one, now)
            case "funding-rate":
                return data.funding(one, now)
            case "open-interest":
                return data.open_interest(prices, one, now)
            case "index-tickers":
                return data.index_ticker(prices, one, now)
            case _:
                return {"instId": one.id, **books.row(prices, one, _SHALLOW[name], now)}

    def _trade(self, name: str, one: Instrument, second: int) -> Callable[[], object]:
        counted = {"count": "1", "seqId": second} if name == "trades" else {}
        return lambda: [{**books.trade(self._living.floor.prices, one, second), **counted}]

    def _of_many(self, channel: Channel, before: tuple[int, int] | None, now: float) -> Iterator[bytes]:
        """Channels about more than one instrument: pushed in full at first, and when it may have changed."""
        kind, family = str(channel.arg.get("instType", "")), str(channel.arg.get("instFamily", ""))
        if channel.name == "instruments" and (before is None or before[0] // DAY != int(now) // DAY):
            yield self._frame(channel, lambda: [row(one) for one in select(now, kind)], now)
        elif channel.name == "opt-summary":
            options = select(now, "OPTION", family=family)
            prices = self._living.floor.prices
            yield self._frame(channel, lambda: [data.option_summary(prices, one, now) for one in options], now)

    def _book(self, channel: Channel, one: Instrument, before: tuple[int, int] | None, now: float) -> bytes:
        prices, depth, second = self._living.floor.prices, _DEEP[channel.name], int(now)
        held = books.book(prices, one, second, depth)
        old, channel.book = channel.book, held
        last = -1 if old is None or before is None else before[0] * 1000 + before[1] % 1000

        def made() -> object:
            asks, bids = (
                (books.levels(one, held.asks), books.levels(one, held.bids)) if old is None
                else books.changed(one, old, held)
            )  # fmt: skip
            return [{
                "asks": asks, "bids": bids, "ts": str(int(now * 1000)), "checksum": books.checksum(one, held),
                "seqId": books.sequence(prices, second), "prevSeqId": last,
            }]  # fmt: skip

        action = b"snapshot" if old is None else b"update"
        shown = self._living.once((channel.key, depth, last), now, made)
        return b'{"arg":%b,"action":"%b","data":%b}' % (encoded(channel.arg), action, shown)

    def _candles(
        self, channel: Channel, one: Instrument, before: tuple[int, int] | None, now: float
    ) -> Iterator[bytes]:
        """Those that have closed since, and the one that is open."""
        kind, _, length_name = channel.name.rpartition("candle")
        length = candles.bar(length_name)
        if length is None:
            return
        prices = self._living.floor.prices
        begins = [length.begin(int(now))]
        since = length.begin(before[0]) if before else begins[0]
        while begins[-1] > since and len(begins) < _LATE:
            begins.append(length.begin(begins[-1] - 1))
        for begin in reversed(begins):

            def made(begin: int = begin) -> object:
                return [candles.candle(prices, one, length, begin, now, volume=not kind)]

            yield self._frame(channel, made, now, begin)

    def _frame(self, channel: Channel, make: Callable[[], object], now: float, extra: int = 0) -> bytes:
        shown = self._living.once((channel.key, extra), now, make)
        return b'{"arg":%b,"data":%b}' % (encoded(channel.arg), shown)

    def _first_private(self, channel: Channel, now: float) -> Iterator[bytes]:
        if self._desk is None:
            return
        moment = str(int(now * 1000))
        if channel.name == "balance_and_position":
            yield self._own(channel, [rows.both(self._desk, moment, "snapshot")], {})
        elif channel.name in ("account", "positions"):
            yield self._state(channel, "snapshot", now)

    def _state(self, channel: Channel, event: str, now: float) -> bytes:
        prices = self._living.floor.prices
        shown: list[object] = []
        if self._desk and channel.name == "account":
            shown = [rows.pushed_balance(self._desk, prices, now, str(channel.arg.get("ccy", "")))]
        elif self._desk:
            held = self._desk.positions.values()
            shown = [rows.position(one, prices, now) for one in held if _is_meant(channel.arg, one.instrument)]
        return self._own(channel, shown, {"eventType": event, "curPage": 1, "lastPage": True})

    def _told_news(self, now: float) -> Iterator[bytes]:
        if self._desk is None:
            return
        news = tuple(self._news)
        self._news.clear()
        private = [channel for channel in self._channels.values() if channel.name in _PRIVATE]
        prices = self._living.floor.prices
        for channel in private:
            for each in news:
                one = each.order.instrument
                if channel.name == "orders" and _is_meant(channel.arg, one):
                    yield self._own(channel, [rows.pushed_order(each.order, each.fill, prices, each.moment)], {})
                elif channel.name == "fills" and each.fill and channel.arg.get("instId", one.id) == one.id:
                    yield self._own(channel, [rows.pushed_fill(each.fill)], {})
        fills = tuple(each.fill for each in news if each.fill)
        regular = int(now) // _EVERY != self._interval
        self._interval = int(now) // _EVERY
        for channel in private:
            if channel.name in ("account", "positions") and (news or regular):
                yield self._state(channel, "event_update" if news else "interval_update", now)
            elif channel.name == "balance_and_position" and fills:
                yield self._own(channel, [rows.both(self._desk, str(int(now * 1000)), "filled", fills)], {})

    def _own(self, channel: Channel, shown: list[object], page: Mapping[str, object]) -> bytes:
        uid = self._account.uid if self._account else ""
        return encoded({"arg": {**channel.arg, "uid": uid}, **page, "data": shown})


def _needs_instrument(channel: str) -> bool:
    return channel in _OF_ONE or "candle" in channel


def _instrument(arg: Arg, now: float) -> Instrument | None:
    """The instrument that a channel is about; ``None`` where there is none."""
    channel, named = str(arg.get("channel", "")), str(arg.get("instId", ""))
    if not _needs_instrument(channel) or ("candle" in channel and candles.bar(channel.rpartition("candle")[2]) is None):
        return None
    if not channel.startswith(_INDEX):
        return find(named, now)
    one = find(named, now) or find(f"{named}T" if named.endswith("-USD") else named, now)
    return one if one and one.kind == "SPOT" else None


def _is_meant(arg: Arg, one: Instrument) -> bool:
    """Whether a private channel with these parameters is about an instrument."""
    kind = arg.get("instType", "ANY")
    return (
        (kind in ("ANY", one.kind) or kind not in KINDS)
        and arg.get("instFamily", one.family) == one.family
        and arg.get("instId", one.id) == one.id
    )
