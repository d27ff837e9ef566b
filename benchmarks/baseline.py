"""An older commit of this project, ready to run beside the present one, so that a ratio is of one interleaved run.

Made once and kept in the temporary folder: the sources of the commit, and a virtual environment with its dependencies.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import venv
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
BEFORE: Final = "088bb67"
"""The commit that speed is compared with: its records are dataclasses, and rich writes its text."""


def python_of(commit: str = BEFORE) -> Path:
    """The interpreter of an environment in which that commit is installed.

    Run it from a folder that is not this project's: Python's ``-m`` prefers the folder it runs in.
    """
    full = subprocess.run(["git", "rev-parse", f"{commit}^{{commit}}"], cwd=ROOT, check=True, capture_output=True)
    home = Path(tempfile.gettempdir(), f"okx-doctor-{os.getuid()}", full.stdout.decode().strip())
    python, done = home / "venv" / "bin" / "python", home / "done"
    if done.exists():
        return python
    home.mkdir(parents=True, exist_ok=True)
    source = home / "source"
    if not source.exists():
        source.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", str(source)], input=archive.stdout, check=True)
    venv.create(home / "venv", with_pip=True, clear=True)
    versions = _same_versions()
    command = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", *versions, "-e", str(source)]
    subprocess.run(command, check=True)
    done.touch()
    return python


def _same_versions() -> list[str]:
    """The dependencies as this environment has them, so that only the project differs."""
    found = []
    for line in requires("okx-doctor") or ():
        name = line.partition(">")[0].partition("[")[0]
        try:
            found.append(f"{name}=={version(name)}")
        except PackageNotFoundError:
            continue
    return found
