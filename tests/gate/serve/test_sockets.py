from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.evaluate import Venue, evaluate_login
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.serve.sockets import FRAME_LIMIT
from okx_doctor.protocol.signing import sign, websocket_prehash
from okx_doctor.protocol.sites import Site
from okx_doctor.protocol.wire import LoginRequest
from tests.gate.bot import ACCOUNTS, CALLER, DEMO, EUROPEAN, GLOBAL, LIVE, NOW, altered

ZERO_KEY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def venue() -> Iterator[Exchange]:
    with Exchange(Plan(accounts=ACCOUNTS, sites=("global", "tr"), websocket=True)) as exchange:
        yield exchange
        assert list(exchange.crashes) == []


@pytest.fixture
def site(venue: Exchange) -> Site:
    venue.logins.clear()
    return venue.sites[0]


@pytest.fixture
def private(site: Site) -> Iterator[ClientConnection]:
    with connect(f"{site.websocket}/ws/v5/private", proxy=None) as connection:
        yield connection


def _login(account: Account, *, timestamp: str | None = None, signature: str | None = None) -> LoginRequest:
    stamp = timestamp if timestamp is not None else str(int(time.time()))
    return LoginRequest(
        api_key=account.api_key,
        passphrase=account.passphrase.reveal(),
        timestamp=stamp,
        sign=signature or sign(account.secret.reveal(), websocket_prehash(stamp)),
    )


def _frame(login: LoginRequest) -> str:
    entry = {
        "apiKey": login.api_key,
        "passphrase": login.passphrase,
        "timestamp": login.timestamp,
        "sign": login.sign,
    }
    return json.dumps({"op": "login", "args": [entry]})


def _ask(connection: ClientConnection, text: str | bytes) -> dict[str, object]:
    connection.send(text)
    answer = json.loads(connection.recv(timeout=120))
    assert isinstance(answer, dict)
    return answer


