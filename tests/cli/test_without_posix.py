"""The command line where nothing of POSIX is there, as on Windows: it may ask for it, but must do without."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.running import clean, in_a_process

pytestmark = pytest.mark.slow

WITHOUT = """
import importlib.util, os, signal, socket, ssl, subprocess, sys, asyncio, pathlib, tempfile, threading, random
import http.client, urllib.request, logging, shutil, email, concurrent.futures  # the library finds its own first
try:
    import _posixsubprocess
except ImportError:
    pass
for name in ("fcntl", "pwd", "grp", "resource", "termios", "tty", "pty", "syslog", "readline"):
    sys.modules[name] = None
for name in (
    "getuid", "geteuid", "getgid", "getegid", "getgroups", "fchmod", "fchown", "chown", "lchown", "mkfifo", "fork",
    "setsid", "getpgid", "killpg", "getpgrp", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_DIRECTORY", "O_PATH",
    "getloadavg", "nice", "wait3", "wait4", "uname", "sysconf", "statvfs", "forkpty", "openpty", "setuid", "setgid",
    "setgroups", "getresuid", "memfd_create", "pidfd_open", "eventfd", "unshare", "setns", "sched_setaffinity",
    "sched_getaffinity", "getpriority", "setpriority", "mknod", "chroot", "fchdir", "EX_OK", "pipe2",
    "posix_spawn", "ttyname", "getxattr", "pread", "pwrite", "getrandom", "sync", "splice", "sendfile", "preadv",
):
    if hasattr(os, name):
        delattr(os, name)
for name in ("AF_UNIX", "SCM_RIGHTS", "CMSG_LEN", "send_fds", "recv_fds", "AF_NETLINK", "AF_PACKET", "SO_REUSEPORT"):
    if hasattr(socket, name):
        delattr(socket, name)
for name in (
    "SIGHUP", "SIGALRM", "SIGPIPE", "SIGUSR1", "SIGUSR2", "SIGCHLD", "SIGQUIT", "SIGWINCH", "SIGCONT",
    "SIGSTOP", "SIGTSTP", "setitimer", "alarm", "pthread_sigmask", "sigwait", "pause", "pthread_kill",
):
    if hasattr(signal, name):
        delattr(signal, name)
def pair(*_):  # as Windows has it: over TCP
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = socket.create_connection(listening.getsockname())
        return one, listening.accept()[0]
socket.socketpair = pair
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
        (("test-signer", "--export", "-"), 0),
        (("test-signer", "--", "no-such-program-at-all"), 2),
        (("diagnose", "nothing.json"), 2),
        (("watch", "--env-file", "nothing.env"), 2),
        (("watch", "--help"), 0),
        (("survey", "--help"), 0),
        (("run", "--help"), 0),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, tuple) else str(value),
)
def test_the_command_line_runs_without_posix(arguments: Sequence[str], status: int, tmp_path: Path) -> None:
    (tmp_path / "bot.env").write_text(ENV_FILE)

    done = in_a_process(*arguments, env=clean(), cwd=tmp_path, start=("-c", WITHOUT))

    assert done.status == status, done.said
    assert "a bug of its own" not in done.said


def test_run_says_in_a_line_where_it_is_there_and_what_is_there_elsewhere(tmp_path: Path) -> None:
    """Loaded where nothing of POSIX is there, and started where the system is not Linux."""
    elsewhere = WITHOUT.replace("main()\n", "import okx_doctor.cli.sealed_run\nsys.platform = 'win32'\nmain()\n")
    done = in_a_process("run", "--generate", "--", "bot.exe", env=clean(), cwd=tmp_path, start=("-c", elsewhere))

    assert done.is_one_line_of_usage(), done.said
    assert "Linux" in done.said and "okx-doctor listen" in done.said


def test_signs_follow_the_encoding_of_what_is_written_to(tmp_path: Path) -> None:
    """A pipe on Windows is read in the system's code page, which has no ✓."""
    done = in_a_process("check", "--simulate", env=clean(PYTHONIOENCODING="cp1252"), cwd=tmp_path)

    assert done.out.isascii()
    assert done.out.splitlines()[2].startswith(b"+ healthy") or b"\n+ healthy" in b"\n" + done.out
    assert sys.platform != "win32" or done.status == 0
