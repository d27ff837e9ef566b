"""Candles of every length OKX has, and what was traded in them.

Each second has one trade; how much it was for repeats with the minute and the hour of the day, so that the volume of
any span is known at once and is that of its trades.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct

from okx_doctor.gate.market.instruments import COINS, Instrument
from okx_doctor.gate.market.prices import Prices, hash_of

MOST: Final = 300
"""Candles in one answer."""
RECENT: Final = 1440
"""As many candles back ``market/candles`` goes; older ones are history."""
_BAR: Final = re.compile(r"(1s|(?:1|3|5|15|30)m|[1246]H|(?:6|12)H(?:utc)?|[123]D(?:utc)?|1W(?:utc)?|[13]M(?:utc)?)")
_UNITS: Final = {"s": 1, "m": 60, "H": 3600, "D": 86_400, "W": 604_800}
_HONG_KONG: Final = 8 * 3600
_MONDAY: Final = 4 * 86_400  # 1970 began on a Thursday


class Bar(Struct, frozen=True, kw_only=True):
    """A length of candle: ``seconds`` each, counted from ``origin``, or a number of calendar ``months``."""

    seconds: int
    origin: int = 0
    months: int = 0

    def begin(self, second: int) -> int:
        """When the candle that holds a second begins."""
        if not self.months:
            return second - (second - self.origin) % self.seconds
        day = datetime.fromtimestamp(second - self.origin, UTC)
        return _first_of(day.year * 12 + (day.month - 1) // self.months * self.months) + self.origin

    def end(self, begin: int) -> int:
        """When the candle that begins then ends."""
        if not self.months:
            return begin + self.seconds
        day = datetime.fromtimestamp(begin - self.origin, UTC)
        return _first_of(day.year * 12 + day.month - 1 + self.months) + self.origin


@lru_cache(maxsize=64)
def bar(text: str) -> Bar | None:
    """A bar by OKX's name for it: days and longer begin at midnight in Hong Kong, or with ``utc`` in Greenwich."""
    if not _BAR.fullmatch(text):
        return None
    plain = text.removesuffix("utc")
    count, unit = int(plain[:-1]), plain[-1]
    long = unit in "DWM" or (unit == "H" and count >= 6)
    origin = -_HONG_KONG if long and plain == text else 0
    if unit == "M":
        return Bar(seconds=count * 30 * 86_400, origin=origin, months=count)
    return Bar(seconds=count * _UNITS[unit], origin=origin + (_MONDAY if unit == "W" else 0))


def candle(prices: Prices, one: Instrument, length: Bar, begin: int, now: float, *, volume: bool = True) -> list[str]:
    """The candle that begins at a second, as far as it has come. ``volume``: an index and a mark price have none."""
    end = min(length.end(begin), int(now) + 1)
    course = prices.span(one, begin, end)
    shown = [f"{begin}000", *map(one.price_text, course)]
    if volume:
        lots = volume_of(one, begin, end)
        shown += amounts(one, lots, sum(course) / 4)
    return [*shown, "1" if length.end(begin) <= now else "0"]


def candles(
    one: Instrument, length: Bar, now: float, *, after: int, before: int, most: int, oldest: int = 0
) -> Iterator[int]:
    """When the candles begin that OKX would give, newest first: before ``after`` and after ``before``, milliseconds."""
    begin = length.begin(min(int(now), (after - 1) // 1000))
    oldest = max(oldest, one.listed)
    for _ in range(most):
        if begin * 1000 <= before or length.end(begin) <= oldest:
            return
        yield begin
        begin = length.begin(begin - 1)


def amounts(one: Instrument, lots: int, ticks: float) -> list[str]:
    """A traded amount in the three units of OKX: contracts or coins, coins, and the quote currency."""
    size = lots / one.size_scale
    price = ticks / one.scale
    if one.kind == "SPOT":
        return [one.size_text(lots), one.size_text(lots), f"{size * price:.4f}"]
    held = float(one.value) * float(one.multiplier)
    coins = size * held / price if one.inverse and one.kind != "OPTION" else size * held
    return [one.size_text(lots), f"{coins:.4f}", f"{coins * price:.4f}"]


def volume_of(one: Instrument, begin: int, end: int) -> int:
    """The lots traded from a second up to another."""
    return (_traded_until(one.id, end) - _traded_until(one.id, begin)) * usual_lots(one)


def lots_at(one: Instrument, second: int) -> int:
    """The lots of the trade of a second."""
    return _minute(one.id)[second % 60] * _hours(one.id)[second // 3600 % 24] * usual_lots(one)


@lru_cache(maxsize=512)
def usual_lots(one: Instrument) -> int:
    """Lots for some 20 dollars, or one."""
    worth = COINS[one.base] * float(one.value) if one.value and not one.inverse else float(one.value or COINS[one.base])
    step = float(one.lot) * (float(one.multiplier) * COINS[one.base] if one.kind == "OPTION" else worth)
    return max(1, round(20 / step))


@lru_cache(maxsize=512)
def _minute(instrument_id: str) -> tuple[int, ...]:
    return tuple(1 + hash_of(f"{instrument_id} size", second) % 40 for second in range(60))


@lru_cache(maxsize=512)
def _hours(instrument_id: str) -> tuple[int, ...]:
    return tuple(1 + hash_of(f"{instrument_id} hour", hour) % 5 for hour in range(24))


@lru_cache(maxsize=4096)
def _traded_until(instrument_id: str, second: int) -> int:
    minute, hours = _minute(instrument_id), _hours(instrument_id)
    days, rest = divmod(second, 86_400)
    hour, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    whole = sum(minute)
    before = (days * sum(hours) + sum(hours[:hour])) * 60 * whole
    return before + hours[hour] * (minutes * whole + sum(minute[:seconds]))


def _first_of(months: int) -> int:
    return int(datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC).timestamp())
