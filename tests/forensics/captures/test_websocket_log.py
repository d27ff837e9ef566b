"""A login is found in the log of a WebSocket client."""

from __future__ import annotations

import json

import pytest

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector
from tests.forensics.bench import KEYS, read

LOGIN = {"op": "login", "args": [{"apiKey": "k", "passphrase": "p", "timestamp": "1538054050", "sign": "s"}]}


@pytest.mark.parametrize("login", [LOGIN, dict(reversed(LOGIN.items())), {"id": "7", **LOGIN}])
@pytest.mark.parametrize("around", ["> {}", "2026-11-20 INFO sending: {}", "DEBUG > TEXT '{}' [152 bytes]"])
def test_a_websocket_login_is_found_in_a_log(around: str, login: object) -> None:
    refused = '< {"event":"error","msg":"Invalid sign","code":"60007","connId":"a4d3ae55"}'
    text = "\n".join(["connected", around.format(json.dumps(login)), refused, around.format(json.dumps(login))])
    first, second = read(text)

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.form, first.place, second.place) == ("websocket", "line 2", "line 4")
    assert first.request.header("OK-ACCESS-TIMESTAMP") == "1538054050"
    assert first.response is not None
    assert first.response.code == "60007"
    assert second.response is None


CHANNELS = '{"op":"subscribe","args":[{"channel":"orders-algo","instType":"ANY"},{"channel":"nobody-s"}]}'
NOT_LOGGED_IN = '{"event":"error","msg":"Please log in","code":"60011"}'


@pytest.mark.parametrize(
    "text",
    [
        f"{CHANNELS}\n{NOT_LOGGED_IN}",
        f"> {CHANNELS}\n< {NOT_LOGGED_IN}",
        f'> {{"op":"login","args":[]}}\n< {{"event":"login","code":"0"}}\n> {CHANNELS}\n< {NOT_LOGGED_IN}',
        "sending { op: 'subscribe', args: [ { channel: 'orders-algo' } ] }\n"
        "onMessage { event: 'error', msg: 'Please log in', code: '60011' }",
    ],
    ids=["lines of JSON", "a log", "a login before", "what Node prints"],
)
def test_a_refused_subscription_is_told_which_socket_serves_its_channel(text: str) -> None:
    capture = read(text)[-1]

    assert isinstance(capture, Capture)
    (cause,) = Inspector(KEYS).inspect(capture).causes
    assert cause.id == "websocket-login-missing"
    served = "orders-algo is served on /ws/v5/business, after a login on that same connection"
    assert [line for line in cause.because if " is served on " in line] == [served]
