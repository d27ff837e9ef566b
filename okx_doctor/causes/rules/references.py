"""The rule about references in place of a credential: who should have filled them in."""

from __future__ import annotations

from collections.abc import Sequence

from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import accepted_value
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.credentials.references import filling
from okx_doctor.credentials.variables import SLOT_TITLES
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import CredentialValue, Evidence, FileMangled


def judge_unfilled(evidence: Evidence) -> Judgement:
    """``template-not-filled``: a reference in a slot, or one that left it empty; no fault where OKX accepts it."""
    values = evidence.all(CredentialValue)
    if not values:
        return Abstains(missing="the credentials")
    altered = {row.slot for row in evidence.all(FileMangled) if row.suspected}
    found = [
        value
        for value in values
        if value.reference and value.slot not in altered and not accepted_value(evidence, value.slot)
    ]
    if not found:
        return Excluded(because="no value is a reference that is left to be filled in")
    return Holds(
        confidence=Confidence.PROVEN if all(value.shape == "empty" for value in found) else Confidence.LIKELY,
        because=tuple(map(_said, found)),
        remedy=Remedy(text=_cures(found)),
        checks=("credentials.presence", "credentials.shape"),
        slots=tuple(value.slot for value in found),
    )


def _said(value: CredentialValue) -> str:
    known = filling(value.reference)
    by = f"; such a one is filled in by {known.filled_by}" if known else ""
    name = f" to {value.refers_to}" if value.refers_to else ""
    title = f"the {SLOT_TITLES[value.slot]} ({value.source})"
    if value.shape == "empty":
        return f"{title} is empty: it is a reference{name}, which is not set where the file is read{by}"
    return f"{title} is a reference{name}, left as it is written{by}"


def _cures(values: Sequence[CredentialValue]) -> str:
    """Every cure once, with the values that it is for where there are several."""
    by_cure: dict[str, list[str]] = {}
    for value in values:
        by_cure.setdefault(_cure(value), []).append(SLOT_TITLES[value.slot])
    if len(by_cure) == 1:
        return next(iter(by_cure))
    return " ".join(f"The {' and the '.join(titles)}: {cure[:1].lower()}{cure[1:]}" for cure, titles in by_cure.items())


def _cure(value: CredentialValue) -> str:
    known = filling(value.reference)
    if value.shape == "empty" and value.refers_to:
        where = "in the environment of what starts the bot, in a line above, or for Compose in the .env beside the file"
        return f"Set {value.refers_to} where the file is read: {where}."
    return known.cure if known else "Write the value itself in its place."


RULES = (
    Rule(
        cause="template-not-filled",
        reads=(CredentialValue, FileMangled, *CONVERSATION),
        judge=judge_unfilled,
    ),
)
