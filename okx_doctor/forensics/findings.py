"""The faults found in one request, before they are put into the words of a report."""

from __future__ import annotations

from msgspec import Struct

from okx_doctor.model import Confidence, Severity


class Finding(Struct, frozen=True, kw_only=True):
    """One cause that holds. ``severity`` overrides the catalogue's; ``about`` is the header it is about, if one."""

    cause: str
    confidence: Confidence
    because: tuple[str, ...]
    severity: Severity | None = None
    about: str = ""


def likely(cause: str, *because: str, about: str = "") -> Finding:
    return Finding(cause=cause, confidence=Confidence.LIKELY, because=because, about=about)


def possible(cause: str, *because: str, about: str = "") -> Finding:
    return Finding(cause=cause, confidence=Confidence.POSSIBLE, because=because, about=about)


def stated(cause: str, *because: str, about: str = "") -> Finding:
    return Finding(cause=cause, confidence=Confidence.STATED, because=because, about=about)


def quoted(text: str, most: int) -> str:
    """A value of the request between quotes; of a longer one only its length, since a part of a secret passes masks."""
    return repr(text) if len(text) <= most else f"a text of {len(text)} characters"


def warning(cause: str, *because: str) -> Finding:
    return Finding(cause=cause, confidence=Confidence.LIKELY, because=because, severity=Severity.WARNING)
