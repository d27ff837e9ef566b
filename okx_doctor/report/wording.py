"""Words that every format for people shares."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal

from okx_doctor.model import Cause, CheckStatus, Health, Report, Severity, counted
from okx_doctor.repository import please_report

NEXT_STEP: Final = (
    "If the bot is still refused from this machine, its credentials are not why: capture the request it sends (a curl "
    "command, a HAR, a log) and run okx-doctor inspect on it."
)
NOTHING_CAME: Final = "nothing came"


def crashed_by_a_bug() -> str:
    """The words after the ids of checks that crashed."""
    return f"crashed: a bug of okx-doctor's own; {please_report()}"


Detail = Literal["answer", "usual", "all"]
"""How much of a report is shown: its last lines alone, the checks that did not pass, or every check."""

SIGN_WORDS: Final[Mapping[str, str]] = {
    "✓": "pass",
    "✗": "fail",
    "!": "warning",
    "?": "unknown",
    "-": "skipped",
    "☠": "crashed",
}
"""A word for each sign, for screen readers and logs."""

_HELD_BLANK: Final = "\ue000"
"""Stands for a blank at which no line may end, until a text is laid out; a blank that no printer breaks at."""
_COMMAND: Final = re.compile(r"okx-doctor [a-z][a-z-]*(?: --?[a-z][a-z-]*(?:[= ][A-Za-z0-9][\w.:/-]*)?)*")
_NEXT_OPTION: Final = re.compile(r" (?=--?[a-z])")
_SENTENCE: Final = re.compile(r".+?[.!?](?= [A-Z])", re.DOTALL)


def unbroken(text: str) -> str:
    """The text with every command of ours in it held together, until ``with_blanks``."""
    return _COMMAND.sub(lambda found: held_together(found.group()), text)


def held_together(text: str) -> str:
    """The text on one line, until ``with_blanks``."""
    return text.replace(" ", _HELD_BLANK)


def with_blanks(text: str) -> str:
    """A text that is laid out, with its blanks."""
    return text.replace(_HELD_BLANK, " ")


CHECK: Final = "okx-doctor check"


def is_command(verify: str) -> bool:
    """Whether a remedy is verified by a command of ours, not by doing what a sentence says."""
    return verify.startswith("okx-doctor ")


def first_sentence(text: str) -> str:
    """The first sentence of a remedy, which is enough to begin with."""
    found = _SENTENCE.match(text)
    return found.group() if found else text


def check_again(causes: Sequence[Cause]) -> str:
    """The command that shows that everything is fixed, with the options that each cause asks for.

    Where no cause names a command it is a sentence, the first cause's.
    """
    commands = [cause.remedy.verify for cause in causes if is_command(cause.remedy.verify)]
    if causes and not commands:
        return causes[0].remedy.verify
    checks = [command.removeprefix(CHECK) for command in commands if command.startswith(CHECK)]
    options = dict.fromkeys(option for command in checks for option in _NEXT_OPTION.split(command.strip()))
    return " ".join((CHECK, *filter(None, options)))


def answer_headline(report: Report) -> str:
    """The result of a run, with the cause where there is one, else with the site."""
    causes = report.verdict.causes
    warnings = sum(cause.severity is Severity.WARNING for cause in causes)
    match report.status:
        case Health.HEALTHY if len(causes) == 1:
            return f"{headline(report)}, with a warning: {causes[0].title}"
        case Health.HEALTHY if causes:
            return f"{headline(report)}, with {counted(warnings, 'warning')}"
        case Health.UNHEALTHY | Health.UNDETERMINED if len(causes) == 1:
            return f"{headline(report).partition(':')[0]}: {causes[0].title}"
        case Health.UNDETERMINED if causes:
            return f"{headline(report)}: {len(causes)} causes, to fix in this order"
        case Health.UNHEALTHY:
            return headline(report)
        case _:
            return f"{headline(report)}: {target(report)}"


def headline(report: Report) -> str:
    """The result of a run in a few words."""
    match report.status:
        case Health.UNDETERMINED:
            return "could not judge"
        case Health.UNHEALTHY:
            errors = sum(cause.severity is Severity.ERROR for cause in report.verdict.causes)
            warnings = len(report.verdict.causes) - errors
            told = f" and {counted(warnings, 'warning')}" if warnings else ""
            fix = f"{errors} causes, to fix in this order" if errors > 1 else "one cause to fix"
            return f"unhealthy: {fix}{told}"
        case Health.HEALTHY if asked_okx(report):
            return "healthy from here"
        case Health.HEALTHY:
            return "healthy as far as it was checked; OKX was not asked"


def target(report: Report) -> str:
    """Where the run looked."""
    return f"{report.target.base_url} ({report.target.site}, {report.target.environment})"


def ignored(report: Report) -> str:
    """The warnings that hold and were accepted, in a line; empty without any."""
    names = report.verdict.ignored
    return f"ignored, as accepted with --ignore or in [tool.okx-doctor]: {', '.join(names)}" if names else ""


def whose(report: Report) -> str:
    """The key that a run checked: its label, masked key, source and profile, as far as there are any."""
    about = report.target
    key = f"key {about.key}" if about.key else "a key of another form" if about.source else ""
    source = f"from {about.source}" if about.source else ""
    profile = f"profile {about.profile}" if about.profile else ""
    said = ", ".join(filter(None, (" ".join(filter(None, (key, source))), profile)))
    return f"{about.label}: {said}" if about.label and said else about.label or said


def whence(report: Report) -> str:
    """The way to OKX and the time, ``over IPv4, 2026-11-22 13:54:07 UTC``."""
    return ", ".join(filter(None, (report.target.address, moment(report))))


def moment(report: Report) -> str:
    """The second in which a run began, ``2026-11-22 13:54:07 UTC``."""
    return report.started_at.partition(".")[0].replace("T", " ").removesuffix("Z") + " UTC"


def asked_okx(report: Report) -> bool:
    """Whether OKX accepted a signed call."""
    return any(check.id == "signed.config" and check.status is CheckStatus.PASS for check in report.checks)


def standing_of(cause: Cause) -> str:
    """How sure a cause is, and whether it is only a warning."""
    return cause.confidence.value if cause.severity is Severity.ERROR else f"{cause.confidence.value}, a warning"
