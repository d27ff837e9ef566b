"""The course of a price: a number for every second, and the candle of any span of seconds exactly and quickly.

A course is made from the day down. A day has a candle; its hours have candles that together make up the day's, to its
highest and lowest; so do the quarters of an hour, the minutes, and at last the seconds, which have a price each. So the
candle of years is known without a look at their seconds, and yet agrees with every one of them. Everything depends on
the seed, the name of the course and the time, and on nothing else.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from okx_doctor.gate.market.instruments import COINS, DAY

_SIZES: Final = (DAY, 3600, 900, 60)
"""How long the parts are of which a course is made, in seconds; the last consist of seconds."""
_KEPT: Final = 4096
_MINUTES_KEPT: Final = 256
"""Minutes whose seconds are kept: every course needs those of now and of a day ago."""


class Candle(NamedTuple):
    """First, highest, lowest and last price of a span."""

    open: float
    high: float
    low: float
    close: float


def span(path: str, seed: int, begin: int, end: int) -> Candle:
    """The candle of the seconds from ``begin`` up to, not including, ``end``: at least one."""
    parts: list[Candle] = []
    at = begin
    while at < end:
        size = next((size for size in _SIZES if at % size == 0 and at + size <= end), 0)
        if size:
            parts.append(_candle(path, seed, _SIZES.index(size), at))
            at += size
        else:
            minute = at - at % 60
            until = min(end, minute + 60)
            prices = _seconds(path, seed, minute)[at - minute : until - minute]
            parts.append(Candle(prices[0], max(prices), min(prices), prices[-1]))
            at = until
    return joined(parts)


def joined(parts: Sequence[Candle]) -> Candle:
    """The candle of spans that follow one another."""
    highest, lowest = max(part.high for part in parts), min(part.low for part in parts)
    return Candle(parts[0].open, highest, lowest, parts[-1].close)


def price(path: str, seed: int, second: int) -> float:
    """The price at a second."""
    return _seconds(path, seed, second - second % 60)[second % 60]


def _candle(path: str, seed: int, level: int, begin: int) -> Candle:
    if level == 0:
        return _day(path, seed, begin // DAY)
    outer = _SIZES[level - 1]
    return _parts(path, seed, level, begin - begin % outer)[begin % outer // _SIZES[level]]


@lru_cache(maxsize=_KEPT)
def _parts(path: str, seed: int, level: int, begin: int) -> tuple[Candle, ...]:
    """The candles of which the one that begins at ``begin``, a level above, is made."""
    whole = _candle(path, seed, level - 1, begin)
    count = _SIZES[level - 1] // _SIZES[level]
    chance = random.Random(f"{seed} {path} {level} {begin}")  # noqa: S311 - a market, no secret
    points = _bridge(whole, count, chance)
    beyond = (whole.high - whole.low) / count
    highs = [min(whole.high, max(pair) + beyond * chance.random()) for pair in pairwise(points)]
    lows = [max(whole.low, min(pair) - beyond * chance.random()) for pair in pairwise(points)]
    highs[highs.index(max(highs))] = whole.high
    lows[lows.index(min(lows))] = whole.low
    return tuple(map(Candle, points[:-1], highs, lows, points[1:]))


@lru_cache(maxsize=_MINUTES_KEPT)
def _seconds(path: str, seed: int, minute: int) -> tuple[float, ...]:
    """The price at each second of a minute: the first is where it opens and the last where it closes."""
    whole = _candle(path, seed, len(_SIZES) - 1, minute)
    chance = random.Random(f"{seed} {path} s {minute}")  # noqa: S311 - a market, no secret
    prices = _bridge(whole, 59, chance)
    inside = range(1, 59)
    top = max(inside, key=prices.__getitem__)
    bottom = min((at for at in inside if at != top), key=prices.__getitem__)
    prices[top], prices[bottom] = whole.high, whole.low
    return tuple(prices)


def _bridge(whole: Candle, steps: int, chance: random.Random) -> list[float]:
    """A random walk from where a candle opens to where it closes, in ``steps`` steps, that stays within it."""
    stride = (whole.high - whole.low) / math.sqrt(steps)
    walked, at = [0.0], 0.0
    for _ in range(steps):
        at += (chance.random() - 0.5) * stride
        walked.append(at)
    lean = (whole.close - whole.open - at) / steps
    points = [min(whole.high, max(whole.low, whole.open + way + lean * number)) for number, way in enumerate(walked)]
    points[0], points[-1] = whole.open, whole.close
    return points


@lru_cache(maxsize=_KEPT)
def _day(path: str, seed: int, day: int) -> Candle:
    first, last = _close(path, seed, day - 1), _close(path, seed, day)
    calm = 0.01 if path == "USDC" else 1.0
    chance = random.Random(f"{seed} {path} d {day}")  # noqa: S311 - a market, no secret
    high = max(first, last) * (1 + calm * (0.002 + 0.015 * chance.random()))
    low = min(first, last) * (1 - calm * (0.002 + 0.015 * chance.random()))
    return Candle(first, high, low, last)


@lru_cache(maxsize=_KEPT)
def _close(path: str, seed: int, day: int) -> float:
    """Where a day ends: slow waves around what the coin is worth, so that it never leaves its neighbourhood."""
    base, _, quote = path.partition("-")
    if quote:
        return _close(base, seed, day) / _close(quote, seed, day)
    chance = random.Random(f"{seed} {path}")  # noqa: S311 - a market, no secret
    phases = [chance.random() * math.tau for _ in range(3)]
    waves = sum(
        height * math.sin(day * math.tau / length + phase)
        for (height, length), phase in zip(((0.09, 173.0), (0.04, 31.0), (0.02, 7.3)), phases, strict=True)
    )
    jitter = random.Random(f"{seed} {path} {day}").random() - 0.5  # noqa: S311 - a market, no secret
    calm = 0.005 if path == "USDC" else 1.0
    return COINS[base] * (1 + calm * (waves + 0.02 * jitter))
