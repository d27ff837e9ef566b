"""Who may come in, what a guess at a passphrase is answered, and that nothing secret is written anywhere."""

from __future__ import annotations

import base64
import json
import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from okx_doctor.forensics.captures import json_capture
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspecting import Inspector
from okx_doctor.forensics.parts import Keys
from okx_doctor.forensics.stand_ins import resolved
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.gate.accounts import Account
from okx_doctor.gate.answering import answer
from okx_doctor.gate.doorway import objection
from okx_doctor.gate.evaluate import Venue, evaluate_login
from okx_doctor.gate.events import Event, Handled, HandledLogin, TurnedAway
from okx_doctor.gate.exchange import Exchange, Plan
from okx_doctor.gate.throttle import Throttle
from okx_doctor.listening.hearing import heard
from okx_doctor.listening.recording import record
from okx_doctor.masking import Masks
from okx_doctor.protocol import signing
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secret import Secret
from okx_doctor.vocabulary import VOCABULARY
from tests.cli.canary import Canary
from tests.cli.running import API_KEY, PASSPHRASE, SECRET, Run, batch, clean
from tests.gate.bot import (
    CALLER,
    CONFIG,
    LIVE,
    NOW,
    ORDER,
    Received,
    altered,
    judge,
    keyed,
    raw,
    send,
    signed,
    with_header,
)
from tests.listening.command import running, until

OTHER_KEY = "0badf00d-77aa-4e1c-9d52-64c1fe3ab985"
OTHER_SECRET = "D41E8A7730B95FC2664AE9017C3D85BF"
OTHER_PASSPHRASE = "Qj!7_Old-phrase%9&z"


# The doorway


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[Exchange, list[Event]]]:
    events: list[Event] = []
    plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, guarded=True, host_names=("Bot.Internal",))
    with Exchange(plan, observer=events.append) as exchange:
        yield exchange, events
        assert list(exchange.crashes) == []


LET_IN = {
    "an IPv4 address": "Host: 127.0.0.1",
    "with a port": "Host: 127.0.0.1:8401",
    "an address of another machine": "Host: 192.0.2.7:8401",
    "IPv6": "Host: [::1]",
    "IPv6 with a port": "Host: [::1]:8401",
    "localhost": "Host: localhost:8401",
    "in upper case": "Host: LOCALHOST",
    "with a dot at its end": "Host: localhost.",
    "below localhost": "Host: okx.localhost",
    "OKX itself": "Host: www.okx.com",
    "a name that was allowed": "Host: bot.internal:80",
    "a page of this machine": "Host: localhost\r\nOrigin: http://localhost:3000",
    "a page of this machine under TLS": "Host: localhost\r\nOrigin: https://127.0.0.1:3000",
    "a page of this machine, in capitals and with a dot": "Host: localhost\r\nOrigin: http://LOCALHOST.:3000",
    "a page of a name that was allowed": "Host: localhost\r\nOrigin: http://bot.internal",
    "its header in another case": "HOST: localhost\r\nORIGIN: http://localhost",
    "the same origin": "Host: localhost\r\nSec-Fetch-Site: same-origin",
    "typed by a person": "Host: localhost\r\nSec-Fetch-Site: none",
}
TURNED_AWAY = {
    "a rebound name": "Host: evil.example",
    "with a port": "Host: evil.example:8401",
    "with an address in it": "Host: 127.0.0.1.evil.example",
    "below OKX by the look": "Host: www.okx.com.evil.example",
    "OKX behind a letter": "Host: xwww.okx.com",
    "two of them": "Host: localhost\r\nHost: evil.example",
    "two of them, the right one last": "Host: evil.example\r\nHost: localhost",
    "with a user": "Host: localhost@evil.example",
    "as a user": "Host: evil.example@localhost",
    "with a path": "Host: localhost/evil.example",
    "empty": "Host: ",
    "a number for an address": "Host: 2130706433",
    "a port that is none": "Host: localhost:port",
    "a page of another site": "Host: localhost\r\nOrigin: https://evil.example",
    "a page with no origin": "Host: localhost\r\nOrigin: null",
    "a page of a rebound name": "Host: localhost\r\nOrigin: http://evil.example:8401",
    "an origin behind another": "Host: localhost\r\nOrigin: http://localhost\r\nOrigin: https://evil.example",
    "an origin behind another, spelled otherwise": (
        "Host: localhost\r\nOrigin: http://localhost\r\nORIGIN: https://evil.example"
    ),
    "an origin before another": "Host: localhost\r\nOrigin: https://evil.example\r\nOrigin: http://localhost",
    "an origin without a name": "Host: localhost\r\nOrigin: http://",
    "an origin that is no URL": "Host: localhost\r\nOrigin: http://[localhost",
    "an empty origin": "Host: localhost\r\nOrigin: ",
    "across sites behind the same origin": (
        "Host: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site"
    ),
    "an origin of another kind": "Host: localhost\r\nOrigin: chrome-extension://localhost",
    "an origin with a user": "Host: localhost\r\nOrigin: http://localhost@evil.example",
    "across sites": "Host: localhost\r\nSec-Fetch-Site: cross-site",
    "across sites, in capitals": "Host: localhost\r\nSec-Fetch-Site: Cross-Site",
    "from beside": "Host: localhost\r\nSec-Fetch-Site: same-site",
}
UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
REST, SOCKET = ("/api/v5/public/time", "Connection: close\r\n", 200), ("/ws/v5/public", UPGRADE, 101)


