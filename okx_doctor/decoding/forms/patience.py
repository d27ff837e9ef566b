"""How often one number is looked at in a paste: a log repeats the same answer a hundred thousand times."""

from __future__ import annotations

from collections import Counter
from typing import Final

_LOOKS: Final = 4
"""Places that are looked at: the first may be a fragment, a later one the whole envelope."""
_IN_VAIN: Final = 200
"""Places of a number that turned out to be something else before the rest is believed to be so too."""


class LookBudget:
    """Counts looks; ``over`` holds the numbers that were looked at often enough."""

    def __init__(self) -> None:
        self.over: set[str] = set()
        self._looks: Counter[str] = Counter()
        self._in_vain: Counter[str] = Counter()

    def looked(self, number: str, *, found: bool) -> None:
        """Note a look at a number and whether it was an answer there."""
        counter, most = (self._looks, _LOOKS) if found else (self._in_vain, _IN_VAIN)
        counter[number] += 1
        if counter[number] >= most:
            self.over.add(number)
