"""A request that is signed rightly and got no answer, in every form, with what its client printed of it: ``inspect``
tells of the failure, and of no fault of authentication.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import Outcome, clean, okx_doctor
from tests.decoding.test_beside import FORMS, LED, PREFIXED, UNANSWERED, alone
from tests.forensics.bench import API_KEY, PASSPHRASE, SECRET
from tests.forensics.captures.test_forms import PREFIXES

pytestmark = pytest.mark.slow

KEYS = {"OKX_API_KEY": API_KEY, "OKX_SECRET_KEY": SECRET, "OKX_PASSPHRASE": PASSPHRASE}
FAILURES = {
    "ccxt.base.errors.RequestTimeout: okx GET https://www.okx.com/api/v5/asset/currencies": "connection-timeout",
    "Error: read ECONNRESET\n    at TLSWrap.onStreamRead (node:internal/stream_base_commons:218:20) {\n"
    "  errno: -104,\n  code: 'ECONNRESET',\n  syscall: 'read'\n}": "connection-refused",
    "requests.exceptions.SSLError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with url: "
    "/api/v5/account/balance (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] "
    "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)')))": "tls-untrusted",
    'Get "https://www.okx.com/api/v5/account/balance": dial tcp: lookup www.okx.com: no such host': "dns-failure",
    "java.net.ConnectException: Connection refused": "connection-refused",
    "Unhandled exception. System.Threading.Tasks.TaskCanceledException: The request was canceled due to the configured "
    "HttpClient.Timeout of 10 seconds elapsing.": "connection-timeout",
    "cURL error 35: OpenSSL SSL_connect: Connection reset by peer in connection to www.okx.com:443": (
        "connection-refused"
    ),
    "requests.exceptions.ProxyError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with url: "
    "/ (Caused by ProxyError('Unable to connect to proxy', OSError('Tunnel connection failed: 407 Proxy "
    "Authentication Required')))": "proxy-failure",
}


def inspected(given: bytes, form: str = "json") -> Outcome:
    return okx_doctor("inspect", "-", "--format", form, cwd=FORMS, env=clean(**KEYS), stdin=given)


def requests(outcome: Outcome) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(outcome.text)["requests"]
    return found


@pytest.mark.parametrize(
    "sample", [path for path in UNANSWERED if path.name != PREFIXED], ids=lambda sample: sample.name
)
@pytest.mark.parametrize("failure", FAILURES)
def test_a_request_without_an_answer_is_told_with_its_failure(sample: Path, failure: str) -> None:
    *_, request = requests(outcome := inspected(alone(sample) + failure.encode() + b"\n"))

    assert outcome.status == 1
    assert [cause["id"] for cause in request["causes"]] == (["blocked-by-edge"] if sample.name == LED else [])
    told = [cause["id"] for answer in request["beside"] for cause in answer["causes"]]
    assert FAILURES[failure] in told
    assert [answer["then"] for answer in request["beside"]] == [""] * len(request["beside"])


def test_the_text_says_that_the_request_is_right_and_how_it_failed() -> None:
    (sample,) = (path for path in UNANSWERED if path.name == "ccxt-python")
    outcome = inspected(alone(sample) + next(iter(FAILURES)).encode(), "text")

    assert "✓ GET /api/v5/account/positions" in outcome.text
    assert "Beside it, line" in outcome.flat and "No answer came back" in outcome.flat
    assert "connection-timeout: likely" in outcome.text
    assert "1 request: 1 valid." in outcome.text
    assert "okx-doctor check --only network" in outcome.text.splitlines()[-2]
    assert "Fix" not in outcome.text


@pytest.mark.parametrize("prefix", PREFIXES.values(), ids=PREFIXES)
def test_a_logger_s_text_before_each_line_hides_no_failure(prefix: str) -> None:
    (sample,) = (path for path in UNANSWERED if path.name == "logged-dict")
    lines = (alone(sample) + next(iter(FAILURES)).encode()).splitlines()
    *_, request = requests(inspected(b"\n".join(prefix.encode() + line for line in lines)))

    assert request["beside"][0]["causes"][0]["id"] == "connection-timeout"


def test_of_many_that_failed_alike_one_is_told_and_the_others_are_named() -> None:
    (sample,) = (path for path in UNANSWERED if path.name == "ccxt-python")
    raw = (alone(sample) + next(iter(FAILURES)).encode() + b"\n") * 5
    outcome = inspected(raw, "text")

    assert outcome.text.count("Beside it") == 1
    assert "The same (valid, No answer came back): line" in outcome.flat
    assert "5 requests: 5 valid." in outcome.text


HAR: dict[str, Any] = {
    "request": {"method": "GET", "url": "https://www.okx.com/api/v5/public/time", "headers": []},
    "response": {"status": 0, "headers": [], "content": {"size": 0}},
}


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        ("net::ERR_CONNECTION_TIMED_OUT", "connection-timeout"),
        ("net::ERR_NAME_NOT_RESOLVED", "dns-failure"),
        ("net::ERR_CERT_AUTHORITY_INVALID", "tls-untrusted"),
        ("NS_ERROR_UNKNOWN_HOST", "dns-failure"),
        ("NS_ERROR_NET_RESET", "connection-refused"),
        ("NS_ERROR_CONNECTION_REFUSED", "connection-refused"),
        ("NS_ERROR_NET_TIMEOUT", "connection-timeout"),
    ],
)
def test_an_export_of_a_browser_or_a_proxy_tells_why_no_answer_came(error: str, cause: str) -> None:
    entry = {**HAR, "response": {**HAR["response"], "_error": error}}
    outcome = inspected(json.dumps({"log": {"entries": [entry]}}).encode())
    (request,) = requests(outcome)

    assert outcome.status == 1
    assert request["beside"][0]["place"] == "entry 1"
    assert request["beside"][0]["causes"][0]["id"] == cause


def netstring(value: object) -> bytes:
    """A value as mitmproxy writes it."""
    match value:
        case None:
            return b"0:~"
        case dict():
            raw, kind = b"".join(netstring(one) for pair in value.items() for one in pair), b"}"
        case list():
            raw, kind = b"".join(map(netstring, value)), b"]"
        case int():
            raw, kind = str(value).encode(), b"#"
        case _:
            raw, kind = str(value).encode(), b";"
    return b"%d:%b%b" % (len(raw), raw, kind)


def test_a_flow_of_mitmproxy_tells_why_no_answer_came() -> None:
    headers = [["OK-ACCESS-KEY", API_KEY], ["OK-ACCESS-SIGN", "x"], ["OK-ACCESS-TIMESTAMP", "2026-11-20T09:08:57.715Z"]]
    request = {"method": "GET", "scheme": "https", "host": "www.okx.com", "port": 443, "path": "/api/v5/account/config"}
    failed = {"msg": "[Errno 111] Connect call failed ('104.18.2.1', 443)", "timestamp": 1795688430}
    flow = {"version": 21, "error": failed, "request": {**request, "headers": headers}, "response": None}
    (found,) = requests(inspected(netstring(flow)))

    assert found["beside"][0]["place"] == "flow 1"
    assert found["beside"][0]["causes"][0]["id"] == "connection-refused"


@pytest.mark.parametrize("name", sorted(path.name for path in (FORMS / "unanswered").iterdir()))
def test_an_error_that_holds_its_request_is_told_with_it(name: str) -> None:
    outcome = inspected((FORMS / "unanswered" / name).read_bytes())
    (request,) = requests(outcome)

    assert (outcome.status, request["verdict"], request["causes"]) == (1, "valid", [])
    assert len(request["beside"]) == 1


def test_a_request_that_is_wrong_and_was_not_answered_is_told_as_both() -> None:
    (sample,) = (path for path in UNANSWERED if path.name == "ccxt-python")
    raw = alone(sample).replace(b"instType=SWAP", b"instType=SPOT", 1) + next(iter(FAILURES)).encode()
    (request,) = requests(inspected(raw))

    assert request["verdict"] != "valid"
    assert request["beside"][0]["causes"][0]["id"] == "connection-timeout"
