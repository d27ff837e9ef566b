"""The console script, and ``python -m okx_doctor``."""

from __future__ import annotations

import _thread
import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


def main() -> NoReturn:
    """Run without the collector: a run lasts seconds, and going through what imports leave behind frees nothing."""
    gc.disable()
    sys.unraisablehook = pass_over
    from okx_doctor.cli import main as run_and_leave

    run_and_leave()


def pass_over(met: UnraisableHookArgs) -> None:
    """Say nothing of an error that Python meets where none can be raised: its words would be a traceback.

    Ctrl-C is met there too, at an import or while an object is given up. It would be lost, so it is sent once more.
    """
    if issubclass(met.exc_type, KeyboardInterrupt):
        with suppress(RuntimeError):  # no thread to be had
            _thread.start_new_thread(_thread.interrupt_main, ())  # not from here, where it would be met again


if __name__ == "__main__":
    main()
