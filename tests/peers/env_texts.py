"""Env files at random, from a seed: a few lines each, full of the signs that loaders do not agree about."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from tests.peers.env_loaders import NAMES

HARMLESS: Final = "abX9-_=#'\"$\\ {}:!~%@*?,./+^\t"
"""Nothing of this can run anything in bash, where there is no program to be found."""

ANY: Final = HARMLESS + "`;&|()<>é"
_REFERENCES: Final = ("$SET", "${SET}", "$NOPE", "${NOPE:-d}", "${SET:-d}", "$9", "$$", "$1", "\\n", "\\t", "\\$")


class Kind(Struct, frozen=True, kw_only=True):
    """What may stand in the texts: these characters, quotes over several lines, and backslashes at line ends."""

    alphabet: str = ANY
    quotes: str = "'\"`"
    several_lines: bool = True
    continued: bool = True


def texts(seed: int, count: int, kind: Kind) -> list[str]:
    """So many files, the same for the same seed."""
    dice = random.Random(seed)
    made = (_text(dice, kind) for _ in range(100 * count))
    kept = (text for text in made if kind.continued or "\\\n" not in text.replace("\r", ""))
    return [text for text, _ in zip(kept, range(count), strict=False)]


def _text(dice: random.Random, kind: Kind) -> str:
    rows: list[str] = []
    for _ in range(dice.randrange(1, 4)):
        name = dice.choice((NAMES[0], NAMES[0], NAMES[0], NAMES[1]))
        before = dice.choice(("",) * 8 + ("export ", "export  ", " ", "# ", "\t"))
        equals = dice.choice(("=",) * 12 + (" = ", "==", "= ", " ="))
        rows.append(before + name + equals + _value(dice, kind))
        if dice.random() < 0.1:
            rows.append(dice.choice(("", "  ", "# x", "#", "x", "=x", "B='x'")))
    line_end = dice.choice(("\n",) * 6 + ("\r\n",))
    ends: Sequence[str] = ("", line_end, line_end) if kind.continued else (line_end,)
    return dice.choice(("",) * 50 + ("\ufeff",)) + line_end.join(rows) + dice.choice(ends)


def _value(dice: random.Random, kind: Kind) -> str:
    body = _noise(dice, kind, 10)
    if dice.random() < 0.3:
        value = body
    else:
        if kind.several_lines and dice.random() < 0.1:
            body += "\n" + _noise(dice, kind, 5)
        quote = dice.choice(kind.quotes)
        behind = dice.choice(("", "", "", " ", " # c", "#c", _noise(dice, kind, 4)))
        value = dice.choice(("", " ", "=", "$")) + quote + body + dice.choice((quote, quote, quote, "")) + behind
    if dice.random() < 0.3:
        at = dice.randrange(len(value) + 1)
        value = value[:at] + dice.choice(_REFERENCES) + value[at:]
    return value


def _noise(dice: random.Random, kind: Kind, most: int) -> str:
    return "".join(dice.choice(kind.alphabet) for _ in range(dice.randrange(most)))
