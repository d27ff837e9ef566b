"""Moments and the many ways in which programs write them. Moments are whole microseconds since 1970 (UTC)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|z|UTC|[+-]\d\d:?\d\d)?", re.ASCII
)
_NUMBER: Final = re.compile(r"(\d{9,19})(?:\.(\d{1,9}))?", re.ASCII)
_FIRST: Final = 31_536_000 * SECOND
_LAST: Final = 253_370_764_800 * SECOND
_UNITS: Final = ((11, 1_000_000, 1), (14, 1_000, 1), (17, 1, 1), (20, 1, 1000))
"""Maximum number of digits, microseconds per unit, units per microsecond."""


@lru_cache(maxsize=16)  # a request's timestamp is asked about by each of its judges in turn
def read(text: str) -> int | None:
    """The moment that a timestamp tells, in whichever form and unit; without a zone it is read as UTC.

    ``None`` also for one before 1971 or after 9998, around which no other moments can be written.
    """
    moment = None
    if len(text) > 64:
        return None
    if found := _ISO.fullmatch(text):
        moment = _iso(found)
    elif found := _NUMBER.fullmatch(text):
        moment = _number(found.group(1), found.group(2) or "")
    return moment if moment is not None and _FIRST <= moment < _LAST else None


def _iso(found: re.Match[str]) -> int | None:
    *numbers, fraction, zone = found.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    micros = int((moment - _EPOCH).total_seconds()) * SECOND + int((fraction or "0").ljust(6, "0")[:6])
    if zone and zone[0] in "+-":
        minutes = int(zone[1:3]) * 60 + int(zone[-2:])
        micros -= (minutes if zone[0] == "+" else -minutes) * 60 * SECOND
    return micros


def _number(whole: str, fraction: str) -> int:
    for digits, micros, units in _UNITS:
        if len(whole) < digits:
            part = int(fraction.ljust(6, "0")[:6]) * micros // SECOND if fraction else 0
            return int(whole) * micros // units + part
    return int(whole) // 1000


def date(moment: int) -> datetime:
    """The moment as a date in UTC. Raises ``OverflowError`` beyond the year 9999."""
    return _EPOCH + timedelta(microseconds=moment)


def iso(moment: int, digits: int = 3, end: str = "Z", middle: str = "T") -> str:
    """``2020-12-08T09:08:57.715Z`` with another number of decimals, end or middle."""
    at = date(moment)
    written = at.isoformat(timespec="seconds")  # quicker than two formats of strftime's
    text = f"{written[:10]}{middle}{written[11:19]}"
    fraction = f"{at.microsecond:06d}".ljust(9, "0")[:digits]
    return f"{text}.{fraction}{end}" if digits else f"{text}{end}"


def iso_dropped(moment: int, end: str = "Z") -> str:
    """As programs write it that drop the zeros at the end of the milliseconds."""
    fraction = f"{moment // 1000 % 1000:03d}".rstrip("0")
    return iso(moment, 0, f".{fraction}{end}" if fraction else end)


def decimal_seconds(moment: int, digits: int) -> str:
    whole, rest = divmod(moment, SECOND)
    return f"{whole}.{f'{rest:06d}'[:digits]}" if digits else str(whole)


Form = Callable[[int], str]

FORMS: Final[tuple[tuple[str, str, Form], ...]] = (
    ("iso-ms", "as a date with milliseconds", iso),
    ("epoch-ms", "in milliseconds since 1970", lambda at: str(at // 1000)),
    ("epoch-s", "in seconds since 1970", lambda at: str(at // SECOND)),
    ("iso-s", "as a date without a fraction", lambda at: iso(at, 0)),
    ("iso-micros", "as a date with six decimals", lambda at: iso(at, 6)),
    ("iso-micros-bare", "as a date with six decimals and no Z", lambda at: iso(at, 6, "")),
    ("iso-micros-offset", "as a date with six decimals and +00:00", lambda at: iso(at, 6, "+00:00")),
    ("iso-ms-bare", "as a date with milliseconds and no Z", lambda at: iso(at, 3, "")),
    ("iso-ms-offset", "as a date with milliseconds and +00:00", lambda at: iso(at, 3, "+00:00")),
    ("epoch-s-ms", "in seconds since 1970 with three decimals", lambda at: decimal_seconds(at, 3)),
    ("epoch-s-float", "in seconds since 1970, as Python prints a float", lambda at: repr(at / SECOND)),
    ("iso-dropped", "as a date whose milliseconds lost their zeros", iso_dropped),
    ("iso-zeroed", "as a date whose milliseconds are all zero", lambda at: iso(at // SECOND * SECOND)),
    ("iso-s-bare", "as a date without fraction and Z", lambda at: iso(at, 0, "")),
    ("iso-s-offset", "as a date without fraction and with +00:00", lambda at: iso(at, 0, "+00:00")),
    ("iso-seconds-twice", "with the seconds repeated as decimals", lambda at: iso(at, 0, f".{date(at):%S}Z")),
    ("python-str", "as Python prints a datetime", lambda at: iso(at, 6, "", " ")),
    ("python-str-offset", "as Python prints a datetime with its zone", lambda at: iso(at, 6, "+00:00", " ")),
    ("blank-ms", "as a date with a blank for the T", lambda at: iso(at, 3, "Z", " ")),
    ("blank-s", "as date and time with a blank between", lambda at: iso(at, 0, "", " ")),
    ("iso-nanos", "as a date with nine decimals", lambda at: iso(at, 9)),
    ("iso-z-after-offset", "as a date with +00:00 and Z", lambda at: iso(at, 6, "+00:00Z")),
    ("epoch-micros", "in microseconds since 1970", str),
    ("epoch-nanos", "in nanoseconds since 1970", lambda at: str(at * 1000)),
    ("epoch-s-zeroed", "in seconds since 1970 with .0", lambda at: f"{at // SECOND}.0"),
    ("epoch-s-000", "in seconds since 1970 with .000", lambda at: f"{at // SECOND}.000"),
    ("epoch-ms-zeroed", "in whole seconds, written in milliseconds", lambda at: str(at // SECOND * 1000)),
    ("epoch-ms-float", "in milliseconds since 1970, as Python prints a float", lambda at: repr(at / 1000)),
    ("http-date", "as an HTTP date", lambda at: f"{date(at):%a, %d %b %Y %H:%M:%S} GMT"),
    (
        "js-string",
        "as JavaScript prints a Date",
        lambda at: f"{date(at):%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
    ),
    ("json-string", "as JSON, with its quotes", lambda at: f'"{iso(at)}"'),
    ("url-encoded", "percent-encoded", lambda at: iso(at).replace(":", "%3A")),
    ("compact", "as a date without dashes and colons", lambda at: re.sub(r"[-:]", "", iso(at))),
)
"""Every way to write a moment, the usual ones first: id, in words, how."""
_WRITE: Final = {name: write for name, _, write in FORMS}


def written(form: str, moment: int) -> str:
    """The moment in the form with this id."""
    return _WRITE[form](moment)


ZONES: Final = tuple(
    minutes
    for minutes in (
        *(hour * 60 for hour in (8, 1, 2, -5, -4, 9, 3, 5.5, 7, -8, -7, -6, -3, 10, 11, 4, 5, 6, 12, 13, 14)),
        *(hour * 60 for hour in (-1, -2, -9, -10, -11, -12, 3.5, 4.5, 5.75, 6.5, 8.75, 9.5, 10.5, 12.75)),
        *(hour * 60 for hour in (-2.5, -3.5, -9.5)),
    )
)
"""Offsets of the world's time zones in minutes, populous ones first."""


@lru_cache(maxsize=16)
def form_of(text: str) -> str:
    """The id of the form that ``text`` has; ``""`` where it has none of the known ones."""
    moment = read(text)
    if moment is None:
        return ""
    return next((name for name, _, write in FORMS if write(moment) == text), "")


def zone_words(minutes: float) -> str:
    """``UTC+8``, ``UTC-3:30``."""
    hours, rest = divmod(abs(int(minutes)), 60)
    return f"UTC{'+' if minutes >= 0 else '-'}{hours}" + (f":{rest:02d}" if rest else "")


def shift_words(micros: int) -> str:
    """A distance in time in words: ``123 ms later``, ``8 hours earlier``."""
    size = abs(micros)
    way = "later" if micros > 0 else "earlier"
    if size < SECOND:
        return f"{size // 1000} ms {way}"
    if size < 120 * SECOND:
        return f"{size / SECOND:g} s {way}"
    return f"{size / SECOND / 60:g} minutes {way}"
