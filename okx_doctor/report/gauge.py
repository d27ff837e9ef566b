"""The clock's offset drawn inside the ±30 s window in which OKX takes a timestamp."""

from __future__ import annotations

from typing import Final

from okx_doctor.causes.clock import in_words
from okx_doctor.model import Report
from okx_doctor.protocol.timestamps import WINDOW_SECONDS

_HALF: Final = 20
"""Columns on either side of the middle."""


def clock_gauge(report: Report) -> str:
    """Two lines: the window, and this clock's place in it. ``""`` when no time was read."""
    seconds = [
        [(float(str(row["uncertainty_s"])), float(str(row["offset_s"]))) for row in check.observations.get(name, ())]
        for name in ("exchange_times", "ntp_times")
        for check in report.checks
    ]
    exchange = [row for rows in seconds[: len(report.checks)] for row in rows]
    ntp = [row for rows in seconds[len(report.checks) :] for row in rows]
    if not exchange and not ntp:
        return ""
    offset = -min(exchange or ntp)[1]  # the local clock against the reference, by the sample with the least doubt
    scale = "".join(("-30 s ", "│", "─" * (_HALF - 1), "│", "─" * (_HALF - 1), "│", " +30 s"))
    place = round(offset / WINDOW_SECONDS * _HALF)
    direction = "ahead" if offset > 0 else "behind"
    label = f"this clock, {in_words(abs(offset))} {direction}"
    start = len("-30 s ")
    if place < -_HALF:
        return f"{scale}\n<● {label}, outside"
    if place > _HALF:
        return f"{scale}\n{f'{label}, outside ●>':>{start + 2 * _HALF + 7}}"
    column = start + _HALF + place
    if place <= 0:
        return f"{scale}\n{' ' * column}● {label}"
    return f"{scale}\n{f'{label} ●':>{column + 1}}"
