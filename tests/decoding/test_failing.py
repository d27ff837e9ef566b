"""Failures by number and fixed word, whatever language the system speaks, and what stands around them."""

from __future__ import annotations

import ctypes
from ctypes.util import find_library

import pytest

from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.decoding.failures import BY_ID, FAILURES
from okx_doctor.decoding.failures.marks import CURL as EXITS
from okx_doctor.decoding.failures.marks import CURL_WORDS, ERRNO
from okx_doctor.decoding.surroundings import AROUND

WINDOWS = {
    10013: "connection-refused",
    10051: "connection-refused",
    10053: "connection-refused",
    10054: "connection-refused",
    10060: "connection-timeout",
    10061: "connection-refused",
    10065: "connection-refused",
    11001: "dns-failure",
    11004: "dns-failure",
    121: "connection-timeout",
    1225: "connection-refused",
}
CURL = {
    5: "proxy-failure",
    6: "dns-failure",
    7: "connection-refused",
    28: "connection-timeout",
    35: "connection-refused",
    47: "host-not-api",
    51: "dns-failure",
    52: "connection-refused",
    56: "connection-refused",
    60: "tls-untrusted",
    97: "proxy-failure",
}


def _only(text: str) -> Decoded:
    (answer,) = decode(text)
    return answer


def _causes(text: str) -> list[str]:
    return [cause.id for cause in _only(text).causes]


@pytest.mark.parametrize("number", WINDOWS)
@pytest.mark.parametrize(
    "form",
    [
        "ConnectionError: HTTPSConnectionPool(host='www.okx.com', port=443): (Caused by NewConnectionError('[WinError "
        "{number}] 系统的消息'))",
        "OSError: [Errno {number}] Сообщение системы",
        "error sending request: Nachricht des Systems (os error {number})",
        "System.Net.Sockets.SocketException ({number}): メッセージ",
    ],
)
def test_a_number_of_windows_is_enough_in_every_language(number: int, form: str) -> None:
    assert _causes(form.format(number=number))[0] == WINDOWS[number]


@pytest.mark.parametrize("number", CURL)
@pytest.mark.parametrize("form", ["curl: ({number}) Meldung", "cURL error {number}: сообщение"])
def test_an_exit_of_curl_is_enough(number: int, form: str) -> None:
    assert _causes(form.format(number=number))[0] == CURL[number]


def test_every_number_belongs_to_one_failure() -> None:
    numbers = [number for numbers in ERRNO.values() for number in numbers]

    assert len(numbers) == len(set(numbers))
    assert set(ERRNO) <= set(BY_ID)


@pytest.mark.parametrize("failure", [failure for failure in FAILURES if failure.words], ids=lambda failure: failure.id)
def test_every_wording_by_itself_is_read_as_its_failure_or_a_more_telling_one(failure: object) -> None:
    names = [one.id for one in FAILURES]
    assert isinstance(failure, type(FAILURES[0]))
    for words in failure.words:
        found = [one.sighting.failure for one in decode(f"okx: {words}") if one.sighting.failure]
        assert found, words
        assert names.index(found[0]) <= names.index(failure.id), words


def test_a_certificate_of_another_name_is_told_apart_from_an_unknown_issuer() -> None:
    other = _only(
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, "
        "certificate is not valid for 'www.okx.com'."
    )
    unknown = _only(
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate"
    )

    assert other.causes[0].id == "dns-failure"
    assert "nslookup" in other.meaning
    assert unknown.causes[0].id == "tls-untrusted"


def test_tls_to_a_plain_proxy_is_no_bad_certificate() -> None:
    text = "ProxyError('Cannot connect to proxy.', SSLError(SSLError(1, '[SSL: WRONG_VERSION_NUMBER] wrong version')))"
    answer = _only(f"HTTPSConnectionPool(host='www.okx.com', port=443): (Caused by {text})")

    assert answer.causes[0].id == "proxy-failure"
    assert "http://" in answer.meaning
    assert "tls-untrusted" not in {cause.id for cause in answer.causes}


def test_two_events_of_a_log_are_two_answers_and_one_exception_with_its_causes_is_one() -> None:
    log = (
        "2026-11-26 10:20:30 ERROR okx getaddrinfo ENOTFOUND www.okx.com\n"
        "2026-11-26 10:24:30 ERROR okx connect ETIMEDOUT 203.0.113.43:443\n"
    )

    assert [answer.causes[0].id for answer in decode(log)] == ["dns-failure", "connection-timeout"]
    assert len(decode("NetworkError: okx ... Caused by: ConnectError\nCaused by: connect ECONNREFUSED\n")) == 1


def test_the_errors_that_a_client_would_retry_are_none() -> None:
    text = "RequestError: read ECONNRESET\n  retry: {\n    codes: [\n      'ETIMEDOUT',\n      'ECONNREFUSED',\n    ]\n"

    assert _only(text).sighting.failure == "reset"


