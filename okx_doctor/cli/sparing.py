"""Libraries that are asked for and not needed, kept from loading."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def spared(name: str) -> Iterator[None]:
    """An empty module in the place of this one, as long as it is not loaded: who imports it finds nothing in it."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = ModuleType(name)
    try:
        yield
    finally:
        del sys.modules[name]
