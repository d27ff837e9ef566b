"""The price of every instrument at every second, as one course of its coin has it or as somebody has set it.

A price is held in ticks, whole numbers, so that what is rounded is rounded the same everywhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.market import paths
from okx_doctor.gate.market.instruments import Instrument

_OPTION_TIME: Final = 0.02
"""The value of an option beyond that of its exercise now, as a part of its coin."""
_SET_KEPT: Final = 1000


class Ticks(NamedTuple):
    """First, highest, lowest and last price of a span, in ticks."""

    open: int
    high: int
    low: int
    close: int


class Prices(Struct, frozen=True, kw_only=True):
    """The prices of a market. ``pinned`` holds for a course the prices that were set, each from a second on;
    ``version`` counts how often that was done.
    """

    seed: int = 1
    pinned: Mapping[str, tuple[tuple[int, float], ...]] = {}
    version: int = 0

    def last(self, instrument: Instrument, second: int) -> int:
        """The price at a second, in ticks: what was traded last."""
        pins = self.pinned.get(instrument.path, ())
        held = next((price for since, price in reversed(pins) if since <= second), None)
        return ticks(instrument, paths.price(instrument.path, self.seed, second) if held is None else held)

    def span(self, instrument: Instrument, begin: int, end: int) -> Ticks:
        """The candle of the seconds from ``begin`` up to ``end``: at least one."""
        pins = self.pinned.get(instrument.path, ())
        if pins and pins[0][0] < end:
            course = self._with_pins(instrument.path, pins, begin, end)
        else:
            course = paths.span(instrument.path, self.seed, begin, end)
        first, high, low, last = (ticks(instrument, price) for price in course)
        return Ticks(first, max(high, low), min(high, low), last)

    def _with_pins(self, path: str, pins: tuple[tuple[int, float], ...], begin: int, end: int) -> paths.Candle:
        parts: list[paths.Candle] = []
        if begin < pins[0][0]:
            parts.append(paths.span(path, self.seed, begin, pins[0][0]))
        ends = [since for since, _ in pins[1:]] + [end]
        parts += [
            paths.Candle(price, price, price, price)
            for (since, price), until in zip(pins, ends, strict=True)
            if max(since, begin) < min(until, end)
        ]
        return paths.joined(parts)

    def with_price(self, instrument: Instrument, price: float, second: int) -> Prices:
        """The same prices, except that the course of this instrument stays at ``price`` from a second on.

        Everything that follows the same coin moves with it. Raises ``ValueError`` for an option, whose price depends
        on its coin's, and for a price that is not above zero.
        """
        if instrument.right:
            raise ValueError(f"the price of {instrument.id} follows {instrument.index}: set that one")
        if not 0 < price < float("inf"):
            raise ValueError(f"{price} is no price: it has to be above 0")
        before = tuple(pin for pin in self.pinned.get(instrument.path, ()) if pin[0] < second)[-_SET_KEPT:]
        pins = (*before, (second, price / instrument.factor))
        return replace(self, pinned={**self.pinned, instrument.path: pins}, version=self.version + 1)


def ticks(instrument: Instrument, course: float) -> int:
    """The price of an instrument where its coin's course is at ``course``: rises, or for a put falls, with it."""
    if instrument.right:
        ahead = course - instrument.strike if instrument.right == "C" else instrument.strike - course
        value: float = max(0.0, ahead) / course + _OPTION_TIME * 0.5 ** (abs(ahead) / course * 10)
        return max(1, round(value * instrument.scale))
    return max(1, round(course * instrument.factor * instrument.scale))


@lru_cache(maxsize=4096)
def buys(instrument_id: str, second: int) -> bool:
    """Whether the trade of a second was a buyer's doing: it then paid what sellers asked."""
    return hash_of(instrument_id, second) % 2 == 0


def hash_of(text: str, number: int) -> int:
    """A number below 2^32 that looks like chance and is the same on every machine."""
    return zlib.crc32(f"{text} {number}".encode())
