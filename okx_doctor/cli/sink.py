"""Where a stream of text goes, in one piece each time: stdout, stderr, or a file for its owner alone."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Final

import click

from okx_doctor.cli import BROKEN_PIPE
from okx_doctor.cli.output import empty, open_private
from okx_doctor.cli.stdout import OutputLost, stdout, write_out

_TICK: Final = 0.1
_PATIENCE: Final = 2.0
_PIECE: Final = 64 * 1024


class Sink:
    """Takes text. ``leaving`` says whether the run is to end: a reader that does not read is not waited for then."""

    def __init__(self, path: str | None, descriptor: int | None, leaving: Callable[[], bool]) -> None:
        self._path, self._descriptor, self._leaving = path, descriptor, leaving
        self._fresh = path is not None
        self._writer: _Writer | None = None

    @classmethod
    @contextmanager
    def to(cls, path: str | None, leaving: Callable[[], bool]) -> Iterator[Sink]:
        """Raises ``click.UsageError`` for a file that cannot be written.

        A file that was there keeps its content until the first write; one made for a run that turns out to be wrong
        usage is taken away again.
        """
        if path is None:
            sink = cls(None, _stdout(), leaving)
            try:
                yield sink
            finally:
                sink._end()
            return
        existed = os.path.lexists(path)
        descriptor = open_private(path)
        sink = cls(path, descriptor, leaving)
        try:
            try:
                yield sink
                sink._empty()
            finally:
                sink._end()
                os.close(descriptor)  # before it is taken away: Windows takes away no open file
        except click.UsageError:
            if not existed:
                Path(path).unlink(missing_ok=True)
            raise

    @classmethod
    def on_stderr(cls, leaving: Callable[[], bool]) -> Sink:
        """Beside a program that stdout belongs to. Raises ``OutputLost`` without a stderr."""
        if sys.stderr is None:
            raise OutputLost("there is no stderr to write to")
        return cls(None, sys.stderr.fileno(), leaving)

    def write(self, text: str) -> None:
        """Write at once. Raises ``OutputLost`` where it cannot be, and ``Exit`` where the reader has left."""
        if not text:
            return
        if self._descriptor is None:
            write_out(text)
            return
        errors = "replace" if self._path is None else "backslashreplace"
        try:
            self._empty()
            self._written(self._descriptor, text.encode("utf-8", errors))
        except BrokenPipeError:
            raise click.exceptions.Exit(BROKEN_PIPE) from None
        except OSError as error:
            raise OutputLost(f"cannot write {self._path or 'the report'}: {error.strerror}") from None

    def _empty(self) -> None:
        if self._fresh and self._descriptor is not None:
            empty(self._descriptor)
        self._fresh = False

    def _written(self, descriptor: int, data: bytes) -> None:
        """By a thread of its own: one that writes itself cannot give up a write that blocks, however small."""
        if self._writer is None:
            self._writer = _Writer(descriptor)
        writing = self._writer.write(data)
        patient = writing.moved  # until when the run was not to end: a reader may rest for as long as it likes before
        while not writing.ended.wait(_TICK):
            if not self._leaving():
                patient = time.monotonic()
            elif time.monotonic() - max(writing.moved, patient) > _PATIENCE:
                if _is_stderr(descriptor):
                    raise click.exceptions.Exit(OutputLost.exit_code)  # saying so would wait for the same reader
                raise OutputLost(f"nobody reads {self._path or 'the report'}: the rest of it is lost")
        if writing.failed:
            raise writing.failed

    def _end(self) -> None:
        if self._writer:
            self._writer.end()
            self._writer = None


class _Writing:
    """One text on its way; ``moved`` is when a piece of it last left, on the monotonic clock."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.moved = time.monotonic()
        self.ended = Event()
        self.failed: OSError | None = None


class _Writer:
    """A thread that writes one text after the other.

    In pieces as large as can be: small ones would not block where ``select`` says so, but each gives Python to the
    other threads and waits for it again, and under load a few thousand lines a second are lost then.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._given: SimpleQueue[_Writing | None] = SimpleQueue()
        Thread(target=self._run, name="okx-doctor-sink", daemon=True).start()

    def write(self, data: bytes) -> _Writing:
        """Have it written; returns at once."""
        writing = _Writing(data)
        self._given.put(writing)
        return writing

    def end(self) -> None:
        """Have the thread end once it has written what it was given."""
        self._given.put(None)

    def _run(self) -> None:
        while (writing := self._given.get()) is not None:
            try:
                self._write(writing)
            except OSError as error:
                writing.failed = error
            writing.ended.set()

    def _write(self, writing: _Writing) -> None:
        from select import select

        left = memoryview(writing.data)
        while left:
            try:
                left = left[os.write(self._descriptor, left[:_PIECE]) :]
                writing.moved = time.monotonic()
            except BlockingIOError:  # whoever started us made its end of the pipe non-blocking
                select([], [self._descriptor], [], _TICK)


def _stdout() -> int | None:
    """Its descriptor, where one can wait for it; ``None`` where it is written to as it is.

    Raises ``OutputLost`` without a stdout.
    """
    out = stdout()
    try:
        return out.fileno() if os.name == "posix" else None
    except OSError:  # something that only looks like a stream
        return None


def _is_stderr(descriptor: int) -> bool:
    try:
        return os.path.sameopenfile(descriptor, 2)
    except OSError:  # there is no stderr
        return False
