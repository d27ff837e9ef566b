"""A report as JUnit XML, for Jenkins, GitLab and all that read it: one test case per check.

The form is that of Jenkins' xUnit plugin (``junit-10.xsd``), which GitLab reads too:
https://docs.gitlab.com/ci/testing/unit_test_reports/.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from okx_doctor.model import Cause, CheckResult, CheckStatus, Health, Report, Severity
from okx_doctor.report.sharing import for_others
from okx_doctor.report.wording import crashed_by_a_bug, headline, standing_of
from okx_doctor.secrets.foreign_text import visible


def render_junit(report: Report, *, note: str = "") -> str:
    """One ``testsuite``: a failure names its causes, a warning goes to ``system-out``, what could not be measured
    is an error where the verdict needed it, else skipped. IP addresses are cut short.
    """
    report = for_others(report)
    statuses = [check.status for check in report.checks]
    unneeded = () if report.status is Health.UNDETERMINED else (CheckStatus.UNKNOWN,)
    counts = {
        "tests": len(statuses),
        "failures": statuses.count(CheckStatus.FAIL),
        "errors": sum(status in {CheckStatus.UNKNOWN, CheckStatus.CRASH} - {*unneeded} for status in statuses),
        "skipped": sum(status in (CheckStatus.SKIP, *unneeded) for status in statuses),
    }
    numbers = {name: str(count) for name, count in counts.items()}
    totals = {name: number for name, number in numbers.items() if name != "skipped"}
    time = _seconds(report.duration_ms)
    root = ET.Element("testsuites", {"name": "okx-doctor", "time": time} | totals)
    stamp = visible(report.started_at).partition(".")[0].rstrip("Z")
    name = " ".join(filter(None, ("okx-doctor check", report.target.label or report.target.key)))
    suite = ET.SubElement(root, "testsuite", {"name": visible(name), "time": time, "timestamp": stamp} | numbers)
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("status", report.status.value),
        ("verdict", headline(report)),
        ("ignored", ", ".join(report.verdict.ignored)),
        ("causes", ", ".join(cause.id for cause in report.verdict.causes)),
        ("base_url", report.target.base_url),
        ("site", report.target.site),
        ("environment", report.target.environment),
        ("key", report.target.key),
        ("source", report.target.source),
        ("profile", report.target.profile or ""),
        ("label", report.target.label),
        ("address", report.target.address),
        *((("settings", "; ".join(report.target.settings)),) if report.target.settings else ()),
        ("version", report.tool.version),
    ):
        ET.SubElement(properties, "property", {"name": name, "value": visible(value)})
    for check in report.checks:
        causes = [cause for cause in report.verdict.causes if check.id in cause.checks]
        suite.append(_case(check, causes, needed=check.status not in unneeded))
    if note:
        ET.SubElement(suite, "system-out").text = note
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(check: CheckResult, causes: Sequence[Cause], *, needed: bool) -> ET.Element:
    name = f"{visible(check.id)}: {visible(check.title)}"
    case = ET.Element(
        "testcase",
        {"name": name, "classname": f"okx-doctor.{visible(check.group)}", "time": _seconds(check.duration_ms)},
    )
    errors = [cause for cause in causes if cause.severity is Severity.ERROR]
    summary = visible(check.summary)
    match check.status:
        case CheckStatus.FAIL:
            named = {
                "message": "; ".join(f"{visible(cause.title)} ({standing_of(cause)})" for cause in errors) or summary,
                "type": ", ".join(cause.id for cause in errors) or "refused",
            }
            ET.SubElement(case, "failure", named).text = _describe(summary, causes)
        case CheckStatus.UNKNOWN if not needed:
            ET.SubElement(case, "skipped", {"message": f"the verdict did not need it: {summary}"})
        case CheckStatus.UNKNOWN:
            ET.SubElement(case, "error", {"message": summary, "type": "unknown"}).text = _describe(summary, causes)
        case CheckStatus.CRASH:
            ET.SubElement(
                case, "error", {"message": f"{summary}: {crashed_by_a_bug()}", "type": "crash"}
            ).text = _describe(summary, causes)
        case CheckStatus.SKIP:
            ET.SubElement(case, "skipped", {"message": summary})
        case CheckStatus.PASS | CheckStatus.WARN:
            ET.SubElement(case, "system-out").text = _describe(summary, causes)
    return case


def _describe(summary: str, causes: Iterable[Cause]) -> str:
    """A check's measurement, then every cause with its proof and its remedy."""
    lines = [summary]
    for cause in causes:
        lines += [
            "",
            f"{visible(cause.id)}: {visible(cause.title)} ({standing_of(cause)})",
            *(f"  - {visible(line)}" for line in cause.because),
            f"  Fix: {visible(cause.remedy.text)}",
            *(f"    {visible(line)}" for line in cause.remedy.lines),
            *(f"    $ {visible(line)}" for line in cause.remedy.commands),
            f"    then {visible(cause.remedy.verify)}",
        ]
    return "\n".join(lines)


def _seconds(milliseconds: int) -> str:
    """Seconds with three digits after the point; never negative, at most a day, as readers expect of a duration."""
    return f"{min(max(milliseconds, 0), 86_400_000) / 1000:.3f}"
