"""Bots as people write them with real Python clients: what really leaves the client is inspected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import requests
import yarl

from okx_doctor.forensics.captures.capture import Capture, split_url
from okx_doctor.protocol.wire import WireRequest
from tests.forensics.bench import API_KEY, PASSPHRASE, SECRET, inspected, named

pytestmark = pytest.mark.slow

BASE = "https://www.okx.com"
ORDER_PATH = "/api/v5/trade/order"
BALANCE = "/api/v5/account/balance"
POSITIONS = "/api/v5/account/positions"
ORDER = {"instId": "BTC-USDT", "side": "buy", "sz": "0.5", "tag": "größe"}
Headers = dict[str, str]
Sent = Capture


def headers(text: str, stamp: str, key: str = SECRET) -> Headers:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return {
        "OK-ACCESS-KEY": API_KEY,
        "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        "Content-Type": "application/json",
    }


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def captured(method: str, url: str, found: object, body: bytes) -> Capture:
    origin, target = split_url(url)
    pairs = tuple((str(name), str(value)) for name, value in found)  # type: ignore[attr-defined]
    request = WireRequest(method=method, target=target, headers=pairs, body=body)
    return Capture(request=request, form="json", place="line 1", origin=origin)


def by_requests(method: str, path: str, made: Headers, **options: object) -> Capture:
    request = requests.Request(method, BASE + path, headers=made, **options)  # type: ignore[arg-type]
    with requests.Session() as session:
        sent = session.prepare_request(request)
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    assert isinstance(body, bytes)
    return captured(method, str(sent.url), sent.headers.items(), body)


def by_httpx(method: str, path: str, made: Headers, **options: object) -> Capture:
    with httpx.Client() as client:
        sent = client.build_request(method, BASE + path, headers=made, **options)  # type: ignore[arg-type]
    target = sent.url.raw_path.decode()
    return captured(method, BASE + target, sent.headers.multi_items(), sent.read())


def by_aiohttp(method: str, path: str, made: Headers, **options: Any) -> Capture:
    """What aiohttp sends: its URLs are yarl's, its JSON is json.dumps'."""
    url = yarl.URL(BASE + path)
    if "params" in options:
        url = url.update_query(options["params"])
    body = json.dumps(options["json"]).encode() if "json" in options else b""
    return captured(method, BASE + url.raw_path_qs, [*made.items(), ("User-Agent", "Python/3.11 aiohttp/3.9")], body)


Client = Callable[..., Capture]
CLIENTS = (by_requests, by_httpx, by_aiohttp)
everywhere = pytest.mark.parametrize("send", CLIENTS, ids=lambda client: client.__name__)


def proven(made: Capture) -> set[str]:
    return {cause for cause, sure in named(inspected(made)).items() if sure == "proven"}


def test_signing_json_dumps_and_sending_json_is_wrong_with_httpx_alone() -> None:
    stamp = now()
    text = f"{stamp}POST{ORDER_PATH}{json.dumps(ORDER)}"

    assert proven(by_httpx("POST", ORDER_PATH, headers(text, stamp), json=ORDER)) == {"body-reserialised"}
    assert proven(by_requests("POST", ORDER_PATH, headers(text, stamp), json=ORDER)) == set()
    assert proven(by_aiohttp("POST", ORDER_PATH, headers(text, stamp), json=ORDER)) == set()


@everywhere
def test_a_repr_that_is_signed_is_named(send: Client) -> None:
    stamp = now()
    made = send("POST", ORDER_PATH, headers(f"{stamp}POST{ORDER_PATH}{ORDER}", stamp), json=ORDER)
    assert proven(made) == {"body-reserialised"}


@everywhere
def test_sorted_keys_that_are_signed_are_named(send: Client) -> None:
    stamp = now()
    text = f"{stamp}POST{ORDER_PATH}{json.dumps(ORDER, sort_keys=True, separators=(',', ':'))}"
    assert proven(send("POST", ORDER_PATH, headers(text, stamp), json={"sz": "1", **ORDER})) == {"body-reserialised"}


@everywhere
def test_parameters_that_the_client_adds_after_signing_are_named(send: Client) -> None:
    stamp = now()
    params = {"instType": "SWAP", "instId": "BTC-USDT-SWAP"}
    made = send("GET", POSITIONS, headers(f"{stamp}GET{POSITIONS}", stamp), params=params)
    assert proven(made) == {"query-not-signed"}


@pytest.mark.parametrize("send", [by_requests, by_httpx], ids=lambda client: client.__name__)
def test_a_comma_that_the_client_encodes_is_named(send: Client) -> None:
    stamp = now()
    made = send("GET", BALANCE, headers(f"{stamp}GET{BALANCE}?ccy=BTC,ETH", stamp), params={"ccy": "BTC,ETH"})
    assert proven(made) == {"query-encoding"}


def test_a_comma_that_aiohttp_decodes_is_named() -> None:
    stamp = now()
    text = f"{stamp}GET{BALANCE}?ccy=BTC%2CETH"
    assert proven(by_aiohttp("GET", f"{BALANCE}?ccy=BTC%2CETH", headers(text, stamp))) == {"query-encoding"}


@pytest.mark.parametrize("send", [by_requests, by_httpx], ids=lambda client: client.__name__)
def test_a_dict_that_is_sent_as_a_form_is_named(send: Client) -> None:
    stamp = now()
    fields = {"instId": "BTC-USDT", "sz": "1"}
    made = send("POST", ORDER_PATH, headers(f"{stamp}POST{ORDER_PATH}{json.dumps(fields)}", stamp), data=fields)
    assert proven(made) == {"body-form-encoded"}


@everywhere
def test_a_text_given_as_json_is_named(send: Client) -> None:
    stamp = now()
    body = json.dumps(ORDER)
    made = send("POST", ORDER_PATH, headers(f"{stamp}POST{ORDER_PATH}{body}", stamp), json=body)
    assert proven(made) == {"body-double-encoded"}


@everywhere
def test_parameters_without_a_value_are_named(send: Client) -> None:
    stamp = now()
    signed = f"{stamp}GET{POSITIONS}?instType=SWAP&instId=None"
    assert proven(send("GET", POSITIONS, headers(signed, stamp), params={"instType": "SWAP"})) == {
        "query-parameters-differ"
    }


@everywhere
def test_a_clock_that_is_asked_twice_is_named(send: Client) -> None:
    made = headers(f"2026-11-20T09:08:57.715ZGET{BALANCE}", "2026-11-20T09:08:57.719Z")
    assert proven(send("GET", BALANCE, made)) == {"timestamp-differs"}


@everywhere
def test_a_bot_that_signs_what_it_sends_is_valid(send: Client) -> None:
    stamp = now()
    found = inspected(send("GET", f"{POSITIONS}?instType=SWAP", headers(f"{stamp}GET{POSITIONS}?instType=SWAP", stamp)))
    assert (found.verdict, found.causes) == ("valid", ())
