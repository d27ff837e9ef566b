"""The file that tells a waiting test where the listener is."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click


class ReadyFile:
    """A file that is there, and whole, exactly as long as the port is open."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._ours: tuple[int, int, int] | None = None

    @classmethod
    def claimed(cls, path: str | None) -> ReadyFile:
        """Take away what an earlier run left. Raises ``click.UsageError`` where no file can be written."""
        if path is None:
            return cls(None)
        place = Path(path)
        try:
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(place.lstat().st_mode):
                    raise click.UsageError(f"cannot write {path}: something other than a regular file is there")
                place.unlink()
            descriptor, trial = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
            os.close(descriptor)
            Path(trial).unlink()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no file can be called so"
            raise click.UsageError(f"cannot write {path}: {why}") from None
        return cls(place)

    def write(self, content: Mapping[str, object]) -> None:
        """Put it there in one step. Raises ``click.UsageError``."""
        if self._path is None:
            return
        temporary = None
        try:
            descriptor, temporary = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.write("\n")
            self._ours = _identity(Path(temporary).stat())
            Path(temporary).replace(self._path)
        except OSError as error:
            raise click.UsageError(f"cannot write {self._path}: {error.strerror}") from None
        finally:
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)

    def remove(self) -> None:
        """Take it away again, unless another listener has put its own there meanwhile."""
        if self._path is not None:
            with suppress(OSError):
                if _identity(self._path.lstat()) == self._ours:
                    self._path.unlink()


def _identity(found: os.stat_result) -> tuple[int, int, int]:
    """Which file it is; the time tells it from a later one that was given the number of one that is gone."""
    return found.st_dev, found.st_ino, found.st_mtime_ns
