"""What a private socket does once it is logged in: it shows the account as it stands, and takes orders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.orders import OPERATIONS
from okx_doctor.gate.serve.events import Event, HandledFrame
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.protocol.signing import sign, websocket_prehash
from tests.gate.bot import LIVE, NOW, READER

pytestmark = pytest.mark.slow

ORDER = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "1"}
TRADING = sorted(OPERATIONS["/ws/v5/private"])
SPREADS = sorted(OPERATIONS["/ws/v5/business"])


@pytest.fixture(scope="module")
def heard() -> list[Event]:
    return []


@pytest.fixture(scope="module")
def exchange(heard: list[Event]) -> Iterator[Exchange]:
    plan = Plan(accounts=(LIVE, READER), sites=("global",), websocket=True)
    with Exchange(plan, now=lambda: NOW, observer=heard.append) as running:
        yield running
        assert list(running.crashes) == []


def _socket(exchange: Exchange, kind: str = "private") -> ClientConnection:
    return connect(f"{exchange.sites[0].websocket}/ws/v5/{kind}", proxy=None)


def _ask(socket: ClientConnection, frame: object) -> dict[str, Any]:
    socket.send(json.dumps(frame))
    return _next(socket)


def _next(socket: ClientConnection) -> dict[str, Any]:
    answer = json.loads(socket.recv(timeout=120))
    assert isinstance(answer, dict)
    return answer


def _log_in(socket: ClientConnection, account: Account = LIVE) -> None:
    stamp = str(int(NOW))
    named = {"apiKey": account.api_key, "passphrase": account.passphrase.reveal(), "timestamp": stamp}
    signature = sign(account.secret.reveal(), websocket_prehash(stamp))
    answer = _ask(socket, {"op": "login", "args": [{**named, "sign": signature}]})
    assert answer["event"] == "login"


def _subscribe(socket: ClientConnection, **arg: str) -> dict[str, Any]:
    return _ask(socket, {"id": "7", "op": "subscribe", "args": [arg]})


def test_the_account_channel_begins_with_the_balance(exchange: Exchange) -> None:
    with _socket(exchange) as socket:
        _log_in(socket)
        acknowledged = _subscribe(socket, channel="account", ccy="BTC")
        push = _next(socket)

    assert acknowledged["event"] == "subscribe"
    assert push["arg"] == {"channel": "account", "ccy": "BTC", "uid": LIVE.uid}
    assert (push["eventType"], push["curPage"], push["lastPage"]) == ("snapshot", 1, True)
    assert [(held["ccy"], held["cashBal"]) for held in push["data"][0]["details"]] == [("BTC", "0.01")]
    assert "id" not in push  # it answers no request


def test_a_parameter_that_is_empty_is_none(exchange: Exchange) -> None:
    """nautilus_trader sends some so, cannot read them back, and hangs up."""
    with _socket(exchange) as socket:
        _log_in(socket)
        acknowledged = _subscribe(socket, channel="positions", instType="ANY", instFamily="", instId="")
        push = _next(socket)

    assert acknowledged["arg"] == {"channel": "positions", "instType": "ANY"}
    assert push["arg"] == {"channel": "positions", "instType": "ANY", "uid": LIVE.uid}


def test_the_positions_channel_begins_with_no_position(exchange: Exchange) -> None:
    with _socket(exchange) as socket:
        _log_in(socket)
        _subscribe(socket, channel="positions", instType="ANY")
        push = _next(socket)

    assert push["arg"] == {"channel": "positions", "instType": "ANY", "uid": LIVE.uid}
    assert (push["eventType"], push["data"]) == ("snapshot", [])


def test_balance_and_position_begins_with_both(exchange: Exchange) -> None:
    with _socket(exchange) as socket:
        _log_in(socket)
        _subscribe(socket, channel="balance_and_position")
        (state,) = _next(socket)["data"]

    assert state["eventType"] == "snapshot"
    assert [held["ccy"] for held in state["balData"]] == ["BTC", "ETH", "USDT"]
    assert state["posData"] == []


@pytest.mark.parametrize(("kind", "channel"), [("private", "orders"), ("public", "tickers")])
def test_no_other_channel_begins_with_anything(kind: str, channel: str, exchange: Exchange) -> None:
    with _socket(exchange, kind) as socket:
        _log_in(socket)
        assert _subscribe(socket, channel=channel, instId="BTC-USDT")["event"] == "subscribe"
        socket.send("ping")
        assert socket.recv(timeout=120) == "pong"


def test_an_unsubscription_is_followed_by_nothing(exchange: Exchange) -> None:
    with _socket(exchange) as socket:
        _log_in(socket)
        assert _ask(socket, {"op": "unsubscribe", "args": [{"channel": "account"}]})["event"] == "unsubscribe"
        socket.send("ping")
        assert socket.recv(timeout=120) == "pong"


@pytest.mark.parametrize(("kind", "op"), [("private", op) for op in TRADING] + [("business", op) for op in SPREADS])
def test_every_operation_on_orders_is_accepted_where_okx_takes_it(kind: str, op: str, exchange: Exchange) -> None:
    with _socket(exchange, kind) as socket:
        _log_in(socket)
        answer = _ask(socket, {"id": "1512", "op": op, "args": [ORDER, ORDER]})

    assert {name: answer[name] for name in ("id", "op", "code", "msg")} == {
        "id": "1512",
        "op": op,
        "code": "0",
        "msg": "",
    }
    if op.endswith("mass-cancel"):
        assert answer["data"] == [{"result": True}]
    else:
        assert [row["sCode"] for row in answer["data"]] == ["0", "0"]
        assert len({row["ordId"] for row in answer["data"]}) == 2


def test_an_order_that_is_cancelled_keeps_its_number_and_nothing_else_comes_back(exchange: Exchange) -> None:
    with _socket(exchange) as socket:
        _log_in(socket)
        named = {"instId": "BTC-USDT", "ordId": "2510789768709120", "clOrdId": "P4SSPHRASE"}
        answer = _ask(socket, {"id": "1", "op": "cancel-order", "args": [named]})

    assert answer["data"][0]["ordId"] == "2510789768709120"
    assert "P4SSPHRASE" not in json.dumps(answer)


def test_a_key_that_only_reads_may_not_order(exchange: Exchange, heard: list[Event]) -> None:
    with _socket(exchange) as socket:
        _log_in(socket, READER)
        answer = _ask(socket, {"id": "1", "op": "order", "args": [ORDER]})

    assert (answer["op"], answer["code"], answer["data"]) == ("order", "50120", [])
    assert heard[-1] == HandledFrame(path="/ws/v5/private", asked="order", code="50120", demo_socket=False)


@pytest.mark.parametrize(("kind", "code"), [("private", "60011"), ("public", "60019"), ("business", "60019")])
def test_an_order_needs_a_login_on_the_private_socket(kind: str, code: str, exchange: Exchange) -> None:
    with _socket(exchange, kind) as socket:
        answer = _ask(socket, {"id": "1", "op": "order", "args": [ORDER]})

    assert (answer["event"], answer["code"]) == ("error", code)
