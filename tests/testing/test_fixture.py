"""The pytest fixture ``okx_exchange``, used as a bot's own tests use it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from websockets.sync.client import connect

from okx_doctor.gate.api.faults import Fault
from okx_doctor.protocol import signing, timestamps
from okx_doctor.testing.exchange import SHOWN, Account, OkxExchange

pytestmark = pytest.mark.slow

CONFIG = "/api/v5/account/config"
ORDER = "/api/v5/trade/order"
BODY = {"instId": "BTC-USDT", "tdMode": "cash", "side": "buy", "ordType": "limit", "sz": "0.001", "px": "1"}


def call(
    exchange: OkxExchange,
    account: Account,
    method: str = "GET",
    target: str = CONFIG,
    *,
    signed: bytes = b"",
    sent: bytes | None = None,
    passphrase: str | None = None,
    secret: str | None = None,
) -> httpx.Response:
    """One signed call; ``sent`` is a body that differs from the signed one."""
    stamp = timestamps.rest_timestamp(time.time())
    text = signing.prehash(stamp, method, target, signed)
    headers = {
        signing.KEY_HEADER: account.api_key,
        signing.SIGN_HEADER: signing.sign(account.secret_key if secret is None else secret, text),
        signing.TIMESTAMP_HEADER: stamp,
        signing.PASSPHRASE_HEADER: account.passphrase if passphrase is None else passphrase,
        "Content-Type": "application/json",
        **({signing.DEMO_HEADER: "1"} if account.demo else {}),
    }
    body = signed if sent is None else sent
    with httpx.Client(trust_env=False) as client:
        return client.request(method, f"{exchange.url}{target}", content=body, headers=headers)


def code(response: httpx.Response) -> str:
    return str(response.json()["code"])


def log_in(url: str, account: Account, *then: Mapping[str, object], passphrase: str | None = None) -> list[str]:
    """OKX's codes for a login on the private socket, and for what is sent after it."""
    stamp = str(int(time.time()))
    entry = {
        "apiKey": account.api_key,
        "passphrase": account.passphrase if passphrase is None else passphrase,
        "timestamp": stamp,
        "sign": signing.sign(account.secret_key, signing.websocket_prehash(stamp)),
    }
    with connect(f"{url}/ws/v5/private", proxy=None) as socket:
        codes = []
        for frame in ({"op": "login", "args": [entry]}, *then):
            socket.send(json.dumps(frame))
            answers = iter(lambda: json.loads(socket.recv(timeout=120)), None)
            codes.append(next(answer.get("code", "0") for answer in answers if "event" in answer))  # else it is data
        return codes


def subscription(channel: str) -> Mapping[str, object]:
    return {"op": "subscribe", "args": [{"channel": channel}]}


