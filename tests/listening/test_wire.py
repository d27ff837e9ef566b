"""Whatever comes over the wire: the exchange stays up, says in a line what came, and takes the next request."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import ssl
import struct
from collections.abc import Iterator
from queue import Empty, Queue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.connections import CONNECTION_LIMIT
from okx_doctor.gate.serve.events import Event, Handled, HandledFrame, TurnedAway
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.serve.sockets import FRAME_LIMIT
from tests.gate.bot import LIVE, TIME, call, connect, drain, parted, raw, send, signed
from tests.listening.command import until
from tests.listening.wire import HOST, UPGRADE, frame

pytestmark = pytest.mark.slow


class Watched:
    """An exchange and all that it tells of."""

    def __init__(self) -> None:
        self.events: Queue[Event] = Queue()
        plan = Plan(accounts=(LIVE,), sites=("global",), websocket=True, guarded=True, remembered=0)
        self.exchange = Exchange(plan, observer=self.events.put)

    @property
    def url(self) -> str:
        return self.exchange.sites[0].rest[0]

    def told(self) -> Event:
        return self.events.get(timeout=120)

    def turned_away(self) -> TurnedAway:
        event = self.told()
        assert isinstance(event, TurnedAway)
        return event

    def is_well(self) -> None:
        """It serves a right request, has crashed over nothing, and has no more to tell than that request."""
        assert call(self.url, LIVE).status == 200
        event = self.told()
        assert isinstance(event, Handled) and event.code == "0"
        assert list(self.exchange.crashes) == []
        with pytest.raises(Empty):
            self.events.get_nowait()


@pytest.fixture(scope="module")
def served() -> Iterator[Watched]:
    watched = Watched()
    with watched.exchange:
        yield watched


@pytest.fixture
def okx(served: Watched) -> Iterator[Watched]:
    while not served.events.empty():
        served.events.get_nowait()
    yield served
    served.is_well()


NO_REQUEST: dict[str, tuple[bytes, int, str]] = {
    "no HTTP": (b"hello\r\n\r\n", 400, "not an HTTP/1.1"),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400, "not an HTTP/1.1"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1.1"),
    "HTTP/3.0": (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 505, "only HTTP/1.1"),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n", 400, "it is TLS"),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400, "not an HTTP/1.1"),
    "NUL in a header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400, "not an HTTP/1.1"),
    "a target that is no ASCII": (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400, "not an HTTP/1.1"),
    "a folded line": (b"GET / HTTP/1.1\r\n folded\r\n" + HOST + b"\r\n", 400, "not an HTTP/1.1"),
    "length and chunks that contradict": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "not an HTTP/1.1",
    ),
    "a chunk without a size": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "not an HTTP/1.1",
    ),
    "a coding nobody knows": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "not an HTTP/1.1",
    ),
    "a head without end": (b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 200_000, 431, "larger than 64 KiB"),
    "100,000 header lines": (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 100_000 + b"\r\n", 431, "64 KiB"),
    "1,000 header lines": (b"GET / HTTP/1.1\r\n" + HOST + b"X: y\r\n" * 1_000 + b"\r\n", 431, "256 header lines"),
    "a gigabyte declared": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1073741824\r\n\r\n" + b"x" * 3_000_000, 413, "1024 KiB",
    ),
    "a gigabyte declared, to be continued": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1073741824\r\nExpect: 100-continue\r\n\r\n", 413, "1024 KiB",
    ),
    "chunks that do not end": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
        + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 40, 413, "1024 KiB",
    ),
    "half a head": (b"GET /api/v5/public/time HT", 400, "in the middle"),
    "half a body": (b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n1234", 400, "in the middle"),
    "another's Host in the target": (b"GET http://evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n", 403, "its target"),
    "a WebSocket without a key": (
        b"GET /ws/v5/public HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        400, "handshake",
    ),
    "a WebSocket of another version": (UPGRADE.replace(b"n: 13", b"n: 7"), 400, "handshake"),
    "a WebSocket by POST": (UPGRADE.replace(b"GET", b"POST"), 405, "handshake"),
    "a WebSocket with a huge header": (
        UPGRADE.replace(HOST, HOST + b"X: " + b"y" * 20_000 + b"\r\n"), 400, "handshake",
    ),
    "a WebSocket with 200 headers": (UPGRADE.replace(HOST, HOST + b"X: y\r\n" * 200), 400, "handshake"),
    "a WebSocket where none is": (UPGRADE.replace(b"/public", b"/secret"), 404, "no WebSocket at this path"),
    "an upgrade with garbage behind it": (UPGRADE + bytes(range(256)), 101, "no WebSocket frame"),
    "a frame without a mask": (UPGRADE + frame(1, b"ping", masked=False), 101, "no WebSocket frame"),
    "a reserved opcode": (UPGRADE + frame(5, b"x"), 101, "no WebSocket frame"),
    "a fragment of nothing": (UPGRADE + frame(0, b"x"), 101, "no WebSocket frame"),
    "a ping of 200 bytes": (UPGRADE + frame(9, b"x" * 200), 101, "no WebSocket frame"),
    "a frame that is too large": (UPGRADE + frame(1, b"x" * (FRAME_LIMIT + 1)), 101, "larger than 64 KiB"),
    "fragments that grow too large": (
        UPGRADE + frame(1, b"x" * 40_000, last=False) + frame(0, b"x" * 40_000), 101, "larger than 64 KiB",
    ),
    "a frame of exabytes": (UPGRADE + b"\x81\xff" + b"\x7f" + b"\xff" * 7 + b"\0\0\0\0", 101, "larger than 64 KiB"),
    "text that is no UTF-8": (UPGRADE + frame(1, b"\xff\xfe"), 101, "no UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_REQUEST)
def test_what_is_no_request_is_refused_and_told_of_in_one_line(okx: Watched, name: str) -> None:
    sent, status, why = NO_REQUEST[name]

    assert send(okx.url, sent).status == status

    told = okx.turned_away()
    assert why in told.why
    assert told.status == (0 if status == 101 else status)


@pytest.mark.parametrize("target", ["*", "/", "http://127.0.0.1/api/v5/public/time", "x", "//", "/%00", "/[::1", "?"])
def test_every_form_of_a_target_is_answered(okx: Watched, target: str) -> None:
    received = send(okx.url, b"OPTIONS " + target.encode() + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")

    assert received.status in (404, 405)
    assert isinstance(okx.told(), Handled)


@pytest.mark.parametrize("sent", [b"", UPGRADE, UPGRADE[:-2], UPGRADE + b"\x81", raw(signed(LIVE))], ids=len)
def test_a_reset_in_any_phase_disturbs_nobody(okx: Watched, sent: bytes) -> None:
    with connect(okx.url) as connection:
        connection.sendall(sent)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert call(okx.url, LIVE).status == 200

    until(lambda: not okx.events.empty())
    while not okx.events.empty():
        okx.events.get_nowait()


IDLE_SECONDS = "okx_doctor.gate.serve.http.IDLE_SECONDS"
"""To be shortened once something was sent: a connection on which nothing was begun ends in silence."""


@pytest.mark.parametrize(
    "begun", [b"G", b"GET / HTTP/1.1\r\n", b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 9\r\n\r\n1"]
)
def test_a_sender_that_stops_is_dropped(okx: Watched, monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    with connect(okx.url) as connection, contextlib.suppress(OSError):
        connection.sendall(begun)
        monkeypatch.setattr(IDLE_SECONDS, 0.05)
        connection.sendall(b"1")  # it waits anew, for less
        assert drain(connection) == b""

    assert "unfinished" in okx.turned_away().why


def test_a_sender_that_drips_has_no_more_time_than_one_that_stops(
    okx: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(okx.url) as connection, contextlib.suppress(OSError):
        connection.sendall(b"G")
        monkeypatch.setattr(IDLE_SECONDS, 0.2)
        while not select.select([connection], [], [], 0.02)[0]:
            connection.sendall(b"G")

    assert "unfinished" in okx.turned_away().why


def test_a_client_that_never_reads_its_answer_gives_its_place_back(
    okx: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okx_doctor.gate.serve.connections.FLUSH_SECONDS", 0.1)
    okx.exchange.stage(Fault.HUGE)
    with connect(okx.url) as connection:
        connection.sendall(TIME)
        assert isinstance(okx.told(), Handled)
        assert "does not read" in okx.turned_away().why
    okx.exchange.stage(None)


def test_a_websocket_that_never_reads_its_pongs_gives_its_place_back(
    okx: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okx_doctor.gate.serve.connections.FLUSH_SECONDS", 0.1)
    with connect(okx.url) as connection, contextlib.suppress(OSError):
        connection.sendall(UPGRADE)
        while True:
            connection.sendall(frame(9, b"x" * 125) * 1000)

    assert "WebSocket does not read" in okx.turned_away().why


def test_a_flood_of_pings_is_answered_and_takes_nothing(okx: Watched) -> None:
    with connect(okx.url) as connection:
        connection.sendall(UPGRADE + frame(9, b"x") * 20_000 + frame(8, struct.pack("!H", 1000)))
        answered = drain(connection)

    assert answered.count(b"\x8a\x01x") == 20_000


def test_one_message_that_subscribes_to_thousands_of_channels_holds_nobody_up(okx: Watched) -> None:
    wanted = json.dumps({"op": "subscribe", "args": [{"channel": "x"}] * 3_000}).encode()
    with connect(okx.url) as greedy, connect(okx.url) as other:
        greedy.sendall(UPGRADE + frame(1, wanted))
        assert greedy.recv(1) == b"H"
        other.sendall(TIME)
        assert parted(drain(other)).status == 200
        greedy.sendall(frame(8, struct.pack("!H", 1000)))
        assert drain(greedy).count(b"60018") == 3_000

    told = [okx.told() for _ in range(3_001)]
    assert next(at for at, event in enumerate(told) if isinstance(event, Handled)) < 3_000


def test_connections_beyond_the_limit_are_told_of_and_the_others_kept(okx: Watched) -> None:
    with contextlib.ExitStack() as stack:
        kept = [stack.enter_context(connect(okx.url)) for _ in range(CONNECTION_LIMIT)]
        for connection in kept:
            connection.sendall(TIME[:-2])
        for _ in range(1_000):
            with connect(okx.url) as beyond:
                assert drain(beyond) == b""
        for connection in kept:
            connection.sendall(TIME[-2:])
        assert all(parted(drain(connection)).status == 200 for connection in kept)

    told = [okx.told() for _ in range(1_000 + CONNECTION_LIMIT)]
    assert sum(isinstance(event, TurnedAway) and "256 connections" in event.why for event in told) == 1_000


@pytest.mark.parametrize(
    ("sent", "why"),
    [(TIME, "it is plain HTTP"), (b"\x16\x03\x01\x00\x05hello", "handshake failed")],
    ids=["plain HTTP", "a broken hello"],
)
def test_what_fails_below_tls_is_told_of(sent: bytes, why: str) -> None:
    events: Queue[Event] = Queue()
    with Exchange(Plan(sites=("global",), tls="trusted"), observer=events.put) as exchange:
        send(exchange.sites[0].rest[0], sent)
        told = events.get(timeout=120)

    assert isinstance(told, TurnedAway) and why in told.why


def test_a_client_that_does_not_trust_the_certificate_is_told_of() -> None:
    events: Queue[Event] = Queue()
    with Exchange(Plan(sites=("global",), tls="trusted"), observer=events.put) as exchange:
        with connect(exchange.sites[0].rest[0]) as connection, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")
        told = events.get(timeout=120)

    assert isinstance(told, TurnedAway) and "does not trust" in told.why


PIECES = st.sampled_from([
    b"GET ", b"POST ", b"/api/v5/account/config", b"/ws/v5/private", b" HTTP/1.1\r\n", b"\r\n", b"\r\n\r\n", HOST,
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"Upgrade: websocket\r\n", b"Connection: Upgrade\r\n",
    b"OK-ACCESS-KEY: ", b"OK-ACCESS-PASSPHRASE: \xff\r\n", b"OK-ACCESS-TIMESTAMP: ", b"OK-ACCESS-SIGN: =\r\n",
    LIVE.api_key.encode(), b"5\r\nhello\r\n0\r\n\r\n", UPGRADE, frame(1, b'{"op":"login","args":[{}]}'), frame(8, b""),
    frame(1, b'{"op":"subscribe","args":[{"channel":"tickers"}]}'), frame(1, b"[" * 2000), frame(9, b""), TIME,
])  # fmt: skip
SENT = st.lists(PIECES | st.binary(max_size=60), max_size=12).map(b"".join)


@given(cut=st.integers(0, 500), sent=SENT)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_the_exchange_goes_on(served: Watched, cut: int, sent: bytes) -> None:
    for data in (sent, raw(signed(LIVE))[:cut] + sent):
        send(served.url, data)

    assert call(served.url, LIVE).status == 200
    assert list(served.exchange.crashes) == []


FRAMES = st.lists(
    st.builds(
        frame,
        st.integers(0, 15),
        st.binary(max_size=200)
        | st.sampled_from(
            [b"ping", b'{"op":"login","args":[{}]}', b'{"op":"subscribe","args":[{"channel":"tickers"}]}']
        )
        | st.just(struct.pack("!H", 1000)),
        last=st.booleans(),
        masked=st.booleans(),
    ),
    max_size=6,
).map(b"".join)


@given(sent=FRAMES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_frames_come_the_exchange_goes_on(served: Watched, sent: bytes) -> None:
    send(served.url, UPGRADE + sent)

    assert call(served.url, LIVE).status == 200
    assert list(served.exchange.crashes) == []


def test_what_a_client_asked_for_before_it_left_in_the_same_breath_counts(okx: Watched) -> None:
    wanted = frame(1, b'{"op":"subscribe","args":[{"channel":"tickers"},{"channel":"trades"}]}')

    assert send(okx.url, UPGRADE + wanted + frame(8, struct.pack("!H", 1000))).status == 101

    assert [event.asked for event in (okx.told(), okx.told()) if isinstance(event, HandledFrame)] == [
        "subscribe tickers",
        "subscribe trades",
    ]
