"""Go as tests run it: with the caches of whoever runs them, or each test would compile Go's own library again."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path


@cache
def go_setting(name: str) -> str:
    """What ``go env`` gives for a name. ``GOCACHE`` is for a command in an environment of its own; several may use it
    at once."""
    return subprocess.run(("go", "env", name), capture_output=True, text=True, check=True).stdout.strip()


def has_module(name: str) -> bool:
    """Whether a module is in Go's cache, as Go's variables say where that is: nothing is started for it."""
    paths = os.environ.get("GOPATH", "").split(os.pathsep)
    kept = os.environ.get("GOMODCACHE") or Path(paths[0] or Path.home() / "go", "pkg", "mod")
    return Path(kept, name).exists()
