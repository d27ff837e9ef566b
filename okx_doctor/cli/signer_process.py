"""Runs somebody's signer: no shell, no credentials, bounded in time and in output."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Thread
from typing import IO, Final

from msgspec import Struct

from okx_doctor.credentials.variables import FREQTRADE_PREFIX
from okx_doctor.secrets.secret import shows_only

OUTPUT_LIMIT: Final = 1024 * 1024
_GRACE: Final = 1.0
"""Seconds that a pipe may stay open, in a process that the signer left behind, after it has ended."""
_CREDENTIALS: Final = ("OKX_", "OKEX_", "OK_ACCESS_", FREQTRADE_PREFIX)


class CannotRun(Exception):
    """The signer could not be run to its end; the text says why, in one line."""


@shows_only("status")
class Ran(Struct, frozen=True, kw_only=True):
    """How a run ended. ``status`` is negative where a signal ended it."""

    status: int
    out: bytes
    err: bytes

    @property
    def last_words(self) -> str:
        """The last line on standard error, shortened."""
        lines = self.err.decode("utf-8", "backslashreplace").strip().splitlines()
        return lines[-1].strip()[:200] if lines else ""


def clean_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without credentials and proxies: the signer needs neither, and could send them away."""
    return {
        name: value
        for name, value in environ.items()
        if not name.upper().startswith(_CREDENTIALS) and not name.upper().endswith("_PROXY")
    }


def run(command: Sequence[str], given: bytes, environ: Mapping[str, str], timeout: float) -> Ran:
    """Run a command to its end with ``given`` on standard input. Raises ``CannotRun``.

    What it started is ended with it when the time is over or its output too long.
    """
    deadline = time.monotonic() + timeout
    with tempfile.TemporaryFile() as stdin:
        stdin.write(given)
        stdin.seek(0)
        process = _started(command, stdin, environ)
        out, err = (_Reader(pipe, process) for pipe in (process.stdout, process.stderr))
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _end(process)
            raise CannotRun(f"{command[0]} did not end within {timeout:g} seconds; --timeout gives it more") from None
        except BaseException:
            _end(process)
            raise
        finally:
            for reader in (out, err):
                reader.join(_GRACE)
            if out.is_alive() or err.is_alive():
                _end(process)
                for reader in (out, err):
                    reader.join(_GRACE)
    if out.too_long or err.too_long:
        raise CannotRun(f"{command[0]} printed more than {OUTPUT_LIMIT // 1024} KiB; it was ended")
    return Ran(status=process.returncode, out=bytes(out.content), err=bytes(err.content))


def _started(command: Sequence[str], stdin: IO[bytes], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  the very command that the user named
            list(command),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=clean_environment(environ),
            start_new_session=True,
        )
    except FileNotFoundError:
        raise CannotRun(f"there is no command {command[0]!r}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a command"
        raise CannotRun(f"{command[0]!r} cannot be run: {why}") from None


class _Reader(Thread):
    """Reads a pipe to its end; ends the process when too much comes."""

    def __init__(self, pipe: IO[bytes] | None, process: subprocess.Popen[bytes]) -> None:
        super().__init__(daemon=True)
        self.content = bytearray()
        self.too_long = False
        self._pipe, self._process = pipe, process
        self.start()

    def run(self) -> None:
        if self._pipe is None:
            return
        with self._pipe:
            while chunk := os.read(self._pipe.fileno(), 64 * 1024):
                self.content += chunk
                if len(self.content) > OUTPUT_LIMIT:
                    self.too_long = True
                    _end(self._process)
                    return


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
