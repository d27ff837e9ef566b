"""ccxt's own generic tests of an exchange, as its package brings them, on the made-up market.

Each of them calls one unified method and asserts on every field of what is parsed out of the answer. Left out (4.5) are
those of methods that ccxt has not for OKX, ``fetchTickers``, which asks that one answer hold the tickers of nine in ten
markets of all kinds where OKX answers one kind at a time, ``fetchMarkets``, which asks that a list be a dictionary,
``createOrder``, which in Python adds a number to a text and rounds in a way that ccxt for Python has not, and
``watchLiquidations``, which waits for liquidations and then adds a number to a text too. Those of balances add up what
was rounded to a float and want it exact: so it is with a leverage of ten, and with one of three it is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec

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
PATIENCE = 300
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
    ("fetch_balance", ()),
    ("fetch_ledger", ("BTC",)),
    ("fetch_deposits", ("BTC",)),
    ("fetch_withdrawals", ("BTC",)),
    ("fetch_transfers", ("BTC",)),
    ("fetch_borrow_interest", ("BTC", PAIR)),
)  # fmt: skip
WATCHED: tuple[tuple[str, str], ...] = (
    *((name, symbol) for symbol in BOTH for name in ("ticker", "order_book", "orders", "my_trades")),
    ("tickers", PAIR), ("bids_asks", PAIR), ("trades", PAIR), ("trades_for_symbols", PAIR), ("ohlcv", PAIR),
    ("ohlcv_for_symbols", PAIR), ("order_book_for_symbols", PAIR), ("positions", SWAP), ("balance", "USDT"),
)  # fmt: skip


def _module(name: str) -> str:
    return f"ccxt.pro.test.Exchange.test_watch_{name}"


def _is_here(name: str) -> bool:
    """Whether ccxt brings this test."""
    try:
        return find_spec(_module(name)) is not None
    except ModuleNotFoundError:  # nor the folder of such tests
        return False


@pytest.fixture(scope="module")
def okx(listeners: Callable[..., Listener]) -> Iterator[ccxt.okx]:
    """A client whose account has traded: an order that was filled, one that is open, and a position."""
    at = listeners(*OWN)
    client = ccxt.okx(_settings(at))
    client.urls["api"]["rest"] = at.url
    client.load_markets()
    client.set_leverage(10, SWAP, {"mgnMode": "isolated"})
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


@pytest.fixture(scope="module")
def watched(listeners: Callable[..., Listener], okx: ccxt.okx) -> Mapping[tuple[str, str], object]:
    """What came of the tests of sockets: each of them watches for some fifteen seconds, and all do so at once."""
    at = listeners(*OWN)
    at.heard()
    told = asyncio.run(_watched(at))
    assert [line for line in at.heard() if not line.accepted] == []
    return told


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        pytest.param(
            name,
            symbol,
            marks=pytest.mark.skipif(not _is_here(name), reason=f"needs the Python package {_module(name)}"),
        )
        for name, symbol in WATCHED
    ],
)
def test_a_generic_test_of_ccxts_sockets_passes(
    name: str, symbol: str, watched: Mapping[tuple[str, str], object]
) -> None:
    told = watched[name, symbol]

    if isinstance(told, BaseException):
        raise told
    assert told in (True, None)  # some return nothing


async def _watched(at: Listener) -> Mapping[tuple[str, str], object]:
    """While they watch, the account trades."""
    client = ccxt.pro.okx(_settings(at))
    client.urls["api"]["rest"], client.urls["api"]["ws"] = at.url, f"{at.ws_url}/ws/v5"
    asked = [(name, symbol) for name, symbol in WATCHED if _is_here(name)]
    try:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as beside:
            await client.load_markets()
            trading = beside.create_task(_trade(client))
            tests = (_watch(client, name, symbol) for name, symbol in asked)
            told = await asyncio.gather(*tests, return_exceptions=True)
            trading.cancel()
            return dict(zip(asked, told, strict=True))
    finally:
        await client.close()


async def _trade(client: ccxt.pro.okx) -> None:
    """With each push of a price an order that is filled at once, in each market."""
    while True:
        for side in ("buy", "sell"):
            await client.watch_ticker(PAIR)
            await client.create_order(PAIR, "market", side, 0.001, None, {"tgtCcy": "base_ccy"})
            await client.create_order(SWAP, "market", side, 1, None, {"tdMode": "isolated"})


async def _watch(client: ccxt.pro.okx, name: str, symbol: str) -> object:
    test = getattr(import_module(_module(name)), f"test_watch_{name}")
    told: object = await test(client, {}, [symbol] if name.endswith("_for_symbols") and "ohlcv" not in name else symbol)
    return told
