from __future__ import annotations

import gzip
import json
import struct
import zlib
from urllib.parse import urlsplit

import pytest

from okx_doctor.gate.api.faults import BOMB_BYTES, HUGE_BYTES, REDIRECTED, Fault, gzip_bomb
from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.protocol.answers import Form, read_answer
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import Received, connect, parted, raw, send

REQUEST = WireRequest(method="GET", target="/api/v5/public/time?x=%2C", headers=())


def _under(fault: Fault, exchange: Exchange) -> Received:
    exchange.stage(fault)
    return send(exchange.sites[0].rest[0], raw(REQUEST))


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.UNAVAILABLE, 503, "50001"),
        (Fault.LOCALISED, 503, "50001"),
        (Fault.RATE_LIMITED, 429, "50011"),
        (Fault.MARKUP, 500, "50026"),
    ],
)
def test_a_fault_with_an_envelope_has_status_and_code(exchange: Exchange, fault: Fault, status: int, code: str) -> None:
    received = _under(fault, exchange)

    assert (received.status, json.loads(received.body)["code"]) == (status, code)
    assert exchange.handled[-1].code == code


def test_a_localised_message_is_chinese_and_a_hostile_one_holds_markup_and_escapes(
    exchange: Exchange,
) -> None:
    assert "服务" in json.loads(_under(Fault.LOCALISED, exchange).body)["msg"]
    hostile = json.loads(_under(Fault.MARKUP, exchange).body)["msg"]
    assert "[/red]" in hostile
    assert "\x1b" in hostile


def test_the_edge_blocks_with_a_page_of_code_1020(exchange: Exchange) -> None:
    received = _under(Fault.EDGE_BLOCK, exchange)

    assert received.status == 403
    assert "cf-ray" in received.headers
    assert b"1020" in received.body
    assert read_answer(received.status, received.headers, received.body).form is Form.PAGE


def test_a_gateways_text_has_no_code(exchange: Exchange) -> None:
    received = _under(Fault.GATEWAY_TEXT, exchange)

    assert (received.status, received.body) == (500, b'{"message":"An unexpected error occurred"}')


def test_a_redirect_leads_to_another_host_where_a_follower_is_seen(exchange: Exchange) -> None:
    received = _under(Fault.REDIRECT, exchange)
    location = urlsplit(received.headers["location"])

    assert received.status == 302
    assert location.hostname == "localhost"
    follower = WireRequest(method="GET", target=f"{location.path}?{location.query}", headers=())
    assert send(exchange.sites[0].rest[0], raw(follower)).status == 404
    assert exchange.handled[-1].request.target == REDIRECTED + REQUEST.target


def test_a_hanging_exchange_reads_the_request_and_says_nothing(exchange: Exchange) -> None:
    exchange.stage(Fault.HANG)
    with connect(exchange.sites[0].rest[0], seconds=0.1) as connection:
        connection.sendall(raw(REQUEST))
        with pytest.raises(TimeoutError):
            connection.recv(1)

    assert exchange.handled[-1].status == 0


def test_a_reset_ends_the_connection_without_an_answer(exchange: Exchange) -> None:
    exchange.stage(Fault.RESET)
    with connect(exchange.sites[0].rest[0]) as connection:
        connection.sendall(raw(REQUEST))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_a_dripping_answer_comes_byte_by_byte(exchange: Exchange) -> None:
    exchange.stage(Fault.DRIP)
    with connect(exchange.sites[0].rest[0]) as connection:
        connection.sendall(raw(REQUEST))
        assert [connection.recv(100) for _ in range(2)] == [b"H", b"T"]


def test_a_truncated_answer_declares_more_than_it_sends(exchange: Exchange) -> None:
    received = _under(Fault.TRUNCATED, exchange)

    assert int(received.headers["content-length"]) > len(received.body) > 0
    assert read_answer(200, received.headers, received.body).form is Form.UNREADABLE


def test_a_gzip_bomb_inflates_a_thousandfold_though_nobody_asked_for_gzip(exchange: Exchange) -> None:
    received = _under(Fault.GZIP_BOMB, exchange)

    assert received.headers["content-encoding"] == "gzip"
    assert len(received.body) * 500 < BOMB_BYTES
    assert zlib.decompressobj(31).decompress(received.body, 1000) == b" " * 1000


def test_the_gzip_bomb_is_well_formed_gzip() -> None:
    assert gzip.decompress(gzip_bomb()).strip() == b""
    assert struct.unpack("<I", gzip_bomb()[-4:])[0] == BOMB_BYTES


def test_a_huge_answer_can_be_left_half_read(exchange: Exchange) -> None:
    exchange.stage(Fault.HUGE)
    with connect(exchange.sites[0].rest[0]) as connection:
        connection.sendall(raw(REQUEST))
        received = parted(connection.recv(10_000))

    assert int(received.headers["content-length"]) == HUGE_BYTES
    exchange.stage(None)
    assert send(exchange.sites[0].rest[0], raw(REQUEST)).status == 200


def test_a_huge_answer_is_as_long_as_it_declares(exchange: Exchange) -> None:
    assert len(_under(Fault.HUGE, exchange).body) == HUGE_BYTES


def test_every_fault_ends_with_its_staging(exchange: Exchange) -> None:
    for fault in Fault:
        exchange.stage(fault, "eea")
        assert send(exchange.sites[0].rest[0], raw(REQUEST)).status == 200
        exchange.stage(None, "eea")
        assert send(exchange.sites[1].rest[0], raw(REQUEST)).status == 200
