"""Rate limits as OKX documents them: how many requests in which time, whose, and what a batch counts for."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from okx_doctor.gate.api.rates import Rates, limit_of, orders
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.documented import Limit
from tests.gate.bot import LIVE, call

CONFIG = ("GET", "/api/v5/account/config")
FIVE_IN_TWO_SECONDS = Limit(requests=5, seconds=2)


class Asking:
    """One endpoint on a clock that is told what time it is."""

    def __init__(self) -> None:
        self.now = 100.0
        self._rates = Rates(lambda: self.now)

    def is_allowed(self, who: str = "user", count: int = 1, endpoint: tuple[str, str] = CONFIG) -> bool:
        return self._rates.allows(who, *endpoint, FIVE_IN_TWO_SECONDS, count)

    def allowed(self, times: int) -> Sequence[bool]:
        return [self.is_allowed() for _ in range(times)]


def test_as_many_are_allowed_as_the_limit_says_and_no_more() -> None:
    assert Asking().allowed(7) == [True] * 5 + [False] * 2


def test_each_request_counts_for_as_long_as_the_limit_says_and_no_longer() -> None:
    asking = Asking()
    assert asking.allowed(3) == [True] * 3
    asking.now += 1.5
    assert asking.allowed(3) == [True, True, False]
    asking.now += 0.499
    assert not asking.is_allowed()
    asking.now += 0.001
    assert asking.allowed(4) == [True, True, True, False]
    asking.now += 60
    assert asking.allowed(6) == [True] * 5 + [False]


def test_what_was_refused_does_not_count() -> None:
    asking = Asking()
    asking.allowed(100)
    asking.now += 2

    assert asking.is_allowed()


def test_callers_and_endpoints_are_counted_apart() -> None:
    asking = Asking()
    asking.allowed(5)

    assert asking.is_allowed(who="another user")
    assert asking.is_allowed(endpoint=("POST", CONFIG[1]))
    assert asking.is_allowed(endpoint=("GET", "/api/v5/account/balance"))
    assert not asking.is_allowed()


def test_a_batch_that_does_not_fit_is_refused_whole() -> None:
    asking = Asking()

    assert not asking.is_allowed(count=6)
    assert asking.is_allowed(count=4)
    assert not asking.is_allowed(count=2)
    assert asking.is_allowed(count=1)
    assert not asking.is_allowed(count=1)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (b'[{"instId":"BTC-USDT"},{"instId":"ETH-USDT"},{}]', 3),
        (b"[{}]", 1),
        (b"[]", 1),
        (b'{"instId":"BTC-USDT"}', 1),
        (b'{"a":1,"b":2,"c":3}', 1),
        (b'"three"', 1),
        (b"3", 1),
        (b"", 1),
        (b"\xff\xfe", 1),
        (b"[" * 100_000, 1),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_batch_counts_as_many_as_it_holds_orders_and_anything_else_as_one(body: bytes, count: int) -> None:
    assert orders(body) == count


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        (*CONFIG, FIVE_IN_TWO_SECONDS),
        ("GET", "/api/v5/public/time", Limit(requests=10, seconds=2)),
        ("POST", "/api/v5/trade/batch-orders", Limit(requests=300, seconds=2)),
        ("POST", "/api/v5/account/config", None),
        ("GET", "/api/v5/no/such/path", None),
    ],
)
def test_a_limit_is_that_of_its_method_and_path(method: str, path: str, limit: Limit | None) -> None:
    assert limit_of(method, path) == limit


@pytest.mark.parametrize(("count", "code"), [(300, "0"), (301, "50011")])
def test_the_exchange_counts_the_orders_of_a_batch(count: int, code: str) -> None:
    order = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "market", "sz": "1"}
    batch = json.dumps([order] * count).encode()
    with Exchange(Plan(accounts=(LIVE,), sites=("global",), rate_limits=True)) as exchange:
        received = call(exchange.sites[0].rest[0], LIVE, "POST", "/api/v5/trade/batch-orders", batch)

    assert json.loads(received.body)["code"] == code
