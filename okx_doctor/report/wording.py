"""Words that every format for people shares."""

from __future__ import annotations

from typing import Final

from okx_doctor.model import Cause, CheckStatus, Health, Report, Severity
from okx_doctor.repository import please_report

NEXT_STEP: Final = (
    "If the bot is still refused from this machine, its credentials are not why: capture the request it sends (a curl "
    "command, a HAR, a log) and run okx-doctor inspect on it."
)


def crashed_by_a_bug() -> str:
    """The words after the ids of checks that crashed."""
    return f"crashed: a bug of okx-doctor's own; {please_report()}"


def headline(report: Report) -> str:
    """The result of a run in a few words."""
    match report.status:
        case Health.UNDETERMINED:
            return "could not judge"
        case Health.UNHEALTHY:
            errors = sum(cause.severity is Severity.ERROR for cause in report.verdict.causes)
            return f"unhealthy: {errors} causes, to fix in this order" if errors > 1 else "unhealthy: one cause to fix"
        case Health.HEALTHY if asked_okx(report):
            return "healthy from here"
        case Health.HEALTHY:
            return "healthy as far as it was checked; OKX was not asked"


def target(report: Report) -> str:
    """Where the run looked."""
    return f"{report.target.base_url} ({report.target.site}, {report.target.environment})"


def asked_okx(report: Report) -> bool:
    """Whether OKX accepted a signed call."""
    return any(check.id == "signed.config" and check.status is CheckStatus.PASS for check in report.checks)


def standing_of(cause: Cause) -> str:
    """How sure a cause is, and whether it is only a warning."""
    return cause.confidence.value if cause.severity is Severity.ERROR else f"{cause.confidence.value}, a warning"
