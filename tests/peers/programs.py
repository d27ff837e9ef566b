"""The shape of what runs a program; the fixture ``run`` in the folder's conftest has it."""

from __future__ import annotations

from pathlib import Path
from subprocess import CompletedProcess
from typing import Protocol


class Run(Protocol):
    """Runs a program to its end, ``said`` on its standard input, with these variables in its environment."""

    def __call__(self, *command: str | Path, said: str = "", **environment: str) -> CompletedProcess[str]: ...