@pytest.mark.parametrize(("path", "more", "status"), [REST, SOCKET], ids=["REST", "WebSocket"])
@pytest.mark.parametrize("who", LET_IN)
def test_what_names_this_listener_comes_in(
    guarded: tuple[Exchange, list[Event]], who: str, path: str, more: str, status: int
) -> None:
    sent = f"GET {path} HTTP/1.1\r\n{LET_IN[who]}\r\n{more}\r\n"

    assert send(guarded[0].sites[0].rest[0], sent.encode()).status == status


@pytest.mark.parametrize(("path", "more", "status"), [REST, SOCKET], ids=["REST", "WebSocket"])
@pytest.mark.parametrize("who", TURNED_AWAY)
def test_what_a_web_page_can_make_a_browser_send_stays_out(
    guarded: tuple[Exchange, list[Event]], who: str, path: str, more: str, status: int
) -> None:
    exchange, events = guarded
    events.clear()
    sent = f"GET {path} HTTP/1.1\r\n{TURNED_AWAY[who]}\r\n{more}\r\n"

    received = send(exchange.sites[0].rest[0], sent.encode())

    assert received.status in (400, 403)
    assert [type(event) for event in events] == [TurnedAway]
    assert b"OKX" not in received.body and b'"' not in received.body


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost:8401/api/v5/public/time", 200),
        ("HTTP://127.0.0.1/api/v5/public/time", 200),
        ("https://www.okx.com/api/v5/public/time", 200),
        ("http://bot.internal/api/v5/public/time", 200),
        ("http://evil.example/api/v5/public/time", 403),
        ("http://localhost@evil.example/api/v5/public/time", 403),
        ("http:///api/v5/public/time", 403),
    ],
)
def test_a_target_with_a_host_in_it_is_let_in_by_that_host_too(
    guarded: tuple[Exchange, list[Event]], target: str, status: int
) -> None:
    sent = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    assert send(guarded[0].sites[0].rest[0], sent.encode()).status == status


def test_of_two_hosts_none_counts_whoever_reads_the_request() -> None:
    """The server that reads HTTP refuses this already; the doorway does not depend on it."""
    request = WireRequest(method="GET", target="/", headers=(("Host", "localhost"), ("host", "evil.example")), body=b"")

    assert objection(request, frozenset()) == "its Host header names neither this listener nor OKX"
    assert objection(replace(request, headers=request.headers[:1]), frozenset()) == ""


