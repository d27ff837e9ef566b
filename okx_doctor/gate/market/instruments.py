"""The instruments: spot pairs, perpetual swaps, futures and options, with the fields OKX documents for each.

Steps and sizes look like OKX's of 2026; the contracts that expire do so on Fridays at 08:00 UTC, as OKX's do.
Source: https://www.okx.com/docs-v5/en/#public-data-rest-api-get-instruments (2026-02-23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, Literal

from msgspec import Struct

Kind = Literal["SPOT", "SWAP", "FUTURES", "OPTION"]
Row = dict[str, object]

KINDS: Final = ("SPOT", "SWAP", "FUTURES", "OPTION")
LISTED: Final = 1_548_115_200
"""When everything but the contracts that expire was listed, in Unix seconds: there is no candle before it."""
DAY: Final = 86_400

COINS: Final[Mapping[str, float]] = {
    "BTC": 100_000.0, "ETH": 3_500.0, "SOL": 180.0, "BNB": 800.0, "XRP": 2.4, "DOGE": 0.2, "LTC": 95.0, "ADA": 0.7,
    "LINK": 18.0, "AVAX": 24.0, "DOT": 4.0, "TRX": 0.32, "OKB": 120.0, "USDC": 1.0,
}  # fmt: skip
"""The price of a coin in US dollars around which its course moves."""
_QUOTES: Final[Mapping[str, float]] = {"USDT": 1.0, "USDC": 1.0, "USD": 1.0, "EUR": 1.16}
_IN_BTC: Final = ("ETH", "SOL", "LTC")
_CONTRACTS: Final[Mapping[str, str]] = {
    "BTC": "0.01", "ETH": "0.1", "SOL": "1", "XRP": "100", "DOGE": "1000", "LTC": "1", "ADA": "100", "LINK": "1",
}  # fmt: skip
"""Coins with contracts, and what one contract in dollars is worth in them."""
_INVERSE: Final = ("BTC", "ETH", "SOL", "XRP", "LTC")
_DATED: Final = ("BTC", "ETH")


class Instrument(Struct, frozen=True, kw_only=True, dict=True):
    """One instrument. ``path`` names the course its price follows, times ``factor``; an option's depends on ``strike``.

    ``base`` and ``quote`` are those of the underlying for a contract; ``value`` is what one contract holds, of the
    coin for a linear one and of dollars for an inverse one. ``expires`` is in Unix seconds, 0 for never.
    """

    kind: Kind
    id: str
    code: int
    base: str
    quote: str
    tick: str
    lot: str
    least: str
    path: str
    factor: float = 1.0
    settle: str = ""
    value: str = ""
    multiplier: str = ""
    lever: str = ""
    alias: str = ""
    expires: int = 0
    listed: int = LISTED
    strike: float = 0.0
    right: Literal["", "C", "P"] = ""

    @property
    def family(self) -> str:
        """Instrument family and underlying, which are the same here; empty for spot."""
        return f"{self.base}-{self.quote}" if self.settle else ""

    @property
    def index(self) -> str:
        """The index that its price follows."""
        return f"{self.base}-{self.quote}"

    @property
    def inverse(self) -> bool:
        return bool(self.settle) and self.settle == self.base

    @cached_property
    def digits(self) -> int:
        """Digits of a price after the point."""
        return len(self.tick.partition(".")[2])

    @cached_property
    def scale(self) -> int:
        """Ticks in one."""
        return int(10**self.digits)

    @cached_property
    def size_scale(self) -> int:
        """Lots in one."""
        return int(10**self.size_digits)

    @cached_property
    def size_digits(self) -> int:
        """Digits of a size after the point."""
        return len(self.lot.partition(".")[2])

    def price_text(self, ticks: int) -> str:
        """A price in ticks as OKX writes it."""
        return f"{ticks / self.scale:.{self.digits}f}"

    def price(self, ticks: int) -> Decimal:
        """A price in ticks as a number."""
        return Decimal(ticks).scaleb(-self.digits)

    def size_text(self, lots: int) -> str:
        """A size in lots as OKX writes it, without zeros at its end."""
        text = f"{lots / self.size_scale:.{self.size_digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(maxsize=8)
def listed(day: int) -> Mapping[str, Instrument]:
    """Every instrument of a day, counted from 1970, by its id."""
    return {one.id: one for one in (*_spot(), *_contracts(day), *_options(day))}


def find(instrument_id: str, now: float) -> Instrument | None:
    """The instrument with this id at a time in Unix seconds."""
    return listed(int(now // DAY)).get(instrument_id)


def select(now: float, kind: str = "", *, family: str = "", instrument_id: str = "") -> list[Instrument]:
    """The instruments of a kind, of a family, with an id: each where it is given."""
    if instrument_id:
        one = find(instrument_id, now)
        return [one] if one and kind in ("", "ANY", one.kind) and family in ("", one.family) else []
    wanted = "SPOT" if kind == "MARGIN" else kind
    return [
        one
        for one in listed(int(now // DAY)).values()
        if wanted in ("", "ANY", one.kind) and family in ("", one.family)
    ]


def row(one: Instrument) -> Row:
    """An instrument as ``public/instruments`` and the channel of that name have it."""
    spot = one.kind == "SPOT"
    filled: Row = {
        "alias": one.alias, "baseCcy": one.base if spot else "", "category": "1", "ctMult": one.multiplier,
        "ctType": ("inverse" if one.inverse else "linear") if one.settle and one.kind != "OPTION" else "",
        "ctVal": one.value, "ctValCcy": ("USD" if one.inverse and one.kind != "OPTION" else one.base) if one.settle
        else "", "expTime": f"{one.expires}000" if one.expires else "", "groupId": "1", "instCategory": "1",
        "instFamily": one.family, "instId": one.id, "instIdCode": one.code, "instType": one.kind, "lever": one.lever,
        "listTime": f"{one.listed}000", "lotSz": one.lot, "minSz": one.least, "optType": one.right,
        "quoteCcy": one.quote if spot else "", "ruleType": "normal", "settleCcy": one.settle, "state": "live",
        "stk": f"{one.strike:.0f}" if one.right else "", "tickSz": one.tick,
        "tradeQuoteCcyList": [one.quote] if spot else [], "uly": one.family, "upcChg": [],
    }  # fmt: skip
    return {**dict.fromkeys(_EMPTY, ""), **dict.fromkeys(_LIMITS, "9999999999"), "futureSettlement": False, **filled}


_EMPTY: Final = (
    "auctionEndTime", "contTdSwTime", "elp", "freezeTime", "openType", "posLmtAmt", "posLmtPct", "preMktSwTime",
    "settleTime",
)  # fmt: skip
_LIMITS: Final = (
    "longPosRemainingQuota", "maxIcebergSz", "maxLmtAmt", "maxLmtSz", "maxMktAmt", "maxMktSz", "maxPlatOILmt",
    "maxStopSz", "maxTriggerSz", "maxTwapSz", "shortPosRemainingQuota",
)  # fmt: skip


def _spot() -> Iterator[Instrument]:
    pairs = [(base, quote) for base in COINS for quote in ("USDT", "USDC", "EUR") if base != quote]
    for number, (base, quote) in enumerate([*pairs, *((base, "BTC") for base in _IN_BTC)]):
        worth = COINS[base]
        against_btc = quote == "BTC"
        yield Instrument(
            kind="SPOT",
            id=f"{base}-{quote}",
            code=1000 + number,
            base=base,
            quote=quote,
            tick="0.000001" if against_btc else _tick(worth),
            lot="0.00000001" if worth > 1000 else "0.000001",
            least=_least(worth),
            path=f"{base}-BTC" if against_btc else base,
            factor=1.0 if against_btc else 1 / _QUOTES[quote],
            lever="10" if quote == "USDT" else "",
        )


def _contracts(day: int) -> Iterator[Instrument]:
    fridays = _fridays(day)
    number = 5000
    for base, size in _CONTRACTS.items():
        for quote in ("USDT", "USDC", "USD"):
            inverse = quote == "USD"
            if (inverse and base not in _INVERSE) or (quote == "USDC" and base not in _DATED):
                continue
            forms: list[tuple[Kind, str, str, int, float]] = [("SWAP", "SWAP", "", 0, 1.0002)]
            if base in _DATED and quote != "USDC":
                forms += [("FUTURES", f"{end:%y%m%d}", alias, _unix(end), factor) for alias, end, factor in fridays]
            for kind, ending, alias, expires, factor in forms:
                number += 1
                yield Instrument(
                    kind=kind,
                    id=f"{base}-{quote}-{ending}",
                    code=number,
                    base=base,
                    quote=quote,
                    tick=_tick(COINS[base]),
                    lot="0.1" if inverse else "0.01",
                    least="0.1" if inverse else "0.01",
                    path=base,
                    factor=factor,
                    settle=base if inverse else quote,
                    value=("100" if base == "BTC" else "10") if inverse else size,
                    multiplier="1",
                    lever="100" if base in _DATED else "50",
                    alias=alias,
                    expires=expires,
                    listed=_unix(datetime.fromtimestamp(expires, UTC) - timedelta(weeks=26)) if expires else LISTED,
                )


def _options(day: int) -> Iterator[Instrument]:
    number = 9000
    for _, end, _ in _fridays(day)[:2]:
        for base in _DATED:
            for part in (0.8, 0.9, 1.0, 1.1, 1.2):
                for right in ("C", "P"):
                    number += 1
                    strike = round(COINS[base] * part)
                    yield Instrument(
                        kind="OPTION",
                        id=f"{base}-USD-{end:%y%m%d}-{strike}-{right}",
                        code=number,
                        base=base,
                        quote="USD",
                        tick="0.0001",
                        lot="1",
                        least="1",
                        path=base,
                        settle=base,
                        value="1",
                        multiplier="0.01" if base == "BTC" else "0.1",
                        expires=_unix(end),
                        listed=_unix(end - timedelta(weeks=8)),
                        strike=float(strike),
                        right="C" if right == "C" else "P",
                    )


def _fridays(day: int) -> tuple[tuple[str, datetime, float], ...]:
    """The days on which contracts of this day expire: this week, next week, at the end of the next two quarters."""
    today = datetime.fromtimestamp(day * DAY, UTC).replace(hour=8)
    first = today + timedelta(days=(4 - today.weekday()) % 7 or 7)
    return (
        ("this_week", first, 1.0004),
        ("next_week", first + timedelta(weeks=1), 1.0006),
        ("quarter", first + timedelta(weeks=9), 1.004),
        ("next_quarter", first + timedelta(weeks=22), 1.009),
    )


def _unix(moment: datetime) -> int:
    return int(moment.timestamp())


def _tick(worth: float) -> str:
    return "0.1" if worth > 10_000 else "0.01" if worth > 10 else "0.0001" if worth > 0.5 else "0.00001"


def _least(worth: float) -> str:
    return "0.00001" if worth > 10_000 else "0.001" if worth > 100 else "0.01" if worth > 10 else "1"
