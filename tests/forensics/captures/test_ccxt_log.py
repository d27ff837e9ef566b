"""The verbose output of ccxt, Python and JavaScript, comes to the request that was sent."""

from __future__ import annotations

import json

import pytest

from okx_doctor.forensics.captures.capture import Capture
from tests.forensics.bench import API_KEY, ORDER_BODY, PASSPHRASE, one, read
from tests.forensics.captures.making import BODY, GET_URL, HEADERS, URL, okx_headers


def test_ccxts_python_verbose_output_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    import ccxt

    exchange = ccxt.okx({"apiKey": API_KEY, "secret": "s3cret", "password": PASSPHRASE, "verbose": True})
    exchange.urls["api"]["rest"] = "http://127.0.0.1:9"
    with pytest.raises(ccxt.NetworkError):
        exchange.private_post_trade_order(json.loads(BODY))
    capture = next(piece for piece in read(capsys.readouterr().out) if isinstance(piece, Capture))

    assert (capture.form, capture.request.method, capture.request.target) == ("ccxt", "POST", "/api/v5/trade/order")
    assert json.loads(capture.request.body) == json.loads(BODY)
    assert capture.request.header("OK-ACCESS-KEY") == API_KEY
    assert capture.request.header("OK-ACCESS-PASSPHRASE") == PASSPHRASE


def ccxt_javascript(method: str, url: str, body: str, colour: str = "{}") -> str:
    """What ccxt 4 prints in Node; ``colour`` is what a terminal gets around each text of an object."""
    headers = "".join(f"  '{name}': {colour.format(repr(value))},\n" for name, value in HEADERS.items())
    return f"fetch Request:\n okx {method} {url} \nRequestHeaders:\n {{\n{headers}}} \nRequestBody:\n {body} \n\n"


def ccxt_javascript_answer(method: str, url: str) -> str:
    return (
        f"handleRestResponse:\n okx {method} {url} 401 Unauthorized \nResponseHeaders:\n"
        "  { Date: 'Fri, 20 Nov 2026 09:08:58 GMT' } \nResponseBody:\n"
        ' {"msg":"Invalid Sign","code":"50113"} \n\ncaught okx {"msg":"Invalid Sign","code":"50113"}\n'
    )


@pytest.mark.parametrize("colour", ["{}", "\x1b[32m{}\x1b[39m"])
def test_ccxts_javascript_verbose_output_is_read(colour: str) -> None:
    first, second = read(
        ccxt_javascript("POST", URL, BODY, colour)
        + ccxt_javascript_answer("POST", URL)
        + ccxt_javascript("GET", GET_URL, "undefined", colour)
        + ccxt_javascript_answer("GET", GET_URL)
    )

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.request.body, okx_headers(first)) == (ORDER_BODY, HEADERS)
    assert (second.request.body, second.request.target) == (b"", "/api/v5/account/balance?ccy=BTC%2CETH&")
    for found in (first, second):
        assert found.response is not None
        assert (found.response.code, found.response.date) == ("50113", 1795165738.0)


def test_an_answer_to_another_request_of_ccxts_is_given_to_none() -> None:
    first, second = read(
        ccxt_javascript("POST", URL, BODY)
        + ccxt_javascript("GET", GET_URL, "undefined")
        + ccxt_javascript_answer("POST", URL)
    )

    assert isinstance(first, Capture)
    assert isinstance(second, Capture)
    assert (first.response, second.response) == (None, None)


def test_what_others_log_below_a_request_of_ccxts_is_not_its_body() -> None:
    capture = one(
        f"fetch Request: okx GET {GET_URL} RequestHeaders: {HEADERS!r} RequestBody: None\n"
        'DEBUG:urllib3.connectionpool:https://www.okx.com:443 "GET /api/v5/account/balance HTTP/1.1" 401 None\n'
    )

    assert capture.request.body == b""
