"""Explaining refused requests in a process of its own, so that a long search stalls nobody.

The worker is a plain child process that is spoken to over its pipes: the credentials reach it there, and nowhere
else. It ends with its input.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import IO, BinaryIO, Final, Self

import okx_doctor
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector, inspect_each
from okx_doctor.forensics.search.parts import Keys, OpenKeys
from okx_doctor.forensics.verdict import Inspection

WAITING: Final = 256
"""Requests that may wait for their explanation; a flood of further ones is reported without one."""
WAITING_BYTES: Final = 16 * 1024 * 1024
_POLITE: Final = 5
_SECONDS_TO_END: Final = 5
_NEEDED: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL")
"""Variables that an interpreter may need. Credentials in the environment are not passed on."""

Done = Callable[[int, Inspection | None], None]
"""Called in the explainer's thread with a request's number; ``None`` where the worker failed over it."""


class Explainer:
    """A context in which requests are explained one after the other. A worker that dies is replaced."""

    def __init__(self, keys: Sequence[Keys], done: Done, *, early: bool = True) -> None:
        """``early``: the worker starts at once; else when ``prepare`` is called.

        A command that sends nothing does not wait for it then."""
        self._keys = tuple(keys)
        self._done = done
        self._early = early
        self._asked: SimpleQueue[tuple[int, Capture | None] | None] = SimpleQueue()
        self._worker: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="okx-doctor-explainer", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._ending = True
            worker = self._worker
            if worker is not None:
                worker.kill()
        self._asked.put(None)
        self._thread.join(_SECONDS_TO_END)

    def prepare(self) -> None:
        """Have a worker ready: something will soon be asked."""
        self._asked.put((0, None))

    def ask(self, number: int, capture: Capture) -> None:
        """Have a request explained."""
        self._asked.put((number, capture))

    def _run(self) -> None:
        if self._early:
            self._start()
        while (asked := self._asked.get()) is not None:
            number, capture = asked
            if capture is not None:
                self._done(number, self._explained(capture))
            elif self._worker is None:
                self._start()
        self._end()

    def _explained(self, capture: Capture) -> Inspection | None:
        if self._worker is not None and self._worker.poll() is not None:
            self._end()
        worker = self._worker or self._start()
        if worker is None or worker.stdin is None or worker.stdout is None:
            return None
        try:
            pickle.dump(capture, worker.stdin)
            worker.stdin.flush()
            found = pickle.load(worker.stdout)  # noqa: S301  our own child's
        except Exception:  # it died, at any byte of its answer
            self._end()
            return None
        return found if isinstance(found, Inspection) else None

    def _start(self) -> subprocess.Popen[bytes] | None:
        """A worker that has been given the credentials; ``None`` where the machine has no room for one."""
        with self._lock:
            if self._ending:
                return None
            try:
                self._worker = worker = subprocess.Popen(  # noqa: S603  this very interpreter
                    [sys.executable, "-P", "-c", _WORK, str(Path(okx_doctor.__file__).parent.parent)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env={name: os.environ[name] for name in _NEEDED if name in os.environ},
                    start_new_session=True,  # Ctrl-C reaches the whole group; the parent decides when to end
                )
            except OSError:
                return None
        if worker.stdin is not None:
            with contextlib.suppress(OSError):
                hand_over(self._keys, worker.stdin)
        return worker

    def _end(self) -> None:
        """Let go of the worker, and leave no zombie behind."""
        with self._lock:
            worker, self._worker = self._worker, None
        if worker is None:
            return
        worker.kill()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        worker.wait()


# The package's place goes last in the path: no file beside it may stand in for a module of the standard library.
_WORK: Final = "import sys; sys.path.append(sys.argv[1]); from okx_doctor.listening.explainer import work; work()"


def work() -> None:
    """The worker: reads credentials, then captures, and writes an inspection for each until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    with contextlib.suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)


def hand_over(keys: Sequence[Keys], sink: IO[bytes]) -> None:
    """Write credentials to the worker's pipe. They are opened for it: a ``Secret`` is pickled as its mask."""
    pickle.dump([tuple(known.opened()) for known in keys], sink)
    sink.flush()


def taken_over(source: BinaryIO) -> tuple[Keys, ...]:
    """The credentials that ``hand_over`` wrote."""
    return tuple(OpenKeys(*fields).closed() for fields in pickle.load(source))  # noqa: S301  our own parent's


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    keys = taken_over(source)
    for inspection in inspect_each(_captures(source), *map(Inspector, keys)):
        pickle.dump(inspection, sink)
        sink.flush()


def _captures(source: BinaryIO) -> Iterator[Capture]:
    while True:
        yield pickle.load(source)  # noqa: S301  our own parent's
