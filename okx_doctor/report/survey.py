"""A survey as text for people and as JSON to attach to a report. Neither holds a credential: none was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from msgspec import to_builtins

from okx_doctor import __version__
from okx_doctor.protocol.facts import newest_day
from okx_doctor.surveying.survey import Row, Survey

SCHEMA = "okx-doctor/survey/1"
_MAX_REPEATED: Final = 5
_SIGNS = {"agree": "✓", "differ": "✗", "new": "✗", "not asked": "–"}


def render_text(survey: Survey, *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """A line for each question, then the orders of steps that the answers show, then the sum and what has changed."""
    from okx_doctor.report.text import Paragraph, render_paragraphs

    def paragraphs() -> Iterator[Paragraph]:
        yield Paragraph(text=f"What OKX answers, against what okx-doctor knows of it (confirmed {newest_day()})")
        yield Paragraph(text="")
        for row in survey.rows:
            yield Paragraph(text=_line(row), indent=2)
        shown = [order for order in survey.orders if not order.agrees]
        if survey.orders:
            yield Paragraph(text="")
            yield Paragraph(text=f"{len(survey.orders)} pairs of steps in order, {len(shown)} otherwise than known:")
            for order in shown:
                yield Paragraph(text=f"✗ OKX asks {order.first} before {order.then}", indent=2)
        yield Paragraph(text="")
        counts = {verdict: sum(row.verdict == verdict for row in survey.rows) for verdict in _SIGNS}
        yield Paragraph(text=", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) + ".")
        if survey.differs:
            changed = [row for row in survey.rows if row.verdict in ("differ", "new")]
            for row in changed[:_MAX_REPEATED]:
                yield Paragraph(text=_line(row), indent=2)
            if len(changed) > _MAX_REPEATED:
                yield Paragraph(text=f"and {len(changed) - _MAX_REPEATED} more, above", indent=2)
            yield Paragraph(text="Something has changed at OKX: please attach this to a report of it.")
            yield Paragraph(text="okx-doctor survey --format json", indent=2, command="$")

    return render_paragraphs(paragraphs(), width=width, colour=colour, ascii_only=ascii_only)


def _line(row: Row) -> str:
    same = "" if row.verdict == "agree" else f", expected {row.expected}"
    return f"{_SIGNS[row.verdict]} {row.verdict:<9}  {row.question} ({row.where}): {row.answered}{same}"


def render_json(survey: Survey) -> str:
    """One object; ``facts`` is the day of the newest fact that the answers were held against."""
    document = {
        "schema": SCHEMA,
        "tool": {"name": "okx-doctor", "version": __version__},
        "facts": newest_day(),
        **to_builtins(survey),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
