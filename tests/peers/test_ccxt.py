"""ccxt for Python, the library most bots are built on: what its unified methods do before and around a call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import ccxt
import ccxt.pro
import pytest
from msgspec.structs import replace

from tests.peers.listeners import Keys, Listener
from tests.peers.scenarios import DEMO, READ_ONLY, SCENARIOS, Scenario, assert_judged

pytestmark = pytest.mark.peer

ON_TIME = tuple(scenario for scenario in SCENARIOS if not scenario.clock)
PATIENCE = 300
Listen = Callable[..., Listener]


@contextmanager
def _okx(at: Listener, keys: Keys, *, demo: bool = False) -> Iterator[ccxt.okx]:
    named = {"apiKey": keys.api_key, "secret": keys.secret, "password": keys.passphrase}
    client = ccxt.okx({**named, "enableRateLimit": False})
    client.urls["api"]["rest"] = client.urls["test"]["rest"] = at.url
    client.set_sandbox_mode(demo)
    try:
        yield client
    finally:
        client.session.close()


@pytest.mark.parametrize("scenario", ON_TIME, ids=str)
def test_loading_the_markets_on_the_way_to_a_balance_fails_first_where_the_keys_are_wrong(
    scenario: Scenario, listen: Listen
) -> None:
    at = listen(*scenario.account)
    with _okx(at, scenario.change(at.keys), demo=scenario.demo) as client:
        if scenario.right:
            assert client.fetch_balance()["BTC"]["total"] == 0.01
        else:
            with pytest.raises(ccxt.BaseError) as raised:
                client.fetch_balance()
            assert json.loads(str(raised.value).removeprefix("okx "))["code"] == scenario.code

    signed = tuple(line for line in at.heard() if line.target.startswith(("/api/v5/account", "/api/v5/asset")))
    # In demo trading there are no currencies to ask for.
    asked = ("/api/v5/account/balance",) if scenario.demo else ("/api/v5/asset/currencies", "/api/v5/account/balance")
    assert_judged(signed, scenario, *asked[: None if scenario.right else 1])


def test_three_different_faults_are_one_exception_and_three_causes(listen: Listen) -> None:
    at = listen()
    wrong = [
        (replace(at.keys, passphrase="wrong"), False),
        (replace(at.keys, secret=at.keys.secret[:-1]), False),
        (at.keys, True),
    ]
    for keys, demo in wrong:
        with _okx(at, keys, demo=demo) as client, pytest.raises(ccxt.AuthenticationError):
            client.private_get_account_config()

    assert [line.causes[0][0] for line in at.heard()] == ["passphrase-differs", "secret-altered", "wrong-environment"]


def test_a_unified_order_is_accepted_and_a_read_only_key_is_told_what_it_lacks(listen: Listen) -> None:
    at = listen(*DEMO)
    with _okx(at, at.keys, demo=True) as client:
        order = client.create_order("BTC/USDT", "limit", "buy", 0.001, 60000)
    assert str(order["id"]).isdigit()
    assert [(line.target, line.accepted) for line in at.heard()][-1] == ("/api/v5/trade/batch-orders", True)

    at = listen(*READ_ONLY)
    with _okx(at, at.keys) as client, pytest.raises(ccxt.BaseError, match="50120"):
        client.create_order("BTC/USDT", "limit", "buy", 0.001, 60000)
    assert at.heard()[-1].causes == (("permission-missing", "stated"),)


def test_ccxt_pro_watches_a_balance_and_orders_over_its_socket(listen: Listen) -> None:
    at = listen()
    balance, order = asyncio.run(_watched_and_ordered(at, at.keys))

    assert balance["BTC"]["total"] == 0.01
    assert str(order["id"]).isdigit()
    assert [(line.reason, line.accepted) for line in at.heard() if line.kind == "message"] == [
        ("subscribe account", True),
        ("batch-orders", True),
    ]


def test_ccxt_pro_is_told_that_a_read_only_key_may_not_order(listen: Listen) -> None:
    at = listen(*READ_ONLY)
    with pytest.raises(ccxt.BaseError, match="50120"):
        asyncio.run(_watched_and_ordered(at, at.keys))

    refused = [line for line in at.heard() if not line.accepted]
    assert [(line.code, line.reason) for line in refused] == [("50120", "batch-orders: the key may not trade")]


async def _watched_and_ordered(at: Listener, keys: Keys) -> tuple[dict[str, Any], dict[str, Any]]:
    named = {"apiKey": keys.api_key, "secret": keys.secret, "password": keys.passphrase}
    client = ccxt.pro.okx({**named, "enableRateLimit": False})
    client.urls["api"]["rest"], client.urls["api"]["ws"] = at.url, f"{at.ws_url}/ws/v5"
    try:
        async with asyncio.timeout(PATIENCE):
            balance = await client.watch_balance()
            return balance, await client.create_order_ws("BTC/USDT", "limit", "buy", 0.001, 60000)
    finally:
        await client.close()


def test_it_loads_markets_reads_data_and_trades_on_the_made_up_market(listen: Listen) -> None:
    at = listen("--seed", "3")
    with _okx(at, at.keys) as client:
        markets = client.load_markets()
        ticker = client.fetch_ticker("BTC/USDT")
        candles = client.fetch_ohlcv("BTC/USDT", "5m", limit=300)
        book = client.fetch_order_book("BTC/USDT", limit=400)
        placed = client.create_order("BTC/USDT", "limit", "buy", 0.001, round(ticker["last"] * 0.97, 1))
        live = client.fetch_order(placed["id"], "BTC/USDT")
        client.cancel_order(placed["id"], "BTC/USDT")
        cancelled = client.fetch_order(placed["id"], "BTC/USDT")
        bought = client.create_order("BTC/USDT", "market", "buy", 0.001)
        filled = client.fetch_order(bought["id"], "BTC/USDT")
        trades = client.fetch_my_trades("BTC/USDT")
        client.create_order("BTC/USDT:USDT", "market", "sell", 1, None, {"tdMode": "isolated"})
        (position,) = client.fetch_positions()
        with pytest.raises(ccxt.OrderNotFound):
            client.cancel_order(placed["id"], "BTC/USDT")
        with pytest.raises(ccxt.InsufficientFunds):
            client.create_order("BTC/USDT", "limit", "buy", 5, ticker["last"])

    assert {market["type"] for market in markets.values()} == {"spot", "swap", "future", "option"}
    assert len(candles) == 300
    assert (len(book["asks"]), len(book["bids"])) == (400, 400)
    assert (live["status"], cancelled["status"], filled["status"]) == ("open", "canceled", "closed")
    assert sum(trade["amount"] for trade in trades) == pytest.approx(0.001)
    assert (position["side"], position["contracts"]) == ("short", 1)


def test_ccxt_pro_watches_ten_channels_at_once_and_its_copy_of_the_book_follows(listen: Listen) -> None:
    at = listen("--seed", "5")  # of its own: its account trades, and others count what theirs has
    seen = asyncio.run(_watched(at, at.keys))

    assert all(any(pushes) for pushes in seen.values()), seen
    lines = at.heard()
    assert all(line.accepted for line in lines)
    asked = {line.reason.removeprefix("subscribe ") for line in lines if line.reason.startswith("subscribe ")}
    assert len(asked) == len(seen) == 10


async def _watched(at: Listener, keys: Keys) -> dict[str, list[object]]:
    """Four pushes of each: of a book a snapshot, then updates, each of them checked by its sequence."""
    named = {"apiKey": keys.api_key, "secret": keys.secret, "password": keys.passphrase}
    client = ccxt.pro.okx({**named, "enableRateLimit": False})
    client.urls["api"]["rest"], client.urls["api"]["ws"] = at.url, f"{at.ws_url}/ws/v5"
    client.options["watchOrderBook"]["checksum"] = True
    pair, swap = "BTC/USDT", "BTC/USDT:USDT"
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "ticker": lambda: client.watch_ticker(pair),
        "best": lambda: client.watch_bids_asks([pair]),
        "trades": lambda: client.watch_trades(pair),
        "candles": lambda: client.watch_ohlcv(pair, "1m"),
        "book": lambda: client.watch_order_book(pair),
        "mark price": lambda: client.watch_mark_price(swap),
        "funding": lambda: client.watch_funding_rate(swap),
        "balance": lambda: client.watch_balance(),
        "orders": lambda: client.watch_orders(),
        "positions": lambda: client.watch_positions(),
    }

    async def pushes(call: Callable[[], Awaitable[object]]) -> list[object]:
        return [await call() for _ in range(4)]

    async def trade() -> None:
        while True:
            await client.watch_ticker(swap)
            for side in ("buy", "sell"):
                await client.create_order_ws(swap, "market", side, 1, None, {"tdMode": "isolated"})

    try:
        async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as beside:
            await client.load_markets()
            trading = beside.create_task(trade())
            seen = await asyncio.gather(*map(pushes, calls.values()))
            trading.cancel()
            return dict(zip(calls, seen, strict=True))
    finally:
        await client.close()
