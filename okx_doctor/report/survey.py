"""A survey as text for people and as JSON to attach to a report. Neither holds a credential: none was sent."""

from __future__ import annotations

import json

from msgspec import to_builtins

from okx_doctor import __version__
from okx_doctor.protocol.facts import newest_day
from okx_doctor.surveying.survey import Survey

SCHEMA = "okx-doctor/survey/1"
_SIGNS = {"agree": "✓", "differ": "✗", "new": "✗", "not asked": "–"}


def render_text(survey: Survey) -> str:
    """A line for each question, then the orders of steps that the answers show, then the sum."""
    lines = [f"What OKX answers, against what okx-doctor knows of it (last confirmed {newest_day()})", ""]
    for row in survey.rows:
        same = "" if row.verdict == "agree" else f", expected {row.expected}"
        lines.append(f"  {_SIGNS[row.verdict]} {row.verdict:<9}  {row.question} ({row.where}): {row.answered}{same}")
    shown = [order for order in survey.orders if not order.agrees]
    if survey.orders:
        lines += ["", f"{len(survey.orders)} pairs of steps in order, {len(shown)} otherwise than known:"]
        lines += [f"  ✗ OKX asks {order.first} before {order.then}" for order in shown]
    counts = {verdict: sum(row.verdict == verdict for row in survey.rows) for verdict in _SIGNS}
    lines += ["", ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) + "."]
    if survey.differs:
        lines.append("Something has changed at OKX: please attach --format json to a report of it.")
    return "\n".join([*lines, ""])


def render_json(survey: Survey) -> str:
    """One object; ``facts`` is the day of the newest fact that the answers were held against."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "okx-doctor", "version": __version__},
        "facts": newest_day(),
        **to_builtins(survey),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
