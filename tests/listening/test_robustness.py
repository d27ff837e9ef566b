"""Whatever comes over the wire: the listener stays up, says in a line what came, and ends when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from queue import Empty, Queue

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okx_doctor.cli.ready_file import ReadyFile
from okx_doctor.forensics.parts import Keys
from okx_doctor.gate.accepting import CONNECTION_LIMIT
from okx_doctor.gate.events import Event, Handled, HandledFrame, TurnedAway
from okx_doctor.gate.exchange import Exchange, Plan
from okx_doctor.gate.faults import Fault
from okx_doctor.gate.sockets import FRAME_LIMIT
from okx_doctor.listening.listener import Listener
from okx_doctor.protocol.wire import WireRequest
from tests.cli.running import clean, okx_doctor
from tests.gate.bot import LIVE, TIME, altered, call, connect, drain, parted, raw, send, signed, with_header
from tests.listening.command import alive, running, until

posix = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc and ends processes by signals")

HOST = b"Host: 127.0.0.1\r\n"
UPGRADE = (
    b"GET /ws/v5/public HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(opcode: int, payload: bytes, *, last: bool = True, masked: bool = True) -> bytes:
    """One WebSocket frame (RFC 6455, 5.2), its mask all zeros."""
    size, mask = len(payload), 0x80 if masked else 0
    if size < 126:
        length = bytes([mask | size])
    elif size <= 0xFFFF:
        length = bytes([mask | 126]) + struct.pack("!H", size)
    else:
        length = bytes([mask | 127]) + struct.pack("!Q", size)
    return bytes([(0x80 if last else 0) | opcode]) + length + (b"\0\0\0\0" if masked else b"") + payload


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
        return self.events.get(timeout=10)

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
    "no HTTP": (b"hello\r\n\r\n", 400, "no HTTP/1.1"),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400, "no HTTP/1.1"),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "only HTTP/1.1"),
    "HTTP/3.0": (b"GET / HTTP/3.0\r\n" + HOST + b"\r\n", 505, "only HTTP/1.1"),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200) + b"\r\n\r\n", 400, "it is TLS"),
    "no Host": (b"GET / HTTP/1.1\r\n\r\n", 400, "no HTTP/1.1"),
    "NUL in a header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\0b\r\n\r\n", 400, "no HTTP/1.1"),
    "a target that is no ASCII": (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", 400, "no HTTP/1.1"),
    "a folded line": (b"GET / HTTP/1.1\r\n folded\r\n" + HOST + b"\r\n", 400, "no HTTP/1.1"),
    "length and chunks that contradict": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "no HTTP/1.1",
    ),
    "a chunk without a size": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "no HTTP/1.1",
    ),
    "a coding nobody knows": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 501, "no HTTP/1.1",
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


IDLE_SECONDS = "okx_doctor.gate.http.IDLE_SECONDS"
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
    monkeypatch.setattr("okx_doctor.gate.accepting.FLUSH_SECONDS", 0.1)
    okx.exchange.stage(Fault.HUGE)
    with connect(okx.url) as connection:
        connection.sendall(TIME)
        assert isinstance(okx.told(), Handled)
        assert "does not read" in okx.turned_away().why
    okx.exchange.stage(None)


def test_a_websocket_that_never_reads_its_pongs_gives_its_place_back(
    okx: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okx_doctor.gate.accepting.FLUSH_SECONDS", 0.1)
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
        told = events.get(timeout=10)

    assert isinstance(told, TurnedAway) and why in told.why


def test_a_client_that_does_not_trust_the_certificate_is_told_of() -> None:
    events: Queue[Event] = Queue()
    with Exchange(Plan(sites=("global",), tls="trusted"), observer=events.put) as exchange:
        with connect(exchange.sites[0].rest[0]) as connection, pytest.raises(ssl.SSLError):
            ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")
        told = events.get(timeout=10)

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


HEADERS = st.lists(
    st.tuples(
        st.sampled_from([
            "OK-ACCESS-KEY", "OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP", "OK-ACCESS-PASSPHRASE", "ok-access-key",
            "OK_ACCESS_KEY", "Content-Type", "x-simulated-trading", "User-Agent", "Cookie",
        ]),
        st.text(st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f\x85\xa0"), max_size=70),
    ),
    max_size=8,
)  # fmt: skip
TARGETS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60).map(
    lambda text: f"/api/v5/{text}"
)


def test_whatever_is_signed_the_command_has_a_line_for_it(tmp_path: Path) -> None:
    with running(tmp_path, "--format", "json", "--record", "record.jsonl") as okx:

        @given(target=TARGETS, headers=HEADERS, body=st.binary(max_size=60))
        @settings(max_examples=50, deadline=None)
        def anything(target: str, headers: list[tuple[str, str]], body: bytes) -> None:
            right = signed(okx.account, "POST", target, body, now=time.time())
            names = {name.lower() for name, _ in headers}
            kept = tuple(row for row in right.headers if row[0].lower() not in names)
            sent = WireRequest(method="POST", target=target, headers=(*kept, *headers), body=body)
            assert send(okx.url, raw(sent)).status

        anything()
        assert okx.ask().status == 200
        status, out, err = okx.end()

    assert (status, err) == (1, "")
    numbers = sorted(json.loads(line)["number"] for line in out.splitlines())
    assert numbers == list(range(1, len(numbers) + 1))
    assert all(json.loads(line)["url"] for line in (tmp_path / "record.jsonl").read_text().splitlines())


# The command and its memory


def test_a_gigabyte_in_whatever_form_takes_no_memory(tmp_path: Path) -> None:
    block = b"x" * 1_000_000
    heads = [
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: 1073741824\r\n\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n40000000\r\n",
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n5;",
        b"GET / HTTP/1.1\r\n" + HOST + b"X: ",
        UPGRADE + b"\x81\xff" + struct.pack("!Q", 1 << 30) + b"\0\0\0\0",
    ]
    with running(tmp_path) as okx:
        before = okx.memory()
        for head in heads:
            with connect(okx.url) as connection, contextlib.suppress(OSError):
                connection.sendall(head)
                for _ in range(1_000):
                    connection.sendall(block)
        assert okx.ask().status == 200
        assert okx.memory() < before + 30
        status, out, err = okx.end()

    assert (status, err) == (1, "")
    lines = [line for line in out.splitlines() if "✗" in line]
    assert sum("its body is larger than 1024 KiB" in line for line in lines) == 2
    assert sum("larger than 64 KiB" in line for line in lines) == 3


@posix
def test_a_stdout_that_nobody_reads_costs_bounded_memory_and_does_not_hold_the_end_back(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with running(tmp_path, "--format", "json", stdout=writing) as okx:
        os.close(writing)
        large = signed(okx.account, "POST", "/api/v5/trade/order", b"x" * 500_000, now=time.time())
        request = raw(with_header(large, "OK-ACCESS-SIGN", "wrong"))
        for _ in range(400):
            assert send(okx.url, request).status == 401
        assert okx.memory() < 300
        okx.process.send_signal(signal.SIGTERM)
        _, err = okx.process.communicate(timeout=20)
        assert not okx.ready_file.exists()
    os.close(reading)

    assert okx.process.returncode == 3
    assert err.count(b"\n") == 1 and b"nobody reads" in err


def test_thousands_of_refused_requests_are_all_counted(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        wrong = okx.mistaken()
        with connect(okx.url) as connection:
            connection.sendall(wrong.replace(b"Connection: close\r\n", b"") * 1_999 + wrong)
            assert drain(connection).count(b'"50113"') == 2_000
        status, out, err = okx.end()

    assert (status, err) == (1, "")
    assert (
        sum(line.endswith((" not explained", " signature-hex")) for line in out.splitlines() if "401" in line) == 2_000
    )
    assert "2,000 requests: 2,000 refused." in out


def _requests_until_it_leaves(url: str, request: bytes) -> None:
    with contextlib.suppress(OSError), connect(url) as connection:
        while True:
            connection.sendall(request * 20)
            if not connection.recv(1 << 20):
                return


@posix
@pytest.mark.parametrize(
    "options", [(), ("--exit-after", "300"), ("--until-idle", "0.3")], ids=["SIGTERM", "after", "idle"]
)
def test_it_ends_under_load(tmp_path: Path, options: tuple[str, ...]) -> None:
    with running(tmp_path, "--output", "out.txt", *options) as okx, ThreadPoolExecutor(2) as pool:
        request = raw(signed(okx.account, now=time.time())).replace(b"Connection: close\r\n", b"")
        if "--until-idle" in options:
            assert okx.ask().status == 200
        else:
            for _ in range(2):
                pool.submit(_requests_until_it_leaves, okx.url, request)
        if not options:
            until(lambda: (tmp_path / "out.txt").stat().st_size > 10_000)
            okx.process.send_signal(signal.SIGTERM)
        _, err = okx.process.communicate(timeout=15)

    assert (okx.process.returncode, err) == (0, b"")
    said = (tmp_path / "out.txt").read_text()
    assert "accepted." in said.splitlines()[-1]
    assert "--exit-after" not in options or "300 requests: 300 accepted." in said


# Its end


@posix
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_signal_that_asks_to_end_is_answered_with_the_summary(tmp_path: Path, how: int) -> None:
    with running(tmp_path) as okx:
        assert okx.ask().status == 200
        workers = okx.workers()
        os.killpg(okx.process.pid, how)
        out, err = okx.process.communicate(timeout=20)

    assert (okx.process.returncode, err) == (0, b"")
    assert b"1 request: 1 accepted." in out
    assert list(tmp_path.iterdir()) == []
    assert len(workers) == 1 and not alive(workers[0])


@posix
def test_a_signal_while_it_starts_leaves_nothing_behind_and_says_no_traceback(tmp_path: Path) -> None:
    for delay in (0.05, 0.15, 0.25, 0.35):
        process = subprocess.Popen(
            [sys.executable, "-m", "okx_doctor", "listen", "--generate", "--port", "0", "--ready-file", "ready"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert list(tmp_path.iterdir()) == []
        assert b"okx_doctor/listening" not in err and b"BrokenPipe" not in err


@posix
def test_a_second_ctrl_c_ends_at_once_what_nobody_reads(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with running(tmp_path, stdout=writing) as okx:
        os.close(writing)
        public = TIME.replace(b"Connection: close\r\n", b"")
        with connect(okx.url) as connection:
            connection.sendall(public * 3_000 + TIME)
            drain(connection)
        okx.process.send_signal(signal.SIGINT)
        until(lambda: "0000000000000002" not in _caught(okx.process.pid))
        okx.process.send_signal(signal.SIGINT)
        assert okx.process.wait(2) == -signal.SIGINT
    os.close(reading)


def _caught(pid: int) -> str:
    """The mask of the signals that a process handles itself: bit 1 is SIGINT."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    mask = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return f"{mask & 2:016x}"


