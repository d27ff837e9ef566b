"""ccxt's own generic tests of an exchange, as its package brings them, on the made-up market.

Each of them calls one unified method and asserts on every field of what is parsed out of the answer. Left out (4.5) are
those of methods that ccxt has not for OKX, ``fetchTickers``, which asks that one answer hold the tickers of nine in ten
markets of all kinds where OKX answers one kind at a time, ``fetchMarkets``, which asks that a list be a dictionary,
``fetchBalance``, which adds up what was rounded to a float and wants it exact, and ``createOrder``, which in Python
adds a number to a text and rounds in a way that ccxt for Python has not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import ccxt
import ccxt.pro
import pytest

from tests.peers.listeners import Listener

pytestmark = [
    pytest.mark.peer,
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("ccxt.test") is None, reason="needs the tests that the Python package ccxt brings"),
]
PAIR, SWAP = "BTC/USDT", "BTC/USDT:USDT"
BOTH = (PAIR, SWAP)
PATIENCE = 120
OWN = ("--seed", "4")
"""A listener of its own: its account trades, and others count what theirs has."""
TESTS: tuple[tuple[str, tuple[object, ...]], ...] = (
    ("load_markets", ()),
    ("fetch_currencies", ()),
    ("fetch_status", ()),
    ("features", ()),
    *((name, (symbol,)) for symbol in BOTH for name in (
        "fetch_ticker", "fetch_ohlcv", "fetch_trades", "fetch_order_book", "fetch_l2_order_book",
        "fetch_open_orders", "fetch_closed_orders", "fetch_my_trades", "fetch_trading_fee",
    )),
    ("fetch_positions", (SWAP,)),
    ("fetch_funding_rate_history", (SWAP,)),
    ("fetch_open_interest_history", (SWAP,)),
    ("fetch_market_leverage_tiers", (SWAP,)),
    ("fetch_accounts", ()),
    ("fetch_ledger", ("BTC",)),
    ("fetch_deposits", ("BTC",)),
    ("fetch_withdrawals", ("BTC",)),
    ("fetch_transfers", ("BTC",)),
    ("fetch_borrow_interest", ("BTC", PAIR)),
)  # fmt: skip
WATCHED: tuple[tuple[str, object], ...] = (
    ("ticker", PAIR), ("tickers", PAIR), ("bids_asks", PAIR), ("trades", PAIR), ("trades_for_symbols", [PAIR]),
    ("ohlcv", PAIR), ("order_book", PAIR), ("order_book_for_symbols", [PAIR]), ("ticker", SWAP), ("order_book", SWAP),
    ("positions", SWAP),
)  # fmt: skip


@pytest.fixture(scope="module")
def okx(listeners: Callable[..., Listener]) -> Iterator[ccxt.okx]:
    """A client whose account has traded: an order that was filled, one that is open, and a position."""
    at = listeners(*OWN)
    client = ccxt.okx(_settings(at))
    client.urls["api"]["rest"] = at.url
    client.load_markets()
    client.create_order(PAIR, "market", "buy", 0.001)
    client.create_order(PAIR, "limit", "buy", 0.001, client.fetch_ticker(PAIR)["last"] * 0.97)
    client.create_order(SWAP, "market", "sell", 1, None, {"tdMode": "isolated"})
    yield client
    client.session.close()


def _settings(at: Listener) -> dict[str, object]:
    keys = at.keys
    return {"apiKey": keys.api_key, "secret": keys.secret, "password": keys.passphrase, "enableRateLimit": False}


@pytest.mark.parametrize(
    ("name", "arguments"), TESTS, ids=lambda part: part if isinstance(part, str) else "-".join(part)
)
def test_a_generic_test_of_ccxt_passes(name: str, arguments: tuple[object, ...], okx: ccxt.okx) -> None:
    found = import_module(f"ccxt.test.exchange.sync.test_{name}")

    assert getattr(found, f"test_{name}")(okx, {}, *arguments)


def test_its_generic_tests_of_sockets_pass(listen: Callable[..., Listener]) -> None:
    at = listen(*OWN)
    told = asyncio.run(_watched(at))

    assert len(told) == len(WATCHED) and False not in told


async def _watched(at: Listener) -> list[object]:
    """All at once: each of them watches for fifteen seconds."""
    client = ccxt.pro.okx(_settings(at))
    client.urls["api"]["rest"], client.urls["api"]["ws"] = at.url, f"{at.ws_url}/ws/v5"
    try:
        async with asyncio.timeout(PATIENCE):
            await client.load_markets()
            return list(await asyncio.gather(*(_watch(client, name, symbol) for name, symbol in WATCHED)))
    finally:
        await client.close()


async def _watch(client: ccxt.pro.okx, name: str, symbol: object) -> Any:
    found = import_module(f"ccxt.pro.test.Exchange.test_watch_{name}")
    return await getattr(found, f"test_watch_{name}")(client, {}, symbol)
