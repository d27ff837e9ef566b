"""The parts of a long paste in which a client may say that it failed: the rest is not searched for every wording."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from typing import Final

from msgspec import Struct

from okx_doctor.secrets.secret import shows_only

_WHOLE: Final = 65_536
"""Characters up to which a paste is searched whole."""
_BEFORE: Final = 300
_AFTER: Final = 500
_ALIKE: Final = 24
"""Characters behind an anchor by which two places are alike."""
_LOOKS: Final = 8
"""Places alike that are searched: a log repeats one failure a hundred thousand times."""
_MOST: Final = 524_288
_ANCHOR: Final = re.compile(
    r"rror|xception|ailed|ailure|refused|timed out|imeout|curl: \(|dial tcp|errno|ECONN|ENOTF|EAI_|panic|closed|reset|"
    r"ould(?:n't| not) |returned nothing"
)


@shows_only("starts")
class Windows(Struct, frozen=True):
    """``text`` is what is searched; ``starts`` are the offsets of its pieces, there and in the paste."""

    text: str
    starts: tuple[tuple[int, int], ...]

    def place(self, at: int) -> int:
        """The offset in the paste of an offset in ``text``."""
        here, there = self.starts[bisect_right(self.starts, (at, len(self.text) + 2**62)) - 1]
        return there + at - here


def telling_windows(text: str) -> Windows:
    """A short text whole; of a long one the surroundings of every word that speaks of failing. Linear."""
    if len(text) <= _WHOLE:
        return Windows(text, ((0, 0),))
    pieces: list[str] = []
    starts: list[tuple[int, int]] = []
    alike: Counter[str] = Counter()
    size = over = 0
    for match in _ANCHOR.finditer(text):
        if match.start() < over:
            continue
        key = text[match.start() : match.start() + _ALIKE]
        alike[key] += 1
        if alike[key] > _LOOKS or size > _MOST:
            continue
        first, over = max(over, match.start() - _BEFORE), match.end() + _AFTER
        starts.append((size, first))
        pieces.append(text[first:over] + "\n")
        size += len(pieces[-1])
    return Windows("".join(pieces), tuple(starts) or ((0, 0),))
