"""npm packages for tests, installed into the folder whose lock file names them: once, whichever process asks first."""

from __future__ import annotations

import subprocess
from pathlib import Path

from filelock import FileLock

from tests.needs import program

SECONDS = 300


def packages(folder: Path) -> Path:
    """``folder`` with ``node_modules`` exactly as its ``package-lock.json`` has them."""
    with FileLock(folder / ".installing"):
        if not _installed(folder):
            command = [program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False)
            assert done.returncode == 0, done.stderr
    return folder


def _installed(folder: Path) -> bool:
    """Whether the packages are there and no older than the lock file: a package may have joined it since."""
    there = folder / "node_modules" / ".package-lock.json"
    return there.exists() and there.stat().st_mtime >= (folder / "package-lock.json").stat().st_mtime