@pytest.mark.parametrize("target", [CONFIG, "/ws/v5/private", "/", "*"])
@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST", "HEAD"])
def test_no_answer_invites_a_page_of_another_origin(
    guarded: tuple[Exchange, list[Event]], method: str, target: str
) -> None:
    sent = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\nConnection: close\r\n"
        "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: ok-access-key\r\n\r\n"
    )

    received = send(guarded[0].sites[0].rest[0], sent.encode())

    assert received.status
    assert not any(name.startswith(("access-control", "cross-origin", "timing-allow")) for name in received.headers)


# The passphrase is not to be guessed

TRIES, MINUTE = 5, 60.0


@pytest.fixture
def throttled() -> Iterator[Exchange]:
    plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, throttled=True)
    with Exchange(plan) as exchange:
        yield exchange
        assert list(exchange.crashes) == []


def _guess(exchange: Exchange, passphrase: str) -> Received:
    """As somebody asks who does not have the secret."""
    request = signed(altered(LIVE, secret="guess", passphrase=passphrase), now=time.time())
    return send(exchange.sites[0].rest[0], raw(request))


def _ask(exchange: Exchange, account: Account) -> str:
    request = signed(account, now=time.time())
    return str(json.loads(send(exchange.sites[0].rest[0], raw(request)).body)["code"])


def _login(connection: ClientConnection, account: Account) -> str:
    stamp = str(int(time.time()))
    sign = signing.sign(account.secret.reveal(), signing.websocket_prehash(stamp))
    fields = {"apiKey": account.api_key, "passphrase": account.passphrase.reveal(), "timestamp": stamp, "sign": sign}
    connection.send(json.dumps({"op": "login", "args": [fields]}))
    return str(json.loads(connection.recv(timeout=10))["code"])


def test_once_guesses_are_slowed_down_the_right_one_is_answered_like_a_wrong_one(throttled: Exchange) -> None:
    assert _ask(throttled, LIVE) == "0"
    judged = [_guess(throttled, f"guess {number}") for number in range(TRIES)]
    wrong, right = _guess(throttled, "another guess"), _guess(throttled, LIVE.passphrase.reveal())

    assert [json.loads(received.body)["code"] for received in judged] == ["50105"] * TRIES
    assert json.loads(wrong.body)["code"] == "50011"
    assert (wrong.status, wrong.body) == (right.status, right.body)
    assert {**wrong.headers, "date": ""} == {**right.headers, "date": ""}


def test_the_bot_itself_is_answered_all_the_while(throttled: Exchange) -> None:
    for number in range(TRIES + 3):
        _guess(throttled, f"guess {number}")

    assert _ask(throttled, LIVE) == "0"
    assert _ask(throttled, altered(LIVE, passphrase="its mistake")) == "50105"


def test_guesses_over_rest_and_over_websockets_are_counted_together(throttled: Exchange) -> None:
    _guess(throttled, "first")
    with ExitStack() as stack:
        url = f"{throttled.sites[0].websocket}/ws/v5/private"
        sockets = [stack.enter_context(open_socket(url, proxy=None)) for _ in range(2)]
        guesses = [
            _login(sockets[number % 2], altered(LIVE, secret="guess", passphrase=f"guess {number}"))
            for number in range(TRIES)
        ]
        right = _login(sockets[0], altered(LIVE, secret="guess"))
        bot = _login(sockets[1], LIVE)

    assert guesses == ["60024"] * (TRIES - 1) + ["60014"]
    assert (right, bot) == ("60014", "0")
    assert json.loads(_guess(throttled, LIVE.passphrase.reveal()).body)["code"] == "50011"


class Guessing:
    """A throttle on a clock that is told what time it is."""

    def __init__(self) -> None:
        self.now = 0.0
        self._throttle = Throttle(lambda: self.now)

    def is_judged(self, passphrase: str) -> bool:
        guess = signed(altered(LIVE, secret="guess", passphrase=passphrase))
        return not self._throttle.silences(judge(guess), LIVE.api_key, passphrase)


