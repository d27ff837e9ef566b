"""A report as GitHub Actions reads it: the text for the log, then one workflow command per cause.

Commands and their escaping: https://docs.github.com/actions/reference/workflow-commands-for-github-actions and
``actions/toolkit``, packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from okx_doctor.model import Cause, CheckStatus, Health, Report, Severity
from okx_doctor.report.sharing import for_others
from okx_doctor.report.text import render_text
from okx_doctor.report.wording import crashed_by_a_bug, headline, standing_of, target, whose
from okx_doctor.secrets.foreign_text import inert, visible

Level = Literal["error", "warning", "notice"]


def render_github(report: Report, *, note: str = "") -> str:
    """The log, and the lines that GitHub turns into annotations. IP addresses are cut short: logs are often public."""
    report = for_others(report)
    text = render_text(report, width=100, note=note)
    return "".join(f"{line}\n" for line in (*text.splitlines(), "", *_commands(report)))


def workflow_command(level: Level, title: str, message: str) -> str:
    """One workflow command on one line. Newlines of ``message`` are kept, as GitHub's toolkit escapes them.

    No line of the message is a command itself: a runner other than GitHub's may print the data unescaped.
    """
    lines = "\n".join(map(inert, message.split("\n")))
    data = lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    name = title.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
    return f"::{level} title={name}::{data}"


def _commands(report: Report) -> Iterator[str]:
    for cause in report.verdict.causes:
        level: Level = "error" if cause.severity is Severity.ERROR else "warning"
        yield workflow_command(level, f"okx-doctor: {cause.id}, {standing_of(cause)}", _message(report, cause))
    crashed = [check.id for check in report.checks if check.status is CheckStatus.CRASH]
    if crashed:
        yield workflow_command("error", "okx-doctor", f"{visible(', '.join(crashed))} {crashed_by_a_bug()}")
    about = ", ".join(filter(None, (target(report), whose(report))))
    match report.status:
        case Health.HEALTHY:
            yield workflow_command("notice", "okx-doctor", f"{headline(report)}: {visible(about)}")
        case Health.UNDETERMINED:
            yield workflow_command("error", "okx-doctor", f"{headline(report)}: {_open(report)}")
        case Health.UNHEALTHY:
            return


def _message(report: Report, cause: Cause) -> str:
    lines = (
        visible(cause.title),
        *((visible(whose(report)),) if whose(report) else ()),
        *(f"- {visible(line)}" for line in cause.because),
        f"Fix: {visible(cause.remedy.text)}",
        *(f"  {visible(line)}" for line in cause.remedy.lines),
        *(f"$ {visible(line)}" for line in cause.remedy.commands),
        f"then {visible(cause.remedy.verify)}",
    )
    return "\n".join(lines)


def _open(report: Report) -> str:
    """The reasons why the run could not judge."""
    unmeasured = [
        f"{check.id} ({visible(check.summary)})"
        for check in report.checks
        if check.status in (CheckStatus.FAIL, CheckStatus.UNKNOWN, CheckStatus.CRASH)
    ]
    return "; ".join(unmeasured) or visible(target(report))
