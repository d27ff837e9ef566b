"""Node for the clients that need it, their packages as the lock file has them, and no proxy."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.peers.programs import Run

FOLDER = Path(__file__).parent / "node"
INSTALL_SECONDS = 300
RUN_SECONDS = 120


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """This process's environment without proxies."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, **extra}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients in this process reach the exchange on loopback themselves."""
    for name in tuple(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def run() -> Run:
    """Runs a program to its end and returns what it said; it fails on its own time-out only."""

    def run_it(*command: str | Path, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(part) for part in command],
            input=said,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=RUN_SECONDS,
            env=_environment(environment),
            check=False,
        )

    return run_it


@pytest.fixture(scope="session")
def node() -> str:
    """The Node program; without one the test is skipped."""
    found = shutil.which("node")
    if not found:
        pytest.skip("Node is not installed on this machine")
    return found


@pytest.fixture(scope="session")
def node_folder(node: str) -> Path:
    """The folder of the Node drivers with their packages installed, exactly as the lock file has them."""
    if not (FOLDER / "node_modules" / ".package-lock.json").exists():
        npm = shutil.which("npm")
        assert npm, f"{node} is here but npm is not: the Node clients cannot be installed"
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        assert done.returncode == 0, done.stderr
    return FOLDER
