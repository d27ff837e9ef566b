"""An exchange for one connection: what a client sends is kept as it arrived, beside what it was answered."""

from __future__ import annotations

import socket
import time
from urllib.parse import urlsplit

import httpx

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.serve.tap import tap
from okx_doctor.protocol.signing import prehash, signed_headers
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.secrets.secret import Secret


def test_requests_over_one_connection_are_kept_as_they_arrived_with_their_answers() -> None:
    account = generate()
    stamp = rest_timestamp(time.time())
    path = "/api/v5/account/config"
    headers = signed_headers(
        Secret(account.api_key), account.secret, account.passphrase, stamp, prehash(stamp, "GET", path, b"")
    )

    with tap(account) as (url, handled), httpx.Client(trust_env=False) as client:
        accepted = client.get(url + path, headers=headers)
        refused = client.post(url + "/api/v5/trade/order?", headers=headers, content=b'{"sz": "1"}')

    assert accepted.json()["code"] == "0"
    assert refused.json()["code"] == "50113"
    (first, first_reply), (second, second_reply) = handled
    assert (first.method, first.target, first.body) == ("GET", path, b"")
    assert ("OK-ACCESS-TIMESTAMP", stamp) in first.headers
    assert (second.method, second.target, second.body) == ("POST", "/api/v5/trade/order?", b'{"sz": "1"}')
    assert (first_reply.code, second_reply.code) == ("0", "50113")


def test_a_connection_that_speaks_no_http_is_closed_and_nothing_is_kept() -> None:
    with tap(generate()) as (url, handled):
        address = urlsplit(url)
        with socket.create_connection((address.hostname, address.port), timeout=120) as connection:
            connection.sendall(b"\x16\x03\x01 hello\r\n\r\n")

            assert connection.recv(64) == b""

    assert handled == []
