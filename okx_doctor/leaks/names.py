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
    "paper public sandbox simulated prod production main sub account trading trade bot read client default const"
)
_OWN: Final = frozenset(_WORDS.split())
"""Words in names of OKX's credentials. Any other makes a name that of something else: a hash, a file, a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """``plainly_okx`` where the name itself says so; otherwise what stands around it has to."""

    slot: Slot
    plainly_okx: bool


def named(name: str) -> Named | None:
    """What a name says; ``None`` where it is no credential's. Before OKX's own name anything may stand."""
    okx = _OKX.search(name)
    parts = (name[okx.end() :], _OKX.sub(lambda found: f"_{found.group()}_", name)) if okx else (name,)
    slot = next((slot for part in parts if (slot := _slot(part))), None)
    return Named(slot=slot, plainly_okx=okx is not None) if slot else None


def _slot(name: str) -> Slot | None:
    words = {word for part in _PARTS.findall(name) for word in _JOINED.get(part.lower(), (part.lower(),))}
    if not words <= _OWN:
        return None
    if "secret" in words:
        return "secret"
    if words & {"pass", "passphrase", "password"}:
        return "passphrase"
    return "api_key" if "key" in words else None
