"""The command line where nothing of POSIX is there, as on Windows: it may ask for it, but must do without."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.running import clean, in_a_process

pytestmark = pytest.mark.slow

WITHOUT = """
import importlib.util, os, signal, socket, ssl, subprocess, sys, asyncio  # the standard library finds its own first
try:
    import _posixsubprocess
except ImportError:
    pass
for name in ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline"):
    sys.modules[name] = None
for name in (
    "getuid", "geteuid", "getgid", "getegid", "getgroups", "fchmod", "fchown", "chown", "lchown", "mkfifo", "fork",
    "setsid", "getpgid", "killpg", "getpgrp", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_DIRECTORY", "geteuid",
    "getloadavg", "nice", "wait3", "wait4", "uname", "sysconf",
):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGHUP", "SIGALRM", "SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGCHLD", "setitimer", "alarm"):
    if hasattr(signal, name):
        delattr(signal, name)
from okx_doctor.cli import main
main()
"""
ENV_FILE = "OKX_API_KEY=5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e\nOKX_SECRET_KEY=9F3B7C21E8D04A56B1C7F02D93E84A6B\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--version",), 0),
        (("--help",), 0),
        (("check", "--simulate"), 0),
        (("check", "--simulate=clock-drift", "--output", "report.txt"), 1),
        (("check", "--offline", "--env-file", "bot.env"), 1),
        (("decode", "50113"), 0),
        (("explain", "clock-drift"), 0),
        (("env", "bot.env"), 0),
        (("guard", "bot.env"), 1),
        (("sign", "GET", "/api/v5/account/config", "--env-file", "bot.env"), 0),
        (("inspect", "nothing.curl"), 2),
        (("listen", "--generate", "--port", "0", "--until-idle", "0.2"), 3),
        (("test-signer", "--help"), 0),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else str(value),
)
def test_the_command_line_runs_without_posix(arguments: Sequence[str], status: int, tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(ENV_FILE)

    done = in_a_process(*arguments, env=clean(), cwd=tmp_path, start=("-c", WITHOUT))

    assert done.status == status, done.said
    assert "a bug of its own" not in done.said


def test_signs_follow_the_encoding_of_what_is_written_to(tmp_path: Path) -> None:
    """A pipe on Windows is read in the system's code page, which has no ✓."""
    done = in_a_process("check", "--simulate", env=clean(PYTHONIOENCODING="cp1252"), cwd=tmp_path)

    assert done.out.isascii()
    assert done.out.splitlines()[2].startswith(b"+ healthy") or b"\n+ healthy" in b"\n" + done.out
    assert sys.platform != "win32" or done.status == 0
