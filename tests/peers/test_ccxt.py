"""ccxt for Python, the library most bots are built on, against the embedded exchange."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import ccxt
import pytest

from tests.peers.scenarios import READ_ONLY, SCENARIOS, Scenario, Stand, assert_judged, stand

pytestmark = pytest.mark.peer

ALL_RIGHT = SCENARIOS[0]
ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "1"}


@contextmanager
def _okx(at: Stand) -> Iterator[ccxt.okx]:
    keys = {"apiKey": at.api_key, "secret": at.secret, "password": at.passphrase}
    client = ccxt.okx({**keys, "enableRateLimit": False})
    client.urls["api"]["rest"] = client.urls["test"]["rest"] = at.base_url
    client.set_sandbox_mode(at.demo_header)
    try:
        yield client
    finally:
        client.session.close()


def _reported(error: ccxt.BaseError) -> str:
    """The code in the answer that ccxt quotes in its exception."""
    document = json.loads(str(error).removeprefix("okx "))
    return str(document["code"])


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_reports_the_code_of_the_one_thing_that_is_wrong(scenario: Scenario) -> None:
    with stand(scenario) as at, _okx(at) as client:
        reports = []
        for call, parameters in (
            (client.private_get_account_config, {}),
            (client.private_get_account_balance, {"ccy": "BTC,ETH"}),
            (client.private_post_trade_order, dict(ORDER)),
        ):
            try:
                reports.append(call(parameters)["code"])
            except ccxt.BaseError as error:
                reports.append(_reported(error))

    assert reports == [scenario.code] * 3
    paths = ("/api/v5/account/config", "/api/v5/account/balance", "/api/v5/trade/order")
    for handled, path in zip(at.exchange.handled, paths, strict=True):
        assert_judged(handled, scenario, path)
    assert at.exchange.handled[1].request.target.endswith("?ccy=BTC%2CETH")


@pytest.mark.parametrize("scenario", [entry for entry in SCENARIOS if not entry.demo_header], ids=str)
def test_loading_the_markets_on_the_way_to_a_balance_fails_first_where_the_keys_are_wrong(
    scenario: Scenario,
) -> None:
    with stand(scenario) as at, _okx(at) as client:
        if scenario.code == "0":
            assert client.fetch_balance()["BTC"]["total"] == 0.01
        else:
            with pytest.raises(ccxt.BaseError) as raised:
                client.fetch_balance()
            assert _reported(raised.value) == scenario.code
            private = [handled for handled in at.exchange.handled if handled.trace]
            assert_judged(private[-1], scenario, "/api/v5/asset/currencies")


@pytest.mark.parametrize("code", ["50101", "50105", "50113"])
def test_three_different_faults_are_one_exception(code: str) -> None:
    scenario = next(entry for entry in SCENARIOS if entry.code == code)
    with (
        stand(scenario) as at,
        _okx(at) as client,
        pytest.raises(ccxt.AuthenticationError, match=code),
    ):
        client.private_get_account_config()


def test_a_unified_order_is_accepted_and_a_read_only_key_is_told_what_it_lacks() -> None:
    with stand(ALL_RIGHT) as at, _okx(at) as client:
        order = client.create_order("BTC/USDT", "limit", "buy", 0.001, 60000)
        assert str(order["id"]).isdigit()
        assert at.exchange.handled[-1].request.path == "/api/v5/trade/batch-orders"
    with stand(READ_ONLY) as at, _okx(at) as client:
        with pytest.raises(ccxt.BaseError) as raised:
            client.create_order("BTC/USDT", "limit", "buy", 0.001, 60000)
        assert _reported(raised.value) == "50120"
        assert_judged(at.exchange.handled[-1], READ_ONLY, "/api/v5/trade/batch-orders")
