"""Finds what the failing ones of many requests have in common.

Counts only: what is kept grows with the different paths alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search import moments
from okx_doctor.forensics.verdict import Inspection, Validity
from okx_doctor.protocol.signing import SIGN_HEADER, TIMESTAMP_HEADER

_FRACTION: Final = re.compile(r"\.(\d+)")
_MAY_BE_ENCODED: Final = re.compile(r"[,:%+ ]")
_REMEMBERED: Final = 10_000
_ENOUGH: Final = 4
"""Of fewer requests anything can be said that holds by chance."""


class Tally:
    """Adds up inspections."""

    def __init__(self) -> None:
        self.verdicts: Counter[Validity] = Counter()
        self.convicted = 0
        self.unchecked = 0
        self.unread = 0
        self.hidden = 0
        self._failing: Counter[str] = Counter()
        self._valid: Counter[str] = Counter()
        self._stamps: dict[str, tuple[float, float]] = {}
        self._signatures: dict[str, str] = {}
        self._reused: tuple[str, str] | None = None

    def add(self, inspection: Inspection) -> None:
        """Count one request."""
        self.verdicts[inspection.verdict] += 1
        self.unchecked += not inspection.checked and inspection.verdict is not Validity.UNSIGNED
        self.unread += bool(inspection.capture.body_file) and not inspection.capture.body_read
        self.hidden += bool(inspection.capture.masked) and not inspection.checked
        wrong = inspection.verdict in (Validity.INVALID, Validity.UNEXPLAINED)
        self.convicted += wrong or inspection.convicts
        if inspection.verdict is not Validity.UNSIGNED:
            (self._failing if wrong else self._valid).update(traits(inspection))
            self._repeated(inspection, wrong=wrong)

    def _repeated(self, inspection: Inspection, *, wrong: bool) -> None:
        request = inspection.capture.request
        signature, stamp = request.header(SIGN_HEADER) or "", request.header(TIMESTAMP_HEADER) or ""
        arrived = arrival(inspection.capture)
        if wrong and stamp and arrived is not None and (stamp in self._stamps or len(self._stamps) < _REMEMBERED):
            first, last = self._stamps.get(stamp, (arrived, arrived))
            self._stamps[stamp] = (min(first, arrived), max(last, arrived))
        if not signature:
            return
        earlier = self._signatures.get(signature)
        if earlier is not None and wrong and self._reused is None:
            self._reused = (earlier, inspection.capture.place)
        elif earlier is None and len(self._signatures) < _REMEMBERED:
            self._signatures[signature] = inspection.capture.place

    @property
    def total(self) -> int:
        return self.verdicts.total()

    def remarks(self) -> Iterator[str]:
        """A summary of all requests."""
        if self.unread:
            bodies = "The body of 1 request is" if self.unread == 1 else f"The bodies of {self.unread:,} requests are"
            yield f"{bodies} in a file that was not read: --read-files reads it from the working directory."
        failing = self.verdicts[Validity.INVALID] + self.verdicts[Validity.UNEXPLAINED]
        valid = self.verdicts[Validity.VALID]
        if failing and valid and failing + valid >= _ENOUGH:
            only = [trait for trait, count in self._failing.items() if count == failing and not self._valid[trait]]
            if only:
                yield f"Every request that fails {_listed(only)}; none of the {valid:,} valid ones does."
        if self._reused:
            yield f"{self._reused[0]} and {self._reused[1]} carry the same signature: it is made once and kept."
        kept = [(last - first, stamp) for stamp, (first, last) in self._stamps.items() if last - first > 1]
        if kept:
            seconds, stamp = max(kept)
            told = f", {stamp}" if moments.read(stamp) is not None else ""
            yield f"Requests {seconds:.0f} s apart carry the same timestamp{told}: it is made once and kept."


def _listed(traits: Sequence[str]) -> str:
    *most, last = traits
    return f"{', '.join(most)} and {last}" if most else last


def arrival(capture: Capture) -> float | None:
    """When a request reached a server, as far as the capture tells, in Unix seconds."""
    if capture.received_at is not None:
        return capture.received_at
    return capture.response.date if capture.response is not None else None


def traits(inspection: Inspection) -> list[str]:
    """Traits that may set the failing requests apart, each as the end of a sentence."""
    request = inspection.capture.request
    path, mark, query = request.target.partition("?")
    stamp = request.header(TIMESTAMP_HEADER) or ""
    fraction = _FRACTION.search(stamp)
    found = [f"is a {request.method.upper()}", f"goes to {path}"]
    if query:
        found.append("has a query")
        if _MAY_BE_ENCODED.search(query):
            found.append("has a query with characters that may be encoded")
        if "&" in query:
            found.append("has two or more parameters")
    elif mark:
        found.append("ends in a question mark")
    if request.body:
        found.append("has a body")
        if not request.body.isascii():
            found.append("has a body with letters beyond ASCII")
    if fraction is not None and len(fraction[1]) < 3:
        found.append("has a timestamp with fewer than three decimals")
    elif stamp.endswith("0Z"):
        found.append("has a timestamp that ends in a zero")
    return found
