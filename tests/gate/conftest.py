"""One exchange for the tests that change nothing about it, and the assurance that it never crashed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.gate.bot import ACCOUNTS


@pytest.fixture(scope="session")
def standing_exchange() -> Iterator[Exchange]:
    with Exchange(Plan(accounts=ACCOUNTS, sites=("global", "eea", "us", "au", "tr"))) as exchange:
        yield exchange


@pytest.fixture
def exchange(standing_exchange: Exchange) -> Iterator[Exchange]:
    """An exchange with live accounts whose record of handled requests is empty."""
    standing_exchange.handled.clear()
    yield standing_exchange
    standing_exchange.stage(None)
    standing_exchange.set_clock_offset(0.0)
    assert list(standing_exchange.crashes) == []


@pytest.fixture
def base_url(exchange: Exchange) -> str:
    return exchange.sites[0].rest[0]
