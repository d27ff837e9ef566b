"""Rules about where a value is from: a loader that altered it, one source that hides another."""

from __future__ import annotations

import re

from msgspec.structs import replace

from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import (
    final_refusal_code,
    final_refusal_slot,
    layer,
    layers,
    was_refused_earlier,
)
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.suspected import suspected
from okx_doctor.causes.shells import for_shell
from okx_doctor.credentials.variables import SLOT_TITLES, title_of
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import CredentialValue, DialectsDiffer, Evidence, FileMangled, Machine, SourceShadowed

IN_ENVIRONMENT = " in the environment"


def judge_mangled(evidence: Evidence) -> Judgement:
    """``env-file-mangled``: what the file says and what was loaded differ, and the file's is what OKX wants."""
    rows = [row for row in evidence.all(FileMangled) if row.suspected or layer(evidence, "env-file-mangled", row.slot)]
    facts: list[tuple[str, str]] = [
        (
            row.slot,
            f"{_where(row)}: the {SLOT_TITLES[row.slot]} {row.what}{f' ({row.character})' if row.character else ''}",
        )
        for row in rows
    ]
    facts += [
        (field, f"the value in force is not what the file says, and OKX takes {found.correction.what}")
        for found in layers(evidence)
        if "env-file-mangled" in found.correction.causes and not rows
        for field, _ in found.correction.changes
    ]
    corrected = [f"{_where(row)}: {row.corrected}" for row in rows if row.corrected]
    remedy = Remedy(
        text=f"Write it so in {'; '.join(corrected)}"
        if corrected
        else "Write the value in the file so that it is kept."
    )
    return suspected(
        evidence, "env-file-mangled", facts, remedy, ("credentials.source",), "the files say what was loaded"
    )


def _where(row: FileMangled) -> str:
    return f"{row.file} line {row.line}" if row.line else row.file


def judge_dialects(evidence: Evidence) -> Judgement:
    """``env-file-dialects``: the file would mean something else to another loader; says nothing against this one's."""
    rows = evidence.all(DialectsDiffer)
    if not rows:
        return Excluded(because="no line in use need be written otherwise for other loaders")
    advice: dict[str, list[str]] = {}
    for row in rows:
        but = f" ({', '.join(row.exceptions)} will still read that otherwise)" if row.exceptions else ""
        advice.setdefault(row.spelling + but, []).append(row.variable)
    text = "; ".join(f"{', '.join(names)}: {spelling}" for spelling, names in advice.items())
    return Holds(
        confidence=Confidence.LIKELY,
        because=tuple(
            f"{row.variable}, {row.file} line {row.line}: {'; '.join(f'{name} {why}' for name, why in row.others)}"
            for row in rows
        ),
        remedy=Remedy(text=f"{text}."),
        checks=("credentials.source",),
        slots=tuple(row.slot for row in rows),
    )


def judge_conflict(evidence: Evidence) -> Judgement:
    """``credential-sources-conflict``: the value in force hides another one, which is what OKX wants."""
    empty = {value.slot for value in evidence.all(CredentialValue) if value.shape == "empty"}
    said = {row.slot for row in evidence.all(SourceShadowed)} & empty
    rows = [row for row in evidence.all(SourceShadowed) if row.slot not in said]  # credentials-missing tells of these
    found = [layer for layer in layers(evidence) if "credential-sources-conflict" in layer.correction.causes]
    facts: list[tuple[str, str]] = [
        (row.slot, f"{row.used} hides a different {SLOT_TITLES[row.slot]}: {row.shadowed}") for row in rows
    ]
    facts += [
        (field, f"the value in force is not the one that works: {found[0].correction.what}")
        for field, _ in (found[0].correction.changes if found and not rows else ())
    ]
    judged = suspected(
        evidence,
        "credential-sources-conflict",
        facts,
        Remedy(text="Remove the stale value, so that the one that is meant is read."),
        ("credentials.source",),
        "no source hides a different value",
    )
    about, hidden = final_refusal_slot(evidence), {slot for slot, _ in facts}
    if isinstance(judged, Holds) and not found and about and not hidden & {about, "api_key"}:
        return Excluded(because=f"what OKX refuses is the {title_of(about)}, of which there is no other value")
    if isinstance(judged, Holds) and was_refused_earlier(evidence, "credential-sources-conflict"):
        return Excluded(because="OKX refuses the hidden value at an earlier step still")
    asked = final_refusal_code(evidence) or empty
    if isinstance(judged, Holds) and not found and not asked:
        return Abstains(missing="OKX's word on which of the two values is right")
    if isinstance(judged, Holds):
        used = [row.used for row in rows if row.slot in judged.slots and row.used.endswith(IN_ENVIRONMENT)]
        names = " ".join(dict.fromkeys(name.removesuffix(IN_ENVIRONMENT) for name in used))
        return replace(judged, remedy=replace(judged.remedy, commands=unset(evidence, names)))
    return judged


def unset(evidence: Evidence, names: str) -> tuple[str, ...]:
    if not re.fullmatch(r"[A-Z_0-9 ]+", names):
        return ()
    return (for_shell(evidence)(f"unset {names}"),)


RULES = (
    Rule(cause="env-file-mangled", reads=(CredentialValue, FileMangled, *CONVERSATION), judge=judge_mangled),
    Rule(cause="env-file-dialects", reads=(DialectsDiffer,), judge=judge_dialects),
    Rule(
        cause="credential-sources-conflict",
        reads=(CredentialValue, SourceShadowed, *CONVERSATION, Machine),
        judge=judge_conflict,
    ),
)
