"""A rule and the judgements it may make."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from okx_doctor.model import Confidence, Remedy, Severity
from okx_doctor.observations import Evidence


class Holds(Struct, frozen=True, kw_only=True):
    """The cause holds. ``severity`` overrides the catalogue's.

    ``slots`` are the credentials it is about (none: not about one); ``refused_too`` those whose corrected value
    OKX refused as well, so that the general cause is reported beside this one.
    """

    confidence: Confidence
    because: tuple[str, ...]
    remedy: Remedy
    checks: tuple[str, ...]
    severity: Severity | None = None
    slots: tuple[str, ...] = ()
    refused_too: tuple[str, ...] = ()


class Excluded(Struct, frozen=True, kw_only=True):
    """The evidence rules the cause out."""

    because: str


class Abstains(Struct, frozen=True, kw_only=True):
    """Neither; ``missing`` is what would settle it, in words a user can act on."""

    missing: str


Judgement = Holds | Excluded | Abstains


class Rule(Struct, frozen=True, kw_only=True):
    """A pure function from evidence to a judgement about one cause. ``reads`` lists the observations it uses."""

    cause: str
    reads: tuple[type, ...]
    judge: Callable[[Evidence], Judgement]
