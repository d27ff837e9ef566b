"""From runs to a report, and from a saved report back to runs: the same judgement both ways, without I/O."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence, Set
from typing import Any, Final

from msgspec import to_builtins
from msgspec.structs import replace

from okx_doctor import __version__
from okx_doctor.causes.clock import ntp_offset
from okx_doctor.causes.conversation import contradiction
from okx_doctor.causes.engine import health, judge
from okx_doctor.checking.checks import Check
from okx_doctor.checking.runner import Run
from okx_doctor.checking.summaries import setting
from okx_doctor.model import (
    SEVERAL,
    CheckResult,
    CheckStatus,
    Report,
    Severity,
    TargetSummary,
    Tool,
    Undetermined,
    Verdict,
)
from okx_doctor.observations import KINDS, BotSetting, Connection, Evidence, NtpTime, SignedCall, observations_from_rows

SCHEMA: Final = "okx-doctor/report/1"


def report(
    checks: Sequence[Check],
    runs: Sequence[Run],
    target: TargetSummary,
    started_at: str,
    duration_ms: int,
) -> Report:
    """Judge the runs of ``checks`` (same order) and put everything together."""
    evidence = Evidence(observation for run in runs for observation in run.observations)
    verdict = _about({run.check_id for run in runs if run.kind != "skip"}, judge(evidence))
    results = tuple(_result(check, run, verdict, evidence) for check, run in zip(checks, runs, strict=True))
    named = {name for cause in verdict.causes if cause.convicts for name in cause.checks}
    undecided = bool(contradiction(evidence)) or any(
        result.status in (CheckStatus.UNKNOWN, CheckStatus.CRASH)
        or (result.status is CheckStatus.FAIL and check.id not in named)
        for check, result in zip(checks, results, strict=True)
        if check.replaced_by is None or evidence.first(check.replaced_by) is None
    )
    return Report(
        schema=SCHEMA,
        tool=Tool(version=__version__),
        started_at=started_at,
        duration_ms=duration_ms,
        target=replace(target, address=_way(evidence), settings=tuple(map(setting, evidence.all(BotSetting)))),
        status=health(verdict, undecided),
        verdict=verdict,
        checks=results,
    )


def _way(evidence: Evidence) -> str:
    """The way that the calls took to OKX, as far as it was seen, and the address that OKX named."""
    connected = next((seen for seen in evidence.all(Connection) if seen.failure is None), None)
    answers = [call.answer for call in evidence.all(SignedCall) if call.answer is not None]
    seen_as = next((answer.caller_ip for answer in answers if answer.caller_ip), "")
    way = [f"over {connected.family}"] if connected and connected.family else []
    way += [f"through {connected.proxy}"] if connected and connected.proxy else []
    return ", ".join((*way, *((f"from {seen_as} as OKX sees it",) if seen_as else ())))


def _about(ran: Set[str], verdict: Verdict) -> Verdict:
    """The verdict with causes left open that only checks would name which were left out."""
    left_out = [cause for cause in verdict.causes if not ran & set(cause.checks)]
    return replace(
        verdict,
        causes=tuple(cause for cause in verdict.causes if cause not in left_out),
        undetermined=(
            *verdict.undetermined,
            *(Undetermined(id=cause.id, missing=f"the check {cause.checks[0]}") for cause in left_out),
        ),
    )


def _result(check: Check, run: Run, verdict: Verdict, evidence: Evidence) -> CheckResult:
    own = Evidence(run.observations)
    measured = run.kind == "measured"
    observations: dict[str, list[dict[str, object]]] = {}
    names = {kind: name for name, kind in KINDS.items()}
    for seen in run.observations:
        observations.setdefault(names[type(seen)], []).append(to_builtins(seen))
    return CheckResult(
        id=check.id,
        group=check.group,
        title=check.title,
        status=_status(check, run, verdict, own),
        summary=check.summary(own, evidence) if measured else run.reason,
        duration_ms=run.duration_ms,
        observations=observations,
    )


def _status(check: Check, run: Run, verdict: Verdict, own: Evidence) -> CheckStatus:
    if run.kind != "measured":
        return CheckStatus(run.kind)
    if own.all(NtpTime) and ntp_offset(own) is None:
        return CheckStatus.UNKNOWN
    severities = {cause.severity for cause in verdict.causes if run.check_id in cause.checks}
    if Severity.ERROR in severities or not check.in_order(own):
        return CheckStatus.FAIL
    return CheckStatus.WARN if severities else CheckStatus.PASS


class UnusableReport(Exception):
    """The file is not a report of okx-doctor; the text says what is wrong and where."""


def judge_all_again(text: str, checks: Sequence[Check]) -> tuple[Report, ...]:
    """Judge a saved report, or a saved document of several. Raises ``UnusableReport`` as ``judge_again`` does."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    several = document.get("reports") if isinstance(document, dict) and document.get("schema") == SEVERAL else None
    if not isinstance(several, list) or not several:
        return (judge_again(text, checks),)
    return tuple(judge_again(json.dumps(one), checks) for one in several)


def judge_again(text: str, checks: Sequence[Check]) -> Report:
    """Judge a saved report anew. Raises ``UnusableReport`` for a text that this version cannot read."""
    import msgspec

    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnusableReport(f"is not JSON: {error}") from None
    if not _finite(document):
        raise UnusableReport("is damaged: it contains NaN or Infinity")
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UnusableReport(f'is not a report: its "schema" is not "{SCHEMA}"')
    try:
        saved = msgspec.convert(document["checks"], list[CheckResult])
        target = msgspec.convert(document["target"], TargetSummary)
        runs = _saved_runs({result.id: result for result in saved}, checks)
        started_at = msgspec.convert(document["started_at"], str)
        duration_ms = msgspec.convert(document["duration_ms"], int)
    except (msgspec.ValidationError, KeyError, TypeError, UnicodeError) as error:
        raise UnusableReport(f"is damaged: {error}") from None
    try:
        return report(checks, runs, target, started_at, duration_ms)
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        raise UnusableReport("is damaged: its observations do not belong together") from None


def _finite(document: object) -> bool:
    """Whether every number in a JSON document is one: Python's parser also takes NaN, Infinity and 1e999."""
    unseen = [document]  # no recursion: the parser's own goes deeper than Python's
    while unseen:
        match unseen.pop():
            case float() as number if not math.isfinite(number):
                return False
            case list() as items:
                unseen += items
            case dict() as members:
                unseen += members.values()
    return True


def _saved_runs(saved: dict[str, CheckResult], checks: Sequence[Check]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for check in checks:
        result = saved.get(check.id)
        if result is None:
            runs.append(Run(check_id=check.id, kind="skip", reason="not part of the saved report"))
            continue
        kind: Any = result.status.value if result.status.value in ("skip", "unknown", "crash") else "measured"
        runs.append(
            Run(
                check_id=check.id,
                kind=kind,
                reason="" if kind == "measured" else result.summary,
                observations=observations_from_rows(result.observations),
                duration_ms=result.duration_ms,
            )
        )
    return tuple(runs)
