"""The real command, started as a user or a test runner starts it, and a bot with the credentials it printed."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from msgspec import Struct

from okx_doctor.gate.accounts import Account
from okx_doctor.protocol.signing import SIGN_HEADER
from tests.cli.running import CLI, CREDENTIALS, account, clean
from tests.gate.bot import Received, raw, send, signed, with_header

Target = int | IO[bytes]


class Command(Struct):
    """A running ``okx-doctor listen``."""

    process: subprocess.Popen[bytes]
    ready_file: Path
    ready: Mapping[str, Any]
    account: Account

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def ask(self, target: str = "/api/v5/account/config") -> Received:
        """What a request that is right is answered."""
        return send(self.url, raw(signed(self.account, target=target, now=time.time())))

    def mistaken(self) -> bytes:
        """A request whose mistake is known: its signature is right, in hexadecimal digits."""
        right = signed(self.account, now=time.time())
        digest = base64.b64decode(right.header(SIGN_HEADER) or "").hex()
        return raw(with_header(right, SIGN_HEADER, digest))

    def end(self, how: int = signal.SIGINT, seconds: float = 120.0) -> tuple[int, str, str]:
        """Status and both streams; ``subprocess.TimeoutExpired`` where it does not end."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, (out or b"").decode(), (err or b"").decode()

    def memory(self) -> int:
        """Resident MiB of the listener without its worker."""
        return _memory(self.process.pid)

    def workers(self) -> list[int]:
        """Its child processes."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(pid) for children in threads for pid in children.read_text().split()]


def _memory(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def running(
    folder: Path,
    *options: str,
    stdout: Target = subprocess.PIPE,
    environment: Mapping[str, str] = CREDENTIALS,
    start: Sequence[str] = CLI,
) -> Iterator[Command]:
    """The listener, in a process group of its own, with the credentials of ``tests.cli.running`` unless told else."""
    ready_file = folder / "ready.json"
    process = subprocess.Popen(
        [sys.executable, *start, "listen", "--no-env-file", "--port", "0", "--ready-file", str(ready_file), *options],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=clean(**environment),
        cwd=folder,
        start_new_session=True,
    )
    try:
        until(lambda: ready_file.exists() or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1].decode()
        yield Command(process, ready_file, json.loads(ready_file.read_text()), account(ip_allowlist=()))
    finally:
        process.kill()
        process.communicate()


def until(holds: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for something that another process or thread brings about."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether there is such a process, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
