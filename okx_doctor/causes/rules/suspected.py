"""A fault seen in a value: shapes suspect, OKX's answers convict or acquit. And the faults seen at its edges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace

from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import (
    Layer,
    accepted_value,
    corrected,
    final_refusal_slot,
    has_failed_correction,
    is_corrected_from_start,
    layer,
)
from okx_doctor.causes.rule import Excluded, Holds, Judgement, Rule
from okx_doctor.credentials.variables import SLOT_TITLES, title_of
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import CredentialValue, Evidence

Facts = Sequence[tuple[str, str]]
"""(slot, what is seen there)."""


def _shape_rule(cause: str, seen: Callable[[CredentialValue], Sequence[str]], remedy: Remedy, clean: str) -> Rule:
    def judge(evidence: Evidence) -> Judgement:
        facts = [
            (value.slot, f"{SLOT_TITLES[value.slot]} ({value.source}): {what}")
            for value in evidence.all(CredentialValue)
            for what in seen(value)
            if value.shape not in ("absent", "empty")
        ]
        return suspected(evidence, cause, facts, remedy, ("credentials.shape",), clean)

    return Rule(cause=cause, reads=(CredentialValue, *CONVERSATION), judge=judge)


def suspected(
    evidence: Evidence, cause: str, facts: Facts, remedy: Remedy, checks: tuple[str, ...], clean: str
) -> Judgement:
    """A fault seen in a value: proven by peeling, excluded when OKX accepts the value unchanged, else likely."""
    if not facts:
        return Excluded(because=clean)
    slots = tuple(dict.fromkeys(slot for slot, _ in facts))
    withheld = {value.slot for value in evidence.all(CredentialValue) if value.holds_secret}  # cleaned as well
    convicted = [found for slot in slots if (found := layer(evidence, cause, slot))]
    if is_corrected_from_start(evidence, cause):
        guilty = slots
    else:
        guilty = tuple(slot for slot in slots if layer(evidence, cause, slot) or not accepted_value(evidence, slot))
    if not guilty:
        return Excluded(because="OKX accepts the value as it stands")
    return Holds(
        confidence=max(
            (_weight(cause, found, facts) for found in convicted),
            default=Confidence.LIKELY,
            key=lambda confidence: confidence.doubt,
        ),
        because=(
            *(text for slot, text in facts if slot in guilty),
            *dict.fromkeys(line for found in convicted for line in found.because),
        ),
        remedy=replace(remedy, text=remedy.text.replace(_VALUES, _named(guilty))),
        checks=(*checks, *(("signed.config",) if convicted else ())),
        slots=guilty,
        refused_too=tuple(
            slot
            for slot in guilty
            if slot in withheld
            or has_failed_correction(evidence, cause, slot)
            or (slot == final_refusal_slot(evidence) and corrected(evidence, slot))
        ),
    )


_VALUES = "VALUES"
"""Stands in a remedy for the values that it is about."""


def _named(slots: Iterable[str]) -> str:
    """``the API key and the passphrase``; ``the value`` where none is known."""
    return " and ".join(f"the {title_of(slot)}" for slot in dict.fromkeys(slots)) or "the value"


def _weight(cause: str, found: Layer, facts: Facts) -> Confidence:
    """Proof of a correction that puts several things right at once proves none of them alone.

    A blank at the edge of a header is dropped by HTTP itself: this machine's library refuses to send it, which
    does not prove that it harmed the bot.
    """
    fields = {field for field, _ in found.correction.changes}
    blank_in_header = (
        cause == "credential-whitespace"
        and "secret" not in fields
        and all("space" in text or "tab" in text for slot, text in facts if slot in fields)
    )
    if len(found.correction.causes) > 1 or blank_in_header:
        return Confidence.LIKELY
    return found.confidence


RULES = (
    _shape_rule(
        "credential-whitespace",
        lambda value: value.edges,
        Remedy(text=f"Remove the whitespace at the edge of {_VALUES} where it is stored."),
        "no value has whitespace at its edges",
    ),
    _shape_rule(
        "credential-quoted",
        lambda value: value.wrapped,
        Remedy(text=f"Remove the quotes or signs around {_VALUES}: where it is stored now they are a part of it."),
        "no value has quotes or signs around it",
    ),
    _shape_rule(
        "credential-characters",
        lambda value: value.odd_characters,
        Remedy(text=f"Copy {_VALUES} again from where it was created, as plain text."),
        "every character of every value is printable ASCII",
    ),
)
