"""Recordings are read back with the verdict of what was heard, and without its credentials."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.forensics.captures import json_capture
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.stand_ins import resolved
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.gate.answering import answer
from okx_doctor.gate.evaluate import Venue, evaluate_login
from okx_doctor.gate.serve.events import Event, Handled, HandledLogin, TurnedAway
from okx_doctor.listening.received import heard
from okx_doctor.listening.recording import record
from okx_doctor.protocol import signing
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.secrets.secret import Secret
from okx_doctor.testing.explaining import keys_of
from tests.cli.canary import Canary
from tests.cli.running import API_KEY, PASSPHRASE, SECRET
from tests.gate.bot import (
    CALLER,
    CONFIG,
    GLOBAL,
    LIVE,
    NOW,
    ORDER,
    altered,
    judge,
    signed,
    with_header,
)

pytestmark = pytest.mark.slow

OTHER_KEY = "0badf00d-77aa-4e1c-9d52-64c1fe3ab985"

LOADED = Keys(secret=Secret(SECRET), api_key=Secret(API_KEY), passphrase=Secret(PASSPHRASE))
PADDED = replace(LOADED, passphrase=Secret(f" {PASSPHRASE} "))
MASKS = Masks((Secret(SECRET), Secret(API_KEY), Secret(PASSPHRASE)))


PUBLIC = WireRequest(method="GET", target="/api/v5/public/time", headers=())


def _verdict(inspection: Inspection) -> tuple[str, list[str]]:
    return inspection.verdict.value, [cause.id for cause in inspection.causes]


def _read_back(event: Event, keys: Keys) -> tuple[Capture, Capture]:
    """What was heard, and what is read of its recording."""
    one = heard(1, event)
    assert one.capture is not None
    line = record(one, keys, MASKS.carried(one.capture.request).value)
    assert Canary((SECRET, PASSPHRASE), (API_KEY,)).found(line.encode()) == []
    (capture,) = json_capture.read(line.encode(), "line 1")
    assert isinstance(capture, Capture)
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
    account = replace(LIVE, api_key=API_KEY, secret=Secret(SECRET), passphrase=keys.passphrase)
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
    request = with_header(request, signing.PASSPHRASE_HEADER, VALUES[passphrase](keys.passphrase.reveal()))
    if signature == "hex":
        request = with_header(request, signing.SIGN_HEADER, base64.b64decode(sign).hex())
    request = replace(request, headers=(("Host", "127.0.0.1:8401"), *request.headers))
    reply, trace = answer(request, venue=Venue(site="global", accounts=(account,)), now=NOW, caller_ip=CALLER)
    event = Handled(request=request, trace=trace, site="global", status=reply.status, code=reply.code, received_at=NOW)

    live, recorded = _read_back(event, keys)

    assert _verdict(Inspector(keys).inspect(recorded)) == _verdict(Inspector(keys).inspect(live))


@pytest.mark.parametrize("passphrase", VALUES)
@pytest.mark.parametrize("key", ["same", "other case", "different"])
def test_a_recorded_login_has_the_verdict_of_the_live_one(passphrase: str, key: str) -> None:
    account = replace(LIVE, api_key=API_KEY, secret=Secret(SECRET), passphrase=PADDED.passphrase)
    stamp = str(int(NOW))
    login = LoginRequest(
        api_key=VALUES[key](API_KEY),
        passphrase=VALUES[passphrase](PADDED.passphrase.reveal()),
        timestamp=stamp,
        sign=signing.sign(SECRET, signing.websocket_prehash(stamp)),
    )
    venue = Venue(site="global", accounts=(account,))
    trace = evaluate_login(login, venue=venue, demo_socket=False, now=NOW, caller_ip=CALLER)
    code = trace.refusal.code if trace.refusal else "0"
    event = HandledLogin(login=login, trace=trace, site="global", demo_socket=False, code=code, received_at=NOW)

    live, recorded = _read_back(event, PADDED)

    assert _verdict(Inspector(PADDED).inspect(recorded)) == _verdict(Inspector(PADDED).inspect(live))


def test_the_word_of_a_recording_sent_by_a_bot_is_not_taken_for_its_passphrase() -> None:
    keys = keys_of(LIVE)
    request = signed(altered(LIVE, passphrase="[same]"), now=NOW)
    event = Handled(request=request, trace=judge(request), site="global", status=401, code="50105", received_at=NOW)
    capture = heard(1, event).capture

    assert capture is not None
    verdict, causes = _verdict(Inspector(keys).inspect(capture))
    assert verdict == "invalid"
    assert "passphrase-differs" in causes


def _row(event: Event) -> Any:
    one = heard(1, event)
    assert one.capture is not None
    return json.loads(record(one, LOADED, MASKS.carried(one.capture.request).value))


def _handled(request: WireRequest) -> Handled:
    request = replace(request, headers=(("Host", "127.0.0.1:8401"), *request.headers))
    return Handled(
        request=request, trace=judge(request), site="global", status=401, code="50113", received_at=NOW + 0.25
    )


def test_a_request_is_recorded_as_it_came_but_for_its_credentials() -> None:
    account = replace(LIVE, api_key=API_KEY, secret=Secret(SECRET), passphrase=Secret(PASSPHRASE))
    made = signed(account, "POST", "/api/v5/trade/order?a=%20b", '{"a":"é"}'.encode(), now=NOW)
    more = (
        ("Cookie", "session=1"),
        ("X-Token", "t0ken"),
        ("X-Secret", "anything"),
        ("authorization", "Basic eA=="),
        ("X-Api-Key", API_KEY.swapcase()),
        ("SEC-WEBSOCKET-KEY", "dGhlIHNhbXBsZQ=="),
        ("My-Passwd", "another"),
        ("X-Trace", "7"),
    )
    row = _row(_handled(replace(made, headers=(*made.headers, *more))))

    assert row == {
        "method": "POST",
        "url": "http://127.0.0.1:8401/api/v5/trade/order?a=%20b",
        "headers": [
            ["Host", "127.0.0.1:8401"],
            ["OK-ACCESS-KEY", "[same]"],
            ["OK-ACCESS-SIGN", made.header(signing.SIGN_HEADER)],
            ["OK-ACCESS-TIMESTAMP", rest_timestamp(NOW)],
            ["OK-ACCESS-PASSPHRASE", "[same]"],
            ["Content-Type", "application/json"],
            ["Cookie", "[hidden]"],
            ["X-Token", "[hidden]"],
            ["X-Secret", "[hidden]"],
            ["authorization", "[hidden]"],
            ["X-Api-Key", "[other case]"],
            ["SEC-WEBSOCKET-KEY", "dGhlIHNhbXBsZQ=="],
            ["My-Passwd", "[different]"],
            ["X-Trace", "7"],
        ],
        "body": '{"a":"é"}',
        "received_at": "2026-09-21T14:13:20.250000Z",
        "response": {"status": 401, "body": {"code": "50113"}},
    }


def test_a_body_that_is_no_utf_8_is_recorded_byte_for_byte() -> None:
    row = _row(_handled(signed(LIVE, "POST", ORDER, b"\xff\x00\xfe{}", now=NOW)))

    assert "body" not in row
    assert base64.b64decode(row["body_base64"]) == b"\xff\x00\xfe{}"


def test_a_login_is_recorded_as_its_message() -> None:
    login = LoginRequest(api_key=API_KEY, passphrase="another", timestamp="1795000000", sign="c2lnbg==")
    trace = evaluate_login(login, venue=GLOBAL, demo_socket=False, now=NOW, caller_ip=CALLER)
    row = _row(HandledLogin(login=login, trace=trace, site="global", demo_socket=False, code="60005", received_at=NOW))

    assert row == {
        "op": "login",
        "args": [{"apiKey": "[same]", "passphrase": "[different]", "timestamp": "1795000000", "sign": "c2lnbg=="}],
        "received_at": "2026-09-21T14:13:20Z",
        "response": {"status": None, "body": {"code": "60005"}},
    }


def test_what_carries_no_signature_is_not_recorded() -> None:
    turned_away = heard(1, TurnedAway(why="no HTTP/1.1", status=400))
    public = heard(2, Handled(request=PUBLIC, trace=None, site="global", status=200, code="0", received_at=NOW))

    assert record(turned_away, LOADED, str) == record(public, LOADED, str) == ""
