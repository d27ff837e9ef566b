"""Reports on several keys as one document: one line per key, the full reports of those that need it, the worst status.

``okx-doctor/reports/1`` is their JSON: ``status``, and the reports as each would be alone.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from msgspec import to_builtins

from okx_doctor.model import SEVERAL, Health, Report
from okx_doctor.report.github import render_github
from okx_doctor.report.junit import render_junit
from okx_doctor.report.markdown import render_markdown
from okx_doctor.report.text import Paragraph, render_paragraphs, render_text
from okx_doctor.report.wording import SIGN_WORDS, Detail

_SIGNS: Final = {
    Health.HEALTHY: ("✓", "green"),
    Health.UNHEALTHY: ("✗", "red"),
    Health.UNDETERMINED: ("?", "yellow"),
}
_MAX_CAUSES: Final = 2
_WORST_FIRST: Final = (Health.UNHEALTHY, Health.UNDETERMINED, Health.HEALTHY)


def worst(reports: Sequence[Report]) -> Health:
    """The status of several reports together: unhealthy where one is, else undetermined where one is."""
    return min((report.status for report in reports), key=_WORST_FIRST.index)


def several_as_text(
    reports: Sequence[Report],
    *,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
    note: str = "",
    detail: Detail = "usual",
    plain: bool = False,
) -> str:
    """The reports that are not healthy in full (all of them in full detail), and last one line per key."""
    shown = [report for report in reports if detail == "all" or report.status is not Health.HEALTHY]
    parts = [
        render_text(report, width=width, colour=colour, ascii_only=ascii_only, detail=detail, plain=plain)
        for report in (shown if detail != "answer" else ())
    ]
    lines = [Paragraph(text=note)] if note else []
    for report in reports:
        sign, style = _SIGNS[report.status]
        mark = f"{SIGN_WORDS[sign]}:" if plain else sign
        lines.append(Paragraph(text=f"{mark} {_line(report)}", style=style))
    lines.append(Paragraph(text=""))
    lines.append(Paragraph(text=_counts(reports), style="bold"))
    return "\n".join((*parts, render_paragraphs(lines, width=width, colour=colour, ascii_only=ascii_only)))


def several_as_json(reports: Sequence[Report], *, note: str = "") -> str:
    """One JSON object, without a note."""
    document = {"schema": SEVERAL, "status": worst(reports).value, "reports": [to_builtins(one) for one in reports]}
    return json.dumps(document, indent=2) + "\n"


def several_as_github(reports: Sequence[Report], *, note: str = "") -> str:
    """The log and the annotations of each, one after the other."""
    return "\n".join(render_github(report, note=note) for report in reports)


def several_as_markdown(reports: Sequence[Report], *, note: str = "") -> str:
    """Each report under its own heading."""
    return "\n".join(render_markdown(report, note=note) for report in reports)


def several_as_junit(reports: Sequence[Report], *, note: str = "") -> str:
    """One document with a ``testsuite`` per key, and their sums."""
    roots = [ET.fromstring(render_junit(report, note=note)) for report in reports]  # noqa: S314  our own text
    whole = ET.Element("testsuites", {"name": "okx-doctor"})
    for name in ("tests", "failures", "errors"):
        whole.set(name, str(sum(int(root.get(name, "0")) for root in roots)))
    whole.set("time", f"{sum(float(root.get('time', '0')) for root in roots):.3f}")
    for root in roots:
        whole.extend(root)
    ET.indent(whole)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(whole, encoding="unicode")}\n'


def _line(report: Report) -> str:
    """One key in one line: its name, masked value, status and causes."""
    about = report.target
    name = " ".join(filter(None, (about.label or about.profile or about.source, about.key)))
    causes = [cause.id for cause in report.verdict.causes]
    more = f" and {len(causes) - _MAX_CAUSES} more" if len(causes) > _MAX_CAUSES else ""
    return f"{name}: {report.status.value}" + (f" ({', '.join(causes[:_MAX_CAUSES])}{more})" if causes else "")


def _counts(reports: Sequence[Report]) -> str:
    found = Counter(report.status for report in reports)
    each = ", ".join(f"{found[status]} {status.value}" for status in _WORST_FIRST if found[status])
    return f"{len(reports)} keys: {each}."
