"""python-okx, OKX's own Python SDK, against the embedded exchange."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path

import pytest
from okx.Account import AccountAPI
from okx.Trade import TradeAPI

from tests.peers.scenarios import READ_ONLY, SCENARIOS, Scenario, Stand, assert_judged, stand

pytestmark = [  # the client's own habits are not this project's warnings
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

ALL_RIGHT = SCENARIOS[0]
CONFIG, BALANCE = "/api/v5/account/config", "/api/v5/account/balance"
BUILDER, ORDER = "/api/v5/account/position-builder", "/api/v5/trade/order"


def _account(at: Stand) -> AccountAPI:
    flag = "1" if at.demo_header else "0"
    return AccountAPI(at.api_key, at.secret, at.passphrase, flag=flag, domain=at.base_url)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_it_reports_the_code_of_the_one_thing_that_is_wrong(scenario: Scenario) -> None:
    with stand(scenario) as at, _account(at) as client:
        reports = [
            client.get_account_config(),
            client.get_account_balance(ccy="BTC,ETH"),
            client.position_builder(inclRealPosAndEq=False, simPos=[{"instId": "BTC-USDT-SWAP", "pos": "1"}]),
        ]

    assert [report["code"] for report in reports] == [scenario.code] * 3
    assert len(at.exchange.handled) == 3
    for handled, path in zip(at.exchange.handled, (CONFIG, BALANCE, BUILDER), strict=True):
        assert_judged(handled, scenario, path)


@pytest.mark.parametrize("scenario", [ALL_RIGHT, READ_ONLY], ids=str)
def test_an_order_needs_the_right_to_trade(scenario: Scenario) -> None:
    with (
        stand(scenario) as at,
        TradeAPI(at.api_key, at.secret, at.passphrase, flag="0", domain=at.base_url) as client,
    ):
        report = client.place_order(instId="BTC-USDT", tdMode="cash", side="buy", ordType="limit", sz="0.001", px="1")

    assert report["code"] == scenario.code
    assert_judged(at.exchange.handled[-1], scenario, ORDER)


def test_its_default_environment_is_demo_trading_so_a_live_key_is_refused() -> None:
    with (
        stand(ALL_RIGHT) as at,
        AccountAPI(at.api_key, at.secret, at.passphrase, domain=at.base_url) as client,
    ):
        assert client.get_account_config()["code"] == "50101"


@pytest.mark.parametrize(
    ("ccy", "sent", "code"),
    [
        ("BTC,ETH", "?ccy=BTC,ETH", "0"),
        ("BTC%2CETH", "?ccy=BTC%2CETH", "0"),
        ("BTC, ETH", "?ccy=BTC,%20ETH", "50113"),
        ("BTC ETH", "?ccy=BTC%20ETH", "50113"),
        ("ÐOGE", "?ccy=%C3%90OGE", "50113"),
    ],
)
def test_it_signs_the_query_it_was_given_and_httpx_sends_another_where_it_must_escape(
    ccy: str, sent: str, code: str
) -> None:
    with stand(ALL_RIGHT) as at, _account(at) as client:
        report = client.get_account_balance(ccy=ccy)

    assert at.exchange.handled[-1].request.target == BALANCE + sent
    assert report["code"] == at.exchange.handled[-1].code == code


@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        (ALL_RIGHT, "0"),
        (Scenario(name="wrong passphrase", code="", passphrase="Wr0ng-passphrase"), "60024"),
        (Scenario(name="wrong secret", code="", secret="wrong"), "60007"),
        (Scenario(name="demo key on the live socket", code="", demo_account=True), "50101"),
        (Scenario(name="key of another site", code="", site="eea"), "60032"),
        (Scenario(name="clock 45 s behind", code="", clock_offset=45.0), "60006"),
    ],
    ids=str,
)
def test_its_websocket_login_gets_the_sockets_code(
    scenario: Scenario, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stand(scenario, tls=True, websocket=True) as at:
        trusted = tmp_path / "ca.pem"
        trusted.write_bytes(at.exchange.ca_pem)
        monkeypatch.setattr("certifi.where", lambda: str(trusted))
        report = asyncio.run(_log_in(at))

    assert report["code"] == code
    assert report["event"] == ("login" if code == "0" else "error")
    assert [login.code for login in at.exchange.logins] == [code]
    assert abs(float(at.exchange.logins[0].login.timestamp) - time.time()) < 60


async def _log_in(at: Stand) -> dict[str, object]:
    from okx.websocket.WsPrivateAsync import WsPrivateAsync

    url = f"{at.exchange.sites[0].websocket}/ws/v5/private"
    client = WsPrivateAsync(apiKey=at.api_key, passphrase=at.passphrase, secretKey=at.secret, url=url)
    await client.connect()
    await client.login()
    answer = json.loads(await client.websocket.recv())
    await client.factory.close()
    assert isinstance(answer, dict)
    return answer
