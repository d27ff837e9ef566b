"""A report as JSON, the form that scripts read and ``diagnose`` judges again."""

from __future__ import annotations

import json

from msgspec import to_builtins

from okx_doctor.model import Report


def render_json(report: Report, *, note: str = "") -> str:
    """One JSON object (schema ``okx-doctor/report/1``), without a note."""
    return json.dumps(to_builtins(report), indent=2) + "\n"
