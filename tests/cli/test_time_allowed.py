"""``--timeout`` bounds everything that a run waits for: what is piped in and what is parsed too."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import okx_doctor
from okx_doctor.checking.run import RunInputs, examine
from okx_doctor.credentials import gathering
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.settings import Options
from tests.cli.running import CREDENTIALS, Outcome, clean, in_a_process, patched

pytestmark = pytest.mark.slow

NEVER_READ = patched(
    "import threading\n"
    "from okx_doctor.credentials import gathering\n"
    "gathering.read_places = lambda *rest: threading.Event().wait()\n"
)
"""A file whose parsing does not end."""
SLOWLY = patched(
    "import sys, threading\n"
    "from okx_doctor.cli import main\n"
    "def each(frame, event, argument): return each if sum(range(100)) else None\n"
    "threading.settrace(each)\n"
    "sys.settrace(each)\n"
)
"""Every line of Python is traced: no machine is fast enough to read many rows so within a moment."""

BOUNDED = {
    "check": ("check", "--timeout", "0.5"),
    "check offline": ("check", "--offline", "--timeout", "0.5"),
    "test-signer": ("test-signer", "--timeout", "0.5", "--", "true"),
}


def with_open_stdin(*arguments: str, cwd: Path) -> Outcome:
    """A run whose standard input stays open without a byte."""
    reading, writing = os.pipe()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "okx_doctor", *arguments],
            env=clean(**CREDENTIALS),
            cwd=cwd,
            stdin=reading,
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    return Outcome(done.returncode, done.stdout, done.stderr)


def test_standard_input_that_never_ends_is_one_line_of_usage(tmp_path: Path) -> None:
    done = with_open_stdin("check", "--offline", "--timeout", "0.5", "--credentials", "-", cwd=tmp_path)

    assert done.is_one_line_of_usage()
    assert "standard input did not end within 0.5 seconds" in done.said


@pytest.mark.parametrize("name", BOUNDED)
def test_a_file_that_is_not_read_in_time_is_one_line_of_usage(name: str, tmp_path: Path) -> None:
    done = in_a_process(*BOUNDED[name], env=clean(**CREDENTIALS), cwd=tmp_path, start=NEVER_READ, seconds=60)

    assert done.is_one_line_of_usage()
    assert "not read within 0.5 seconds" in done.said


@pytest.mark.parametrize(
    "row", ["A=1\n", 'A="\n', "OKX_PASSPHRASE=$A #\n"], ids=["plain", "an open quote", "a name again"]
)
def test_a_file_of_more_rows_than_are_read_in_time_is_one_line_of_usage(row: str, tmp_path: Path) -> None:
    """As large as a file may be: its parsing takes seconds."""
    (tmp_path / "x.env").write_text(row * (65_000 // len(row)))
    done = in_a_process(
        "check", "--offline", "--timeout", "0.5", "--env-file", "x.env", env=clean(), cwd=tmp_path, start=SLOWLY
    )

    assert done.is_one_line_of_usage()
    assert "not read within 0.5 seconds" in done.said


def test_the_time_allowed_holds_for_the_function_too(monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(gathering, "read_places", lambda *rest: never.wait())
    try:
        with pytest.raises(UnusableFile, match="not read within"):
            okx_doctor.check(offline=True, timeout=0.5)
    finally:
        never.set()


def test_whoever_types_at_a_terminal_is_not_hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

    allowed: list[float | None] = []

    def within(seconds: float | None, work: object) -> str:
        allowed.append(seconds)
        raise UnusableFile("seen enough")

    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(gathering, "within", within)
    with pytest.raises(UnusableFile, match="seen enough"):
        gathering.gather(CredentialSources(credentials="-"), {}, 0.5)

    assert allowed == [None]


def test_what_reading_took_is_no_longer_there_for_the_run(tmp_path: Path) -> None:
    """The time of a run begins before its files are read."""
    file = tmp_path / "x.env"
    file.write_text("OKX_PASSPHRASE=abcdefgh1A\n")
    read = gathering.gather(CredentialSources(env_file=str(file), no_env_file=True), {}, 5.0)
    later = examine(
        Options(offline=True, timeout=0.5),
        RunInputs(environ={}, places=read.places),
        read.credentials,
        began=read.began - 60,
    )

    assert {check.summary for check in later.checks if check.status.value == "unknown"} == {
        "not finished within the time allowed"
    }
