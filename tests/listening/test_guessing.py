"""What a guess at a passphrase is answered: the bot is told, and whoever guesses is not."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from types import FrameType

import pytest
from msgspec.structs import replace
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.answering import answer
from okx_doctor.gate.evaluate import Venue
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.throttle import Throttle
from okx_doctor.protocol import signing
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import (
    CALLER,
    LIVE,
    NOW,
    Received,
    altered,
    judge,
    raw,
    send,
    signed,
    with_header,
)

pytestmark = pytest.mark.slow

OTHER_KEY = "0badf00d-77aa-4e1c-9d52-64c1fe3ab985"

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
    return str(json.loads(connection.recv(timeout=120))["code"])


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


def _work(passphrase: str, throttle: Throttle, venue: Venue) -> list[str]:
    """The functions that run for an answer that is withheld."""
    request, called = signed(altered(LIVE, secret="guess", passphrase=passphrase)), list[str]()

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call":
            called.append(frame.f_code.co_qualname)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        _, trace = answer(request, venue=venue, now=NOW, caller_ip=CALLER)
        assert trace is not None
        silenced = throttle.silences(trace, LIVE.api_key, request.header(signing.PASSPHRASE_HEADER) or "")
    finally:
        sys.setprofile(before)
    assert silenced
    return called


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_guess_that_is_not_judged_is_the_same_work_whether_right_or_wrong(asked_before: bool) -> None:
    throttle = Throttle(lambda: 0.0)
    for number in range(TRIES + 1):
        text = f"guess {number}"
        throttle.silences(judge(signed(altered(LIVE, secret="guess", passphrase=text))), LIVE.api_key, text)

    def work(passphrase: str) -> Counter[str]:
        venue = Venue(site="global", accounts=(LIVE,))
        if asked_before:  # by the bot, whose headers may be no secret
            answer(signed(LIVE), venue=venue, now=NOW, caller_ip=CALLER)
        return Counter(_work(passphrase, throttle, venue))

    assert work(LIVE.passphrase.reveal()) == work("guess 0")


def test_a_header_that_comes_twice_is_judged_by_its_first_value_alone(throttled: Exchange) -> None:
    first = signed(altered(LIVE, secret="guess", passphrase="wrong"), now=time.time())
    second = (signing.PASSPHRASE_HEADER, LIVE.passphrase.reveal())
    received = send(throttled.sites[0].rest[0], raw(replace(first, headers=(*first.headers, second))))

    assert json.loads(received.body)["code"] == "50105"
