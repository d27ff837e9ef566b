"""The command under whatever comes: bounded memory, a line for everything, and an end when it is told to."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as enumerate_threads
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okx_doctor.cli.sink import Sink
from okx_doctor.protocol.wire import WireRequest
from tests.cli.running import CLI, clean, in_a_process, unmeasured
from tests.gate.bot import TIME, connect, drain, raw, send, signed, with_header
from tests.listening.command import alive, running, until
from tests.listening.wire import HOST, UPGRADE

pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc and ends processes by signals")


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
    came: list[str] = []
    with running(tmp_path, "--format", "json", "--record", "record.jsonl") as okx:

        @given(target=TARGETS, headers=HEADERS, body=st.binary(max_size=60))
        @settings(max_examples=50, deadline=None)
        def anything(target: str, headers: list[tuple[str, str]], body: bytes) -> None:
            right = signed(okx.account, "POST", target, body, now=time.time())
            names = {name.lower() for name, _ in headers}
            kept = tuple(row for row in right.headers if row[0].lower() not in names)
            sent = WireRequest(method="POST", target=target, headers=(*kept, *headers), body=body)
            assert send(okx.url, raw(sent)).status
            came.append(target)

        anything()
        assert okx.ask().status == 200
        status, out, err = okx.end()

    assert (status, err) == (1, "")
    numbers = sorted(json.loads(line)["number"] for line in out.splitlines())
    assert numbers == list(range(1, len(came) + 2))
    recorded = (tmp_path / "record.jsonl").read_text().splitlines()
    assert recorded
    assert [line for line in recorded if not json.loads(line)["url"].startswith("http://127.0.0.1/api/v5/")] == []


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
        _, err = okx.process.communicate(timeout=120)
        assert not okx.ready_file.exists()
    os.close(reading)

    assert okx.process.returncode == 3
    assert err.count(b"\n") == 1 and b"nobody reads" in err


@posix
def test_to_a_reader_that_reads_everything_is_told_whatever_comes_through_a_pipe_that_does_not_block(
    tmp_path: Path,
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with running(tmp_path, "--format", "json", stdout=writing) as okx, ThreadPoolExecutor(1) as pool:
        os.close(writing)
        read = pool.submit(lambda: b"".join(iter(lambda: os.read(reading, 1 << 16), b"")))
        body = json.dumps({"tag": "x" * 16_000}).encode()
        order = raw(signed(okx.account, "POST", "/api/v5/trade/order", body, now=time.time()))
        with connect(okx.url) as connection:
            kept = order.replace(b"Connection: close\r\n", b"")
            for _ in range(20):
                connection.sendall(kept * 100)
            connection.sendall(order)
            drain(connection)
        okx.process.send_signal(signal.SIGTERM)
        _, err = okx.process.communicate(timeout=120)
        told = read.result()
    os.close(reading)

    assert (okx.process.returncode, err) == (0, b"")
    assert told.count(b"\n") == 2_001
    assert len(told) > 60_000_000, "bytes: so many that a pause for each that fill a pipe would take too long"


@posix
def test_a_reader_that_reads_slowly_is_waited_for_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    text, clock, pause = "x" * 4_000_000, [0.0], Event()

    def read() -> int:
        got = 0
        while got < len(text):
            piece = os.read(reading, 1 << 16)
            if not piece:
                break
            got += len(piece)
            clock[0] = got / (1 << 16) * 0.5  # seconds: half of one for what fills the pipe
            pause.wait(0.01)
        return got

    monkeypatch.setattr("okx_doctor.cli.sink.time", SimpleNamespace(monotonic=lambda: clock[0]))
    with ThreadPoolExecutor(1) as pool:
        read_all = pool.submit(read)
        try:
            Sink(None, writing, lambda: True).write(text)
            assert read_all.result() == len(text)
        finally:
            os.close(writing)
            read_all.exception()
            os.close(reading)


@posix
def test_what_is_written_leaves_in_its_order_by_one_thread_that_ends_with_its_sink(tmp_path: Path) -> None:
    def threads() -> set[Thread]:
        return {one for one in enumerate_threads() if one.name == "okx-doctor-sink"}

    before = threads()
    with Sink.to(str(tmp_path / "report"), lambda: False) as sink:
        for number in range(50):
            sink.write(f"{number}\n")
        writing = threads() - before
    for thread in writing:
        thread.join(60)

    assert (len(writing), threads() - before) == (1, set())
    assert (tmp_path / "report").read_text("utf-8").split() == [str(number) for number in range(50)]


@posix
def test_a_reader_that_rested_for_an_hour_has_as_long_as_any_other_to_read_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, writing = os.pipe()
    full = _filled(writing)
    clock, asked, ends = [0.0], iter((False,)), Event()

    def leaving() -> bool:
        clock[0] = 3600.0
        if next(asked, True):
            ends.set()
        return ends.is_set()

    def read() -> bytes:
        ends.wait()
        return b"".join(iter(lambda: os.read(reading, 1 << 16), b""))

    monkeypatch.setattr("okx_doctor.cli.sink.time", SimpleNamespace(monotonic=lambda: clock[0]))
    with ThreadPoolExecutor(1) as pool:
        read_all = pool.submit(read)
        try:
            Sink(None, writing, leaving).write("the end")
        finally:
            ends.set()
            os.close(writing)
            said = read_all.result()
            os.close(reading)

    assert said[full:] == b"the end"


def _filled(writing: int) -> int:
    """Fill a pipe up, and give how much is in it."""
    filled = 0
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            filled += os.write(writing, b"x")
    os.set_blocking(writing, True)
    return filled


def _catches(pid: int, number: int) -> bool:
    caught = Path(f"/proc/{pid}/status").read_text().partition("SigCgt:")[2].split()[0]
    return bool(int(caught, 16) >> (number - 1) & 1)


@posix
def test_a_reader_of_both_streams_that_does_not_read_does_not_hold_the_end_back(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    _filled(writing)
    process = subprocess.Popen(
        [sys.executable, *CLI, "listen", "--generate", "--port", "0"], stdout=writing, stderr=writing, env=clean()
    )
    try:
        until(lambda: _catches(process.pid, signal.SIGTERM))
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 3
    finally:
        process.kill()
        process.wait()
        os.close(reading)
        os.close(writing)


def test_thousands_of_refused_requests_are_all_counted(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        wrong = okx.mistaken()
        with connect(okx.url) as connection:
            connection.sendall(wrong.replace(b"Connection: close\r\n", b"") * 1_999 + wrong)
            assert drain(connection).count(b'"50113"') == 2_000
        status, out, err = okx.end()

    assert (status, err) == (1, "")
    assert (
        sum(line.endswith((" not explained", " above", " signature-hex")) for line in out.splitlines() if "401" in line)
        == 2_000
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
    "options", [(), ("--exit-after", "300"), ("--until-idle", "5")], ids=["SIGTERM", "after", "idle"]
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
        _, err = okx.process.communicate(timeout=120)

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
        out, err = okx.process.communicate(timeout=120)

    assert (okx.process.returncode, err) == (0, b"")
    assert b"1 request: 1 accepted." in out
    assert list(tmp_path.iterdir()) == []
    assert len(workers) == 1 and not alive(workers[0])


@posix
def test_a_signal_while_it_starts_leaves_nothing_behind_and_says_no_traceback(tmp_path: Path) -> None:
    for delay in (0.05, 0.15, 0.25, 0.35):
        process = subprocess.Popen(
            [sys.executable, "-m", "okx_doctor", "listen", "--generate", "--port", "0", "--ready-file", "ready"],
            cwd=tmp_path, env=unmeasured(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=120)
        assert list(tmp_path.iterdir()) == []
        assert b"okx_doctor/listening" not in err and b"BrokenPipe" not in err


_PATIENT = "from okx_doctor.cli import main, sink; sink._PATIENCE = 3600.0; main()"
"""The command line, where after a first Ctrl-C only a second one ends what nobody reads."""


@posix
def test_a_second_ctrl_c_ends_at_once_what_nobody_reads(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with running(tmp_path, stdout=writing, start=("-c", _PATIENT)) as okx:
        os.close(writing)
        public = TIME.replace(b"Connection: close\r\n", b"")
        with connect(okx.url) as connection:
            connection.sendall(public * 3_000 + TIME)
            drain(connection)
        okx.process.send_signal(signal.SIGINT)
        sent = _rests(okx.process.pid)
        until(lambda: _rests(okx.process.pid) > sent + 3)  # it has gone on since
        okx.process.send_signal(signal.SIGINT)
        assert okx.process.wait(120) == 130
        assert okx.process.stderr is not None and okx.process.stderr.read() == b"\n"  # and no word of a lost report
        assert list(tmp_path.iterdir()) == []
    os.close(reading)


def _rests(pid: int) -> int:
    """How often the main thread has waited for something."""
    lines = Path(f"/proc/{pid}/task/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))


def test_a_reader_that_leaves_ends_it(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        assert okx.process.stdout is not None
        assert okx.process.stdout.readline()
        okx.process.stdout.close()
        assert okx.ask().status == 200
        assert okx.process.wait(120) == 141
        assert okx.process.stderr is not None and okx.process.stderr.read() == b""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("option", ["--output", "--record"])
def test_a_full_disk_is_one_line_and_the_device_stays_as_it_is(tmp_path: Path, option: str) -> None:
    mode = Path("/dev/full").stat().st_mode
    full = ("listen", "--generate", "--port", "0", option, "/dev/full", "--until-idle", "0.1")
    if option == "--output":
        done = in_a_process(*full, env=clean(), cwd=tmp_path)
        status, err = done.status, done.said
    else:
        with running(tmp_path, option, "/dev/full") as okx:
            assert okx.ask().status == 200
            okx.process.wait(120)
            status, _, err = okx.end()

    assert (status, err) == (3, "okx-doctor: cannot write /dev/full: No space left on device\n")
    assert Path("/dev/full").stat().st_mode == mode
    assert list(tmp_path.iterdir()) == []


# The worker


@posix
def test_a_ctrl_c_that_reaches_the_whole_group_does_not_end_an_explanation(tmp_path: Path) -> None:
    with running(tmp_path) as okx:
        assert send(okx.url, okx.mistaken()).status == 401
        os.killpg(okx.process.pid, signal.SIGINT)
        out, err = okx.process.communicate(timeout=120)

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
        okx.process.communicate(timeout=120)
        until(partial(_is_gone, worker))
