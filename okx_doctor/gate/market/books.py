"""Order books around the price, trades at their best levels, and the checksum by which a client knows its copy.

A buyer's trade leaves the price at the lowest ask, a seller's at the highest bid. How much a level holds depends on its
price and changes slowly, a few levels each second, so that updates are short.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-market-data-ws-order-book-channel (2026-02-23).
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from itertools import chain, zip_longest
from typing import Final, NamedTuple

from okx_doctor.gate.market.candles import lots_at, usual_lots
from okx_doctor.gate.market.instruments import Instrument, Row
from okx_doctor.gate.market.prices import Prices, buys

DEEPEST: Final = 400
_CHECKED: Final = 25
_PERIOD: Final = 64


class Book(NamedTuple):
    """Levels in ticks and lots, the best first."""

    asks: tuple[tuple[int, int], ...]
    bids: tuple[tuple[int, int], ...]


def best(one: Instrument, last: int, second: int) -> tuple[int, int]:
    """Highest bid and lowest ask, in ticks, where the last trade was at ``last``."""
    return (last - 1, last) if buys(one.id, second) and last > 1 else (last, last + 1)


def book(prices: Prices, one: Instrument, second: int, depth: int) -> Book:
    """The order book at a second."""
    bid, ask = best(one, prices.last(one, second), second)
    usual = usual_lots(one) * 100
    asks = tuple((at, _held(at, second, usual)) for at in range(ask, ask + depth))
    bids = tuple((at, _held(at, second, usual)) for at in range(bid, max(0, bid - depth), -1))
    return Book(asks, bids)


def _held(ticks: int, second: int, usual: int) -> int:
    """The lots at a level: another number every 64 seconds, not for all levels at once."""
    mixed = (ticks * 2_654_435_761 ^ (second + ticks * 7) // _PERIOD * 40_503) & 0xFFFFFFFF
    return (1 + (mixed >> 11) % 50) * usual


def levels(one: Instrument, side: tuple[tuple[int, int], ...]) -> list[list[str]]:
    """Levels as OKX writes them: price, size, nothing, number of orders."""
    return [[one.price_text(at), one.size_text(lots), "0", str(1 + lots % 7) if lots else "0"] for at, lots in side]


def row(prices: Prices, one: Instrument, depth: int, now: float) -> Row:
    """A book as ``market/books`` has it."""
    held = book(prices, one, int(now), depth)
    return {
        "asks": levels(one, held.asks),
        "bids": levels(one, held.bids),
        "ts": str(int(now * 1000)),
        "seqId": sequence(prices, int(now)),
    }


def changed(one: Instrument, before: Book, after: Book) -> tuple[list[list[str]], list[list[str]]]:
    """The levels of asks and of bids that an update from one book to the next tells: one that is gone has size 0."""
    return _changed(one, before.asks, after.asks), _changed(one, before.bids, after.bids)


def _changed(
    one: Instrument, before: tuple[tuple[int, int], ...], after: tuple[tuple[int, int], ...]
) -> list[list[str]]:
    old, new = dict(before), dict(after)
    told = {at: new.get(at, 0) for at in {**old, **new} if old.get(at) != new.get(at)}
    ascending = len(after) < 2 or after[0][0] < after[1][0]
    return levels(one, tuple(sorted(told.items(), reverse=not ascending)))


def checksum(one: Instrument, held: Book) -> int:
    """CRC-32 over price and size of the best 25 levels, bid and ask in turn, as a signed number."""
    return _checksum(one, held.asks[:_CHECKED], held.bids[:_CHECKED])


@lru_cache(maxsize=256)
def _checksum(one: Instrument, asks: tuple[tuple[int, int], ...], bids: tuple[tuple[int, int], ...]) -> int:
    told = zip_longest(levels(one, bids), levels(one, asks))
    parts = chain.from_iterable(level[:2] for pair in told for level in pair if level)
    value = zlib.crc32(":".join(parts).encode())
    return value - (1 << 32) if value >> 31 else value


def sequence(prices: Prices, second: int) -> int:
    """The number of a book's state."""
    return second * 1000 + prices.version % 1000


def trade(prices: Prices, one: Instrument, second: int) -> Row:
    """The trade of a second, as REST and the channels have it."""
    return {
        "instId": one.id,
        "side": "buy" if buys(one.id, second) else "sell",
        "sz": one.size_text(lots_at(one, second)),
        "source": "0",
        "px": one.price_text(prices.last(one, second)),
        "tradeId": str(second),
        "ts": f"{second}000",
    }
