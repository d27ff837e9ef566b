"""The clock's offset drawn inside the ±30 s window in which OKX takes a timestamp."""

from __future__ import annotations

from typing import Final

from okx_doctor.causes.clock import exchange_offset, in_words, ntp_offset
from okx_doctor.model import Report
from okx_doctor.observations import evidence_in
from okx_doctor.protocol.timestamps import WINDOW_SECONDS

_HALF_COLUMNS: Final = 20
"""Columns on either side of the middle."""


def clock_gauge(report: Report) -> str:
    """Two lines: the window, and this clock's place in it. ``""`` where no other clock was measured."""
    seen = evidence_in(report)
    measured = exchange_offset(seen) or ntp_offset(seen)
    if measured is None:
        return ""
    offset = -measured.seconds  # the local clock against the reference
    scale = "".join(("-30 s ", "│", "─" * (_HALF_COLUMNS - 1), "│", "─" * (_HALF_COLUMNS - 1), "│", " +30 s"))
    place = round(offset / WINDOW_SECONDS * _HALF_COLUMNS)
    direction = "ahead" if offset > 0 else "behind"
    label = f"this clock, {in_words(abs(offset))} {direction}"
    start = len("-30 s ")
    if place < -_HALF_COLUMNS:
        return f"{scale}\n<● {label}, outside"
    if place > _HALF_COLUMNS:
        return f"{scale}\n{f'{label}, outside ●>':>{start + 2 * _HALF_COLUMNS + 7}}"
    column = start + _HALF_COLUMNS + place
    if place <= 0:
        return f"{scale}\n{' ' * column}● {label}"
    return f"{scale}\n{f'{label} ●':>{column + 1}}"
