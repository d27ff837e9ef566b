"""An account's desk: what comes in and what goes out is accounted for to the last digit, whatever is traded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okx_doctor.gate.market.instruments import DAY, listed
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.refusals import Refused
from okx_doctor.gate.trading import desk as desks
from okx_doctor.gate.trading.asking import Entry, fields
from okx_doctor.gate.trading.desk import FUNDS, Desk
from okx_doctor.gate.trading.orders import fee_currency

NOW = 1_790_000_000.0
LISTED = listed(int(NOW // DAY))
BTC = LISTED["BTC-USDT"]

orders = st.fixed_dictionaries({
    "instId": st.sampled_from(("BTC-USDT", "ETH-USDT", "BTC-USDT-SWAP", "ETH-USD-SWAP")),
    "side": st.sampled_from(("buy", "sell")),
    "ordType": st.sampled_from(("market", "limit", "post_only", "ioc", "fok")),
    "sz": st.integers(1, 2000),
    "away": st.integers(-40, 40),
})  # fmt: skip
Step = tuple[dict[str, object], int, bool]
steps = st.lists(st.tuples(orders, st.integers(0, 7200), st.booleans()), max_size=25)


def _desk() -> Desk:
    numbers = count(1)
    return Desk(lambda now: str(next(numbers)))


def _entry(drawn: dict[str, object], prices: Prices, now: float) -> Entry:
    one = LISTED[str(drawn["instId"])]
    last = prices.last(one, int(now))
    size = Decimal(one.lot) * (Decimal(one.least) / Decimal(one.lot)) * Decimal(int(str(drawn["sz"])))
    return fields(
        {
            **drawn,
            "sz": f"{size:f}",
            "px": f"{one.price(last + int(str(drawn['away'])) * last // 2000):f}",
            "tdMode": "cash" if one.kind == "SPOT" else "cross",
            "tgtCcy": "base_ccy",
        }
    )


def _without_zeros(amounts: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if amount}


@given(steps)
@settings(max_examples=60, deadline=None)
def test_balances_are_what_was_there_and_what_every_fill_changed(drawn: list[Step]) -> None:
    desk, prices, now = _desk(), Prices(), NOW
    for order, pause, cancels in drawn:
        now += pause
        try:
            placed = desk.place(_entry(order, prices, now), prices, now)
        except Refused as refused:
            assert refused.code in {"51006", "51008", "51020", "51121"}
            continue
        if cancels and placed.open:
            desk.cancel(placed, now)
    desk.settle(prices, now + 3600)

    expected = defaultdict(Decimal, {ccy: Decimal(amount) for ccy, amount in FUNDS.items()})
    for fill in desk.fills:
        sign = 1 if fill.side == "buy" else -1
        if fill.instrument.kind == "SPOT":
            expected[fill.instrument.base] += sign * fill.size
            expected[fill.instrument.quote] -= sign * fill.size * fill.price
        else:
            expected[fill.instrument.settle] += fill.profit
        expected[fee_currency(fill.instrument, fill.side)] += fill.fee
    assert _without_zeros(desk.cash) == _without_zeros(expected)

    contracts: defaultdict[str, Decimal] = defaultdict(Decimal)
    for fill in desk.fills:
        if fill.instrument.settle:
            contracts[fill.instrument.id] += fill.size if fill.side == "buy" else -fill.size
    assert {one.instrument.id: one.size for one in desk.positions.values()} == _without_zeros(contracts)

    for one in (*desk.pending(), *desk.history()):
        fills = [fill for fill in desk.fills if fill.order_id == one.id]
        assert one.filled == sum((fill.size for fill in fills), Decimal(0)) <= one.size
        assert one.fee == sum((fill.fee for fill in fills), Decimal(0))
        assert one.state == ("filled" if one.filled == one.size else one.state)
        if one.price is not None:
            assert all(fill.price <= one.price if one.side == "buy" else fill.price >= one.price for fill in fills)


@given(st.lists(st.integers(1, 4000), min_size=1, max_size=6), st.integers(-30, 30))
@settings(max_examples=40, deadline=None)
def test_an_order_is_filled_at_the_same_second_however_often_somebody_looks(pauses: list[int], away: int) -> None:
    prices = Prices()
    price = prices.last(BTC, int(NOW)) - 200 - 20 * away
    entry = {"instId": BTC.id, "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.01",
             "px": f"{BTC.price(price):f}"}  # fmt: skip
    patient, curious = _desk(), _desk()
    for desk in (patient, curious):
        desk.place(entry, prices, NOW)
    now = NOW
    for pause in pauses:
        now += pause
        curious.settle(prices, now)
    patient.settle(prices, now)

    assert [(one.moment, one.price, one.size) for one in curious.fills] == [
        (one.moment, one.price, one.size) for one in patient.fills
    ]
    reached = [second for second in range(int(NOW), int(now) + 1) if prices.last(BTC, second) <= price]
    if patient.fills and patient.fills[0].maker:
        assert patient.fills[0].moment == reached[0] * 1000
    if not patient.fills:
        assert not reached


def test_what_is_kept_is_bounded_and_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desks, "KEPT", 20)
    desk, prices = _desk(), Prices()
    entry = {"instId": BTC.id, "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "50000"}
    for number in range(50):
        desk.cancel(desk.place({**entry, "clOrdId": f"n{number}"}, prices, NOW), NOW)

    assert len(desk.history()) == 20
    assert desk.order("", "n29") is None
    assert desk.order("", "n49")
    assert desk.place({**entry, "clOrdId": "n0"}, prices, NOW).open  # forgotten, so it may come again


def test_a_clock_that_is_set_back_undoes_nothing_and_goes_on_from_there() -> None:
    desk, prices = _desk(), Prices()
    entry = {"instId": BTC.id, "tdMode": "cash", "side": "buy", "ordType": "market", "sz": "100"}
    desk.place(entry, prices, NOW)
    held = dict(desk.cash)
    desk.settle(prices, NOW - 10 * DAY)
    desk.settle(prices, NOW + 10 * DAY)

    assert desk.cash == held


def test_contracts_that_expire_are_settled_and_their_orders_cancelled() -> None:
    desk, prices = _desk(), Prices()
    future = next(one for one in LISTED.values() if one.kind == "FUTURES" and one.settle == "USDT")
    entry = {"instId": future.id, "tdMode": "cross", "side": "buy", "ordType": "market", "sz": "1"}
    desk.place(entry, prices, NOW)
    price = future.price(prices.last(future, int(NOW)) * 96 // 100)
    limit = desk.place({**entry, "ordType": "limit", "px": f"{price}"}, prices, NOW)
    desk.settle(prices, NOW + 9 * DAY)

    assert desk.positions == {}
    known = desk.order(limit.id)
    assert known
    assert known.state in ("canceled", "filled")
