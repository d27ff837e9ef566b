"""Reports in which a stranger's text stands wherever a saved report can hold one."""

from __future__ import annotations

from msgspec.structs import replace

from okx_doctor.model import Report
from okx_doctor.report.sharing import mapped


def with_foreign(report: Report, text: str) -> Report:
    """The report with ``text`` behind all that ``diagnose`` takes over from a file: names and titles are our own."""

    def behind(own: str) -> str:
        return own + text

    causes = tuple(
        replace(cause, because=mapped(cause.because, behind), remedy=mapped(cause.remedy, behind))
        for cause in report.verdict.causes
    )
    return replace(
        report,
        started_at=behind(report.started_at),
        target=mapped(report.target, behind),
        verdict=replace(report.verdict, causes=causes),
        checks=tuple(replace(check, summary=behind(check.summary)) for check in report.checks),
    )
