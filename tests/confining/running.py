"""Commands in a seal of their own, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import unmeasured

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("driver.py")
NOBODY = 65534


@dataclass(frozen=True, slots=True)
class Who:
    """Whose rights a command has."""

    name: str
    uid: int

    def __str__(self) -> str:
        return self.name


USERS = (Who("root", 0), Who("user", NOBODY if os.geteuid() == 0 else os.geteuid()))


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command: what it printed, and what the driver tells."""

    out: str
    err: str
    told: Mapping[str, Any]

    @property
    def lines(self) -> Mapping[str, str]:
        """Lines of two columns, as ``attempts.py`` prints them."""
        rows = (line.partition("\t") for line in self.out.splitlines())
        return {name: said for name, _, said in rows}


def asked_of(command: Sequence[str], who: Who, result: Path, **asked: Any) -> list[str]:
    """The command line of a driver that runs a command."""
    said = json.dumps({"command": list(command), "uid": who.uid, **asked})
    return [sys.executable, str(DRIVER), said, str(result)]


def environ(who: Who | None = None) -> dict[str, str]:
    """The driver's environment. As another user it could not write what coverage measures."""
    kept = dict(os.environ) if who is None or who.uid == os.geteuid() else unmeasured()
    return {**kept, "PYTHONPATH": str(ROOT)}


def run(command: Sequence[str], who: Who, stdin: int = subprocess.DEVNULL, **asked: Any) -> Ran:
    """Run a command by the driver; ``asked`` as there."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o1777)
        result = Path(folder, "result.json")
        done = subprocess.run(
            asked_of(command, who, result, **asked),
            env={**environ(who), "TMPDIR": folder},
            cwd="/",
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )
        text = result.read_text() if result.exists() else ""
    assert done.returncode == 0 and text, done.stderr
    return Ran(done.stdout, done.stderr, json.loads(text))


@cache
def python() -> str:
    """A Python that every user may run, for programs that need no more than its library."""
    for found in (sys.executable, getattr(sys, "_base_executable", ""), "/usr/bin/python3", "/usr/local/bin/python3"):
        if found and Path(found).is_file() and _is_open_to_all(Path(os.path.realpath(found))):
            return found
    return ""


def _is_open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in (path, *path.parents))


def program(source: str, who: Who) -> list[str]:
    """The command that runs some Python."""
    found = sys.executable if who.uid == os.geteuid() else python()
    if not found:
        pytest.skip("needs a Python that other users may run, as in /usr/bin")
    return [found, "-c", source]


@cache
def missing(who: Who) -> str:
    """Why nothing can be sealed off here for this user; ``""`` where it can."""
    if who.uid == 0 and os.geteuid() != 0:
        return "needs root"
    return str(run(["true"], who).told.get("cannot", ""))


def required(who: Who) -> None:
    """Skip what the kernel does not let be tested here. In CI it has to be, but where nobody could: in a chroot."""
    why = missing(who)
    if why and os.environ.get("CI") and why != "needs root" and "a chroot forbids namespaces" not in why:
        pytest.fail(f"CI is set, so this has to run: {why}")
    if why:
        pytest.skip(f"needs user namespaces: {why}")
