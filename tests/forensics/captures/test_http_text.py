"""Raw HTTP as it is pasted, and what curl prints with -v, come to the request that was sent."""

from __future__ import annotations

import pytest

from okx_doctor.forensics.captures.capture import Capture, Unreadable
from tests.forensics.bench import ORDER_BODY, one, read
from tests.forensics.captures.making import BODY, HEADERS, SIGN, WITH_JSON, okx_headers

RAW = "POST /api/v5/trade/order HTTP/1.1\r\nHost: www.okx.com\r\n" + "".join(
    f"{name}: {value}\r\n" for name, value in HEADERS.items()
)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
@pytest.mark.parametrize("length", [f"Content-Length: {len(BODY)}\r\n", "", "Content-Length: 9999\r\n"])
def test_raw_http_is_read_as_pasted(newline: str, length: str) -> None:
    capture = one((RAW + length + "\r\n" + BODY + "\r\n").replace("\r\n", newline))

    assert (capture.form, capture.origin) == ("http", "https://www.okx.com")
    assert (capture.request.body, okx_headers(capture)) == (ORDER_BODY, HEADERS)


def test_raw_http_in_http_2_spelling_and_with_its_answer() -> None:
    answer = 'HTTP/2 401\ndate: Fri, 20 Nov 2026 09:08:58 GMT\n\n{"msg":"Invalid Sign","code":"50113"}\n\n'
    first, second = read(RAW.replace("HTTP/1.1", "HTTP/2") + "\r\n" + BODY + "\n\n" + answer + RAW + "\r\n" + BODY)

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert first.response is not None
    assert (first.response.code, first.response.date) == ("50113", 1795165738.0)
    assert second.response is None
    assert first.request.body == second.request.body == ORDER_BODY


VERBOSE = (
    "* Connected to www.okx.com (1.2.3.4) port 443\n> GET /api/v5/account/balance?ccy=BTC HTTP/2\n> host: www.okx.com\n"
    + "".join(f"> {name.lower()}: {value}\n" for name, value in HEADERS.items())
    + "> \n{ [5 bytes data]\n< HTTP/2 401 \n< date: Fri, 20 Nov 2026 09:08:58 GMT\n< content-length: 9\n< \n"
    + '{"msg":"Invalid Sign","code":"50113"}\n* Connection #0 to host www.okx.com left intact\n'
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_curl_prints_with_v_is_read(newline: str) -> None:
    capture = one(VERBOSE.replace("\n", newline))

    assert (capture.form, capture.request.target) == ("http", "/api/v5/account/balance?ccy=BTC")
    assert [value for name, value in capture.request.headers if name.startswith("ok-")] == list(HEADERS.values())
    assert capture.response is not None
    assert (capture.response.code, capture.response.date) == ("50113", 1795165738.0)


def test_what_curl_prints_with_v_counts_more_than_the_command_above_it() -> None:
    capture = one('$ curl -v "https://www.okx.com/a" -H "OK-ACCESS-SIGN: $SIGN"\n' + VERBOSE)

    assert capture.request.header("OK-ACCESS-SIGN") == SIGN
    assert capture.response is not None


def test_a_post_is_read_from_its_command_since_curl_prints_no_body() -> None:
    posted = VERBOSE.replace("> GET", "> POST").replace("> host", "> content-length: 95\n> host")

    assert one(WITH_JSON + "\n" + posted).request.body == ORDER_BODY


def test_an_answer_without_a_newline_is_read_out_of_what_curl_prints_behind_it() -> None:
    capture = one(VERBOSE.replace('"50113"}\n', '"50113"}'))

    assert capture.response is not None
    assert capture.response.code == "50113"


def test_curls_progress_meter_is_not_part_of_an_answer() -> None:
    meter = "\r100    37  100    37    0     0  39870      0 --:--:-- --:--:-- --:--:-- 37000\n"
    later = "\r100    37  100    37    0     0     19      0  0:00:01  0:00:01 --:--:--    19\n"
    capture = one(VERBOSE.replace('{"msg"', f'{meter}{later}{{"msg"'))

    assert capture.response is not None
    assert capture.response.code == "50113"


def test_a_body_that_curl_does_not_print_is_not_taken_for_none() -> None:
    (found,) = read(VERBOSE.replace("> host", "> content-length: 95\n> host"))

    assert isinstance(found, Unreadable)
    assert "95 bytes" in found.why


def test_a_line_that_is_no_header_is_told_by_its_place_and_not_repeated() -> None:
    (found,) = read(RAW + "OK-ACCESS-PASSPHRASE my-passphrase\r\n\r\n")

    assert isinstance(found, Unreadable)
    assert "line 6 of its headers" in found.why
    assert "my-passphrase" not in found.why


@pytest.mark.parametrize("below", ["### the next request", '{"code":"50113"}', "  0     0    0     0"])
def test_what_stands_below_a_get_without_a_length_is_not_its_body(below: str) -> None:
    text = RAW.replace("POST", "GET") + f"\r\n{below}\r\n"

    assert one(text).request.body == b""
    assert one(text.replace("\r\n\r\n", f"\r\nContent-Length: {len(below)}\r\n\r\n")).request.body == below.encode()


def test_the_tunnel_that_a_proxy_is_asked_for_is_no_request() -> None:
    tunnel = (
        "> CONNECT www.okx.com:443 HTTP/1.1\n> Host: www.okx.com:443\n> \n< HTTP/1.1 200 Connection established\n< \n"
    )
    sent = "send: b'CONNECT www.okx.com:443 HTTP/1.0\\r\\n\\r\\n'\n"
    line = "send: b'GET /a HTTP/1.1\\r\\nHost: www.okx.com\\r\\n\\r\\n'\n"

    assert one(tunnel + VERBOSE).request.method == "GET"
    assert one(sent + line).request.target == "/a"
    assert [found.place for found in read(line + sent)] == ["line 1"]


def test_a_method_in_small_letters_begins_a_request_in_the_debug_output_of_requests() -> None:
    lines = [f"send: b'{method} /a HTTP/1.1\\r\\nHost: www.okx.com\\r\\n\\r\\n'\n" for method in ("POST", "get")]
    first, second = read("".join(lines))

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.request.body, second.request.method) == (b"", "get")


@pytest.mark.parametrize("length", ["9" * 5000, "-1", "١", "1e3"])
def test_a_length_that_is_none_is_passed_over(length: str) -> None:
    assert one(RAW + f"Content-Length: {length}\r\n\r\n{BODY}").request.body == ORDER_BODY


def test_a_chunked_body_is_put_together() -> None:
    half = len(BODY) // 2
    parts = (BODY[:half], BODY[half:])
    chunks = "".join(f"{len(part):x}\r\n{part}\r\n" for part in parts) + "0\r\n\r\n"
    assert one(RAW + "Transfer-Encoding: chunked\r\n\r\n" + chunks).request.body == ORDER_BODY


def test_duplicate_and_odd_headers_are_kept_as_they_stand() -> None:
    text = "GET /a? HTTP/1.1\nok_access_key: x\nOK-ACCESS-SIGN: 1\nok-access-sign:  2 \n\n"
    request = one(text).request

    assert request.target == "/a?"
    assert request.headers == (("ok_access_key", "x"), ("OK-ACCESS-SIGN", "1"), ("ok-access-sign", "2"))
