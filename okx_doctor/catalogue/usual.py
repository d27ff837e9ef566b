"""The causes behind an answer, most usual first: those it makes likely, then the others by public reports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.catalogue.causes import CAUSES, KnownCause, entry
from okx_doctor.model import Confidence
from okx_doctor.protocol.codes import Code, Reports, causes_of_category, find
from okx_doctor.protocol.steps import STEPS, Channel, Step

_HOW_IT_IS_SIGNED: Final = ("Signature text", "Signing key", "Prehash")
"""Groups of causes that are too many to name where none of them is it."""
_STATING: Final = tuple(step for step in STEPS if step.stage in ("key", "account", "call") and step.layer == "gateway")
"""The steps whose refusal may state its cause."""


class PossibleCause(Struct, frozen=True, kw_only=True):
    """A cause of this answer and how often it was reported: in ``reports`` of ``out_of`` public reports.

    ``out_of`` is 0 where there is no public report of this answer.
    """

    id: str
    confidence: Literal[Confidence.LIKELY, Confidence.POSSIBLE]
    reports: int
    out_of: int

    @property
    def title(self) -> str:
        return entry(self.id).title

    @property
    def share(self) -> float | None:
        """From 0 to 1; ``None`` where there is no public report."""
        return round(self.reports / self.out_of, 3) if self.out_of else None


def causes_behind(row: Code) -> tuple[PossibleCause, ...]:
    """The causes behind a code of OKX's."""
    named, possible, likely = (*row.causes, *causes_of_category(row.category)), also_possible(row), row.likely
    if len(set(named)) == 1 and not likely and not possible:
        likely = named[:1]  # the only cause there is
    return most_usual_first(likely, (*named, *possible), row.reports)


def also_possible(row: Code) -> tuple[str, ...]:
    """The possible causes of a code that OKX's own description of it does not name."""
    return (*row.possible, *(known.id for group in row.groups for known in CAUSES if known.group == group))


def most_usual_first(
    likely: Iterable[str], possible: Iterable[str], counted: Reports | None
) -> tuple[PossibleCause, ...]:
    """The likely causes, then the possible and the reported ones: by how often reported, else in the order given."""
    counts = counted.causes if counted else {}
    first = tuple(likely)
    rest = [cause for cause in dict.fromkeys((*possible, *counts)) if cause not in first]
    rest.sort(key=lambda cause: -counts.get(cause, 0))
    return tuple(
        PossibleCause(
            id=cause,
            confidence=Confidence.LIKELY if cause in first else Confidence.POSSIBLE,
            reports=counts.get(cause, 0),
            out_of=counted.total if counted else 0,
        )
        for cause in (*first, *rest)
    )


def caught_at(step: Step, channel: Channel) -> tuple[str, ...]:
    """The causes that a step would have caught: its own, of those behind its code. A call past it has none of them."""
    row = find(step.code(channel), channel)
    behind = (entry(cause.id) for cause in causes_behind(row)) if row else ()
    return tuple(known.id for known in behind if known.step == step.id and known.group not in _HOW_IT_IS_SIGNED)


@cache
def stated() -> Mapping[str, str]:
    """The cause that a step's refusal states, by the step: the one likely cause of its code, where that is its own.

    Time and headers are judged by the request too, which says more. A cause that explains another one of the same
    step does not go without saying.
    """
    found: dict[str, str] = {}
    for step in _STATING:
        row = find(step.code(), "rest") if step.rest else None
        likely = [cause.id for cause in causes_behind(row) if cause.confidence is Confidence.LIKELY] if row else []
        if len(likely) == 1 and _is_of(step, entry(likely[0])):
            found[step.id] = likely[0]
    return found


def _is_of(step: Step, known: KnownCause) -> bool:
    """Whether a cause is a step's own and explains no other of its step. A step without a place has another's."""
    steps = (step.id,) if step.placed else tuple(other.id for other in _STATING)
    return known.step in steps and not any(entry(other).step == known.step for other in known.absorbs)
