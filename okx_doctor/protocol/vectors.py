"""Known answers: published signatures by stage, from projects that have nothing to do with this one."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pkgutil import get_data
from typing import Literal

from msgspec import Struct

from okx_doctor.protocol.signing import prehash, sign
from okx_doctor.protocol.steps import Channel


class Vector(Struct, frozen=True, kw_only=True):
    """One request with the prehash and signature published for it.

    ``good`` is false for a documentation sample whose signature does not belong to its request; ``note`` then
    holds the reason.
    """

    id: str
    channel: Channel
    secret: str
    timestamp: str
    method: Literal["GET", "POST"]
    target: str
    body: str
    prehash: str
    signature: str
    good: bool
    source: str
    note: str


class Mismatch(Struct, frozen=True, kw_only=True):
    """The first stage at which a signer left a published vector."""

    vector_id: str
    stage: Literal["prehash", "signature"]


@cache
def all_vectors() -> tuple[Vector, ...]:
    """Every shipped vector, the known-bad ones included."""
    document = json.loads(get_data(__package__, "vectors.json") or b"")
    return tuple(Vector(**row) for row in document["vectors"])


def good_vectors() -> tuple[Vector, ...]:
    """The vectors that verify."""
    return tuple(vector for vector in all_vectors() if vector.good)


def compare(vectors: Sequence[Vector], signer: Callable[[str, bytes], str] = sign) -> tuple[Mismatch, ...]:
    """Rebuild each vector stage by stage on this machine and list where one comes out differently."""
    found: list[Mismatch] = []
    for vector in vectors:
        message = prehash(vector.timestamp, vector.method, vector.target, vector.body.encode())
        if message != vector.prehash.encode():
            found.append(Mismatch(vector_id=vector.id, stage="prehash"))
        elif signer(vector.secret, message) != vector.signature:
            found.append(Mismatch(vector_id=vector.id, stage="signature"))
    return tuple(found)
