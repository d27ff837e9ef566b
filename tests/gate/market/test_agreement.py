"""One price: what tickers, candles, books and trades tell of the same moment is the same, whatever the seed."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okx_doctor.gate.market import books, candles, data
from okx_doctor.gate.market.instruments import DAY, KINDS, LISTED, Instrument, listed
from okx_doctor.gate.market.prices import Prices

pytestmark = pytest.mark.slow

NOW = 1_790_000_000
INSTRUMENTS = tuple(listed(NOW // DAY).values())
BARS = ("1s", "1m", "3m", "5m", "15m", "30m", "1H", "2H", "4H")
LONG_BARS = ("6H", "6Hutc", "12H", "1D", "1Dutc", "2D", "3Dutc", "1W", "1Wutc", "1M", "1Mutc", "3M", "3Mutc")

moments = st.integers(NOW - 200 * DAY, NOW + 200 * DAY)
seeds = st.integers(0, 2**40)
instruments = st.sampled_from(INSTRUMENTS)


def _bar(text: str) -> candles.Bar:
    found = candles.bar(text)
    assert found
    return found


@given(instruments, seeds, moments, st.sampled_from(BARS[:5]))
@settings(max_examples=60, deadline=None)
def test_a_candle_is_made_of_its_trades(one: Instrument, seed: int, now: int, text: str) -> None:
    prices, length = Prices(seed=seed), _bar(text)
    begin = length.begin(now)
    trades = [prices.last(one, second) for second in range(begin, now + 1)]
    lots = sum(candles.lots_at(one, second) for second in range(begin, now + 1))

    shown = candles.candle(prices, one, length, begin, now)

    assert shown[1:5] == [one.price_text(at) for at in (trades[0], max(trades), min(trades), trades[-1])]
    assert candles.volume_of(one, begin, now + 1) == lots
    assert shown[5] == one.size_text(lots)
    assert shown[8] == ("1" if length.end(begin) <= now else "0")


@given(instruments, seeds, moments, st.sampled_from(BARS + LONG_BARS))
@settings(max_examples=60, deadline=None)
def test_a_long_candle_is_made_of_shorter_ones(one: Instrument, seed: int, now: int, text: str) -> None:
    prices, length = Prices(seed=seed), _bar(text)
    begin, end = length.begin(now), length.end(length.begin(now))
    cut = begin + (now - begin) // 2 + 1 if now > begin else end
    whole = prices.span(one, begin, end)
    parts = [prices.span(one, begin, cut)] + ([prices.span(one, cut, end)] if cut < end else [])

    assert begin <= now < end
    assert whole == (
        parts[0].open, max(part.high for part in parts), min(part.low for part in parts), parts[-1].close
    )  # fmt: skip
    assert length.begin(begin) == begin == length.begin(end - 1)
    assert length.begin(end) == end


@given(instruments, seeds, moments)
@settings(max_examples=60, deadline=None)
def test_ticker_book_trade_candle_and_mark_price_agree(one: Instrument, seed: int, now: int) -> None:
    prices = Prices(seed=seed)
    ticker = data.ticker(prices, one, now)
    book = books.row(prices, one, 5, now)
    trade = books.trade(prices, one, now)
    asks, bids = book["asks"], book["bids"]
    assert isinstance(asks, list)
    assert isinstance(bids, list)

    assert ticker["last"] == trade["px"] == candles.candle(prices, one, _bar("1m"), now - now % 60, now)[4]
    assert ticker["last"] == data.mark_price(prices, one, now)["markPx"]
    assert (ticker["askPx"], ticker["askSz"]) == tuple(asks[0][:2])
    assert (ticker["bidPx"], ticker["bidSz"]) == tuple(bids[0][:2]) if bids else True
    assert trade["px"] == (ticker["askPx"] if trade["side"] == "buy" else ticker["bidPx"])
    assert ticker["lastSz"] == trade["sz"]
    day = prices.span(one, now + 1 - DAY, now + 1)
    assert (ticker["high24h"], ticker["low24h"]) == (one.price_text(day.high), one.price_text(day.low))


@given(instruments, seeds, moments, st.integers(1, 400))
@settings(max_examples=40, deadline=None)
def test_a_book_is_sorted_and_never_crossed(one: Instrument, seed: int, now: int, depth: int) -> None:
    held = books.book(Prices(seed=seed), one, now, depth)

    assert all(low < high for (low, _), (high, _) in pairwise(held.asks))
    assert all(high > low > 0 for (high, _), (low, _) in pairwise(held.bids))
    assert len(held.asks) == depth
    assert not held.bids or held.bids[0][0] < held.asks[0][0]
    assert all(lots > 0 for _, lots in (*held.asks, *held.bids))


@given(instruments, seeds, moments, st.integers(0, 5000), st.sampled_from((50, 400)))
@settings(max_examples=40, deadline=None)
def test_an_update_makes_of_the_old_book_the_new_one(
    one: Instrument, seed: int, now: int, later: int, depth: int
) -> None:
    prices = Prices(seed=seed)
    before, after = (books.book(prices, one, second, depth) for second in (now, now + later))

    for old, new, told in zip(before, after, books.changed(one, before, after), strict=True):
        copy = {price: size for price, size, _, _ in books.levels(one, old)}
        copy |= {price: size for price, size, _, _ in told}
        assert {at: size for at, size in copy.items() if size != "0"} == {
            price: size for price, size, _, _ in books.levels(one, new)
        }


def test_the_checksum_is_that_of_okx_s_own_example() -> None:
    """Two bids and two asks in turn: 3366.1:7:3366.8:9:3366:6:3368:8, as OKX documents the text."""
    import zlib

    one = next(one for one in INSTRUMENTS if one.id == "BTC-USDT")
    text = b"3366.1:0.00000007:3366.8:0.00000009:3366.0:0.00000006:3368.0:0.00000008"
    expected = zlib.crc32(text)

    made = books.checksum(one, books.Book(asks=((33668, 9), (33680, 8)), bids=((33661, 7), (33660, 6))))

    assert made == expected - (1 << 32 if expected >> 31 else 0)


def test_there_are_instruments_of_every_kind_and_every_one_has_a_price_and_a_size() -> None:
    assert len(INSTRUMENTS) >= 60
    assert {one.kind for one in INSTRUMENTS} == set(KINDS)
    assert len({one.code for one in INSTRUMENTS}) == len(INSTRUMENTS)
    for one in INSTRUMENTS:
        assert Prices().last(one, NOW) > 0
        assert Decimal(one.least) % Decimal(one.lot) == 0


@pytest.mark.parametrize("seconds", [0, 59, 60, 3599, 86_399, 86_400, 86_400 * 31])
def test_another_seed_is_another_course_and_the_same_seed_the_same(seconds: int) -> None:
    one = INSTRUMENTS[0]
    at = NOW + seconds

    assert Prices(seed=1).last(one, at) == Prices(seed=1).last(one, at)
    assert Prices(seed=1).last(one, at) != Prices(seed=2).last(one, at)


@given(moments, st.integers(1, 3000), st.floats(0.1, 10))
@settings(max_examples=40, deadline=None)
def test_a_price_that_was_set_holds_from_then_on_for_all_that_follows_the_coin(
    now: int, later: int, factor: float
) -> None:
    spot, swap = (next(one for one in INSTRUMENTS if one.id == name) for name in ("ETH-USDT", "ETH-USDT-SWAP"))
    before = Prices()
    value = round(3500 * factor, 2)
    prices = before.with_price(spot, value, now)

    assert prices.last(spot, now + later) == round(value * 100)
    assert abs(prices.last(swap, now + later) - round(value * 100 * swap.factor)) <= 1
    assert prices.last(spot, now - 1) == before.last(spot, now - 1)
    span = prices.span(spot, now - 60, now + later)
    natural = before.span(spot, now - 60, now)
    assert span == (natural.open, max(natural.high, span.close), min(natural.low, span.close), round(value * 100))


def test_no_candle_is_older_than_the_market() -> None:
    one = INSTRUMENTS[0]
    begins = list(candles.candles(one, _bar("1D"), NOW, after=(LISTED + 3 * DAY) * 1000, before=0, most=300))

    assert 3 <= len(begins) <= 5
    assert all(_bar("1D").end(begin) > LISTED for begin in begins)


@pytest.mark.parametrize("text", ["", "2m", "1h", "1d", "1Wutc2", "0m", "1Hutc", "7D", "1m\n"])
def test_no_other_text_is_a_bar(text: str) -> None:
    assert candles.bar(text) is None


def test_days_begin_at_midnight_in_hong_kong_or_with_utc_in_greenwich() -> None:
    assert _bar("1D").begin(NOW) % DAY == 16 * 3600
    assert _bar("1Dutc").begin(NOW) % DAY == 0
    assert (_bar("1W").begin(NOW) + 8 * 3600) // DAY % 7 == 4  # 1970 began on a Thursday
