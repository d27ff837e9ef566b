"""``--wait``: the same run again and again until it is healthy, as a deploy needs it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import click

from okx_doctor.model import Report, exit_status

PAUSE_SECONDS: Final = 10.0
"""Between the end of one run and the beginning of the next: OKX counts calls, and a clock or a key needs time."""

_UNITS: Final[Mapping[str, float]] = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_FORM: Final = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smh]?)")
_MAX_SECONDS: Final = 24 * 3600.0


class Duration(click.ParamType[float]):
    """``90``, ``90s``, ``5m``, ``1h``, in seconds."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        found = _FORM.fullmatch(str(value))
        seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
        if not 0 < seconds <= _MAX_SECONDS:
            self.fail(f"{value!r} is not a time of at most a day, such as 90s, 5m or 1h.", param, ctx)
        return seconds


def until_healthy(
    measure: Callable[[], Sequence[Report]],
    seconds: float,
    monotonic: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> Sequence[Report]:
    """Measure until every report is healthy or ``seconds`` are over, and return the last reports."""
    end = monotonic() + seconds
    reports = measure()
    while exit_status(reports) != 0 and (left := end - monotonic()) > 0:
        pause(min(PAUSE_SECONDS, left))
        reports = measure()
    return reports
