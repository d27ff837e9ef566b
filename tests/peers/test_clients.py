"""Every client, REST and WebSocket, against ``okx-doctor listen``: accepted when right, explained when wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.peers.clients import BOTH, ORDER, Client, Driver, Report
from tests.peers.listeners import Keys, Line, Listener
from tests.peers.scenarios import ALL_RIGHT, OTHER_CASE, READ_ONLY, SCENARIOS, Scenario, assert_judged, assert_line

pytestmark = pytest.mark.peer

Listen = Callable[..., Listener]
Drive = Callable[[Client, str, Listener], Driver]

CONFIG, BALANCE = "/api/v5/account/config", "/api/v5/account/balance"
FORGETFUL = ("--market", "none")
"""Requests are judged here, whatever is in an order: npm ccxt gives two equal ones the same id."""
PLACED, BATCH = "/api/v5/trade/order", "/api/v5/trade/batch-orders"

PYTHON_OKX = Client(name="python-okx", driver="python_okx.py", query="BTC,ETH", tls=True)
CCXT_PYTHON = Client(name="ccxt.pro for Python", driver="ccxt_pro.py", query="BTC%2CETH")
CCXT_NODE = Client(name="npm ccxt", driver="ccxt.mjs", query="BTC%2CETH")
OKX_API = Client(name="npm okx-api", driver="okx_api.mjs", query="BTC,ETH")
CLIENTS = (PYTHON_OKX, CCXT_PYTHON, CCXT_NODE, OKX_API)


def _outcome(
    client: Client,
    scenario: Scenario,
    listen: Listen,
    driver: Drive,
    *,
    ccy: str = BOTH,
    order: Mapping[str, object] = ORDER,
) -> tuple[Report, tuple[Line, ...]]:
    at = listen(*scenario.account, *FORGETFUL, tls=client.tls)
    keys = scenario.change(at.keys)
    try:
        report = driver(client, scenario.clock, at).drive(at, keys, demo=scenario.demo, ccy=ccy, order=order)
    finally:
        lines = at.heard()
    return report, lines


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_what_is_right_is_accepted_and_the_one_thing_that_is_wrong_is_named(
    client: Client, scenario: Scenario, listen: Listen, driver: Drive
) -> None:
    report, lines = _outcome(client, scenario, listen, driver)

    assert report.rest == (scenario.code,) * 4
    assert_judged(lines, scenario, CONFIG, f"{BALANCE}?ccy={client.query}", PLACED, BATCH)
    assert report.socket[0] == scenario.login_code
    logins = [line for line in lines if line.kind == "login"]
    assert len(logins) == 1
    assert_line(logins[0], scenario, scenario.login_code)


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (PYTHON_OKX, ("0", "0", "0", "0", "0", "pong")),
        (OKX_API, ("0", "0", "0", "0", "0")),
    ],
    ids=str,
)
def test_a_socket_shows_the_account_and_takes_an_order(
    client: Client, said: tuple[str, ...], listen: Listen, driver: Drive
) -> None:
    """Login, subscription, the account as it stands, an order; a public subscription, and a ping."""
    report, lines = _outcome(client, ALL_RIGHT, listen, driver)

    assert report.socket == said
    asked = [line.reason for line in lines if line.kind == "message"]
    assert asked == ["subscribe account", "order", "subscribe tickers"]


OWN = Keys(
    api_key="c0ffee00-1234-4abc-8def-0123456789ab",
    secret="5A1E7C0DE5A1E7C0DE5A1E7C0DE5A1E7",
    passphrase="Right-Passphrase7$#",
)


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_bot_needs_no_change_of_keys_where_the_listener_has_loaded_them(
    client: Client, listen: Listen, driver: Drive
) -> None:
    at = listen(*FORGETFUL, tls=client.tls, keys=OWN)
    told = []
    for scenario in (ALL_RIGHT, OTHER_CASE):
        report = driver(client, "", at).drive(at, scenario.change(OWN))
        told.append((report.rest[0], report.socket[0]))
    lines = at.heard()

    assert told == [("0", "0"), ("50105", "60024")]
    refused = [line for line in lines if line.kind in ("request", "login") and not line.accepted]
    assert [line.causes for line in refused] == [OTHER_CASE.causes] * 5


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_a_read_only_key_is_refused_only_where_it_orders(client: Client, listen: Listen, driver: Drive) -> None:
    at = listen(*READ_ONLY, *FORGETFUL, tls=client.tls)
    try:
        report = driver(client, "", at).drive(at, at.keys)
    finally:
        lines = at.heard()

    assert report.rest == ("0", "0", "50120", "50120")
    requests = [line for line in lines if line.kind == "request"]
    assert [line.causes for line in requests] == [(), (), *[(("permission-missing", "stated"),)] * 2]


@pytest.mark.parametrize(
    ("client", "ccy", "sent"),
    [
        (PYTHON_OKX, "BTC, ETH", "BTC,%20ETH"),
        (PYTHON_OKX, 'BTC"', "BTC%22"),
        (OKX_API, "BTC, ETH", "BTC,+ETH"),
        (OKX_API, "BTC+ETH", "BTC%2BETH"),
        (OKX_API, "ÐOGE", "%C3%90OGE"),
        (OKX_API, "a&b[c]", "a%26b%5Bc%5D"),
    ],
    ids=str,
)
def test_a_query_that_is_signed_before_it_is_encoded_is_explained(
    client: Client, ccy: str, sent: str, listen: Listen, driver: Drive
) -> None:
    """python-okx signs the text that httpx encodes on sending; npm okx-api signs what axios encodes."""
    report, lines = _outcome(client, ALL_RIGHT, listen, driver, ccy=ccy)

    assert report.rest == ("0", "50113", "0", "0")
    refused = [line for line in lines if not line.accepted]
    assert [line.target for line in refused] == [f"{BALANCE}?ccy={sent}"]
    assert refused[0].causes == (("query-encoding", "proven"),)


@pytest.mark.parametrize("client", [CCXT_PYTHON, CCXT_NODE], ids=str)
def test_ccxt_encodes_first_and_signs_what_it_sends(client: Client, listen: Listen, driver: Drive) -> None:
    report, lines = _outcome(client, ALL_RIGHT, listen, driver, ccy="BTC, ETH")

    assert report.rest == ("0",) * 4
    assert all(line.accepted for line in lines)
    assert [line.target for line in lines if line.target.startswith(BALANCE)] == [f"{BALANCE}?ccy=BTC%2C%20ETH"]


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_every_client_sends_the_body_that_it_signed_whatever_is_in_it(
    client: Client, listen: Listen, driver: Drive
) -> None:
    odd = {**ORDER, "tag": 'é€😀 "\\/\u2028', "px": 1e-7, "sz": 100000000000000000000.0}
    report, _ = _outcome(client, ALL_RIGHT, listen, driver, order=odd)

    assert report.rest == ("0",) * 4
