"""What tests install or build into the folder that names it: once, whichever process asks first."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from filelock import FileLock

from tests.needs import program

SECONDS = 300
OLDEST_CARGO = (1, 85)
"""The first that reads what the crates are written in; Debian 12 has an older one."""


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


def built_crate(folder: Path) -> Path:
    """The program that a folder with a ``Cargo.toml`` makes, named like its package."""
    cargo = program("cargo")
    said = subprocess.run([cargo, "--version"], capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    major, minor = (int(part) for part in re.findall(r"\d+", said)[:2])
    if (major, minor) < OLDEST_CARGO:
        pytest.skip(f"cargo {major}.{minor} is older than {'.'.join(map(str, OLDEST_CARGO))}")
    with FileLock(folder / ".building"):
        command = [cargo, "build", "--quiet"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=4 * SECONDS, check=False)
        assert done.returncode == 0, done.stderr
    return folder / "target" / "debug" / "sealed"
