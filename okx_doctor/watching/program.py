"""The user's own program, started for each change: arguments as they are, no shell, no credentials, bounded."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from okx_doctor.watching.profiles import without_credentials

SECONDS: Final = 30.0
WAITING: Final = 100
"""Changes that wait while the program runs; later ones are not handed to it."""


def environment(environ: Mapping[str, str], keys: Iterable[Sequence[Secret]]) -> dict[str, str]:
    """The environment for the program: without variables of credentials, and any other that holds one of the keys'.

    A redactor for each key: one for all of a thousand would take longer to make than all of them.
    """
    left = without_credentials(environ)
    for secrets in keys:
        redactor = redactor_of(secrets)
        if redactor.finds("\n".join(left.values())):
            left = {name: value for name, value in left.items() if not redactor.finds(value)}
    return left


class Program:
    """Runs the program once for each line that is handed over, one after the other, in a thread of its own.

    The line is its standard input. ``complain`` is called with a sentence where it could not do its work.
    """

    def __init__(
        self,
        command: Sequence[str],
        environ: Callable[[], Mapping[str, str]],
        complain: Callable[[str], None],
        seconds: float = SECONDS,
    ) -> None:
        self._command, self._environ, self._complain, self._seconds = list(command), environ, complain, seconds
        self._lines: queue.Queue[str | None] = queue.Queue(WAITING)
        self._running: subprocess.Popen[bytes] | None = None
        self._worker = threading.Thread(target=self._work, daemon=True, name="program")
        self._worker.start()

    def hand(self, line: str) -> None:
        """Never waits."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._complain(f"--exec: {WAITING} changes wait already; one was not handed over")

    def close(self, patience: float) -> None:
        """Let it finish what waits, for at most ``patience`` seconds, then end it."""
        with suppress(queue.Full):
            self._lines.put_nowait(None)
        self._worker.join(patience)
        if self._running is not None:
            _end(self._running)

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            self._run(line)

    def _run(self, line: str) -> None:
        try:
            running = subprocess.Popen(  # noqa: S603  the user's own program, by his own command line
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=dict(self._environ()),
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no program can be called so"
            self._complain(f"--exec: cannot start {self._command[0]}: {why}")
            return
        self._running = running
        try:
            running.communicate(line.encode("utf-8", "replace"), timeout=self._seconds)
        except subprocess.TimeoutExpired:
            _end(running)
            self._complain(f"--exec: {self._command[0]} did not end within {self._seconds:g} seconds; it was ended")
        else:
            if running.returncode:
                self._complain(f"--exec: {self._command[0]} ended with status {running.returncode}")
        finally:
            self._running = None


def _end(running: subprocess.Popen[bytes]) -> None:
    """End it with all that it started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
    for pipe in (running.stdin, running.stdout, running.stderr):
        with suppress(OSError):
            if pipe is not None:
                pipe.close()
    running.wait()
