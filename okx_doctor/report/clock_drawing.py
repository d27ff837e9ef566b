"""The clock's offset and its uncertainty inside the ±30 s window in which OKX takes a timestamp, as inline SVG.

Every place is a percentage and no view box scales it, so that the words keep their size on a phone.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

from okx_doctor.causes.clock import Offset, exchange_offset, ntp_offset
from okx_doctor.model import Report
from okx_doctor.observations import evidence_in
from okx_doctor.protocol.timestamps import WINDOW_SECONDS
from okx_doctor.report.markup import element

_HALF_PERCENT: Final = 38.0
"""Percent of the width on either side of the middle that the window takes."""
_LANE_PIXELS: Final = 46
"""Pixels of height for one reference."""
_EDGE_PERCENT: Final = 4.0
"""Where a clock outside the window is drawn, in percent from the side."""
_TICKS: Final = (("−30 s", -30.0), ("−15", -15.0), ("0", 0.0), ("+15", 15.0), ("+30 s", 30.0))


def clock_drawing(report: Report) -> ET.Element | None:
    """The figure, ``None`` when no time was read. Against OKX first, then against time servers."""
    seen = evidence_in(report)
    offsets = [offset for offset in (exchange_offset(seen), ntp_offset(seen)) if offset is not None]
    if not offsets:
        return None
    height = _LANE_PIXELS * len(offsets) + 26
    told = "; ".join(f"this clock is {offset}" for offset in offsets)
    window = f"OKX takes timestamps within {WINDOW_SECONDS:.0f} s of its own time, either way"
    drawing = element(
        "svg",
        element(
            "rect",
            x=_percent(50 - _HALF_PERCENT),
            y="0",
            width=_percent(2 * _HALF_PERCENT),
            height=str(height - 24),
            class_="window",
        ),
        *(_tick(label, seconds, height) for label, seconds in _TICKS),
        *(part for lane, offset in enumerate(offsets) for part in _lane(offset, lane * _LANE_PIXELS)),
        role="img",
        aria_label=f"{told}. {window}.",
        width="100%",
        height=str(height),
    )
    return element("figure", drawing, element("figcaption", f"{window}. The mark is this clock; the bar its doubt."))


def _tick(label: str, seconds: float, height: int) -> ET.Element:
    x = _percent(_place(seconds))
    line = element("line", x1=x, x2=x, y1="0", y2=str(height - 24), class_="axis" if seconds else "axis middle")
    return element("g", line, element("text", label, x=x, y=str(height - 6), text_anchor="middle", class_="scale"))


def _lane(offset: Offset, top: int) -> list[ET.Element]:
    seconds = -offset.seconds  # the local clock against the reference
    inside = abs(seconds) <= WINDOW_SECONDS
    x = _place(seconds) if inside else _EDGE_PERCENT if seconds < 0 else 100 - _EDGE_PERCENT
    ends = (seconds - offset.uncertainty, seconds + offset.uncertainty)
    low, high = (_place(min(max(end, -WINDOW_SECONDS), WINDOW_SECONDS)) for end in ends)
    middle = str(top + 30)
    state = "mark inside" if inside else "mark outside"
    parts = [element("text", str(offset), x="50%", y=str(top + 16), text_anchor="middle", class_="label")]
    if high > low:
        parts.append(
            element("rect", x=_percent(low), width=_percent(high - low), y=str(top + 26), height="8", class_="doubt")
        )
    if inside:
        parts.append(element("circle", cx=_percent(x), cy=middle, r="6", class_=state))
    else:
        arrow = "◀" if seconds < 0 else "▶"
        parts.append(element("text", arrow, x=_percent(x), y=str(top + 36), text_anchor="middle", class_=state))
    return parts


def _place(seconds: float) -> float:
    return 50 + seconds / WINDOW_SECONDS * _HALF_PERCENT


def _percent(value: float) -> str:
    return f"{value:.3f}%"
