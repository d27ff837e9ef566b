"""JSON captures, one object, an array or lines, come to the request that was sent."""

from __future__ import annotations

import json

import pytest

from okx_doctor.forensics.captures.capture import Capture, Unreadable
from tests.forensics.bench import ORDER_BODY, one, read
from tests.forensics.captures.making import HEADERS, as_json, okx_headers


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(as_json()),
        json.dumps(as_json(), indent=2),
        json.dumps([as_json()]),
        json.dumps([as_json()], indent=1),
        json.dumps(as_json()) + "\n\n",
        "\ufeff" + json.dumps(as_json()),
        json.dumps(as_json(headers=list(HEADERS.items()))),
        json.dumps(as_json(url="/api/v5/trade/order")),
        json.dumps(as_json(body=None, body_base64="e30=")),
        json.dumps(as_json(received_at="2026-11-20T09:08:58Z", response={"status": 401, "headers": {}, "body": "{}"})),
    ],
)
def test_a_json_capture_is_read_as_an_object_an_array_or_a_line(text: str) -> None:
    capture = one(text)

    assert capture.request.method == "POST"
    assert capture.request.target == "/api/v5/trade/order"
    assert capture.request.body in (ORDER_BODY, b"{}")
    assert okx_headers(capture) == HEADERS


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(1795165738, 1795165738.0), (1795165738000, 1795165738.0), (1e300, None), (-1e18, None)],
)
def test_a_time_of_receipt_that_no_calendar_has_is_none(told: float, seconds: float | None) -> None:
    assert one(json.dumps(as_json(received_at=told))).received_at == seconds


def test_json_lines_are_told_by_their_numbers_and_a_bad_one_stops_none() -> None:
    good = json.dumps(as_json())
    text = "\n".join([good, '{"url": 1}', "", '{"url": "https://www.okx.com/a"', "a line of text", good, '{"a": 1}'])
    found = read(text)

    assert [(piece.place, isinstance(piece, Capture)) for piece in found] == [
        ("line 1", True),
        ("line 2", False),
        ("line 4", False),
        ("line 6", True),
        ("line 7", False),
    ]


def test_a_body_that_is_no_utf8_is_told_by_its_line() -> None:
    bad = json.dumps(as_json()).encode().replace(b"BTC", b"\xff\xfe")
    first, second = read(bad + b"\n" + json.dumps(as_json()).encode())

    assert isinstance(first, Unreadable)
    assert first.place == "line 1"
    assert first.why == f"is not UTF-8: byte {bad.index(bytes([255])) + 1}"
    assert isinstance(second, Capture)


def test_a_line_without_end_is_skipped_without_being_held() -> None:
    good = json.dumps(as_json()).encode()
    first, second, third = read(good + b"\n" + b'{"url":"' + b"x" * (40 * 1024 * 1024) + b'"}\n' + good)

    assert isinstance(first, Capture)
    assert second == Unreadable(place="line 2", why="is too long to be a request")
    assert isinstance(third, Capture)


def test_a_websocket_login_is_read_as_what_it_signs() -> None:
    arguments = {"apiKey": "k", "passphrase": "p", "timestamp": 1538054050, "sign": "s"}
    capture = one(json.dumps({"op": "login", "args": [arguments]}))

    assert (capture.request.method, capture.request.target) == ("GET", "/users/self/verify")
    assert capture.request.header("OK-ACCESS-TIMESTAMP") == "1538054050"
    assert capture.channel == "websocket"
