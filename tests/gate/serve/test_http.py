from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack

import pytest
from msgspec.structs import replace

from okx_doctor.gate.serve.connections import CONNECTION_LIMIT
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.serve.http import BODY_LIMIT, HEADER_LINES
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import (
    BALANCE,
    CONFIG,
    LIVE,
    ORDER,
    ORDER_BODY,
    altered,
    connect,
    drain,
    parted,
    raw,
    send,
    signed,
)

TIME = WireRequest(method="GET", target="/api/v5/public/time", headers=())


def _now(method: str = "GET", target: str = CONFIG, body: bytes = b"") -> WireRequest:
    return signed(LIVE, method, target, body, now=time.time())


@pytest.mark.parametrize(
    "target",
    [
        "/api/v5/account/balance?",
        "/api/v5/account/balance?ccy=BTC,ETH",
        "/api/v5/account/balance?ccy=BTC%2CETH",
        "/api/v5/account/balance?ccy=BTC%2cETH",
        "/api/v5/account/balance?ccy=BTC&&ccy=&x=%20+&",
        "/api/v5/account/../account/balance",
        "//api/v5/account/balance",
        "/api/v5/account/balance;v=1?a?b#c",
    ],
)
def test_the_target_arrives_untouched(exchange: Exchange, base_url: str, target: str) -> None:
    send(base_url, raw(_now(target=target)))

    assert exchange.handled[-1].request.target == target


@pytest.mark.parametrize("query", ["", "?", "?ccy=BTC,ETH", "?ccy=BTC%2CETH", "?ccy=BTC&state=&after="])
def test_what_was_signed_as_sent_is_accepted_whatever_its_encoding(base_url: str, query: str) -> None:
    received = send(base_url, raw(_now(target=f"/api/v5/account/balance{query}")))

    assert (received.status, json.loads(received.body)["code"]) == (200, "0")


def test_header_spelling_order_and_duplicates_arrive_untouched(exchange: Exchange, base_url: str) -> None:
    sent = (("x-B", "1"), ("OK-Access-KEY", "first"), ("X-b", "2"), ("ok-access-key", "second"), ("X-B", "é"))

    send(base_url, raw(replace(TIME, headers=sent)))

    kept = exchange.handled[-1].request.headers
    assert tuple(pair for pair in kept if pair[0].lower() in ("x-b", "ok-access-key")) == sent


def test_a_body_arrives_byte_for_byte_also_in_chunks(exchange: Exchange, base_url: str) -> None:
    request = _now("POST", ORDER, ORDER_BODY)
    head = raw(replace(request, body=b"")).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunks = b"".join(b"%x\r\n%s\r\n" % (1, ORDER_BODY[at : at + 1]) for at in range(len(ORDER_BODY)))

    received = send(base_url, head + chunks + b"0\r\n\r\n")

    assert exchange.handled[-1].request.body == ORDER_BODY
    assert json.loads(received.body)["data"][0]["sCode"] == "0"


def test_a_refusal_looks_as_on_the_wire(base_url: str) -> None:
    wrong = signed(altered(LIVE, secret="wrong"), now=time.time())

    received = send(base_url, raw(wrong))

    assert received.status == 401
    assert received.body == b'{"msg":"Invalid Sign","code":"50113"}'
    assert received.headers["content-type"] == "application/json"


def test_an_unknown_path_is_404_once_the_caller_is_known(base_url: str) -> None:
    received = send(base_url, raw(_now(target="/api/v5/account/nothing")))

    assert received.status == 404
    assert json.loads(received.body)["error_code"] == "404"


@pytest.mark.parametrize("target", ["/", "/favicon.ico", "/apis"])
def test_a_path_outside_the_api_is_404_for_anybody(base_url: str, target: str) -> None:
    assert send(base_url, raw(replace(TIME, target=target))).status == 404


def test_a_public_path_looks_at_no_signed_header(exchange: Exchange, base_url: str) -> None:
    received = send(base_url, raw(replace(TIME, headers=(("OK-ACCESS-KEY", "nonsense"),))))

    assert received.status == 200
    assert exchange.handled[-1].trace is None


def test_a_public_path_takes_only_its_method(base_url: str) -> None:
    received = send(base_url, raw(replace(TIME, method="POST", body=b"{}")))

    assert (received.status, json.loads(received.body)["code"]) == (405, "50115")


def test_one_connection_carries_many_requests_also_without_waiting(exchange: Exchange, base_url: str) -> None:
    one = raw(_now(target=BALANCE)).replace(b"Connection: close\r\n", b"")

    with connect(base_url) as connection:
        connection.sendall(one * 4 + raw(TIME))
        answers = drain(connection)

    assert answers.count(b"HTTP/1.1 200 OK") == 5
    assert len(exchange.handled) == 5


def test_a_request_may_come_a_byte_at_a_time(base_url: str) -> None:
    with connect(base_url) as connection:
        for byte in raw(_now("POST", ORDER, ORDER_BODY)):
            connection.sendall(bytes([byte]))
        assert parted(drain(connection)).status == 200


