"""Go as tests run it: with the caches of whoever runs them, or each test would compile Go's own library again."""

from __future__ import annotations

import subprocess
from functools import cache


@cache
def go_setting(name: str) -> str:
    """What ``go env`` gives for a name. ``GOCACHE`` is for a command in an environment of its own; several may use it
    at once."""
    return subprocess.run(("go", "env", name), capture_output=True, text=True, check=True).stdout.strip()
