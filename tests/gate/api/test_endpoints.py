from __future__ import annotations

import json
import time

import httpx
import pytest

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.market.instruments import select
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.documented import is_public
from tests.gate.bot import LIVE, ORDER, ORDER_BODY, READER, STATUS, TIME, call, data_of, send


def test_account_config_tells_what_the_account_is(base_url: str) -> None:
    account = data_of(call(base_url, LIVE))[0]

    assert (account["uid"], account["mainUid"]) == (LIVE.uid, LIVE.main_uid)
    assert account["perm"] == "read_only,trade"
    assert account["ip"] == ""
    assert account["label"] == "live"
    assert {"acctLv", "posMode", "kycLv", "type", "settleCcyList", "roleType", "autoLoan"} <= account.keys()


def test_account_config_lists_the_addresses_of_a_bound_key_of_a_sub_account() -> None:
    bound = generate(ip_allowlist=("127.0.0.1", "203.0.113.0/24"), uid="2", main_uid="1")
    with Exchange(Plan(accounts=(bound,), sites=("global",))) as exchange:
        account = data_of(call(exchange.sites[0].rest[0], bound))[0]

    assert account["ip"] == "127.0.0.1,203.0.113.0/24"
    assert (account["uid"], account["mainUid"]) == ("2", "1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["BTC", "ETH", "USDT"]),
        ("?ccy=BTC,ETH", ["BTC", "ETH"]),
        ("?ccy=eth", ["ETH"]),
        ("?ccy=BTC%2CETH", ["BTC", "ETH"]),
        ("?ccy=DOGE", []),
    ],
)
def test_the_balance_honours_ccy(base_url: str, query: str, expected: list[str]) -> None:
    balance = data_of(call(base_url, LIVE, target=f"/api/v5/account/balance{query}"))[0]

    details = balance["details"]
    assert isinstance(details, list)
    assert [detail["ccy"] for detail in details] == expected


def test_every_currency_of_an_instrument_is_listed_and_only_those_asked_for_where_some_are(base_url: str) -> None:
    def listed(query: str = "") -> set[object]:
        return {row["ccy"] for row in data_of(call(base_url, LIVE, target=f"/api/v5/asset/currencies{query}"))}

    traded = {part for one in select(time.time()) for part in (one.base, one.quote, one.settle) if part}

    assert listed() == traded
    assert listed("?ccy=sol,EUR,NONE") == {"SOL", "EUR"}


def test_the_position_builder_needs_only_the_right_to_read(base_url: str) -> None:
    received = call(base_url, READER, "POST", "/api/v5/account/position-builder", b'{"inclRealPosAndEq":false}')

    assert len(data_of(received)) == 1


def test_an_order_is_answered_as_accepted_and_forgotten(base_url: str) -> None:
    placed = data_of(call(base_url, LIVE, "POST", ORDER, ORDER_BODY))[0]
    asked = call(base_url, LIVE, target=f"{ORDER}?instId=BTC-USDT&ordId={placed['ordId']}")

    assert placed["sCode"] == "0"
    assert json.loads(asked.body)["code"] == "51603"


def test_a_batch_is_answered_order_by_order(base_url: str) -> None:
    body = b"[" + ORDER_BODY + b"," + ORDER_BODY + b"]"

    placed = data_of(call(base_url, LIVE, "POST", "/api/v5/trade/batch-orders", body))

    assert [order["sCode"] for order in placed] == ["0", "0"]
    assert placed[0]["ordId"] != placed[1]["ordId"]


def test_the_public_clock_is_milliseconds_as_text_and_nothing_is_under_maintenance(base_url: str) -> None:
    time_row = data_of(send(base_url, TIME))[0]

    assert list(time_row) == ["ts"]
    assert str(time_row["ts"]).isdigit()
    assert data_of(send(base_url, STATUS)) == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v5/public/event-contract/series", 401, "50103"),
        ("/api/v5/public/event-contract/events", 401, "50103"),
        ("/api/v5/support/announcements", 200, "0"),
        ("/api/v5/copytrading/public-config", 200, "0"),
    ],
)
def test_what_is_served_without_a_signature_is_not_told_by_the_path(
    base_url: str, path: str, status: int, code: str
) -> None:
    answer = httpx.get(f"{base_url}{path}", trust_env=False)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert is_public(path) is (status == 200)
