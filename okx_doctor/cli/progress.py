"""Shows pending checks on stderr, only on a terminal and only once it takes long."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from okx_doctor.checking.runner import Run

PATIENCE = 2.0
"""Seconds before anything is shown."""

_WHEEL = "|/-\\"


class Progress:
    """Context manager and observer: names the checks that have not ended."""

    def __init__(self, check_ids: Sequence[str]) -> None:
        self._pending = list(check_ids)
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if sys.stderr is not None and sys.stderr.isatty():
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join(1.0)

    def ended(self, run: Run) -> None:
        if run.check_id in self._pending:
            self._pending.remove(run.check_id)

    def _show(self) -> None:
        with suppress(OSError, ValueError):  # a terminal that is gone
            self._turn()

    def _turn(self) -> None:
        if self._over.wait(PATIENCE):
            return
        for turn in range(10_000):
            names = ", ".join(self._pending[:3]) + (", …" if len(self._pending) > 3 else "")
            sys.stderr.write(f"\r\x1b[K{_WHEEL[turn % 4]} waiting for {names}"[:200])
            sys.stderr.flush()
            if self._over.wait(0.2):
                break
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
