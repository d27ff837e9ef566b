"""The file for node_exporter, and the user's own program."""

from __future__ import annotations

import errno
import json
import os
import select
import subprocess
import sys
import tempfile
from pathlib import Path
from threading import Event

import pytest

from okx_doctor.secrets.secret import Secret
from okx_doctor.watching import textfile
from okx_doctor.watching.program import Program, environment

pytestmark = pytest.mark.slow

PATIENCE = 60.0
PATH = {"PATH": os.environ["PATH"]}


def test_the_file_is_replaced_in_one_step_and_others_may_read_it(tmp_path: Path) -> None:
    textfile.write(tmp_path, "old\n")
    held = (tmp_path / textfile.NAME).open()
    textfile.write(tmp_path, "new\n")
    with held:
        assert held.read() == "old\n"

    assert (tmp_path / textfile.NAME).read_text() == "new\n"
    assert (tmp_path / textfile.NAME).stat().st_mode & 0o777 == 0o644
    assert [each.name for each in tmp_path.iterdir()] == [textfile.NAME]


def test_on_a_full_disk_the_last_file_stays_whole_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    textfile.write(tmp_path, "old\n")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        textfile.write(tmp_path, "new\n")

    assert (tmp_path / textfile.NAME).read_text() == "old\n"
    assert [each.name for each in tmp_path.iterdir()] == [textfile.NAME]


def test_what_a_killed_process_left_is_taken_away_and_is_read_by_nobody(tmp_path: Path) -> None:
    textfile.write(tmp_path, "old\n")
    descriptor, left = tempfile.mkstemp(prefix=f".{textfile.NAME}.", dir=tmp_path)
    os.close(descriptor)
    assert not left.endswith(".prom")

    textfile.claim(tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == [textfile.NAME]
    assert (tmp_path / textfile.NAME).read_text() == "old\n"


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path: Path) -> None:
    """Each is killed once its first write is done, somewhere in one of the next."""
    code = (
        "import itertools, pathlib, sys; from okx_doctor.watching import textfile\n"
        "for number in itertools.count():\n"
        "    textfile.write(pathlib.Path(sys.argv[1]), f'{number % 10}\\n' * 500_000)\n"
        "    print(number, flush=True)\n"
    )
    for killed in range(6):
        with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE) as writing:
            assert writing.stdout is not None
            for _ in range(killed % 3 + 1):
                writing.stdout.readline()
            writing.kill()
        content = (tmp_path / textfile.NAME).read_text("utf-8")
        assert content == content[:2] * 500_000
        textfile.claim(tmp_path)
        assert [each.name for each in tmp_path.iterdir()] == [textfile.NAME]


def _program(code: str, *given: str, seconds: float = PATIENCE, environ: dict[str, str] | None = None) -> list[str]:
    """Run Python code once for one change; returns the complaints."""
    complaints: list[str] = []
    program = Program(
        [sys.executable, "-c", code, *given],
        lambda: PATH if environ is None else environ,
        complaints.append,
        seconds,
    )
    program.hand('{"name": "bot"}\n')
    program.close(PATIENCE)
    return complaints


def test_the_program_gets_its_arguments_as_they_are_and_the_change_on_stdin(tmp_path: Path) -> None:
    code = "import json, sys; open(sys.argv[1], 'w').write(json.dumps([sys.argv[2:], sys.stdin.read()]))"
    odd = ("$(touch x)", "a b", "; rm -rf /", "*")

    assert _program(code, str(tmp_path / "got"), *odd) == []
    assert json.loads((tmp_path / "got").read_text()) == [list(odd), '{"name": "bot"}\n']


def test_a_program_that_fails_is_one_sentence() -> None:
    (complaint,) = _program("raise SystemExit(7)")
    assert complaint.endswith("ended with status 7")


def test_a_program_that_does_not_end_is_ended_with_all_it_started(tmp_path: Path) -> None:
    fifo = tmp_path / "held by all"
    os.mkfifo(fifo)
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    complaints: list[str] = []
    program = Program(
        ["/bin/sh", "-c", '(printf up; exec sleep 600) > "$1" & wait', "sh", str(fifo)],
        lambda: PATH,
        complaints.append,
        3.0,
    )
    program.hand("{}\n")
    program.close(PATIENCE)

    assert [("did not end within 3 seconds" in text) for text in complaints] == [True]
    assert _read_to_its_end(held) == b"up"  # that comes once no process holds it any more


def _read_to_its_end(descriptor: int) -> bytes:
    got = b""
    with open(descriptor, "rb", buffering=0) as file:
        while select.select([file], [], [], PATIENCE)[0]:
            if not (chunk := file.read(64)):
                return got
            got += chunk
    pytest.fail("a process still holds it")


def test_a_program_that_is_not_there_is_one_sentence() -> None:
    complaints: list[str] = []
    program = Program(["/nowhere/notify"], dict, complaints.append)
    program.hand("{}\n")
    program.close(PATIENCE)

    assert complaints == ["--exec: cannot start /nowhere/notify: No such file or directory"]


def test_changes_that_come_faster_than_the_program_runs_are_not_kept_without_end() -> None:
    complaints: list[str] = []
    running, free = Event(), Event()

    def environ() -> dict[str, str]:
        running.set()
        free.wait(PATIENCE)
        return {}

    program = Program([sys.executable, "-c", ""], environ, complaints.append)
    program.hand("{}\n")
    assert running.wait(PATIENCE)
    for _ in range(101):
        program.hand("{}\n")
    assert complaints == ["--exec: 100 changes wait already; one was not handed over"]
    program.close(0.0)


def test_the_program_is_given_no_variable_that_holds_a_credential_whatever_its_name() -> None:
    keys = [(Secret("3f2b1c9d-7a54-4e0b-8f6a-1d2c3b4a5e6f"), Secret("A" * 8 + "1" * 24), Secret("Correct-Horse-7!"))]
    environ = {
        "PATH": "/bin",
        "SLACK_URL": "https://hooks.example/T1",
        "OKX_API_KEY": "other",
        "OKX_PASSPHRASE_FILE": "/run/secrets/p",
        "OKX_SECRET": "other",
        "BACKUP": "key=3f2b1c9d-7a54-4e0b-8f6a-1d2c3b4a5e6f",
        "NOTE": "Correct-Horse-7!",
    }

    assert environment(environ, keys) == {"PATH": "/bin", "SLACK_URL": "https://hooks.example/T1"}
