"""Reads the name of a variable, a key or a header: which of the three values it holds, and whether OKX's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from okx_doctor.observations import Slot

_PARTS: Final = re.compile(r"[A-Z]{2,}(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
_OKX: Final = re.compile(r"ok(?:x|ex(?!change|ten|pi|pe|po|pr|is|am|te|tr|cl|ce))|ok[-_.]?access", re.IGNORECASE)
_JOINED: Final = {
    "apisecretkey": ("api", "secret", "key"),
    "secretapikey": ("secret", "api", "key"),
    "apipassphrase": ("api", "passphrase"),
    "apipassword": ("api", "password"),
    "secretkey": ("secret", "key"),
    "apisecret": ("api", "secret"),
    "accesskey": ("access", "key"),
    "passphrase": ("passphrase",),
    "password": ("password",),
    "apipass": ("api", "pass"),
    "apikey": ("api", "key"),
    "passwd": ("password",),
}
"""Words that people run together, the longest first."""
_WORDS: Final = (
    "okx okex ok v api access secret key pass phrase passphrase password pwd exchange freqtrade ccxt my demo live test "
    "paper public sandbox simulated prod production main sub account trading trade bot read client default const"
)
_OWN: Final = frozenset(_WORDS.split())
"""Words in names of OKX's credentials. Any other says whose they are, or which."""
_WORDS_OF_OTHERS: Final = (
    "hash md sha checksum digest crc etag id ids uuid guid name names path file files filename dir "
    "folder url uri host endpoint arn fingerprint serial version hint label title text message msg error err desc "
    "description placeholder help regex regexp pattern prompt length len size min max count env var variable header "
    "field param column type kind format nonce signature sign sig request trace order cache cached partition primary "
    "foreign unique sort index idempotency dedupe correlation session event job task transaction row object item salt "
    "iv expiry expires expired created updated enabled required missing invalid valid check word words code question "
    "encrypted cipher ciphertext telegram discord slack db database postgres mysql redis mongo smtp mail email jwt ssh "
    "sudo root admin"
)
_OF_OTHERS: Final = frozenset(_WORDS_OF_OTHERS.split())
"""Words that make a name that of something else, even behind OKX's own."""
_WORDS_OF_PLACES: Final = (
    "this self cls process env environ os config cfg conf settings options opts params args kwargs credentials creds "
    "auth state props data keys values app spring quarkus exchanges accounts"
)
_PLACES: Final = frozenset(_WORDS_OF_PLACES.split())
"""Words before a dot that say where a value is kept and not whose it is."""


class Named(Struct, frozen=True, kw_only=True):
    """``plainly_okx`` where the name itself says that it is OKX's; else the text around it has to.

    ``whose`` holds the words that say which account, site or age: ``alice``, ``eea``, ``old``.
    """

    slot: Slot
    plainly_okx: bool
    whose: frozenset[str] = frozenset()


@lru_cache(maxsize=4096)
def named(name: str) -> Named | None:
    """Read a name; ``None`` where it is not a credential's. OKX's own name may have any prefix."""
    okx = _OKX.search(name)
    if okx is None:
        *places, last = name.split(".")
        kept = [place for place in places if place.lower() not in _PLACES]
        return _named(".".join((*kept, last)), plainly_okx=False)
    after, whole = name[okx.end() :], _OKX.sub(lambda found: f"_{found.group()}_", name)
    return _named(after, plainly_okx=True) or (_named(whole, plainly_okx=True) if not _of_others(after) else None)


def _words(name: str) -> list[str]:
    return [word for part in _PARTS.findall(name) for word in _apart(part.lower())]


def _apart(word: str) -> tuple[str, ...]:
    """A word, or the words that are run together in it, with the rest before and behind them."""
    if word in _OWN:
        return (word,)
    for joined, words in _JOINED.items():
        before, found, behind = word.partition(joined)
        if found:
            return (*filter(None, (before,)), *words, *filter(None, (behind,)))
    return (word,)


def _of_others(name: str) -> bool:
    return not _OF_OTHERS.isdisjoint(_words(name))


def _named(name: str, *, plainly_okx: bool) -> Named | None:
    words = set(_words(name))
    if not _OF_OTHERS.isdisjoint(words):
        return None
    slot: Slot
    if "secret" in words:
        slot = "secret"
    elif words & {"pass", "passphrase", "password", "pwd"}:
        slot = "passphrase"
    elif "key" in words:
        slot = "api_key"
    else:
        return None
    return Named(slot=slot, plainly_okx=plainly_okx, whose=frozenset(words - _OWN))