class TestAccounts:
    def test_there_is_a_live_one_and_a_demo_one_and_each_is_let_in_where_it_belongs(
        self, okx_exchange: OkxExchange
    ) -> None:
        live, demo = okx_exchange.accounts

        assert (live.demo, demo.demo) == (False, True)
        assert code(call(okx_exchange, live)) == code(call(okx_exchange, demo)) == "0"
        assert log_in(okx_exchange.ws_url, live) == log_in(okx_exchange.ws_demo_url, demo) == ["0"]
        okx_exchange.assert_all_valid()

    def test_each_is_refused_where_the_other_belongs(self, okx_exchange: OkxExchange) -> None:
        live, demo = okx_exchange.accounts

        assert log_in(okx_exchange.ws_demo_url, live) == log_in(okx_exchange.ws_url, demo) == ["50101"]

    def test_no_two_tests_share_them(self, okx_exchange: OkxExchange) -> None:
        with OkxExchange() as other:
            assert {each.api_key for each in other.accounts}.isdisjoint(each.api_key for each in okx_exchange.accounts)

    def test_their_secrets_are_not_shown(self, okx_exchange: OkxExchange) -> None:
        for account in okx_exchange.accounts:
            assert account.secret_key not in repr(account)
            assert account.passphrase not in repr(account)

    def test_one_that_only_reads_may_not_order(self, okx_exchange: OkxExchange) -> None:
        reader = okx_exchange.open_account(permissions=("read_only",))

        assert code(call(okx_exchange, reader)) == "0"
        assert code(call(okx_exchange, reader, "POST", ORDER, signed=json.dumps(BODY).encode())) == "50120"
        assert okx_exchange.accounts[-1] == reader

    def test_one_that_is_bound_elsewhere_is_refused_from_here(self, okx_exchange: OkxExchange) -> None:
        assert code(call(okx_exchange, okx_exchange.open_account(ip_allowlist=("203.0.113.8",)))) == "50110"
        assert code(call(okx_exchange, okx_exchange.open_account(ip_allowlist=("127.0.0.0/8",)))) == "0"

    def test_one_more_may_be_a_demo_account(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.open_account(demo=True)

        assert account.demo
        assert code(call(okx_exchange, account)) == "0"


def test_requests_are_what_came_in_order_with_their_answers(okx_exchange: OkxExchange) -> None:
    account = okx_exchange.accounts[0]
    body = json.dumps(BODY).encode()
    call(okx_exchange, account, target=f"{CONFIG}?")
    call(okx_exchange, account, "POST", ORDER, signed=body)
    log_in(okx_exchange.ws_url, account, subscription("account"))
    call(okx_exchange, account, passphrase="another")

    came = okx_exchange.requests

    assert [(each.method, each.target, each.status, each.code, each.accepted) for each in came] == [
        ("GET", f"{CONFIG}?", 200, "0", True),
        ("POST", ORDER, 200, "0", True),
        ("WS", "login", 0, "0", True),
        ("GET", CONFIG, 401, "50105", False),
    ]
    assert came[1].body == body
    assert ("OK-ACCESS-KEY", account.api_key) in [(name.upper(), value) for name, value in came[0].headers]


def test_the_clock_can_be_moved_and_moved_back(okx_exchange: OkxExchange) -> None:
    account = okx_exchange.accounts[0]
    assert okx_exchange.clock.offset == 0.0

    okx_exchange.clock.offset = 45
    assert okx_exchange.clock.offset == 45
    assert code(call(okx_exchange, account)) == "50102"
    okx_exchange.clock.offset = 0.0
    assert code(call(okx_exchange, account)) == "0"

    with pytest.raises(AssertionError, match="clock-drift"):
        okx_exchange.assert_all_valid()


class TestStage:
    def test_as_a_call_it_lasts_until_it_is_ended(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        okx_exchange.stage("rate-limited")

        assert [call(okx_exchange, account).status_code for _ in range(2)] == [429, 429]
        okx_exchange.stage(None)
        assert call(okx_exchange, account).status_code == 200

    def test_as_a_context_manager_it_lasts_until_the_end_of_with(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        with okx_exchange.stage("unavailable"):
            assert call(okx_exchange, account).status_code == 503
        assert call(okx_exchange, account).status_code == 200

    def test_it_ends_when_with_is_left_by_an_error(self, okx_exchange: OkxExchange) -> None:
        with pytest.raises(ZeroDivisionError), okx_exchange.stage("unavailable"):
            raise ZeroDivisionError
        assert call(okx_exchange, okx_exchange.accounts[0]).status_code == 200

    def test_one_that_there_is_not_is_answered_with_those_there_are(self, okx_exchange: OkxExchange) -> None:
        with pytest.raises(ValueError, match="there is no fault 'rate_limited'; choose from") as raised:
            okx_exchange.stage("rate_limited")

        assert all(fault in str(raised.value) for fault in Fault)

    def test_it_is_not_held_against_the_bot(self, okx_exchange: OkxExchange) -> None:
        with okx_exchange.stage("rate-limited"):
            call(okx_exchange, okx_exchange.accounts[0])

        assert [(each.code, each.accepted) for each in okx_exchange.requests] == [("50011", False)]
        okx_exchange.assert_all_valid()

    def test_it_hides_no_fault_of_the_bot(self, okx_exchange: OkxExchange) -> None:
        with okx_exchange.stage("rate-limited"):
            call(okx_exchange, okx_exchange.accounts[0], secret="another")

        with pytest.raises(AssertionError, match="OKX would refuse 1 of 1 requests"):
            okx_exchange.assert_all_valid()


class TestAssertAllValid:
    def test_it_fails_with_the_explanation_of_inspect(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        call(okx_exchange, account)
        compact = json.dumps(BODY, separators=(",", ":")).encode()
        call(okx_exchange, account, "POST", ORDER, signed=json.dumps(BODY).encode(), sent=compact)

        with pytest.raises(AssertionError) as raised:
            okx_exchange.assert_all_valid()

        said = str(raised.value)
        assert said.startswith("OKX would refuse 1 of 2 requests:\n")
        assert "401 50113 POST /api/v5/trade/order  body-reserialised" in said
        assert "body-reserialised: proven" in said
        assert "okx-doctor explain body-reserialised" in said

    def test_it_explains_each_kind_once_and_names_every_request(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        for target in (CONFIG, f"{CONFIG}?again=1", f"{CONFIG}?again=2"):
            call(okx_exchange, account, target=target, passphrase=account.passphrase.swapcase())

        with pytest.raises(AssertionError) as raised:
            okx_exchange.assert_all_valid()

        said = str(raised.value)
        assert said.count("passphrase-case: stated") == 1
        assert [said.count(f"GET  {CONFIG}?again={number}  passphrase-case") for number in (1, 2)] == [1, 1]

    def test_it_shows_neither_secret_nor_passphrase_nor_key(self, okx_exchange: OkxExchange) -> None:
        for account in okx_exchange.accounts:
            call(okx_exchange, account, passphrase=account.passphrase.swapcase())
            call(okx_exchange, account, secret=account.secret_key[:-1])

        with pytest.raises(AssertionError) as raised:
            okx_exchange.assert_all_valid()

        for account in okx_exchange.accounts:
            for value in (account.secret_key, account.passphrase, account.passphrase.swapcase(), account.api_key):
                assert value not in str(raised.value)

    @pytest.mark.parametrize("path", [None, "/api/v5/public/time"])
    def test_it_fails_where_nothing_signed_came(self, path: str | None, okx_exchange: OkxExchange) -> None:
        if path:
            assert httpx.get(f"{okx_exchange.url}{path}", trust_env=False).status_code == 200

        with pytest.raises(AssertionError, match="no signed request reached the exchange") as raised:
            okx_exchange.assert_all_valid()
        assert okx_exchange.url in str(raised.value)

    def test_a_refused_login_is_a_fault(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        assert log_in(okx_exchange.ws_url, account, passphrase="another") == ["60024"]

        with pytest.raises(AssertionError, match="passphrase-differs"):
            okx_exchange.assert_all_valid()

    def test_a_refused_subscription_is_a_fault(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        said = log_in(okx_exchange.ws_url, account, subscription("account"), subscription("candle1D"))
        assert said == ["0", "0", "64001"]

        with pytest.raises(AssertionError, match=r"64001 .* /ws/v5/private  subscribe candle1D: it is on /business"):
            okx_exchange.assert_all_valid()

    def test_what_is_asked_for_after_a_refused_login_has_no_cause_of_its_own(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        assert log_in(okx_exchange.ws_url, account, subscription("account"), passphrase="another") == ["60024", "60011"]

        with pytest.raises(AssertionError, match="passphrase-differs") as raised:
            okx_exchange.assert_all_valid()
        assert "websocket-login-missing" not in str(raised.value)

    def test_a_subscription_before_the_login_is_named_although_nothing_signed_came(
        self, okx_exchange: OkxExchange
    ) -> None:
        with connect(f"{okx_exchange.ws_url}/ws/v5/private", proxy=None) as socket:
            socket.send(json.dumps(subscription("account")))
            assert json.loads(socket.recv())["code"] == "60011"

        with pytest.raises(AssertionError, match=r"60011 .* /ws/v5/private  websocket-login-missing"):
            okx_exchange.assert_all_valid()

    def test_of_a_flood_of_refused_requests_the_first_ones_are_explained(self, okx_exchange: OkxExchange) -> None:
        account = okx_exchange.accounts[0]
        for _ in range(SHOWN + 3):
            call(okx_exchange, account, secret=account.secret_key[:-1])

        with pytest.raises(AssertionError) as raised:
            okx_exchange.assert_all_valid()

        said = str(raised.value)
        assert said.startswith(f"OKX would refuse {SHOWN + 3} of {SHOWN + 3} requests:\n")
        assert said.count("401 50113 GET") == SHOWN
        assert said.endswith("… and 3 more.")

    def test_what_is_forgotten_of_many_requests_is_not_forgiven(
        self, okx_exchange: OkxExchange, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("okx_doctor.testing.exchange.REMEMBERED_BYTES", 10_000)
        account = okx_exchange.accounts[0]
        call(okx_exchange, account, secret=account.secret_key[:-1])
        for _ in range(10):
            call(okx_exchange, account)

        assert 0 < len(okx_exchange.requests) < 11
        assert all(each.accepted for each in okx_exchange.requests)
        with pytest.raises(AssertionError, match="OKX would refuse 1 of 11 requests"):
            okx_exchange.assert_all_valid()

    def test_large_headers_and_targets_count_in_what_is_remembered_too(
        self, okx_exchange: OkxExchange, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("okx_doctor.testing.exchange.REMEMBERED_BYTES", 200_000)
        for _ in range(10):
            assert httpx.get(f"{okx_exchange.url}/{'x' * 50_000}", trust_env=False).status_code == 404

        assert 0 < len(okx_exchange.requests) < 4


STRANGERS_TEST = """
import urllib.request

def test_something(okx_exchange):
    with urllib.request.urlopen(okx_exchange.url + "/api/v5/public/time") as answer:
        assert answer.status == 200
    assert len(okx_exchange.requests) == 1
"""

TELLTALE = """
import pathlib, sys

def pytest_sessionfinish():
    pathlib.Path("modules.txt").write_text("\\n".join(sys.modules))
"""


def _stranger(folder: Path, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_something.py").write_text(STRANGERS_TEST, "utf-8")
    (folder / "conftest.py").write_text(TELLTALE, "utf-8")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *options],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_strangers_project_has_the_fixture_without_a_line_of_setup_even_behind_a_proxy(tmp_path: Path) -> None:
    done = _stranger(tmp_path, HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "1 passed" in done.stdout
    assert "okx_doctor.gate.serve.exchange" in _loaded(tmp_path)


def test_collecting_loads_nothing_that_pytest_has_not_loaded_itself(tmp_path: Path) -> None:
    loaded = []
    for name, options in (("with", ()), ("without", ("-p", "no:okx_doctor"))):
        folder = tmp_path / name
        folder.mkdir()
        _stranger(folder, "--collect-only", *options)
        loaded.append(_loaded(folder))

    assert loaded[0] - loaded[1] == {"okx_doctor", "okx_doctor.testing", "okx_doctor.testing.plugin"}


def _loaded(folder: Path) -> set[str]:
    return set((folder / "modules.txt").read_text("utf-8").split("\n"))