CASES: dict[str, tuple[str, bool, LoginRequest]] = {
    "all correct": ("0", False, _login(LIVE, timestamp=str(int(NOW)))),
    "a demo key on the demo socket": ("0", True, _login(DEMO, timestamp=str(int(NOW)))),
    "fractional seconds, as the docs' sample makes": ("0", False, _login(LIVE, timestamp=f"{NOW:.3f}")),
    "no key": ("60027", False, replace(_login(LIVE, timestamp=str(int(NOW))), api_key="")),
    "ISO time": ("60004", False, _login(LIVE, timestamp="2020-12-08T09:08:57.715Z")),
    "milliseconds": ("60006", False, _login(LIVE, timestamp=str(int(NOW * 1000)))),
    "half a minute late": ("60006", False, _login(LIVE, timestamp=str(int(NOW - 31)))),
    "a key that is no UUID": (
        "60005",
        False,
        replace(_login(LIVE, timestamp=str(int(NOW))), api_key="made-up"),
    ),
    "an unknown key": ("60032", False, replace(_login(LIVE, timestamp=str(int(NOW))), api_key=ZERO_KEY)),
    "a European key on the global socket": ("60032", False, _login(EUROPEAN, timestamp=str(int(NOW)))),
    "a demo key on the live socket": ("50101", False, _login(DEMO, timestamp=str(int(NOW)))),
    "a live key on the demo socket": ("50101", True, _login(LIVE, timestamp=str(int(NOW)))),
    "a wrong passphrase": (
        "60024",
        False,
        _login(altered(LIVE, passphrase="wrong"), timestamp=str(int(NOW))),
    ),
    "a wrong secret": ("60007", False, _login(altered(LIVE, secret="wrong"), timestamp=str(int(NOW)))),
    "a wrong passphrase and a wrong secret": (
        "60024",
        False,
        _login(altered(LIVE, secret="wrong", passphrase="wrong"), timestamp=str(int(NOW))),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_login_is_judged(case: str) -> None:
    expected, demo_socket, login = CASES[case]

    trace = evaluate_login(login, venue=GLOBAL, demo_socket=demo_socket, now=NOW, caller_ip=CALLER)

    assert (trace.refusal.code if trace.refusal else "0") == expected


def test_a_login_from_elsewhere_and_with_a_frozen_key_gets_rests_codes() -> None:
    bound, frozen = generate(ip_allowlist=("203.0.113.8",)), generate(state="frozen")
    here = Venue(site="global", accounts=(bound, frozen))

    answers = [
        evaluate_login(
            _login(account, timestamp=str(int(NOW))), venue=here, demo_socket=False, now=NOW, caller_ip=CALLER
        ).refusal
        for account in (bound, frozen)
    ]

    assert [refusal.code if refusal else "0" for refusal in answers] == ["50110", "50100"]


def test_a_login_succeeds_once_and_opens_the_private_channels(venue: Exchange, private: ClientConnection) -> None:
    subscription = '{"op":"subscribe","args":[{"channel":"account","ccy":"BTC"}]}'

    before = _ask(private, subscription)
    login = _ask(private, _frame(_login(LIVE)))
    after = _ask(private, subscription)
    private.recv()  # the account as it stands
    again = _ask(private, _frame(_login(LIVE)))

    assert (before["event"], before["code"], before["msg"]) == ("error", "60011", "Please log in")
    assert (login["event"], login["code"], login["msg"]) == ("login", "0", "")
    assert (after["event"], after["arg"]) == ("subscribe", {"channel": "account", "ccy": "BTC"})
    assert again["code"] == "60031"
    assert len({str(answer["connId"]) for answer in (before, login, after, again)}) == 1
    assert [(entry.code, entry.site, entry.demo_socket) for entry in venue.logins] == [("0", "global", False)]


def test_a_refused_login_may_be_tried_again_and_is_recorded(venue: Exchange, private: ClientConnection) -> None:
    refused = _ask(private, _frame(_login(altered(LIVE, passphrase="wrong"))))
    accepted = _ask(private, _frame(_login(LIVE)))

    assert (refused["event"], refused["code"], refused["msg"]) == ("error", "60024", "Wrong passphrase")
    assert accepted["event"] == "login"
    assert [entry.code for entry in venue.logins] == ["60024", "0"]


def test_a_timestamp_sent_as_a_number_is_taken(private: ClientConnection) -> None:
    frame = json.loads(_frame(_login(LIVE)))
    frame["args"][0]["timestamp"] = int(frame["args"][0]["timestamp"])

    assert _ask(private, json.dumps(frame))["event"] == "login"


def test_live_and_demo_keys_have_sockets_of_their_own(site: Site) -> None:
    answers = []
    for address in (site.websocket, site.websocket_demo):
        for account in (LIVE, DEMO):
            with connect(f"{address}/ws/v5/private?brokerId=9999", proxy=None) as connection:
                answers.append(_ask(connection, _frame(_login(account)))["code"])

    assert answers == ["0", "50101", "50101", "0"]


def test_ping_is_answered_pong(private: ClientConnection) -> None:
    private.send("ping")

    assert private.recv(timeout=120) == "pong"


@pytest.mark.parametrize(
    ("path", "channel", "expected"),
    [
        ("public", "tickers", None),
        ("public", "books-l2-tbt", "60011"),
        ("public", "account", "60018"),
        ("public", "no-such-channel", "60018"),
        ("public", "candle1D", "64001"),
        ("private", "positions", "60011"),
        ("private", "tickers", "60018"),
        ("business", "candle1D", None),
        ("business", "orders-algo", "60011"),
        ("business", "tickers", "64002"),
    ],
)
def test_a_subscription_is_answered_by_path_and_channel(
    site: Site, path: str, channel: str, expected: str | None
) -> None:
    frame = json.dumps({"id": "7", "op": "subscribe", "args": [{"channel": channel, "instId": "BTC-USDT"}]})
    with connect(f"{site.websocket}/ws/v5/{path}", proxy=None) as connection:
        answer = _ask(connection, frame)

    assert answer["id"] == "7"
    assert answer.get("code") == expected
    assert answer["event"] == ("error" if expected else "subscribe")


def test_each_argument_is_answered_and_unsubscribing_too(site: Site) -> None:
    frame = json.dumps({"op": "unsubscribe", "args": [{"channel": "tickers"}, {"channel": "trades"}]})
    with connect(f"{site.websocket}/ws/v5/public", proxy=None) as connection:
        connection.send(frame)
        events = [json.loads(connection.recv(timeout=120))["event"] for _ in range(2)]

    assert events == ["unsubscribe", "unsubscribe"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("not JSON", "60012"),
        ("[]", "60012"),
        ("{}", "60012"),
        ('{"op":"subscribe"}', "60012"),
        ('{"op":"subscribe","args":[]}', "60012"),
        ('{"op":"subscribe","args":["spot/ticker:BTC-USDT"]}', "60012"),
        ('{"op":"subscribe","args":[{}]}', "60012"),
        ('{"op":["login"],"args":[{}]}', "60012"),
        ('{"op":"fly","args":[{}]}', "60019"),
        ('{"op":"login","args":[{}]}', "60027"),
        (b"\x00\xff", "60012"),
        ("[" * 50_000, "60012"),
    ],
)
def test_a_frame_that_makes_no_sense_is_an_error_and_no_end(
    private: ClientConnection, text: str | bytes, expected: str
) -> None:
    assert _ask(private, text)["code"] == expected
    private.send("ping")
    assert private.recv(timeout=120) == "pong"


def test_no_answer_repeats_what_could_be_a_passphrase(private: ClientConnection) -> None:
    mangled = '{"op":"login","args":[{"passphrase":"P4SSPHRASE","sign":"S3CRET"'
    misplaced = '{"op":"subscribe","args":[{"channel":"account","passphrase":"P4SSPHRASE"}]}'
    logged_in = _ask(private, _frame(_login(LIVE)))

    said = json.dumps([logged_in, _ask(private, mangled), _ask(private, misplaced)])

    assert "P4SSPHRASE" not in said
    assert LIVE.passphrase.reveal() not in said


def test_another_path_and_an_oversized_frame_are_refused(site: Site) -> None:
    with pytest.raises(InvalidStatus, match="404"), connect(f"{site.websocket}/ws/v5/secret", proxy=None):
        pass
    with connect(f"{site.websocket}/ws/v5/public", proxy=None) as connection:
        connection.send("x" * (FRAME_LIMIT + 1))
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=120)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_silence_is_ended_with_4004(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("okx_doctor.gate.serve.sockets.SILENCE_SECONDS", 0.01)
    with (
        connect(f"{site.websocket}/ws/v5/public", proxy=None) as connection,
        pytest.raises(ConnectionClosed) as closed,
    ):
        connection.recv(timeout=120)

    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4004, "No data received in 30s.")


