"""Names that are not the usual ones: near misses, sets with a word of their own in front, and those asked for. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.observations import SLOTS, Slot

Names = Mapping[Slot, str]
"""The variable that holds each value, where it is not a usual one."""

_USUAL: Final = {name: slot for slot, names in VARIABLES.items() for name in names if name.startswith("OK")}
_ENDS: Final = "|".join(sorted({name.partition("_")[2] for name in _USUAL}, key=len, reverse=True))
# The patterns are compiled where they are needed: most runs meet none but usual names.
_SET: Final = rf"(?:(?P<exchange>OKE?X)_(?P<middle>\w+?)|(?P<before>\w+?)_(?P<whole>OKE?X))_(?P<rest>{_ENDS})"
_WORDS: Final[tuple[tuple[Slot, str], ...]] = (
    ("passphrase", "pass|pwd|phrase|psw"),
    ("secret", "secret|scret|secert"),
    ("api_key", "key"),
)
_OF_OTHERS: Final = "url|path|file|host|proxy|flag|demo|name|label|project|ssh|public|file$"
_OKX: Final = "oke?x"
_GENERIC: Final = "(?i)(?:api|access)_?key|(?:api_?)?secret(?:_?key)?|(?:api_?)?(?:passphrase|password|pass)"
_OF_AN_EXCHANGE: Final = "(?i)(?:access_?secret|exchange_?(?:key|secret|pass(?:phrase|word)?))"
_LONGEST: Final = 64
_LIKENESS: Final = 0.85


@lru_cache(maxsize=1024)
def near_slot(name: str) -> Slot | None:
    """The slot that a name is probably meant for; ``None`` for a usual name, and for one that says nothing of OKX."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    if name in _USUAL or len(name) > _LONGEST or re.search(_OF_OTHERS, plain):
        return None
    from difflib import get_close_matches

    alike = get_close_matches(name.upper(), _USUAL, 1, _LIKENESS)
    if not (alike or re.search(_OKX, plain) or re.fullmatch(_GENERIC, name) or re.fullmatch(_OF_AN_EXCHANGE, name)):
        return None
    return next((slot for slot, word in _WORDS if re.search(word, plain)), _USUAL[alike[0]] if alike else None)


def sets(names: Iterable[str]) -> Mapping[str, Names]:
    """Credentials whose names have one more word, ``OKX_MAIN_API_KEY`` or ``MAIN_OKX_API_KEY``, by that word."""
    found: dict[str, dict[Slot, str]] = {}
    for name in names:
        parts = re.fullmatch(_SET, name) if name not in _USUAL and len(name) <= _LONGEST else None
        if parts:
            word = parts["middle"] or parts["before"]
            usual = f"{parts['exchange'] or parts['whole']}_{parts['rest']}"
            found.setdefault(word.lower(), {}).setdefault(_USUAL.get(usual) or _USUAL[f"OKX_{parts['rest']}"], name)
    return {word: held for word, held in found.items() if len(held) == len(SLOTS)}


def plain_names(names: Iterable[str]) -> Names:
    """ccxt's names or others without OKX's in a file where all three are there so; else none."""
    found: dict[Slot, str] = {}
    for name in names:
        if re.fullmatch(_GENERIC, name) and (slot := near_slot(name)):
            found.setdefault(slot, name)
    return found if len(found) == len(SLOTS) else {}
