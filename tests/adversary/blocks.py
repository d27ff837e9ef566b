"""Many cases at a time, by kind and number."""

from __future__ import annotations

from typing import Final

from tests.adversary.cases import case
from tests.adversary.invariants import judged

BLOCK: Final = 100
"""Cases in one test."""


def violated(kind: str, first: int) -> list[str]:
    """What is wrong with the cases from ``first`` on, each with the number that makes it again."""
    found: list[str] = []
    for number in range(first, first + BLOCK):
        seen, wrong = judged(case(kind, number))
        found += [f"{kind} {number}: {violation}" for violation in wrong]
        found += [f"    {entry}" for entry in seen.log] if wrong else []
    return found