def test_a_reader_that_leaves_ends_it(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        assert okx.process.stdout is not None
        assert okx.process.stdout.readline()
        okx.process.stdout.close()
        assert okx.ask().status == 200
        assert okx.process.wait(10) == 141
        assert okx.process.stderr is not None and okx.process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["--output", "--record"])
def test_a_full_disk_is_one_line_and_the_device_stays_as_it_is(tmp_path: Path, option: str) -> None:
    mode = Path("/dev/full").stat().st_mode
    full = ("listen", "--generate", "--port", "0", option, "/dev/full", "--until-idle", "0.1")
    if option == "--output":
        done = okx_doctor(*full, env=clean(), cwd=tmp_path)
        status, err = done.status, done.said
    else:
        with running(tmp_path, option, "/dev/full") as okx:
            assert okx.ask().status == 200
            okx.process.wait(10)
            status, _, err = okx.end()

    assert (status, err) == (3, "okx-doctor: cannot write /dev/full: No space left on device\n")
    assert Path("/dev/full").stat().st_mode == mode
    assert list(tmp_path.iterdir()) == []


def _listener() -> Listener:
    keys = Keys(secret=LIVE.secret.reveal(), api_key=LIVE.api_key, passphrase=LIVE.passphrase.reveal())
    return Listener(Plan(accounts=(LIVE,), sites=("global",), remembered=0), (keys,))


def test_what_there_was_no_time_to_judge_is_counted_and_what_of_it_was_refused() -> None:
    with _listener() as listener:
        for account in (LIVE, altered(LIVE, secret="wrong"), LIVE):
            call(listener.site.rest[0], account)
        listener.close()
        left = list(listener.unexplained())

    assert (left, listener.lost, listener.lost_refused) == ([], 3, 1)


def test_what_waits_to_be_written_is_bounded_with_all_its_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("okx_doctor.listening.listener.HELD_BYTES", 1_000_000)
    heavy = replace(signed(LIVE, now=time.time()), target="/api/v5/public/time")
    heavy = replace(heavy, headers=(*heavy.headers, *((f"X-{number}", "v" * 200) for number in range(200))))
    with _listener() as listener:
        for _ in range(30):
            assert send(listener.site.rest[0], raw(heavy)).status == 200
        assert listener.untaken < 20
        assert listener.untaken + listener.lost == 30


# The worker


@posix
def test_a_ctrl_c_that_reaches_the_whole_group_does_not_end_an_explanation(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        assert send(okx.url, okx.mistaken()).status == 401
        os.killpg(okx.process.pid, signal.SIGINT)
        out, err = okx.process.communicate(timeout=20)

    assert (okx.process.returncode, err) == (1, b"")
    assert b"  signature-hex  1\n" in out


@posix
def test_a_worker_that_is_killed_is_replaced_and_no_zombie_stays(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    with running(tmp_path, "--output", str(out)) as okx:
        for explained in (1, 2):
            until(okx.workers)
            (worker,) = okx.workers()
            os.kill(worker, signal.SIGKILL)
            until(partial(_is_gone, worker))
            assert send(okx.url, okx.mistaken()).status == 401
            until(lambda: out.read_text().count("account/config  signature-hex") >= explained)  # noqa: B023  run at once
        (last,) = okx.workers()
        status, _, err = okx.end()

    assert (status, err) == (1, "")
    assert not alive(last)


def _is_gone(pid: int) -> bool:
    return not alive(pid) or _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


@posix
def test_a_worker_does_not_outlive_a_listener_that_is_killed(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        until(okx.workers)
        (worker,) = okx.workers()
        okx.process.kill()
        okx.process.communicate(timeout=10)
        until(partial(_is_gone, worker))


# The ready file


def test_a_ready_file_is_whole_private_and_gone_at_the_end_and_a_stale_one_is_gone_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "ready.json"
    path.write_text('{"url": "http://127.0.0.1:1"}')

    ready = ReadyFile.claimed(str(path))
    assert list(tmp_path.iterdir()) == []
    ready.write({"url": "x"})

    assert json.loads(path.read_text()) == {"url": "x"}
    assert path.stat().st_mode & 0o777 == 0o600
    ready.remove()
    assert list(tmp_path.iterdir()) == []


def test_the_ready_file_of_another_listener_stays(tmp_path: Path) -> None:
    first = ReadyFile.claimed(str(tmp_path / "ready.json"))
    first.write({"url": "first"})
    second = ReadyFile.claimed(str(tmp_path / "ready.json"))
    second.write({"url": "second"})

    first.remove()

    assert json.loads((tmp_path / "ready.json").read_text()) == {"url": "second"}
