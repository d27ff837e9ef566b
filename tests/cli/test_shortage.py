"""A machine that has run out of something, or whose clock has no date: one line, status 3, no traceback."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.probes.http import Http
from okx_doctor.shortage import shortage
from tests.cli.running import CREDENTIALS, Outcome, clean, in_a_process, patched

pytestmark = pytest.mark.slow

NO_THREAD = 'import threading\ndef none(self): raise RuntimeError("can\'t start new thread")\n'
AT = "import time\nreal, began = time.time, time.time()\ntime.time = lambda: {} + real() - began\n"
YEARS = {"1901": -2_177_452_800, "10000": 253_402_300_800, "beyond all years": 10**17}


def one_line(done: Outcome, said: str) -> bool:
    return done.status == 3 and done.err.count(b"\n") == 1 and b"bug" not in done.err and said in done.said


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of descriptors")
@pytest.mark.parametrize("most", [6, 8, 10])
def test_a_process_that_may_open_ten_files_ends_in_one_line(most: int, tmp_path: Path) -> None:
    limited = patched(f"import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, ({most}, {most}))\n")
    done = in_a_process("check", "--simulate", env=clean(), cwd=tmp_path, start=limited, seconds=60)

    assert one_line(done, "may open no further file"), done


@pytest.mark.parametrize("command", [("check",), ("check", "--offline"), ("check", "--simulate")])
def test_without_any_thread_a_check_ends_in_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    none = patched(f"{NO_THREAD}threading.Thread.start = none\n")
    done = in_a_process(*command, env=clean(**CREDENTIALS), cwd=tmp_path, start=none, seconds=60)

    assert one_line(done, "no further thread"), done


def test_checks_that_get_no_thread_are_unknown_and_no_crash(tmp_path: Path) -> None:
    code = (
        "import threading\nreal = threading.Thread.start\n"
        "def some(self):\n"
        "    if self.name.partition('.')[0] in ('clock', 'signed'): raise RuntimeError(\"can't start new thread\")\n"
        "    real(self)\n"
        "threading.Thread.start = some\n"
    )
    arguments = ("check", "--simulate", "--format", "json")
    done = in_a_process(*arguments, env=clean(), cwd=tmp_path, start=patched(code), seconds=60)

    assert done.status == 3
    assert done.checks["signed.config"] == "unknown"
    assert "crash" not in done.checks.values()


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    "command",
    [
        ("check", "--offline"),
        ("sign", "GET", "/api/v5/account/balance"),
        ("sign", "--websocket"),
        ("listen", "--generate", "--port", "0", "--until-idle", "0.1"),
    ],
    ids=" ".join,
)
def test_a_clock_of_any_year_brings_no_bug(command: tuple[str, ...], year: str, tmp_path: Path) -> None:
    start = patched(AT.format(YEARS[year]))
    done = in_a_process(*command, env=clean(**CREDENTIALS), cwd=tmp_path, start=start, seconds=60)

    assert b"bug" not in done.err
    if year == "1901" or "--websocket" in command:
        assert done.out
    else:
        assert one_line(done, "outside the years 1 to 9999"), done


@pytest.mark.parametrize("year", ["1901", "2262"])
def test_a_clock_in_another_century_is_measured_and_named(year: str, tmp_path: Path) -> None:
    start = patched(AT.format({"1901": YEARS["1901"], "2262": 9_223_286_400}[year]))
    done = in_a_process("check", "--simulate", "--format", "json", env=clean(), cwd=tmp_path, start=start)

    assert "crash" not in done.checks.values()
    assert done.checks["clock.ntp"] == "fail"
    assert "clock-drift" in done.causes


@pytest.mark.parametrize("command", [("check", "--simulate"), ("sign", "GET", "/api/v5/account/balance")], ids=" ".join)
def test_a_clock_that_python_cannot_read_is_told_as_such(command: tuple[str, ...], tmp_path: Path) -> None:
    """As beyond the year 2262: already modules of Python's own fail then."""
    unreadable = patched("import time\ndef late(): raise OverflowError('timestamp too large')\ntime.time = late\n")
    done = in_a_process(*command, env=clean(**CREDENTIALS), cwd=tmp_path, start=unreadable, seconds=60)

    assert one_line(done, "beyond the year 2262"), done


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSPC])
def test_what_is_short_is_told_also_where_a_library_wraps_it(number: int) -> None:
    wrapped = ValueError("wrapped")
    wrapped.__cause__ = OSError(number, "no more")
    assert shortage(wrapped)
    assert shortage(MemoryError())
    assert shortage(RuntimeError("can't start new thread"))


def test_what_is_no_shortage_is_not_told_as_one() -> None:
    assert not any(map(shortage, (ValueError("x"), RuntimeError("x"), OSError(errno.ENOENT, "x"), KeyError("x"))))


def test_no_tls_of_ours_writes_its_keys_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``SSLKEYLOGFILE`` would let whoever reads that file read what was sent."""
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    with Exchange(Plan(sites=("global",), tls="trusted")) as okx:
        http = Http(user_agent="okx-doctor/test", extra_ca=okx.ca_pem)
        request, _ = http.build(okx.sites[0].rest[0], "GET", "/api/v5/public/time")
        reply = http.call(request, {}, 20.0)
        http.close()

    assert reply.answer is not None
    assert reply.tls_version
    assert not keys.exists()
