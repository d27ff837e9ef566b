"""A report as GitHub-flavoured Markdown: for a comment, an issue, a step's summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.model import Cause, CheckStatus, Health, Report, Severity
from okx_doctor.report.sharing import for_others
from okx_doctor.report.wording import (
    NEXT_STEP,
    asked_okx,
    crashed_by_a_bug,
    headline,
    ignored,
    standing_of,
    whence,
    whose,
)
from okx_doctor.repository import page_of
from okx_doctor.secrets.foreign_text import visible

_MARKS: Final = {
    CheckStatus.PASS: "✅",
    CheckStatus.WARN: "⚠️",
    CheckStatus.FAIL: "❌",
    CheckStatus.SKIP: "➖",
    CheckStatus.UNKNOWN: "❓",
    CheckStatus.CRASH: "💥",
}
_HEALTH: Final = {Health.HEALTHY: "✅", Health.UNHEALTHY: "❌", Health.UNDETERMINED: "❓"}

_LIVE: Final = re.compile(r"@|://|www\.|#\d|gh-\d|:[\w+-]+:|\b[0-9a-f]{7,40}\b", re.IGNORECASE)
"""Texts with which GitHub links, notifies or draws although Markdown is escaped; not within code."""

_SPECIAL: Final = re.compile(r"[&<>|$\\`*_{}\[\]#~]")
_FIRST: Final = re.compile(r"^(?:[-+=]|\d+[.)](?= |$))")
"""Texts that open a list or underline a heading, at the beginning of a line only."""


def render_markdown(report: Report, *, note: str = "") -> str:
    """The verdict, then the checklist folded in. IP addresses are cut short: comments are often public."""
    return "\n".join(_lines(for_others(report), note)) + "\n"


def escape(text: str) -> str:
    """Foreign text on one line that shows as it is and does nothing: no markup, HTML, link, mention or picture."""
    words = (_live(word) if _LIVE.search(word) else _plain(word) for word in visible(text).strip().split(" "))
    return _FIRST.sub(lambda found: f"{found.group()[:-1]}&#{ord(found.group()[-1])};", " ".join(words))


def code(text: str) -> str:
    """Foreign text as code, inside a table too."""
    return _code(visible(text))


def fenced(lines: tuple[str, ...]) -> str:
    """Commands as a block of code, in a fence that nothing in them closes."""
    shown = [visible(line) for line in lines]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join((f"{fence}sh", *shown, fence))


def _live(word: str) -> str:
    """A word that may not be left as text, as code; what ends a sentence stays outside."""
    core = word.rstrip(".,;:)") or word
    return _code(core) + _plain(word[len(core) :])


def _plain(word: str) -> str:
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", word)


def _code(text: str) -> str:
    """Within backticks where a table does not break them, else as an element with everything in it escaped."""
    if not text:
        return ""
    if re.search(r"[`|\\]|^ | $", text):
        entities = re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found.group())};", text)
        return f"<code>{entities}</code>"
    return f"`{text}`"


def _lines(report: Report, note: str) -> Iterator[str]:
    yield f"## {_HEALTH[report.status]} okx-doctor: {headline(report)}"
    yield ""
    yield f"{code(report.target.base_url)} ({escape(report.target.site)}, {escape(report.target.environment)})"
    yield escape(", ".join(filter(None, (whose(report), whence(report)))))
    yield from (f"- {escape(line)}" for line in report.target.settings)
    yield ""
    causes = report.verdict.causes
    for number, cause in enumerate(causes, 1):
        yield from _cause(cause, number if len(causes) > 1 else 0)
    crashed = [check.id for check in report.checks if check.status is CheckStatus.CRASH]
    if crashed:
        yield from (f"{', '.join(map(code, crashed))} {crashed_by_a_bug()}", "")
    if report.status is Health.HEALTHY and asked_okx(report):
        yield from (NEXT_STEP, "")
    yield from _undetermined(report)
    yield from _checklist(report)
    if ignored(report):
        yield from (escape(ignored(report)), "")
    if note:
        yield from (f"_{escape(note)}_", "")
    moment = f"{escape(report.started_at)}, {report.duration_ms} ms, okx-doctor {escape(report.tool.version)}"
    yield f"<sub>{moment}. No credential is in this report; IP addresses are cut short.</sub>"


def _cause(cause: Cause, number: int) -> Iterator[str]:
    mark = "❌" if cause.severity is Severity.ERROR else "⚠️"
    yield f"### {mark} {f'{number}. ' if number else ''}{escape(cause.title)}"
    yield ""
    yield f"{code(cause.id)}: **{standing_of(cause)}**"
    yield ""
    yield from (f"- {escape(line)}" for line in cause.because)
    yield ""
    yield f"**Fix.** {escape(cause.remedy.text)}"
    yield ""
    if cause.remedy.lines:
        yield fenced(cause.remedy.lines)
        yield ""
    if cause.remedy.commands:
        yield fenced(cause.remedy.commands)
        yield ""
    page = f", <{address}>" if (address := page_of(cause.id)) else ""
    yield f"Then {code(cause.remedy.verify)}; more: {code(f'okx-doctor explain {cause.id}')}{page}"
    yield ""


def _undetermined(report: Report) -> Iterator[str]:
    grouped: dict[str, list[str]] = {}
    for row in report.verdict.undetermined:
        grouped.setdefault(row.missing, []).append(row.id)
    if grouped and report.status is not Health.HEALTHY:
        yield "### Not judged"
        yield ""
        yield from (f"- {', '.join(map(code, ids))}: needs {escape(missing)}" for missing, ids in grouped.items())
        yield ""


def _checklist(report: Report) -> Iterator[str]:
    passed = sum(check.status is CheckStatus.PASS for check in report.checks)
    yield f"<details><summary>Checklist: {passed} of {len(report.checks)} checks passed</summary>"
    yield ""
    yield "| | check | measured |"
    yield "|---|---|---|"
    for check in report.checks:
        mark = f"{_MARKS[check.status]} {check.status.value}"
        yield f"| {mark} | {code(check.id)} | {escape(check.summary)} |"
    yield ""
    yield "</details>"
    yield ""
