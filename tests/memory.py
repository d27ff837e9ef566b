"""How much memory something takes, whatever ran before it in the same process."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def peak(act: Callable[[], T]) -> tuple[T, int]:
    """What ``act`` returns, and the bytes that Python held for it at the most."""
    tracemalloc.start()
    try:
        return act(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
