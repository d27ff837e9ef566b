"""The metrics as a file for node_exporter: whole at every moment, whatever ends the process meanwhile."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

NAME: Final = "okx-doctor.prom"


def write(directory: Path, text: str) -> None:
    """Replace the file in one step; node_exporter runs as another user and may read it. Raises ``OSError``.

    The name of the file under way does not end with ``.prom``, so it is never read.
    """
    descriptor, temporary = tempfile.mkstemp(prefix=f".{NAME}.", dir=directory)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(directory / NAME)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def claim(directory: Path) -> None:
    """Take away the files under way of a process that was killed, and try to make one. Raises ``OSError``.

    The metrics that are there stay until there are newer ones.
    """
    for left in directory.glob(f".{NAME}.*"):
        left.unlink(missing_ok=True)
    descriptor, trial = tempfile.mkstemp(prefix=f".{NAME}.", dir=directory)
    os.close(descriptor)
    Path(trial).unlink()
