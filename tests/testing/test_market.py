"""The market of ``okx_exchange``: a test sets prices, fills orders and looks at them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from okx_doctor.gate.accounts import generate
from okx_doctor.secrets.secret import Secret
from okx_doctor.testing.exchange import OkxExchange
from tests.gate.bot import NOW, call, data_of

pytestmark = pytest.mark.slow

BODY = b'{"instId":"BTC-USDT","tdMode":"cash","side":"%b","ordType":"%b","sz":"0.01","px":"%b","clOrdId":"%b"}'


@contextmanager
def _exchange(**options: Any) -> Iterator[OkxExchange]:
    with OkxExchange(**options) as exchange:
        yield exchange


def _place(exchange: OkxExchange, *, side: bytes = b"buy", kind: bytes = b"limit", px: bytes, name: bytes = b"") -> str:
    known = exchange.accounts[0]
    account = generate(
        api_key=known.api_key, secret=Secret(known.secret_key), passphrase=Secret(known.passphrase)
    )  # fmt: skip
    body = BODY % (side, kind, px, name)
    return str(data_of(call(exchange.url, account, "POST", "/api/v5/trade/order", body))[0]["ordId"])


def test_an_order_is_filled_when_a_price_is_set_that_reaches_it() -> None:
    with _exchange() as exchange:
        exchange.set_price("BTC-USDT", 100_000)
        order_id = _place(exchange, px=b"99000")
        assert exchange.order(order_id).state == "live"
        exchange.set_price("BTC-USDT", 99_000.1)
        assert exchange.order(order_id).state == "live"
        exchange.set_price("BTC-USDT", 99_000)
        (order,) = exchange.orders

    assert (order.state, order.filled, order.average_price) == ("filled", Decimal("0.01"), Decimal(99_000))
    exchange.assert_all_valid()


def test_a_price_that_is_set_stays_and_moves_all_that_follows_the_coin() -> None:
    with _exchange() as exchange:
        exchange.set_price("ETH-USDT", 5000)

        assert exchange.price("ETH-USDT") == exchange.price("ETH-USDC") == 5000
        assert exchange.price("ETH-USDT-SWAP") == 5001
        exchange.clock.offset = 86_400.0
        assert exchange.price("ETH-USDT") == 5000


def test_an_order_is_filled_in_parts_without_a_move_of_the_price() -> None:
    with _exchange() as exchange:
        exchange.set_price("BTC-USDT", 100_000)
        _place(exchange, px=b"99000", name=b"mine")
        part = exchange.fill("mine", size="0.004")
        rest = exchange.fill("mine", price="98000")

    assert (part.state, part.filled) == ("partially_filled", Decimal("0.004"))
    assert (rest.state, rest.average_price) == ("filled", Decimal(98_400))


def test_only_what_can_be_filled_is_filled() -> None:
    with _exchange() as exchange:
        exchange.set_price("BTC-USDT", 100_000)
        order_id = _place(exchange, px=b"99000")
        for size in ("0", "-1", "0.02"):
            with pytest.raises(ValueError, match="left"):
                exchange.fill(order_id, size=size)
        with pytest.raises(LookupError, match="no order 'other' is open"):
            exchange.fill("other")
        with pytest.raises(LookupError, match="no order 'other' was placed"):
            exchange.order("other")
        exchange.fill(order_id)
        with pytest.raises(LookupError):
            exchange.fill(order_id)


@pytest.mark.parametrize(
    ("instrument", "price", "why"),
    [("NO-SUCH", 1, "no instrument"), ("BTC-USDT", 0, "above 0"), ("BTC-USDT", float("nan"), "above 0")],
)
def test_a_price_that_cannot_be_is_refused_in_one_line(instrument: str, price: float, why: str) -> None:
    with _exchange() as exchange, pytest.raises(ValueError, match=why):
        exchange.set_price(instrument, price)


def test_two_exchanges_at_the_same_time_with_the_same_seed_have_the_same_market() -> None:
    def seen(seed: int) -> list[Decimal]:
        with _exchange(seed=seed, now=lambda: NOW) as exchange:
            return [exchange.price(name) for name in ("BTC-USDT", "ETH-BTC", "SOL-USDT-SWAP")]

    assert seen(7) == seen(7)
    assert seen(7) != seen(8)


def test_without_a_market_there_is_no_price() -> None:
    with _exchange(seed=None) as exchange, pytest.raises(LookupError, match="no market"):
        exchange.price("BTC-USDT")
