"""A market that is looked at for hours keeps what it needs of the present, not what it once told."""

from __future__ import annotations

import tracemalloc

import pytest

from okx_doctor.gate.market import data
from okx_doctor.gate.market.instruments import listed
from okx_doctor.gate.market.prices import Prices

pytestmark = pytest.mark.slow

BEGAN = 1_780_000_000
MINUTE = 60
MOST_GROWTH_BYTES = 1_000_000


def test_an_hour_of_tickers_leaves_no_more_behind_than_twenty_minutes() -> None:
    prices = Prices(seed=20)
    pairs = [one for one in listed(BEGAN // 86_400).values() if one.id.endswith("-USDT")]  # one of every coin

    def told(begin: int, end: int) -> None:
        for minute in range(begin, end):
            for one in pairs:
                data.ticker(prices, one, BEGAN + minute * MINUTE)

    tracemalloc.start()
    try:
        told(0, 20)
        before, _ = tracemalloc.get_traced_memory()
        told(20, 60)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert after - before < MOST_GROWTH_BYTES