def test_a_minute_buys_one_more_try_and_no_quiet_hour_more_than_all() -> None:
    guessing = Guessing()
    assert [guessing.is_judged(f"a {number}") for number in range(TRIES + 1)] == [True] * TRIES + [False]

    guessing.now += MINUTE - 1
    assert not guessing.is_judged("b")
    guessing.now += 1
    assert [guessing.is_judged(f"c {number}") for number in range(2)] == [True, False]
    guessing.now += 100 * MINUTE
    assert [guessing.is_judged(f"d {number}") for number in range(TRIES + 1)] == [True] * TRIES + [False]


def test_a_bot_that_repeats_one_wrong_passphrase_does_not_use_up_the_tries() -> None:
    guessing = Guessing()

    assert all(guessing.is_judged("the bot's mistake") for _ in range(1_000))
    assert all(guessing.is_judged(LIVE.passphrase.reveal()) for _ in range(1_000))


def test_guesses_are_forgotten_in_time() -> None:
    guessing = Guessing()
    for number in range(3_000):
        guessing.now += MINUTE
        assert guessing.is_judged(f"guess {number}")

    assert guessing.is_judged("guess 2999")
    assert sum(guessing.is_judged(f"guess {number}") for number in range(2 * TRIES)) == TRIES - 1


def test_a_bot_that_repeats_its_mistake_uses_up_no_try_however_many_others_guess_meanwhile() -> None:
    guessing = Guessing()
    assert guessing.is_judged("the bot's mistake")
    for number in range(1_500):
        guessing.now += MINUTE
        assert guessing.is_judged(f"guess {number}")
        assert guessing.is_judged("the bot's mistake")

    assert sum(guessing.is_judged(f"another guess {number}") for number in range(2 * TRIES)) == TRIES - 1


YESTERDAY = rest_timestamp(NOW - 86400)
EARLIER: Mapping[str, Callable[[WireRequest], WireRequest]] = {
    "no signature": lambda request: with_header(request, signing.SIGN_HEADER, None),
    "no key": lambda request: with_header(request, signing.KEY_HEADER, None),
    "no timestamp": lambda request: with_header(request, signing.TIMESTAMP_HEADER, None),
    "a timestamp that is none": lambda request: with_header(request, signing.TIMESTAMP_HEADER, "now"),
    "a timestamp of yesterday": lambda request: with_header(request, signing.TIMESTAMP_HEADER, YESTERDAY),
    "a key that is none": lambda request: with_header(request, signing.KEY_HEADER, "key"),
    "another key": lambda request: with_header(request, signing.KEY_HEADER, OTHER_KEY),
    "the other environment": lambda request: replace(request, headers=(*request.headers, (signing.DEMO_HEADER, "1"))),
}  # fmt: skip


@pytest.mark.parametrize("name", EARLIER)
def test_no_earlier_step_tells_a_right_passphrase_from_a_wrong_one(name: str) -> None:
    venue = Venue(site="global", accounts=(LIVE,))
    guesses = [signed(altered(LIVE, secret="guess", passphrase=text)) for text in (LIVE.passphrase.reveal(), "wrong")]
    told = [answer(EARLIER[name](guess), venue=venue, now=NOW, caller_ip=CALLER)[0] for guess in guesses]

    assert told[0] == told[1]


def test_a_header_that_comes_twice_is_judged_by_its_first_value_alone(throttled: Exchange) -> None:
    first = signed(altered(LIVE, secret="guess", passphrase="wrong"), now=time.time())
    second = (signing.PASSPHRASE_HEADER, LIVE.passphrase.reveal())
    received = send(throttled.sites[0].rest[0], raw(replace(first, headers=(*first.headers, second))))

    assert json.loads(received.body)["code"] == "50105"


# Nothing secret is written


def _forms(value: str) -> tuple[str, ...]:
    coded = base64.b64encode(value.encode()).decode()
    return value, quote(value, safe=""), coded, value.encode().hex(), value.swapcase(), json.dumps(value)[1:-1]


