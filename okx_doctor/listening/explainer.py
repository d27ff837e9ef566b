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
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import BinaryIO, Final, Self

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspecting import Inspector
from okx_doctor.forensics.parts import Keys
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.protocol.signing import KEY_HEADER
from okx_doctor.vocabulary import VOCABULARY

WAITING: Final = 256
"""So many requests may wait for their explanation; a flood of further ones is reported without one."""
_POLITE: Final = 10

Done = Callable[[int, Inspection | None], None]
"""Called in the explainer's thread with a request's number; ``None`` where the worker failed over it."""


class Explainer:
    """A context in which requests are explained one after the other."""

    def __init__(self, keys: Sequence[Keys], done: Done) -> None:
        self._keys = tuple(keys)
        self._done = done
        self._asked: SimpleQueue[tuple[int, Capture] | None] = SimpleQueue()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="okx-doctor-explainer", daemon=True)

    def __enter__(self) -> Self:
        self._worker = self._start()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._asked.put(None)
        worker = self._worker
        if worker is not None:
            worker.kill()
        self._thread.join(5)
        if worker is not None:
            worker.wait(5)

    def ask(self, number: int, capture: Capture) -> bool:
        """Have a request explained; ``False`` where too many wait already."""
        if self._asked.qsize() >= WAITING:
            return False
        self._asked.put((number, capture))
        return True

    def _run(self) -> None:
        while (asked := self._asked.get()) is not None:
            number, capture = asked
            self._done(number, self._explained(capture))

    def _explained(self, capture: Capture) -> Inspection | None:
        worker = self._worker
        if worker is None or worker.stdin is None or worker.stdout is None:
            return None
        try:
            pickle.dump(capture, worker.stdin)
            worker.stdin.flush()
            found = pickle.load(worker.stdout)  # noqa: S301  our own child's
        except (OSError, EOFError, pickle.UnpicklingError):
            self._worker = self._start() if worker.poll() not in (None, -signal.SIGKILL) else None
            return None
        return found if isinstance(found, Inspection) else None

    def _start(self) -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-c", "from okx_doctor.listening.explainer import work; work()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        if worker.stdin is not None:
            pickle.dump(self._keys, worker.stdin)
            worker.stdin.flush()
        return worker


def work() -> None:
    """The worker: reads credentials, then captures, and writes an inspection for each until its input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides when to end
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    with contextlib.suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, sys.stdout.buffer)


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    keys = pickle.load(source)  # noqa: S301  our own parent's
    inspectors = {known.api_key: Inspector(known, VOCABULARY) for known in reversed(keys)}
    first = inspectors[keys[0].api_key]
    while True:
        capture = pickle.load(source)  # noqa: S301  our own parent's
        inspector = inspectors.get(capture.request.header(KEY_HEADER) or "", first)
        pickle.dump(inspector.inspect(capture), sink)
        sink.flush()
