"""The debug output of requests and of python-okx comes to the request that was sent."""

from __future__ import annotations

import json

import pytest

from tests.forensics.bench import API_KEY, ORDER_BODY, PASSPHRASE, SECRET, inspected, one
from tests.forensics.captures.making import BODY, HEADERS, okx_headers


def test_the_debug_output_of_requests_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    import http.client
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    import requests

    class Refusing(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(401)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        http.client.HTTPConnection.debuglevel = 1
        try:
            url = f"http://127.0.0.1:{server.server_port}/api/v5/trade/order?"
            requests.post(url, data=BODY, headers=HEADERS, timeout=120).close()
        finally:
            http.client.HTTPConnection.debuglevel = 0
    capture = one(capsys.readouterr().out)

    assert (capture.form, capture.request.method) == ("requests", "POST")
    assert (capture.request.body, okx_headers(capture)) == (ORDER_BODY, HEADERS)
    assert (
        capture.request.header(
            "user-agent",
        )
        is not None
    )
    assert capture.response is not None
    assert capture.response.status == 401


@pytest.mark.filterwarnings("ignore:Use 'content")
def test_python_okx_in_debug_mode_is_read() -> None:
    import okx.Trade
    from loguru import logger

    lines: list[str] = []
    logger.remove()
    handle = logger.add(lambda line: lines.append(str(line)), level="DEBUG")
    try:
        client = okx.Trade.TradeAPI(API_KEY, "s3cret", PASSPHRASE, flag="0", domain="http://127.0.0.1:9", debug=True)
        with pytest.raises(Exception, match=r"refused|connect|Connect"):
            client.place_order("BTC-USDT", "cash", "buy", "limit", "2", px="2.15")
        client.close()
    finally:
        logger.remove(handle)
    capture = one("".join(lines))

    assert (capture.form, capture.request.method, capture.request.target) == (
        "python-okx",
        "POST",
        "/api/v5/trade/order",
    )
    assert json.loads(capture.request.body)["instId"] == "BTC-USDT"
    assert capture.request.header("OK-ACCESS-KEY") == API_KEY


@pytest.mark.filterwarnings("ignore:Use 'content")
@pytest.mark.parametrize("ccy", ["BTC, ETH", "BTC,ETH", "BTC/ETH é"])
def test_the_address_of_python_okx_is_read_to_the_end_of_its_line_as_it_was_sent(ccy: str) -> None:
    import httpx
    import okx.Account
    from loguru import logger

    lines: list[str] = []
    sent: list[bytes] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        sent.append(request.url.raw_path)
        return httpx.Response(401, json={"code": "50113", "msg": "Invalid Sign"})

    logger.remove()
    handle = logger.add(lambda line: lines.append(str(line)), level="DEBUG")
    try:
        client = okx.Account.AccountAPI(API_KEY, SECRET, PASSPHRASE, flag="0", domain="https://www.okx.com", debug=True)
        client._transport = httpx.MockTransport(refuse)
        client._mounts = {}
        client.get_account_balance(ccy)
        client.close()
    finally:
        logger.remove(handle)
    capture = one("".join(lines))

    assert [capture.request.target.encode()] == sent
    wrong = ccy if sent[0].endswith(ccy.encode()) else ""
    assert [cause.id for cause in inspected(capture).causes] == ([] if wrong else ["query-encoding"])