def _positions(right: WireRequest, text: str) -> Iterator[WireRequest]:
    """One piece of text wherever a bot could put it by mistake."""
    yield replace(right, target=f"{right.target}?x={text}")
    yield replace(right, target=f"/api/v5/{text}")
    yield replace(right, target=f"/{text}/public/time?{text}")
    for body in (text, json.dumps({"x": text}), f"x={quote(text)}", f"\xff{text}"):
        yield replace(right, method="POST", target=ORDER, body=body.encode("latin-1"))
    for name in ("OK-ACCESS-KEY", "OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP", "OK-ACCESS-PASSPHRASE"):
        yield with_header(right, name, text)
        yield replace(with_header(right, name, None), headers=(*right.headers, (name, text)))
    for name in (
        "OK_ACCESS_PASSPHRASE",
        "OK-ACCES-KEY",
        "User-Agent",
        "Authorization",
        "X-Secret",
        "Cookie",
        "Content-Type",
    ):
        yield replace(right, headers=(*right.headers, (name, text)))


def _of_another_account(account: Account) -> Iterator[WireRequest]:
    """Values that were not loaded, sent as credentials and, by mistake, elsewhere as well."""
    other = replace(account, api_key=OTHER_KEY, passphrase=Secret(OTHER_PASSPHRASE), secret=Secret(OTHER_SECRET))
    right = signed(other, now=time.time())
    for value in (OTHER_PASSPHRASE, OTHER_KEY):
        for text in _forms(value)[:1]:
            yield from _positions(right, text)
    known = replace(keyed(account, API_KEY), headers=(*right.headers, ("X-Secret-Key", OTHER_SECRET)))
    for text in _forms(OTHER_SECRET)[:1]:
        yield from _positions(known, text)


@pytest.mark.parametrize(("form", "spelled"), [("text", slice(0, 6, 2)), ("json", slice(1, 6, 2))])
def test_no_credential_is_written_wherever_a_bot_puts_it(tmp_path: Path, form: str, spelled: slice) -> None:
    with running(tmp_path, "--format", form, "--output", "out", "--record", "record") as okx:
        ready = okx.ready_file.read_bytes()
        right = signed(okx.account, now=time.time())
        sent = [
            request
            for value in (SECRET, PASSPHRASE, API_KEY)
            for text in _forms(value)[spelled]
            for request in _positions(right, text)
        ]
        answers = [send(okx.url, raw(request)).body for request in (*sent, *_of_another_account(okx.account))]
        with open_socket(f"{okx.ready['ws_url']}/ws/v5/private", proxy=None) as connection:
            for text in (SECRET, PASSPHRASE, OTHER_PASSPHRASE):
                fields = dict.fromkeys(("apiKey", "passphrase", "timestamp", "sign", "x"), text)
                connection.send(json.dumps({"op": "login", "args": [fields]}))
                answers.append(str(connection.recv(timeout=10)).encode())
                connection.send(json.dumps({"op": "subscribe", "args": [{"channel": f"candle{text}", "x": text}]}))
                connection.recv(timeout=10)
        status, out, err = okx.end(seconds=30)

    assert (status, err) == (1, "")
    canary = Canary((SECRET, PASSPHRASE, OTHER_SECRET, OTHER_PASSPHRASE), (API_KEY, OTHER_KEY))
    written = {"out": (tmp_path / "out").read_bytes(), "record": (tmp_path / "record").read_bytes()}
    assert written["out"].count(b"\n") >= len(sent) and written["record"].count(b"\n") > len(sent) // 2
    assert canary.leaks({**written, "stdout": out.encode(), "ready file": ready}) == {}
    assert Canary((SECRET, PASSPHRASE, OTHER_SECRET, OTHER_PASSPHRASE)).leaks({"answers": b"\n".join(answers)}) == {}


def test_the_worker_is_handed_the_credentials_by_its_pipe_and_nowhere_else(tmp_path: Path) -> None:
    if not Path("/proc/self/environ").exists():
        pytest.skip("reads /proc")
    with running(tmp_path) as okx:
        until(okx.workers)
        (worker,) = okx.workers()
        until(lambda: b"okx_doctor.listening" in Path(f"/proc/{worker}/cmdline").read_bytes())
        told = {name: Path(f"/proc/{worker}/{name}").read_bytes() for name in ("environ", "cmdline")}

    assert Canary((SECRET, PASSPHRASE), (API_KEY,)).leaks(told) == {}


