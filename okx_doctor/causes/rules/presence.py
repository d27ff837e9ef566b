"""Rules about whether the three values are there: the places looked at, and the names that are nearly right."""

from __future__ import annotations

import re
from collections.abc import Sequence

from okx_doctor.catalogue.clients.words import passphrase_line
from okx_doctor.causes.clients import own_words
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.sources import IN_ENVIRONMENT, unset
from okx_doctor.credentials.variables import SLOT_TITLES, VARIABLES, title_of
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import (
    BotClient,
    CredentialValue,
    Evidence,
    Machine,
    NearName,
    PlaceSearched,
    Slot,
    SourceShadowed,
)

_MAX_NEAR = 4
"""Names of one place, at most."""
_EMPTY_HIDES = (
    "an empty variable counts as set, and the file's value is not read. Each shell, service and container has an "
    "environment of its own: look also at the unit's Environment= and at Compose's environment, where the bot starts."
)


def judge_missing(evidence: Evidence) -> Judgement:
    """``credentials-missing``: no source names the value, or names it empty."""
    values = evidence.all(CredentialValue)
    if not values:
        return Abstains(missing="the credentials")
    absent = [value for value in values if value.shape in ("absent", "empty")]
    if not absent:
        return Excluded(because="all three values are there")
    if all(value.shape == "absent" for value in values):
        return _nothing_configured(evidence)
    hiding = {row.slot: row for row in evidence.all(SourceShadowed)}
    near = [row for row in evidence.all(NearName) if row.file and any(value.slot == row.slot for value in absent)]
    because = tuple(
        f"{SLOT_TITLES[value.slot]}: {value.source} is set but empty"
        + (f", and hides {hiding[value.slot].shadowed}" if value.slot in hiding else "")
        if value.source
        else f"{SLOT_TITLES[value.slot]}: no source sets {VARIABLES[value.slot][0]} or a usual alias"
        for value in absent
    )
    because += tuple(
        f"{row.file} line {row.line} has {row.variable}: is that the {title_of(row.slot)}?" for row in near
    )
    in_files = [value for value in absent if value.source and not value.source.endswith(IN_ENVIRONMENT)]
    hidden = [value.variable for value in absent if value.slot in hiding and value not in in_files]
    hiding_lines = [value.source for value in in_files if value.slot in hiding]
    empty_lines = [value.source for value in in_files if value.slot not in hiding]
    names = [
        value.variable or VARIABLES[value.slot][0]
        for value in absent
        if value not in in_files and value.slot not in hiding
    ]
    steps: list[str] = []
    if hidden:
        steps.append(f"Unset {', '.join(hidden)}: {_EMPTY_HIDES}")
    if names:
        steps.append(f"Set {', '.join(names)}, in the environment or in a file (--env-file, --credentials, --profile).")
    if hiding_lines:
        steps.append(f"Take out or fill in {', '.join(hiding_lines)}: {_EMPTY_HIDES}")
    if empty_lines:
        steps.append(f"Fill in {', '.join(empty_lines)}.")
    if near:
        steps.append("Or say with --name which variables they are.")
    return Holds(
        confidence=Confidence.PROVEN,
        because=(*because, *_searched(evidence)),
        remedy=Remedy(
            text=" ".join(steps),
            commands=(*(unset(evidence, " ".join(hidden)) if hidden else ()), *_named_so(near)),
            lines=own_words(evidence, passphrase_line) if any(value.slot == "passphrase" for value in absent) else (),
        ),
        checks=("credentials.presence",),
        slots=tuple(value.slot for value in absent),
    )


def _named_so(near: Sequence[NearName]) -> tuple[str, ...]:
    """The command that takes the lines at their names, the first for each value."""
    first: dict[Slot, NearName] = {}
    for row in near:
        first.setdefault(row.slot, row)
    if not all(re.fullmatch(r"[A-Za-z_]\w*", row.variable, re.ASCII) for row in first.values()):
        return ()
    options = " ".join(f"--name {slot}={row.variable}" for slot, row in first.items())
    return (f"okx-doctor check {options}",) if options else ()


def _nothing_configured(evidence: Evidence) -> Holds:
    """None of the three values is set anywhere: which places were looked at, and how to begin."""
    usual = [names[0] for names in VARIABLES.values()]
    near = [(seen.place, names) for seen in evidence.all(PlaceSearched) if (names := _near_in(evidence, seen))]
    named = _named_so(evidence.all(NearName))
    text = f"Set {', '.join(usual[:-1])} and {usual[-1]}, in the environment or in ./.env."
    if near:
        place, names = near[0]
        text += f" Of {place}, rename {', '.join(names)} if they are OKX's, or say so with --name."
    return Holds(
        confidence=Confidence.PROVEN,
        because=("no API key, secret key or passphrase is set", *_searched(evidence)),
        remedy=Remedy(
            text=f"{text} Other places: --env-file, --credentials, --profile. Without an account, try okx-doctor "
            "against an exchange of its own.",
            commands=(*named, "okx-doctor check --simulate"),
        ),
        checks=("credentials.presence",),
        slots=tuple(SLOT_TITLES),
    )


def _searched(evidence: Evidence) -> tuple[str, ...]:
    """The places that were looked at, and the names in them that are nearly right."""
    return tuple(
        f"looked at {seen.place}: {', but '.join(filter(None, (seen.found, ', '.join(_near_in(evidence, seen)))))}"
        for seen in evidence.all(PlaceSearched)
    )


def _near_in(evidence: Evidence, seen: PlaceSearched) -> tuple[str, ...]:
    """The names in a place that are nearly right, each with its line where it has one."""
    near = sorted((row for row in evidence.all(NearName) if row.place == seen.place), key=lambda row: row.line)
    return tuple(f"{row.variable} (line {row.line})" if row.line else row.variable for row in near[:_MAX_NEAR])


RULES = (
    Rule(
        cause="credentials-missing",
        reads=(CredentialValue, SourceShadowed, NearName, Machine, BotClient, PlaceSearched),
        judge=judge_missing,
    ),
)
