"""Where a stream of text goes, in one piece each time: stdout, or a file for its owner alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click

from okx_doctor.cli.output import claim, write_out


class Sink:
    """Takes text until it is closed."""

    def __init__(self, path: str | None, file: TextIO | None) -> None:
        self._path, self._file = path, file

    @classmethod
    @contextmanager
    def to(cls, path: str | None) -> Iterator[Sink]:
        """Raises ``click.UsageError`` for a file that cannot be written."""
        if path is None:
            yield cls(None, None)
            return
        claim(path)
        with Path(path).open("w", encoding="utf-8", errors="backslashreplace") as file:
            yield cls(path, file)

    def write(self, text: str) -> None:
        """Write at once. Raises ``click.UsageError`` where the file cannot take it."""
        if not text:
            return
        if self._file is None:
            write_out(text)
            return
        try:
            self._file.write(text)
            self._file.flush()
        except OSError as error:
            raise click.UsageError(f"cannot write {self._path}: {error.strerror}") from None
