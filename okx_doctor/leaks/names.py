"""What the name of a variable, a key or a header says: which of the three values it holds, and whether OKX's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from okx_doctor.observations import Slot

_PARTS: Final = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_OKX: Final = re.compile(r"ok(?:ex|x)|ok[-_.]?access", re.IGNORECASE)
_JOINED: Final = {
    "apikey": ("api", "key"),
    "secretkey": ("secret", "key"),
    "apisecret": ("api", "secret"),
    "accesskey": ("access", "key"),
    "passwd": ("password",),
}
_WORDS: Final = (
    "okx okex ok v api access secret key pass phrase passphrase password exchange freqtrade ccxt my demo live test "
    "paper sandbox simulated prod production main sub account trading trade bot read client default const"
)
_OWN: Final = frozenset(_WORDS.split())
"""Words in names of OKX's credentials. Any other makes a name that of something else: a hash, a file, a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """``plainly_okx`` where the name itself says so; otherwise what stands around it has to."""

    slot: Slot
    plainly_okx: bool


def named(name: str) -> Named | None:
    """What a name says; ``None`` where it is no credential's."""
    plain = _OKX.sub(lambda found: f"_{found.group().lower()}_", name)
    words = [word for part in _PARTS.findall(plain) for word in _JOINED.get(part.lower(), (part.lower(),))]
    if not words or not set(words) <= _OWN:
        return None
    if "secret" in words:
        slot: Slot = "secret"
    elif set(words) & {"pass", "passphrase", "password"}:
        slot = "passphrase"
    elif "key" in words:
        slot = "api_key"
    else:
        return None
    return Named(slot=slot, plainly_okx=_OKX.search(name) is not None)