def test_the_worker_runs_nothing_that_lies_in_the_folder_it_is_started_in(tmp_path: Path) -> None:
    for name in ("pickle", "struct", "json", "okx_doctor"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w')\n")
    start = ("-P", "-c", "from okx_doctor.cli import main; main()")
    with running(tmp_path, "--output", "out", start=start) as okx:
        assert send(okx.url, okx.mistaken()).status == 401
        until(lambda: "OKX expects" in (tmp_path / "out").read_text())

    assert not (tmp_path / "run").exists()


# Recordings


PADDED = Keys(secret=SECRET, api_key=API_KEY, passphrase=f" {PASSPHRASE} ")
LOADED = Keys(secret=SECRET, api_key=API_KEY, passphrase=PASSPHRASE)
MASKS = Masks((Secret(SECRET), Secret(API_KEY), Secret(PASSPHRASE)))


def _verdict(inspection: Inspection) -> tuple[str, list[str]]:
    return inspection.verdict.value, [cause.id for cause in inspection.causes]


def _read_back(event: Event, keys: Keys) -> tuple[Capture, Capture]:
    """What was heard, and what is read of its recording."""
    one = heard(1, event)
    assert one.capture is not None
    line = record(one, keys, MASKS.foreign(one.capture), MASKS.whole)
    assert Canary((SECRET, PASSPHRASE), (API_KEY,)).found(line.encode()) == []
    (capture,) = json_capture.read(line.encode(), "line 1")
    return one.capture, resolved(capture, keys)


SIGNATURES = ("right", "hex", "without the body", "without the query", "lower-case method")
VALUES: Mapping[str, Callable[[str], str]] = {
    "same": lambda value: value,
    "other case": str.swapcase,
    "trimmed": str.strip,
    "different": lambda value: OTHER_KEY if value == API_KEY else "An0ther!phrase",
}


@given(
    passphrase=st.sampled_from(list(VALUES)),
    key=st.sampled_from(["same", "other case", "different"]),
    signature=st.sampled_from(SIGNATURES),
    keys=st.sampled_from([LOADED, PADDED]),
    late=st.sampled_from([0.0, 0.0, 45.5, -3600.0]),
    target=st.sampled_from([CONFIG, "/api/v5/account/balance?ccy=BTC,ETH", "/api/v5/account/balance?ccy=BTC%2CETH"]),
    body=st.sampled_from([b"", b'{"instId":"BTC-USDT","sz":"1"}', '{"a":"é"}'.encode(), b"\xff\x00"]),
)
@settings(max_examples=10, deadline=None)
def test_a_recorded_request_has_the_verdict_of_the_live_one(
    passphrase: str, key: str, signature: str, keys: Keys, late: float, target: str, body: bytes
) -> None:
    account = replace(LIVE, api_key=API_KEY, secret=Secret(SECRET), passphrase=Secret(keys.passphrase))
    method = "POST" if body else "GET"
    made = signed(
        account,
        "get" if signature == "lower-case method" and not body else method,
        CONFIG if signature == "without the query" else target,
        b"" if signature == "without the body" else body,
        now=NOW - late,
    )
    sign = made.header(signing.SIGN_HEADER) or ""
    request = with_header(
        replace(made, method=method, target=target, body=body), signing.KEY_HEADER, VALUES[key](API_KEY)
    )
    request = with_header(request, signing.PASSPHRASE_HEADER, VALUES[passphrase](keys.passphrase))
    if signature == "hex":
        request = with_header(request, signing.SIGN_HEADER, base64.b64decode(sign).hex())
    request = replace(request, headers=(("Host", "127.0.0.1:8401"), *request.headers))
    reply, trace = answer(request, venue=Venue(site="global", accounts=(account,)), now=NOW, caller_ip=CALLER)
    event = Handled(request=request, trace=trace, site="global", status=reply.status, code=reply.code, received_at=NOW)

    live, recorded = _read_back(event, keys)

    assert _verdict(Inspector(keys, VOCABULARY).inspect(recorded)) == _verdict(
        Inspector(keys, VOCABULARY).inspect(live)
    )


@pytest.mark.parametrize("passphrase", VALUES)
@pytest.mark.parametrize("key", ["same", "other case", "different"])
def test_a_recorded_login_has_the_verdict_of_the_live_one(passphrase: str, key: str) -> None:
    account = replace(LIVE, api_key=API_KEY, secret=Secret(SECRET), passphrase=Secret(PADDED.passphrase))
    stamp = str(int(NOW))
    login = LoginRequest(
        api_key=VALUES[key](API_KEY),
        passphrase=VALUES[passphrase](PADDED.passphrase),
        timestamp=stamp,
        sign=signing.sign(SECRET, signing.websocket_prehash(stamp)),
    )
    venue = Venue(site="global", accounts=(account,))
    trace = evaluate_login(login, venue=venue, demo_socket=False, now=NOW, caller_ip=CALLER)
    code = trace.refusal.code if trace.refusal else "0"
    event = HandledLogin(login=login, trace=trace, site="global", demo_socket=False, code=code, received_at=NOW)

    live, recorded = _read_back(event, PADDED)

    assert _verdict(Inspector(PADDED, VOCABULARY).inspect(recorded)) == _verdict(
        Inspector(PADDED, VOCABULARY).inspect(live)
    )


def test_the_word_of_a_recording_sent_by_a_bot_is_not_taken_for_its_passphrase() -> None:
    keys = Keys(secret=LIVE.secret.reveal(), api_key=LIVE.api_key, passphrase=LIVE.passphrase.reveal())
    request = signed(altered(LIVE, passphrase="[same]"), now=NOW)
    event = Handled(request=request, trace=judge(request), site="global", status=401, code="50105", received_at=NOW)
    capture = heard(1, event).capture

    assert capture is not None
    verdict, causes = _verdict(Inspector(keys, VOCABULARY).inspect(capture))
    assert verdict == "invalid"
    assert "passphrase-differs" in causes


# Files


OPTIONS = ("--output", "--record", "--ready-file", "--tls")


def test_every_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    named = [part for option in OPTIONS if option != "--ready-file" for part in (option, option.strip("-"))]
    (tmp_path / "output").write_text("of another run, longer than what comes now\n" * 100)
    (tmp_path / "output").chmod(0o644)
    with running(tmp_path, *named) as okx:
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert modes == {"output": 0o600, "record": 0o600, "tls": 0o600, "ready.json": 0o600}
        assert "of another run" not in (tmp_path / "output").read_text()
        okx.end()


@pytest.mark.parametrize("what", ["symlink", "dangling symlink", "hard link", "FIFO", "folder"])
def test_a_target_that_leads_elsewhere_is_refused_in_one_line_and_untouched(tmp_path: Path, what: str) -> None:
    runs: dict[str, Run] = {}
    for option in OPTIONS:
        folder = tmp_path / option.strip("-")
        folder.mkdir()
        elsewhere, place = folder / "elsewhere", folder / "target"
        elsewhere.write_text("precious")
        elsewhere.chmod(0o644)
        match what:
            case "symlink":
                place.symlink_to(elsewhere)
            case "dangling symlink":
                place.symlink_to(folder / "nothing")
            case "hard link":
                os.link(elsewhere, place)
            case "FIFO":
                os.mkfifo(place)
            case "folder":
                place.mkdir()
        options = ("listen", "--generate", "--port", "0", "--until-idle", "0.1", option, str(place))
        runs[option] = (options, clean())
    if what == "hard link":
        del runs["--ready-file"]  # a new file takes its place, and the other name keeps what it holds

    ended = batch(runs, cwd=tmp_path)

    assert {option: done.said for option, done in ended.items() if not done.is_one_line_of_usage()} == {}
    for option in OPTIONS:
        elsewhere = tmp_path / option.strip("-") / "elsewhere"
        assert (elsewhere.read_text(), stat.S_IMODE(elsewhere.stat().st_mode)) == ("precious", 0o644)
        assert {path.name for path in elsewhere.parent.iterdir()} == {"elsewhere", "target"}
