"""The answer beside a request, the host, and what was sent before are judged with it."""

from __future__ import annotations

import json
from io import BytesIO

import pytest

from okx_doctor.forensics.captures.capture import Capture, response_of
from okx_doctor.forensics.captures.detect import pieces
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.verdict import Inspection
from tests.forensics.bench import (
    API_KEY,
    BALANCE,
    KEYS,
    ORDER,
    ORDER_BODY,
    ORDER_FIELDS,
    PASSPHRASE,
    POSITIONS,
    STAMP,
    b64,
    capture,
    mac,
)

pytestmark = pytest.mark.slow

PAGE = "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"


def judged(text: str) -> list[Inspection]:
    inspector = Inspector(KEYS)
    return [inspector.inspect(piece) for piece in pieces(BytesIO(text.encode())) if isinstance(piece, Capture)]


def causes(one: Inspection) -> list[str]:
    return [cause.id for cause in one.causes]


def curl_with(answer: str, agent: str = "curl/8.0") -> str:
    sign = b64(mac(f"{STAMP}GET{BALANCE}"))
    return (
        f"$ curl -i 'https://www.okx.com{BALANCE}' -H 'OK-ACCESS-KEY: {API_KEY}' -H 'OK-ACCESS-SIGN: {sign}'"
        f" -A '{agent}' -H 'OK-ACCESS-TIMESTAMP: {STAMP}' -H 'OK-ACCESS-PASSPHRASE: {PASSPHRASE}'\n{answer}\n"
    )


@pytest.mark.parametrize(
    ("answer", "agent", "expected"),
    [
        (f"HTTP/2 403\ncontent-type: text/html\n\n{PAGE}", "bot", ["blocked-by-edge"]),
        ("HTTP/1.1 403 Forbidden\n\nerror code: 1010", "Python-urllib/3.11", ["blocked-by-edge"]),
        (f"HTTP/2 502\ncontent-type: text/html\n\n{PAGE}", "bot", ["exchange-unavailable"]),
        ('HTTP/2 200\n\n{"code":"0","data":[],"msg":""}', "Python-urllib/3.11", []),
        ('{"msg":"Invalid Sign","code":"50113"}', "bot", ["secret-wrong"]),
    ],
)
def test_the_answer_below_a_curl_command_is_judged_with_it(answer: str, agent: str, expected: list[str]) -> None:
    (one,) = judged(curl_with(answer, agent))
    assert causes(one) == expected
    because = " ".join(text for cause in one.causes for text in cause.because)
    assert ("User-Agent" in because) == (agent != "bot" and bool(expected))


def test_a_request_without_a_signature_that_was_answered_50103_is_a_finding_whatever_its_path() -> None:
    line = {"method": "GET", "url": "https://www.okx.com/api/v5/public/instruments?instType=SPOT", "headers": {}}
    refused = line | {"response": {"status": 401, "body": '{"code":"50103","msg":""}'}}
    (public,) = judged(json.dumps(line))
    (found,) = judged(json.dumps(refused))
    assert causes(public) == []
    assert causes(found) == ["header-missing"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/api/v5/public/event-contract/series", ["header-missing"]),
        ("/api/v5/public/instruments", []),
        ("/api/v5/copytrading/public-config", []),
        ("/api/v5/finance/savings/lending-rate-summary", []),
        ("/api/v5/support/announcements", []),
        ("/api/v5/copytrading/config", ["header-missing"]),
    ],
)
def test_a_request_without_a_signature_is_a_finding_where_the_path_wants_one(path: str, expected: list[str]) -> None:
    (found,) = judged(json.dumps({"method": "GET", "url": f"https://www.okx.com{path}", "headers": {}}))
    assert causes(found) == expected


def test_a_relay_that_sends_its_own_host_is_named() -> None:
    wrong = Inspector(KEYS).inspect(capture(headers={"Host": "relay.example.org"}))
    right = Inspector(KEYS).inspect(capture(headers={"Host": "www.okx.com"}))
    assert causes(wrong) == ["host-not-api"]
    assert causes(right) == []


def test_a_login_sent_again_with_its_old_timestamp_is_stale_and_no_clock_is_blamed() -> None:
    sign = b64(mac("1795165737GET/users/self/verify"))
    argument = {"apiKey": API_KEY, "passphrase": PASSPHRASE, "timestamp": "1795165737", "sign": sign}
    login = {"op": "login", "args": [argument]}
    for form in (json.dumps(login), repr(login)):
        log = (
            f"2026-11-20T09:08:57.100Z sending {form}\n2026-11-20T09:08:57.200Z message "
            '{"event":"login","code":"0","msg":""}\n'
            f"2026-11-20T09:14:57.100Z sending {form}\n2026-11-20T09:14:57.200Z message "
            '{"event":"error","code":"60006","msg":"Timestamp request expired"}\n'
        )
        first, again = judged(log)
        assert causes(first) == []
        assert causes(again) == ["timestamp-stale"]
        late = "".join(log.splitlines(keepends=True)[2:])
        (alone,) = judged(late)
        assert causes(alone) == ["timestamp-stale"]


def test_a_template_that_was_signed_is_proven_and_one_that_was_sent_is_likely() -> None:
    path = POSITIONS.partition("?")[0]
    for query in ("?instType=SWAP&instId={{instId}}", "?instType={}&instId={}", "?instType=SWAP&instId=%s"):
        signed = Inspector(KEYS).inspect(capture("GET", POSITIONS, sign=b64(mac(f"{STAMP}GET{path}{query}"))))
        assert [(cause.id, cause.confidence.value) for cause in signed.causes] == [("template-not-filled", "proven")]
        sent = Inspector(KEYS).inspect(capture("GET", path + query))
        assert [(cause.id, cause.confidence.value) for cause in sent.causes] == [("template-not-filled", "likely")]
    template = dict(ORDER_FIELDS) | {"instId": "{{inst}}", "sz": "{{size}}"}
    text = f"{STAMP}POST{ORDER}{json.dumps(template, separators=(',', ':'))}"
    signed = Inspector(KEYS).inspect(capture("POST", ORDER, ORDER_BODY, sign=b64(mac(text))))
    assert causes(signed) == ["template-not-filled"]
    keyed = Inspector(KEYS).inspect(capture("GET", BALANCE, sign=b64(mac(f"{STAMP}GET{BALANCE}", "{{secret_key}}"))))
    assert causes(keyed) == ["template-not-filled"]


def test_a_page_is_told_from_an_answer_of_okx() -> None:
    assert response_of(403, {}, PAGE).is_page
    assert not response_of(401, {}, '{"code":"50113"}').is_page
    assert response_of(403, {}, "error code: 1010").blocked == 1010