def test_turkey_has_no_socket_since_none_is_published(venue: Exchange) -> None:
    assert (venue.sites[1].websocket, venue.sites[1].websocket_demo) == (None, None)


def test_sockets_speak_tls_and_shift_their_clock_with_the_exchange() -> None:
    plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, tls="trusted", clock_offset=45.0)
    with Exchange(plan) as exchange:
        context = ssl.create_default_context(cadata=exchange.ca_pem.decode())

        async def ask(*frames: str) -> list[dict[str, object]]:
            # in one thread: Python's TLS may not be read and written at the same time
            url = f"{exchange.sites[0].websocket}/ws/v5/private"
            async with asyncio.timeout(120), open_socket(url, ssl=context, proxy=None, open_timeout=None) as connection:
                told = []
                for frame in frames:
                    await connection.send(frame)
                    told.append(json.loads(await connection.recv()))
                return told

        late, right = asyncio.run(ask(_frame(_login(LIVE)), _frame(_login(LIVE, timestamp=str(int(time.time() + 45))))))

    assert late["code"] == "60006"
    assert right["event"] == "login"


def test_leaving_ends_open_conversations() -> None:
    with Exchange(Plan(sites=("global",), websocket=True)) as exchange:
        connection = connect(f"{exchange.sites[0].websocket}/ws/v5/public", proxy=None).__enter__()

    with pytest.raises(ConnectionClosed):
        connection.recv(timeout=120)
    connection.close()
