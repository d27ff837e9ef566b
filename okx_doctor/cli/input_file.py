"""Opens the user's input, a file or standard input, so that nothing hangs."""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final

import click

_WRITER_WAIT: Final = 2.0
"""Seconds in which whatever writes to a named pipe has to open it."""


def open_input(name: str) -> BinaryIO:
    """The file, to be read; of a named pipe the end that is read, once something writes to it.

    Raises ``OSError`` or ``ValueError`` for what cannot be opened, ``click.UsageError`` for a pipe without a writer.
    """
    path = Path(name)
    return _read_end(path) if path.is_fifo() else path.open("rb")


def standard_input() -> BinaryIO:
    """Open the piped input. Raises ``click.UsageError`` where there is none."""
    if sys.stdin is None:
        raise click.UsageError("there is no standard input: it is closed")
    return sys.stdin.buffer


def piped(limit: int) -> bytes:
    """Read the piped input, up to one byte more than ``limit``. Raises ``click.UsageError`` where it cannot be read."""
    try:
        return standard_input().read(limit + 1) or b""  # None from a pipe that does not wait
    except OSError as error:
        raise click.UsageError(f"cannot read standard input: {error.strerror}") from None


def _read_end(pipe: Path) -> BinaryIO:
    opened: list[BinaryIO] = []
    waiting = Thread(target=lambda: opened.append(pipe.open("rb")), daemon=True)
    waiting.start()
    waiting.join(_WRITER_WAIT)
    if not opened:
        raise click.UsageError(f"{pipe} is a pipe that nothing writes to")
    return opened[0]
