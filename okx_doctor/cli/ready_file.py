"""The file that tells a waiting test where the listener is."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import click


class ReadyFile:
    """A file that is there, and whole, exactly as long as the port is open."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @classmethod
    def claimed(cls, path: str | None) -> ReadyFile:
        """Take away what an earlier run left. Raises ``click.UsageError`` where no file can be written."""
        if path is None:
            return cls(None)
        place = Path(path)
        try:
            with suppress(FileNotFoundError):
                if not stat.S_ISREG(place.lstat().st_mode):
                    raise click.UsageError(f"cannot write {path}: it is there and is no regular file")
                place.unlink()
            made = cls(place)
            made._temporary().touch(0o600)
            made._temporary().unlink()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "no file can be called so"
            raise click.UsageError(f"cannot write {path}: {why}") from None
        return made

    def _temporary(self) -> Path:
        place = self._path or Path()
        return place.with_name(f".{place.name}.{os.getpid()}")

    def write(self, content: Mapping[str, object]) -> None:
        """Put it there in one step. Raises ``click.UsageError``."""
        if self._path is None:
            return
        try:
            descriptor = os.open(self._temporary(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=2)
                file.write("\n")
            self._temporary().replace(self._path)
        except OSError as error:
            raise click.UsageError(f"cannot write {self._path}: {error.strerror}") from None

    def remove(self) -> None:
        """Take it away again."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