@pytest.mark.parametrize(
    ("text", "around", "first"),
    [
        ("connect ETIMEDOUT wss://ws.okx.com:8443/ws/v5/private", "retired port", "websocket-port-retired"),
        ("ReadTimeout: https://www.okex.com/api/v5/account/balance", "retired host", "host-not-api"),
        (
            "SSLError: HTTPSConnectionPool(host='www.okex.com', port=443): UNEXPECTED_EOF_WHILE_READING",
            "retired host",
            "host-not-api",
        ),
        ("getaddrinfo ENOTFOUND demo.okx.com", "no API host", "host-not-api"),
        ("connect ECONNREFUSED 127.0.0.1:443 (www.okx.com)", "false address", "dns-failure"),
        ("*   Trying 169.254.0.2:443...", "false address", "dns-failure"),
        ("*   Trying 0.0.0.0:443...\ncurl: (7) Failed to connect to www.okx.com", "false address", "dns-failure"),
        ("connect ECONNREFUSED 127.0.0.1:7890", "near address", "proxy-failure"),
        ("urllib.error.HTTPError: HTTP Error 403: Forbidden", "default User-Agent", "blocked-by-edge"),
    ],
)
def test_what_stands_around_a_failure_leads(text: str, around: str, first: str) -> None:
    answer = _only(text)

    assert answer.sighting.around == (around,)
    assert answer.causes[0].id == first
    assert AROUND[around].meaning in answer.meaning


@pytest.mark.parametrize(
    "text",
    [
        "ReadTimeout: HTTPSConnectionPool(host='okx.relay.example', port=443): Max retries with url: /api/v5/x",
        'Get "https://okx-mirror.example.net/api/v5/account/balance": dial tcp: i/o timeout',
        "connect ETIMEDOUT https://www.okx.com.example.org/api/v5/account/balance",
    ],
)
def test_a_host_that_is_none_of_okx_s_is_pointed_out_and_not_named(text: str) -> None:
    answer = _only(text)

    assert answer.causes[0].id == "connection-timeout"
    assert "host-not-api" in {cause.id for cause in answer.causes}
    assert "relay" in answer.meaning
    assert "example" not in answer.meaning


@pytest.mark.parametrize(
    "text",
    [
        "connect ETIMEDOUT wss://ws.okx.com/ws/v5/private",
        "ReadTimeout: https://www.okx.com/api/v5/account/balance",
        "connect ECONNREFUSED 203.0.113.43:443",
        "dial tcp 10.0.0.5:50000->203.0.113.43:443: i/o timeout",
        "lookup www.okx.com on 127.0.0.53:53: no such host",
    ],
)
def test_the_right_address_leads_to_nothing_else(text: str) -> None:
    assert _only(text).sighting.around == ()


def test_a_path_with_something_before_it_is_pointed_out() -> None:
    answer = _only(
        "ConnectionError: HTTPSConnectionPool(host='www.okx.com', port=443): Max retries exceeded with url: "
        "/cn/api/v5/market/ticker?instId=BTC-USDT-SWAP (Caused by NewConnectionError('[WinError 10065] 一个'))"
    )

    assert answer.causes[0].id == "connection-refused"
    assert "before /api/v5/" in answer.meaning


def test_a_network_failure_is_followed_by_a_check_of_the_network_alone() -> None:
    answer = _only("getaddrinfo ENOTFOUND www.okx.com")

    assert (answer.next, answer.then) == ("okx-doctor check --only network", "")


def test_a_socket_that_okx_closed_with_a_code_is_told_by_the_code() -> None:
    text = "websockets.exceptions.ConnectionClosedError: received 4001 (private use) Login Failed; then sent 4001"

    assert _only(text).code == "4001"


def test_a_path_that_is_called_public_and_is_not_is_told_beside_a_missing_header() -> None:
    refused = (
        'GET https://www.okx.com/api/v5/public/{}/series 401 {{"msg":"Request header OK-ACCESS-KEY can not be empty.",'
    )
    refused += '"code":"{}"}}'

    assert "called public" in _only(refused.format("event-contract", "50103")).meaning
    assert "called public" not in _only(refused.format("instruments", "50103")).meaning
    assert "called public" not in _only(refused.format("event-contract", "50102")).meaning
    failed = "connect ETIMEDOUT https://www.okx.com/api/v5/public/event-contract/series"
    assert "header-missing" not in _causes(failed)


@pytest.mark.parametrize(
    ("before", "named"),
    [
        ("at /app/node_modules/okx-api/lib/ws.js:12:3\n", "okx-api (npm) 3.2.3 is known to dial that port by itself"),
        ("at /app/node_modules/ccxt/js/src/base/ws/Client.js\n", "4.5.84 is known to dial that port by itself"),
        ("ccxt/async_support/base/ws\n", ""),
    ],
)
def test_a_client_that_is_known_to_dial_the_retired_port_is_named_with_its_version(before: str, named: str) -> None:
    answer = _only(f"{before}Error: connect ETIMEDOUT wss://ws.okx.com:8443/ws/v5/private")

    assert answer.causes[0].id == "websocket-port-retired"
    assert named in answer.meaning
    assert ("by itself" in answer.meaning) == bool(named)


@pytest.mark.parametrize("number", sorted(CURL_WORDS))
@pytest.mark.parametrize("form", ["{words}", "10:01:48 wPost failed {words}.", "curl_easy_perform() failed: {words}\n"])
def test_what_libcurl_calls_an_exit_is_read_as_that_exit(number: int, form: str) -> None:
    assert number in EXITS
    for words in CURL_WORDS[number]:
        assert _causes(form.format(words=words)) == _causes(f"curl: ({number}) x"), words


def test_the_words_are_those_of_the_libcurl_that_is_here() -> None:
    name = find_library("curl")
    if name is None:
        pytest.skip("needs libcurl")
    words = ctypes.CDLL(name).curl_easy_strerror
    words.restype = ctypes.c_char_p
    said = {number: words(number).decode() for number in EXITS}

    assert {number for number, text in said.items() if text not in CURL_WORDS.get(number, (text,))} == set()
    assert set(EXITS) - set(CURL_WORDS) == {51}, "which newer versions no longer have"
