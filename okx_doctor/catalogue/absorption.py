"""Which causes explain which: a specific cause is reported without the general ones that it accounts for."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from okx_doctor.catalogue.causes import entry


class Claim(Struct, frozen=True, kw_only=True):
    """A cause that holds, with the facts that decide which causes it explains and which explain it.

    ``about`` holds the credentials or headers it is about; empty means the request as a whole. ``refused_too`` holds
    those whose corrected value was refused as well: for these the general cause is reported beside this one.
    """

    cause: str
    about: frozenset[str] = frozenset()
    refused_too: frozenset[str] = frozenset()


def is_explained(claim: Claim, others: Iterable[Claim]) -> bool:
    """Whether more specific causes explain this one in everything that it is about."""
    slot = entry(claim.cause).slot
    about = {slot} if slot else claim.about
    explained: set[str] = set()
    for other in others:
        if claim.cause not in entry(other.cause).absorbs:
            continue
        if not about or not other.about:
            return True
        explained |= other.about - other.refused_too if slot else other.about
    return bool(about) and about <= explained
