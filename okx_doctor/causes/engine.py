"""All rules over all evidence: the causes that hold, in the order to fix them; those excluded; those left open. Pure.

Theory of operation
-------------------

Evidence is the list of all observations of a run: typed facts without judgement. A rule is a pure function from
evidence to one of three answers about one cause: it *holds* (how sure, because of what), it is *excluded* (because of
what), or the rule *abstains* (what is missing). Rules do not know one another and may run in any order.

The engine makes a verdict of their answers:

1. *Absorption.* Several rules may see the same fault: a quoted passphrase is also a wrong one. The catalogue says which
   specific cause absorbs which general ones. A general cause about a slot is absorbed only if specific causes cover
   that slot, and not if OKX refused the corrected value too: then both hold. A cause that is itself absorbed absorbs
   nothing, which is why the set is computed until it no longer changes.
2. *Order.* OKX answers only for the first fault, so causes come in the order in which a request meets them: address,
   network, credentials at hand, clock, then OKX's own steps. Errors come before warnings.
3. *Contradiction.* If equal calls were answered differently, nothing that rests on the answers is more than possible.
4. *Health.* Errors that are more than possible make the run unhealthy; if only causes of the network hold, or a check
   that the judgement needs could not measure, it is undetermined.

Nothing here does I/O, so ``diagnose`` judges a saved report by the same code.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from okx_doctor.catalogue.absorption import Claim, is_explained
from okx_doctor.catalogue.causes import FIX_ORDER, NETWORK_GROUP, OF_ITS_SLOT, STEP_OF_SLOT, entry, ids
from okx_doctor.causes.clients import setting_lines
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
        causes=tuple(
            _cause(name, kept[name], evidence) for name in sorted(kept, key=lambda name: _place(name, kept[name]))
        ),
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
    """The causes that no other cause explains. A cause that is itself explained explains nothing."""
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


def _cause(name: str, said: Holds, evidence: Evidence) -> Cause:
    known = entry(name)
    remedy = said.remedy
    if not remedy.lines and (lines := setting_lines(evidence, name, said.slots)):
        remedy = replace(remedy, lines=lines)
    return Cause(
        id=name,
        severity=said.severity or known.severity,
        confidence=said.confidence,
        title=known.title,
        because=said.because,
        remedy=remedy,
        checks=said.checks,
    )


def _place(name: str, said: Holds) -> tuple[bool, int, int]:
    known = entry(name)
    steps = [STEP_OF_SLOT[slot] for slot in said.slots] if known.step == OF_ITS_SLOT else [known.step]
    severity = said.severity or known.severity
    return severity is Severity.WARNING, min(FIX_ORDER[step] for step in steps), ids().index(name)
