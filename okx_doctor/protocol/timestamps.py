"""Timestamps as OKX reads them. Times are Unix seconds (UTC) as ``float``; nothing here reads a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from okx_doctor.protocol.sources import Source

WINDOW_SECONDS = 30.0
"""More than this away from OKX's time, either way, is refused with 50102."""

WINDOW_SOURCE: Final = Source(
    "https://www.okx.com/docs-v5/en/#overview-rest-authentication-making-requests", "2026-06-29"
)

DOCUMENTED_LENGTH: Final = len("2020-12-08T09:08:57.715Z")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z", re.ASCII)
_EPOCH = re.compile(r"\d{1,16}(?:\.\d+)?", re.ASCII)
_TELLS_TIME: Final = (  # compiled where it is needed, which takes a millisecond
    r"""(?ix) (?: [\d\s:.,+/()'"-] | [TZ](?![a-z]) | %3A | GMT | UTC | Mon|Tue|Wed|Thu|Fri|Sat|Sun | Jan|Feb|Mar|Apr|May
    | Jun|Jul|Aug|Sep|Oct|Nov|Dec | Coordinated\ Universal\ Time | undefined | null | None | NaN | Invalid\ Date
    | \[object\ \w{1,12}] ){1,80}"""
)


class NoDate(Exception):
    """A time that no calendar has: the clock is before the year 1 or after 9999."""


def rest_timestamp(unix_seconds: float) -> str:
    """ISO 8601 in UTC with exactly three fraction digits, ``2020-12-08T09:08:57.715Z``. Raises ``NoDate``."""
    try:
        milliseconds = round(unix_seconds * 1000)
        moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise NoDate("the clock stands outside the years 1 to 9999") from None
    return f"{moment.isoformat()[:19]}.{milliseconds % 1000:03d}Z"


def websocket_timestamp(unix_seconds: float) -> str:
    """Whole Unix seconds as text, as a WebSocket login wants them."""
    return str(int(unix_seconds))


def parse_rest_timestamp(text: str) -> float | None:
    """Unix seconds of what OKX can read in ``OK-ACCESS-TIMESTAMP``; ``None`` where it answers 50112.

    A bare number is read as seconds: a millisecond epoch then lies far in the future and is answered
    with 50102, not 50112 (seen: https://github.com/okxapi/python-okx/issues/55). Fractions of no, one,
    two and more digits are accepted as maintained clients rely on them.
    """
    if len(text) == DOCUMENTED_LENGTH and _ISO.fullmatch(text):
        try:
            return datetime.fromisoformat(text).timestamp()
        except ValueError:
            return None
    if _ISO.fullmatch(text):
        whole, _, fraction = text[:-1].partition(".")
        try:
            moment = datetime.fromisoformat(whole).replace(tzinfo=UTC)
        except ValueError:
            return None
        return moment.timestamp() + (float(f"0.{fraction}") if fraction else 0.0)
    if _EPOCH.fullmatch(text):
        return float(text)
    return None


def parse_websocket_timestamp(text: str) -> float | None:
    """Unix seconds of a login's ``timestamp``; ``None`` where OKX answers 60004."""
    return float(text) if _EPOCH.fullmatch(text) else None


def tells_time(text: str) -> bool:
    """Whether a timestamp reads like one, or like a variable without a value: what else is there may be a secret."""
    return re.fullmatch(_TELLS_TIME, text) is not None
