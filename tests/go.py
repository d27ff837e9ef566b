"""Go as tests run it: with the cache of whoever runs them, or each test would compile Go's own library again."""

from __future__ import annotations

import subprocess
from functools import cache


@cache
def build_cache() -> str:
    """What ``GOCACHE`` names for a command in an environment of its own; several commands may use it at once."""
    return subprocess.run(("go", "env", "GOCACHE"), capture_output=True, text=True, check=True).stdout.strip()
