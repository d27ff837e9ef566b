"""freqtrade, whose sleep takes no time: it tells how long it would sleep, and goes on when it gets a line.

Whoever reads that lets the clock go on by as much; the end of its input is Ctrl-C. (Nor is there a sleep that could be
left to it: libfaketime 0.9.10 refuses the one of Python 3.11, which ends at a moment of the monotonic clock.)
"""

from __future__ import annotations

import runpy
import sys
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    """What ``time.sleep`` is from here on."""
    sys.stdout.write(f"sleeps {float(seconds)}\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        raise KeyboardInterrupt


if __name__ == "__main__":
    time.sleep = sleep
    runpy.run_module("freqtrade", run_name="__main__", alter_sys=True)
