"""python-okx, OKX's own Python SDK: its habits that get a bot refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from okx.Account import AccountAPI

from tests.peers.listeners import Listener

pytestmark = [  # the client's own habits are not this project's warnings
    pytest.mark.peer,
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

BALANCE = "/api/v5/account/balance"


def test_its_default_environment_is_demo_trading_so_a_live_key_is_refused(listen: Callable[..., Listener]) -> None:
    at = listen()
    with AccountAPI(at.keys.api_key, at.keys.secret, at.keys.passphrase, domain=at.url) as client:
        code = client.get_account_config()["code"]

    assert code == "50101"
    assert [line.causes for line in at.heard()] == [(("wrong-environment", "stated"),)]


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
    ccy: str, sent: str, code: str, listen: Callable[..., Listener]
) -> None:
    at = listen()
    with AccountAPI(at.keys.api_key, at.keys.secret, at.keys.passphrase, flag="0", domain=at.url) as client:
        report = client.get_account_balance(ccy=ccy)

    (line,) = at.heard()
    assert line.target == BALANCE + sent
    assert report["code"] == line.code == code
    assert line.causes == (() if code == "0" else (("query-encoding", "proven"),))
