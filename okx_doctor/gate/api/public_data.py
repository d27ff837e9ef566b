"""Answers of the public endpoints where there is a market: instruments, prices, candles, books, trades and the rest.

Sources: https://www.okx.com/docs-v5/en/#order-book-trading-market-data and #public-data-rest-api (2026-02-23).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from okx_doctor.gate.market import books, candles, data
from okx_doctor.gate.market.instruments import KINDS, Instrument, find, row, select
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.refusals import Refused, missing, missing_both, parameter_error

Query = Mapping[str, str]
Rows = Iterable[object]
Answer = Callable[[Query, Prices, float], Rows]

_END_OF_TIME: Final = 10**15


def answer_of(method: str, path: str) -> Answer | None:
    """The answer of a public endpoint that has one. It raises ``Refused``."""
    return _ANSWERS.get(path.removeprefix(_PREFIX)) if method == "GET" and path.startswith(_PREFIX) else None


_PREFIX: Final = "/api/v5/"


def chosen(query: Query, now: float, *, default: str = "") -> list[Instrument]:
    """The instruments that a query names. Raises ``Refused`` for an unknown kind or id."""
    kind = query.get("instType", default)
    if kind and kind not in (*KINDS, "MARGIN", "ANY"):
        raise parameter_error("instType")
    family = query.get("instFamily") or query.get("uly", "")
    found = select(now, kind, family=family, instrument_id=query.get("instId", ""))
    if not found and query.get("instId"):
        raise Refused("51001")
    return found


def named(query: Query, now: float) -> Instrument:
    """The instrument whose id a query has to give. Raises ``Refused``."""
    if not query.get("instId"):
        raise missing("instId")
    one = find(query["instId"], now)
    if one is None:
        raise Refused("51001")
    return one


def number(query: Query, name: str, default: int, most: int = _END_OF_TIME) -> int:
    """A whole number of a query, cut to ``most``. Raises ``Refused``."""
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 16):
        raise parameter_error(name)
    return min(int(text), most)


def _needs_kind(query: Query) -> None:
    if not query.get("instType"):
        raise missing("instType")


def instruments(query: Query, now: float) -> Rows:
    """The rows of ``public/instruments``, which depend on the query and the day alone. Raises ``Refused``."""
    _needs_kind(query)
    if query["instType"] == "OPTION" and not (query.get("uly") or query.get("instFamily") or query.get("instId")):
        raise missing_both("uly", "instFamily")
    kind = query["instType"]
    return ({**row(one), "instType": kind} for one in chosen(query, now) if kind != "MARGIN" or one.lever)


def _tickers(query: Query, prices: Prices, now: float) -> Rows:
    _needs_kind(query)
    return (data.ticker(prices, one, now) for one in chosen(query, now))


def _ticker(query: Query, prices: Prices, now: float) -> Rows:
    return [data.ticker(prices, named(query, now), now)]


def _index_tickers(query: Query, prices: Prices, now: float) -> Rows:
    if query.get("instId"):
        return [data.index_ticker(prices, index(query["instId"], now), now)]
    if not query.get("quoteCcy"):
        raise missing_both("quoteCcy", "instId")
    pairs = (one for one in select(now, "SPOT") if one.quote == query["quoteCcy"])
    return (data.index_ticker(prices, one, now) for one in pairs)


def index(text: str, now: float) -> Instrument:
    """The spot pair that an index is the price of; dollars count as USDT. Raises ``Refused``."""
    one = find(text, now) or find(f"{text}T" if text.endswith("-USD") else text, now)
    if one is None or one.kind != "SPOT":
        raise Refused("51001")
    return one


def _candles(query: Query, prices: Prices, now: float) -> Rows:
    return _shown_candles(query, prices, now, named(query, now), recent=True)


def _history_candles(query: Query, prices: Prices, now: float) -> Rows:
    return _shown_candles(query, prices, now, named(query, now))


def _mark_candles(query: Query, prices: Prices, now: float) -> Rows:
    return _shown_candles(query, prices, now, named(query, now), volume=False)


def _index_candles(query: Query, prices: Prices, now: float) -> Rows:
    if not query.get("instId"):
        raise missing("instId")
    return _shown_candles(query, prices, now, index(query["instId"], now), volume=False)


def _shown_candles(
    query: Query, prices: Prices, now: float, one: Instrument, *, volume: bool = True, recent: bool = False
) -> Rows:
    length = candles.bar(query.get("bar") or "1m")
    if length is None:
        raise parameter_error("bar")
    spans = candles.candles(
        one,
        length,
        now,
        after=number(query, "after", _END_OF_TIME),
        before=number(query, "before", 0),
        most=number(query, "limit", 100, candles.MOST),
        oldest=int(now) - candles.RECENT * length.seconds if recent else 0,
    )
    return (candles.candle(prices, one, length, begin, now, volume=volume) for begin in spans)


def _books(query: Query, prices: Prices, now: float) -> Rows:
    one = named(query, now)
    return [books.row(prices, one, max(1, number(query, "sz", 1, books.DEEPEST)), now)]


def _full_books(query: Query, prices: Prices, now: float) -> Rows:
    """The same, deeper, and without the field that says nothing."""
    one = named(query, now)
    held = books.book(prices, one, int(now), max(1, number(query, "sz", 1, 5000)))
    asks, bids = ([[at, size, count] for at, size, _, count in books.levels(one, side)] for side in held)
    return [{"asks": asks, "bids": bids, "ts": str(int(now * 1000)), "seqId": books.sequence(prices, int(now))}]


def _trades(query: Query, prices: Prices, now: float) -> Rows:
    one = named(query, now)
    count = number(query, "limit", 100, 500)
    return (books.trade(prices, one, second) for second in range(int(now), int(now) - count, -1))


def _history_trades(query: Query, prices: Prices, now: float) -> Rows:
    """By the number of a trade or, with ``type=2``, by time; a trade's number here is its second."""
    one = named(query, now)
    count, unit = number(query, "limit", 100, 100), 1000 if query.get("type") == "2" else 1
    newest = min(int(now), -(-number(query, "after", _END_OF_TIME) // unit) - 1)
    oldest = max(one.listed, newest - count + 1, number(query, "before", 0) // unit + 1)
    return (books.trade(prices, one, second) for second in range(newest, oldest - 1, -1))


def _mark_price(query: Query, prices: Prices, now: float) -> Rows:
    if not query.get("instId"):
        _needs_kind(query)
    return (data.mark_price(prices, one, now) for one in chosen(query, now))


def _funding_rate(query: Query, _prices: Prices, now: float) -> Rows:
    if query.get("instId") == "ANY":
        return (data.funding(one, now) for one in select(now, "SWAP"))
    return [data.funding(_swap(query, now), now)]


def _funding_history(query: Query, _prices: Prices, now: float) -> Rows:
    one = _swap(query, now)
    step = data.FUNDING_SECONDS * 1000
    newest = min(int(now) * 1000 // step, (number(query, "after", _END_OF_TIME) - 1) // step)
    oldest = max(newest - number(query, "limit", 400, 400) + 1, number(query, "before", 0) // step + 1)
    return (data.past_funding(one, period) for period in range(newest, oldest - 1, -1))


def _swap(query: Query, now: float) -> Instrument:
    one = named(query, now)
    if one.kind != "SWAP":
        raise Refused("51001")
    return one


def _open_interest(query: Query, prices: Prices, now: float) -> Rows:
    _needs_kind(query)
    return (data.open_interest(prices, one, now) for one in chosen(query, now) if one.kind != "SPOT")


def _price_limit(query: Query, prices: Prices, now: float) -> Rows:
    return [data.price_limit(prices, named(query, now), now)]


def _underlying(query: Query, _prices: Prices, now: float) -> Rows:
    _needs_kind(query)
    return [sorted({one.family for one in chosen(query, now) if one.family})]


def _position_tiers(query: Query, prices: Prices, now: float) -> Rows:
    _needs_kind(query)
    families = (query.get("instFamily") or query.get("uly") or "").split(",")
    ids = query.get("instId", "").split(",")
    of_kind = select(now, query["instType"])
    for one in of_kind:
        if (one.kind == "SPOT" and one.id in ids) or (one.family in families and one is _first(of_kind, one.family)):
            yield from data.position_tiers(prices, one, now)


def _first(instruments: list[Instrument], family: str) -> Instrument:
    return next(one for one in instruments if one.family == family)


def _option_summary(query: Query, prices: Prices, now: float) -> Rows:
    family = query.get("instFamily") or query.get("uly")
    if not family:
        raise missing_both("uly", "instFamily")
    return (data.option_summary(prices, one, now) for one in select(now, "OPTION", family=family))


def _exchange_rate(_query: Query, _prices: Prices, _now: float) -> Rows:
    return [{"usdCny": "7.1"}]


def _platform_volume(_query: Query, _prices: Prices, now: float) -> Rows:
    return [{"volCny": "7100000000", "volUsd": "1000000000", "ts": str(int(now * 1000))}]


_ANSWERS: Final[Mapping[str, Answer]] = {
    "market/tickers": _tickers,
    "market/ticker": _ticker,
    "market/index-tickers": _index_tickers,
    "market/candles": _candles,
    "market/history-candles": _history_candles,
    "market/mark-price-candles": _mark_candles,
    "market/history-mark-price-candles": _mark_candles,
    "market/index-candles": _index_candles,
    "market/history-index-candles": _index_candles,
    "market/books": _books,
    "market/books-lite": _books,
    "market/books-full": _full_books,
    "market/trades": _trades,
    "market/history-trades": _history_trades,
    "public/mark-price": _mark_price,
    "public/funding-rate": _funding_rate,
    "public/funding-rate-history": _funding_history,
    "public/open-interest": _open_interest,
    "public/price-limit": _price_limit,
    "public/underlying": _underlying,
    "public/position-tiers": _position_tiers,
    "public/opt-summary": _option_summary,
    "market/exchange-rate": _exchange_rate,
    "market/platform-24-volume": _platform_volume,
}