def test_a_client_that_waits_for_100_continue_gets_it(base_url: str) -> None:
    request = _now("POST", ORDER, ORDER_BODY)
    with connect(base_url) as connection:
        connection.sendall(raw(request, "Expect: 100-continue")[: -len(ORDER_BODY)])
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
        connection.sendall(ORDER_BODY)
        assert parted(drain(connection)).status == 200


def test_head_and_http_1_0_are_answered_without_confusion(base_url: str) -> None:
    head = send(base_url, raw(replace(TIME, method="HEAD")))
    old = send(base_url, b"GET /api/v5/public/time HTTP/1.0\r\n\r\n")

    assert (head.status, head.body) == (405, b"")
    assert old.status == 200


MALFORMED = {
    "garbage": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\r\n\r\n",
    "no HTTP at all": b"hello\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "a NUL in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n",
    "non-ASCII in the target": b"GET /\xe4 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the target": b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a bad chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_answered_400_and_its_connection_closed(base_url: str, name: str) -> None:
    received = send(base_url, MALFORMED[name])

    assert received.status == 400
    assert received.headers["connection"] == "close"
    assert received.headers["content-type"].startswith("text/html")
    assert send(base_url, raw(TIME)).status == 200


def test_a_gigabyte_is_refused_by_its_declaration(base_url: str) -> None:
    declared = raw(replace(TIME, method="POST")).replace(b"Content-Length: 0", b"Content-Length: 1073741824")

    assert send(base_url, declared + b"x" * 4_000_000).status == 413


@pytest.mark.parametrize("length", ["9" * 16, "9" * 19, str(BODY_LIMIT + 1)])
def test_a_length_beyond_the_cap_is_refused(base_url: str, length: str) -> None:
    declared = raw(replace(TIME, method="POST")).replace(b"Content-Length: 0", b"Content-Length: " + length.encode())

    assert send(base_url, declared).status == 413


def test_a_body_that_grows_beyond_the_cap_in_chunks_is_refused(exchange: Exchange, base_url: str) -> None:
    head = raw(replace(TIME, method="POST")).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"

    assert send(base_url, head + chunk * (BODY_LIMIT // 0x10000 + 2)).status == 413
    assert not exchange.handled


def test_a_hundred_thousand_header_lines_are_refused(exchange: Exchange, base_url: str) -> None:
    lines = b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % index for index in range(100_000))

    assert send(base_url, lines + b"\r\n").status == 431
    assert not exchange.handled


def test_more_header_lines_than_anybody_sends_are_refused(base_url: str) -> None:
    headers = tuple((f"X-{index}", "y") for index in range(HEADER_LINES))

    assert send(base_url, raw(replace(TIME, headers=headers))).status == 431


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET /api", raw(TIME)[:-2], raw(replace(TIME, body=b"12"))[:-1]])
def test_a_client_that_leaves_in_the_middle_disturbs_nobody(exchange: Exchange, base_url: str, sent: bytes) -> None:
    with connect(base_url) as connection:
        connection.sendall(sent)

    assert send(base_url, raw(TIME)).status == 200
    assert len(exchange.handled) == 1


def test_a_client_that_does_not_read_its_answer_disturbs_nobody(exchange: Exchange, base_url: str) -> None:
    with connect(base_url) as deaf:
        deaf.sendall(raw(TIME).replace(b"Connection: close\r\n", b"") * 2_000)
        assert send(base_url, raw(TIME)).status == 200


def test_idle_connections_lock_nobody_out_and_the_longest_idle_one_makes_room() -> None:
    waiting = raw(TIME).replace(b"Connection: close\r\n", b"")
    with Exchange(Plan(sites=("global",))) as crowded, ExitStack() as stack:
        base_url = crowded.sites[0].rest[0]
        idle = [stack.enter_context(connect(base_url)) for _ in range(CONNECTION_LIMIT)]
        for connection in idle:
            connection.sendall(waiting)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert [send(base_url, raw(TIME)).status for _ in range(3)] == [200] * 3
        assert ended(idle[0])
        idle[-1].sendall(waiting)
        assert idle[-1].recv(4096).startswith(b"HTTP/1.1 200 ")


def test_connections_that_never_said_anything_lock_nobody_out() -> None:
    with Exchange(Plan(sites=("global",))) as crowded, ExitStack() as stack:
        base_url = crowded.sites[0].rest[0]
        silent = [stack.enter_context(connect(base_url)) for _ in range(CONNECTION_LIMIT + 50)]
        assert send(base_url, raw(TIME)).status == 200
        assert ended(silent[0])


def ended(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionError:
        return True


def test_the_date_header_has_the_form_of_http() -> None:
    with Exchange(Plan(sites=("global",)), now=lambda: 784_887_151.0) as exchange:
        received = send(exchange.sites[0].rest[0], raw(TIME))

    assert received.headers["date"] == "Tue, 15 Nov 1994 08:12:31 GMT"
