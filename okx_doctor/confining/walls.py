"""The walls of the seal by name, and why it could not be built, as values."""

from __future__ import annotations

import os
from enum import Enum
from typing import Final, NamedTuple


class Wall(Enum):
    """One of the things that keep the command inside, besides the namespaces."""

    FILTER = "system calls that reach past a network namespace are refused"
    CAPABILITIES = "nothing is held that could undo the seal, and nothing more is ever given"
    SOCKETS = "sockets that were inherited are closed"
    SWITCHES = "what makes the kernel itself start a program outside can only be read"
    TRACING = "processes outside are not traced where all share one user namespace, as in a container"
    MASKS = "Unix sockets that lead outside are covered where Unix sockets are allowed"


WALLS: Final = frozenset(Wall)


class Refusal(NamedTuple):
    """A step that the kernel refused, with its number of the error; 0 where it gave none."""

    step: str
    number: int
    detail: str = ""

    def __str__(self) -> str:
        said = self.detail or (os.strerror(self.number) if self.number else "")
        return f"{self.step}: {said}" if said else self.step


class Refused(Exception):
    """A wall could not be built."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal
