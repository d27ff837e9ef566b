"""OKX's own command line, npm @okx_ai/okx-trade-cli, pointed at the listener by ``OKX_API_BASE_URL``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.another_time import shifted
from tests.needs import needs
from tests.peers.listeners import Listener, variables
from tests.peers.programs import Run
from tests.peers.scenarios import OF_ANOTHER_KEY, READ_ONLY, SCENARIOS, Scenario, assert_judged

pytestmark = [pytest.mark.peer, needs("node", "npm")]

PROGRAM = "node_modules/@okx_ai/okx-trade-cli/dist/index.js"
BALANCE = ("account", "balance", "BTC,ETH")
ORDER = ("spot", "place", "--instId=BTC-USDT", "--side=buy", "--ordType=limit", "--sz=0.001", "--px=1")
TWO = json.dumps([{"instId": "BTC-USDT", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "1"}] * 2)
ORDERS = ("spot", "batch", "--action", "place", "--orders", TWO)

MARKET = (
    ("ticker BTC-USDT", "BTC-USDT"),
    ("tickers SPOT", "ETH-USDT"),
    ("orderbook BTC-USDT --sz 5", "Bids (price / size):"),
    ("candles BTC-USDT --bar 1H --limit 5", "close"),
    ("instruments --instType SWAP", "BTC-USDT-SWAP"),
    ("funding-rate BTC-USDT-SWAP", "nextFundingTime"),
    ("funding-rate BTC-USDT-SWAP --history --limit 5", "realizedRate"),
    ("mark-price --instType SWAP --instId BTC-USDT-SWAP", "markPx"),
    ("trades BTC-USDT --limit 5", "tradeId"),
    ("index-ticker --instId BTC-USDT", "idxPx"),
    ("index-candles BTC-USDT --limit 5", "close"),
    ("price-limit BTC-USDT-SWAP", "buyLmt"),
    ("open-interest --instType SWAP", "oiCcy"),
)
"""Its commands on the market, each with a word of what it makes of a right answer."""
Okx = Callable[..., tuple[int, str]]


@pytest.fixture
def okx(run: Run, node: str, node_folder: Path, tmp_path: Path) -> Okx:
    """Runs the command line at a listener in a scenario; its exit status, and what it said."""

    def run_it(at: Listener, scenario: Scenario, *words: str) -> tuple[int, str]:
        keys = scenario.change(at.keys)
        done = run(
            *shifted(scenario.clock),
            node,
            node_folder / PROGRAM,
            *words,
            OKX_API_BASE_URL=at.url,
            **variables(keys),
            OKX_DEMO="1" if scenario.demo else "0",
            OKX_SITE="global",
            HOME=str(tmp_path),
        )
        return done.returncode, done.stdout + done.stderr

    return run_it


@pytest.mark.parametrize("scenario", [*SCENARIOS, OF_ANOTHER_KEY], ids=str)
def test_it_shows_a_balance_or_the_listener_says_why_not(
    scenario: Scenario, listen: Callable[..., Listener], okx: Okx
) -> None:
    at = listen(*scenario.account)
    status, said = okx(at, scenario, *BALANCE)

    assert_judged(at.heard(), scenario, "/api/v5/account/balance?ccy=BTC%2CETH")
    assert status == (0 if scenario.right else 1), said
    assert ("BTC       0.01" if scenario.right else "Error: HTTP 401 from OKX: ") in said


@pytest.mark.parametrize(
    ("words", "path"), [(ORDER, "/api/v5/trade/order"), (ORDERS, "/api/v5/trade/batch-orders")], ids=["one", "two"]
)
def test_it_places_orders_unless_the_key_only_reads(
    words: tuple[str, ...], path: str, listen: Callable[..., Listener], okx: Okx
) -> None:
    right = SCENARIOS[0]
    at = listen()
    assert okx(at, right, *words)[0] == 0
    assert_judged(at.heard(), right, path)

    at = listen(*READ_ONLY)
    assert okx(at, right, *words)[0] == 1
    assert [(line.code, line.causes) for line in at.heard()] == [("50120", (("permission-missing", "stated"),))]


def test_it_encodes_a_blank_before_it_signs(listen: Callable[..., Listener], okx: Okx) -> None:
    at = listen()
    assert okx(at, SCENARIOS[0], "account", "balance", "BTC, ETH")[0] == 0
    assert_judged(at.heard(), SCENARIOS[0], "/api/v5/account/balance?ccy=BTC%2C+ETH")


@pytest.mark.parametrize(("words", "shown"), MARKET, ids=[words for words, _ in MARKET])
def test_it_shows_the_made_up_market(words: str, shown: str, listen: Callable[..., Listener], okx: Okx) -> None:
    status, said = okx(listen(), SCENARIOS[0], "market", *words.split())

    assert (status, shown in said) == (0, True), said


def test_what_it_places_it_finds_changes_and_closes_again(listen: Callable[..., Listener], okx: Okx) -> None:
    at = listen("--seed", "5")

    def said(*words: str) -> str:
        status, text = okx(at, SCENARIOS[0], *words)
        assert status == 0, text
        return text

    placed = said(*ORDER).split()[2]
    assert placed in said("spot", "orders", "--instId", "BTC-USDT")
    said("spot", "amend", "--instId", "BTC-USDT", "--ordId", placed, "--newSz", "0.002")
    assert "0.002" in said("spot", "get", "--instId", "BTC-USDT", "--ordId", placed)
    said("spot", "cancel", "BTC-USDT", "--ordId", placed)
    assert "canceled" in said("spot", "orders", "--history")

    swap = ("--instId", "BTC-USDT-SWAP")
    said("swap", "place", *swap, "--side", "buy", "--ordType", "market", "--sz", "1", "--tdMode", "cross")
    assert "net   1" in said("swap", "positions")
    assert "Leverage set: 5x" in said("swap", "leverage", *swap, "--lever", "5", "--mgnMode", "cross")
    said("swap", "close", *swap, "--mgnMode", "cross")
    assert "net" not in said("account", "positions", "--instType", "SWAP")
    assert said("swap", "fills").count("BTC-USDT-SWAP") == 2
    assert "Lv1" in said("account", "fees", "--instType", "SPOT")
