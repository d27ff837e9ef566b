"""All rules over all evidence: what holds, in the order to fix it; what is excluded; what stays open. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from okx_doctor.catalogue.absorption import Claim, is_explained
from okx_doctor.catalogue.causes import FIX_ORDER, NETWORK_GROUP, OF_ITS_SLOT, STEP_OF_SLOT, entry, ids
from okx_doctor.causes.conversation import contradiction
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement
from okx_doctor.causes.rules import ALL
from okx_doctor.model import Cause, Confidence, Health, RuledOut, Severity, Undetermined, Verdict
from okx_doctor.observations import Evidence


def judge(evidence: Evidence) -> Verdict:
    """The verdict over the evidence of one run."""
    judgements: dict[str, Judgement] = {rule.cause: rule.judge(evidence) for rule in ALL}
    differing = contradiction(evidence)
    if differing:
        judgements = {name: _in_doubt(name, said, differing) for name, said in judgements.items()}
    holding = {name: said for name, said in judgements.items() if isinstance(said, Holds)}
    kept = _standing_alone(holding)
    absorbed = [name for name in holding if name not in kept]
    return Verdict(
        causes=tuple(_cause(name, kept[name]) for name in sorted(kept, key=lambda name: _place(name, kept[name]))),
        ruled_out=(
            *(
                RuledOut(id=name, because=said.because)
                for name, said in judgements.items()
                if isinstance(said, Excluded)
            ),
            *(RuledOut(id=name, because="explained by a more specific cause") for name in absorbed),
        ),
        undetermined=tuple(
            Undetermined(id=name, missing=said.missing)
            for name, said in judgements.items()
            if isinstance(said, Abstains)
        ),
    )


def health(verdict: Verdict, undecided: bool) -> Health:
    """How the run ends. ``undecided``: a check that the judgement needs could not measure, or failed unexplained."""
    errors = [cause for cause in verdict.causes if cause.convicts]
    if any(entry(cause.id).group != NETWORK_GROUP for cause in errors):
        return Health.UNHEALTHY
    return Health.UNDETERMINED if errors or undecided else Health.HEALTHY


def _in_doubt(name: str, said: Judgement, differing: str) -> Judgement:
    """A judgement where OKX contradicts itself: an error that is not proven by other means is possible at most."""
    if not isinstance(said, Holds) or said.confidence is Confidence.PROVEN:
        return said
    if entry(name).group == NETWORK_GROUP or (said.severity or entry(name).severity) is not Severity.ERROR:
        return said
    return replace(said, confidence=Confidence.POSSIBLE, because=(*said.because, differing))


def _standing_alone(holding: Mapping[str, Holds]) -> dict[str, Holds]:
    """What no other cause explains. A cause that is itself explained explains nothing."""
    claims = {
        name: Claim(cause=name, about=frozenset(said.slots), refused_too=frozenset(said.refused_too))
        for name, said in holding.items()
    }
    kept = set(claims)
    for _ in claims:
        again = {name for name in claims if not is_explained(claims[name], map(claims.__getitem__, kept))}
        if again == kept:
            break
        kept = again
    return {name: said for name, said in holding.items() if name in kept}


def _cause(name: str, said: Holds) -> Cause:
    known = entry(name)
    return Cause(
        id=name,
        severity=said.severity or known.severity,
        confidence=said.confidence,
        title=known.title,
        because=said.because,
        remedy=said.remedy,
        checks=said.checks,
    )


def _place(name: str, said: Holds) -> tuple[bool, int, int]:
    known = entry(name)
    steps = [STEP_OF_SLOT[slot] for slot in said.slots] if known.step == OF_ITS_SLOT else [known.step]
    severity = said.severity or known.severity
    return severity is Severity.WARNING, min(FIX_ORDER[step] for step in steps), ids().index(name)
