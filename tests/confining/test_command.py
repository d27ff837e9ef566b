"""The command lives as it would without the seal: signals, terminal, exit status, ids, files, environment."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.confining.running import Ran, Who, asked_of, environ, program, run

pytestmark = pytest.mark.slow

STATUS = {
    "exit 5": 5,
    "kill -9 $$": -9,
    "kill -INT $$": -2,
    "true": 0,
}


@pytest.mark.parametrize("script", STATUS)
def test_its_exit_status_comes_through(script: str, who: Who) -> None:
    assert run(["sh", "-c", script], who).told["status"] == STATUS[script]


@pytest.mark.parametrize(
    ("command", "status", "why"),
    [
        (["no-such-bot"], 127, "no-such-bot: No such file or directory"),
        (["./no-such-bot.py"], 127, "./no-such-bot.py: No such file or directory"),
        (["/etc/passwd"], 126, "/etc/passwd: Permission denied"),
        (["/etc"], 126, "/etc: Permission denied"),
        (["echo", "a\0b"], 126, "echo: embedded null byte"),
    ],
)
def test_a_command_that_cannot_be_executed_is_told_as_a_shell_does(
    command: list[str], status: int, why: str, user: Who
) -> None:
    assert run(command, user).told["cannot_start"] == [status, why]


EVERYDAY = """
import os, signal
umask = os.umask(0)
os.umask(umask)
path = os.environ["FOLDER"] + "/mark"
open(path, "w").close()
print(os.getcwd(), oct(umask), os.stat(path).st_uid, os.environ.get("MINE"), sep="\\n")
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, signal.getsignal(signal.SIGHUP) is signal.SIG_DFL)
"""


def test_working_directory_umask_owner_and_environment_stay(who: Who) -> None:
    command = program(EVERYDAY, who)
    before = os.umask(0o027)
    try:
        ran = run(command, who, environ={"MINE": "kept", "HTTPS_PROXY": "http://127.0.0.1:7890"})
    finally:
        os.umask(before)

    assert ran.out.splitlines() == ["/", "0o27", str(who.uid), "kept", "True True"]


def test_what_python_ignores_is_as_programs_expect_it(user: Who) -> None:
    ran = run(["sh", "-c", "grep SigIgn /proc/self/status"], user)

    assert int(ran.out.split()[1], 16) & (1 << (signal.SIGPIPE - 1) | 1 << (signal.SIGXFSZ - 1)) == 0


def test_proxies_are_taken_out_of_its_environment(user: Who) -> None:
    ran = run(["env"], user, environ={"https_proxy": "http://127.0.0.1:7890", "ALL_PROXY": "socks5://127.0.0.1:1"})

    assert "proxy" not in ran.out.lower()


def test_an_inherited_pipe_stays(user: Who) -> None:
    there, here = os.pipe()
    source = f"import os; os.write({here}, b'hello')"
    with tempfile.TemporaryDirectory() as folder:
        command = asked_of(program(source, user), user, Path(folder, "result"))
        subprocess.run(command, env=environ(user), cwd="/", pass_fds=(here,), timeout=60, check=True)
    os.close(here)
    said = os.read(there, 100)
    os.close(there)

    assert said == b"hello"


LEAVING = """
import subprocess
from subprocess import DEVNULL
left = subprocess.Popen(["sleep", "600"], stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
print(left.pid, flush=True)
"""


@pytest.mark.parametrize("around", ["", "container"])
def test_a_command_that_leaves_something_in_the_background_is_told_by_its_name(around: str, who: Who) -> None:
    ran = run(program(LEAVING, who), who, around=around)

    os.kill(int(ran.out), signal.SIGKILL)
    assert (ran.told["status"], ran.told["leftovers"]) == (0, ["sleep"])


@contextlib.contextmanager
def started(source: str, who: Who) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A driver whose command has said that it is ready."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o1777)  # for what a killed one leaves there
        result = Path(folder, "result.json")
        command = asked_of(program(source, who), who, result)
        running = subprocess.Popen(
            command,
            env={**environ(who), "TMPDIR": folder},
            cwd="/",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with running:
            assert running.stdout is not None
            try:
                assert running.stdout.readline() == "READY\n"
                yield running, result
            finally:
                running.kill()


HEEDFUL = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGHUP})
print("READY", flush=True)
print(signal.sigwait({signal.SIGTERM, signal.SIGHUP}).name, flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_okx_doctor_is_passed_on(number: signal.Signals, who: Who) -> None:
    with started(HEEDFUL, who) as (running, _):
        running.send_signal(number)
        said, _ = running.communicate(timeout=60)

        assert (said, running.returncode) == (f"{number.name}\n", 0)


def test_when_okx_doctor_is_killed_the_command_is_told(who: Who) -> None:
    with started(HEEDFUL, who) as (running, _):
        running.kill()
        said, _ = running.communicate(timeout=60)

        assert said == "SIGTERM\n"


OUTLIVING = """
import os, socket, sys
if os.fork():
    print("READY", flush=True)
    os._exit(0)
os.setsid()
sys.stdin.read()
for address in ("198.18.0.1", "192.0.2.1"):
    with socket.socket() as one:
        print(os.strerror(one.connect_ex((address, 443))), flush=True)
"""


def test_what_outlives_the_run_has_no_network_for_ever(who: Who) -> None:
    with started(OUTLIVING, who) as (running, _):
        running.wait(60)
        said, _ = running.communicate(timeout=60)

        assert said.splitlines() == ["Connection refused", "Network is unreachable"]


TERMINAL = """
import os, signal, sys
print(sys.stdin.isatty(), sys.stdout.isatty(), *os.get_terminal_size(), flush=True)
print("got", input(), flush=True)
try:
    print("READY", flush=True)
    signal.pause()
except KeyboardInterrupt:
    print("orders cancelled", flush=True)
    sys.exit(7)
"""


def at_a_terminal(command: list[str], typed: list[tuple[str, bytes]]) -> str:
    """Run a command at a terminal of its own, typing each text once what stands before it is read."""
    script = Path(__file__).with_name("terminal.py")
    said = repr(typed)
    done = subprocess.run(
        [sys.executable, str(script), said, *command],
        env=environ(),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("\r", "")


def test_at_a_terminal_it_reads_what_is_typed_and_decides_on_ctrl_c_itself(who: Who, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    out = at_a_terminal(
        asked_of(program(TERMINAL, who), who, result), [("97 31", b"hello\n"), ("READY", b"\x03"), ("cancelled", b"")]
    )

    assert "True True 97 31" in out and "got hello" in out and "orders cancelled" in out
    assert '"status": 7' in result.read_text()


@pytest.mark.parametrize(("key", "status"), [(b"\x03", -2), (b"\x1c", -3)])
def test_a_key_that_ends_the_command_is_told_as_its_end(key: bytes, status: int, user: Who, tmp_path: Path) -> None:
    result = tmp_path / "result.json"
    source = (
        "import resource, signal\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "print('READY', flush=True)\n"
        "signal.pause()\n"
    )
    at_a_terminal(asked_of(program(source, user), user, result), [("READY", key)])

    assert f'"status": {status}' in result.read_text()


def test_a_program_that_takes_another_identity_gets_none_inside(root: Who, user: Who) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder, "id")
        copy.write_bytes(Path("/usr/bin/id").read_bytes())
        copy.chmod(0o4755)
        assert copy.stat().st_mode & stat.S_ISUID
        ran: Ran = run([str(copy), "-u"], user)

    assert ran.out == f"{user.uid}\n"  # as crontab and at need it, and sudo
