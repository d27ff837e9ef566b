"""What a report was judged by, read back from it."""

from __future__ import annotations

from okx_doctor.model import Report
from okx_doctor.observations import Evidence, restored


def evidence(report: Report) -> Evidence:
    """All that the report's checks observed."""
    return Evidence(seen for check in report.checks for seen in restored(check.observations))
