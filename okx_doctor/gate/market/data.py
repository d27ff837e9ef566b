"""Rows of public data as OKX documents them: tickers, mark and index prices, funding, limits, tiers.

Source of each: the endpoint of that name at https://www.okx.com/docs-v5/en/ (2026-02-23).
"""

from __future__ import annotations

from typing import Final

from okx_doctor.gate.market import books
from okx_doctor.gate.market.candles import amounts, lots_at, volume_of
from okx_doctor.gate.market.instruments import DAY, Instrument, Row
from okx_doctor.gate.market.prices import Prices, hash_of

FUNDING_SECONDS: Final = 8 * 3600
_LIMIT: Final = 0.05
_TIERS: Final = ((50, 0.004, 0.01), (200, 0.01, 0.02), (500, 0.02, 0.04), (1000, 0.04, 0.08))
"""Thousands of dollars up to which a tier goes, maintenance and initial margin."""


def ticker(prices: Prices, one: Instrument, now: float) -> Row:
    """A row of ``market/ticker`` and of the channel ``tickers``."""
    second = int(now)
    last = prices.last(one, second)
    bid, ask = (books.levels(one, side)[0] for side in reversed(books.book(prices, one, second, 1)))
    day = prices.span(one, second + 1 - DAY, second + 1)
    traded = amounts(one, volume_of(one, second + 1 - DAY, second + 1), sum(day) / 4)
    return {
        "instType": one.kind,
        "instId": one.id,
        "last": one.price_text(last),
        "lastSz": one.size_text(lots_at(one, second)),
        "askPx": ask[0],
        "askSz": ask[1],
        "bidPx": bid[0],
        "bidSz": bid[1],
        "open24h": one.price_text(day.open),
        "high24h": one.price_text(day.high),
        "low24h": one.price_text(day.low),
        "volCcy24h": traded[2] if one.kind == "SPOT" else traded[1],
        "vol24h": traded[0],
        "ts": _milliseconds(now),
        "sodUtc0": one.price_text(prices.last(one, second - second % DAY)),
        "sodUtc8": one.price_text(prices.last(one, second - (second + FUNDING_SECONDS) % DAY)),
    }


def index_ticker(prices: Prices, one: Instrument, now: float) -> Row:
    """An index, which is the spot price."""
    shown = ticker(prices, one, now)
    kept = ("high24h", "low24h", "open24h", "sodUtc0", "sodUtc8", "ts")
    return {"instId": one.id, "idxPx": shown["last"], **{name: shown[name] for name in kept}}


def mark_price(prices: Prices, one: Instrument, now: float) -> Row:
    """The mark price, which is the last one here."""
    last = one.price_text(prices.last(one, int(now)))
    return {"instType": one.kind, "instId": one.id, "markPx": last, "ts": _milliseconds(now)}


def funding_rate(one: Instrument, period: int) -> str:
    """The rate of a period of eight hours."""
    return f"{(hash_of(one.id, period) % 300 - 100) / 1_000_000:.6f}"


def funding(one: Instrument, now: float) -> Row:
    """The funding rate of a perpetual swap."""
    period = int(now // FUNDING_SECONDS)
    rate = funding_rate(one, period)
    return {
        "formulaType": "withRate", "fundingRate": rate, "fundingTime": f"{(period + 1) * FUNDING_SECONDS}000",
        "impactValue": "20000", "instId": one.id, "instType": one.kind, "interestRate": "0.0001",
        "maxFundingRate": "0.00375", "method": "current_period", "minFundingRate": "-0.00375", "nextFundingRate": "",
        "nextFundingTime": f"{(period + 2) * FUNDING_SECONDS}000", "premium": "0.0001",
        "prevFundingTime": f"{period * FUNDING_SECONDS}000", "settFundingRate": funding_rate(one, period - 1),
        "settState": "settled", "ts": _milliseconds(now),
    }  # fmt: skip


def past_funding(one: Instrument, period: int) -> Row:
    """One row of the history of a funding rate: the period that ended when ``period`` began."""
    rate = funding_rate(one, period - 1)
    return {
        "formulaType": "withRate", "fundingRate": rate, "fundingTime": f"{period * FUNDING_SECONDS}000",
        "instId": one.id, "instType": one.kind, "method": "current_period", "realizedRate": rate,
    }  # fmt: skip


def open_interest(prices: Prices, one: Instrument, now: float) -> Row:
    """The contracts that are open, which changes by the hour."""
    lots = volume_of(one, 0, DAY) // 4 + lots_at(one, int(now // 3600))
    contracts, coins, dollars = amounts(one, lots, float(prices.last(one, int(now))))
    return {
        "instType": one.kind, "instId": one.id, "oi": contracts, "oiCcy": coins, "oiUsd": dollars,
        "ts": _milliseconds(now),
    }  # fmt: skip


def limits(prices: Prices, one: Instrument, now: float) -> tuple[int, int]:
    """The highest price to buy at and the lowest to sell at, in ticks: five hundredths around the last."""
    last = prices.last(one, int(now))
    reach = max(1, round(last * _LIMIT)) if not one.right else last * 2
    return last + reach, max(1, last - reach)


def price_limit(prices: Prices, one: Instrument, now: float) -> Row:
    """The limits as ``public/price-limit`` and the channel have them."""
    buy, sell = map(one.price_text, limits(prices, one, now))
    return {
        "instType": one.kind, "instId": one.id, "buyLmt": buy, "sellLmt": sell, "ts": _milliseconds(now),
        "enabled": True,
    }  # fmt: skip


def position_tiers(prices: Prices, one: Instrument, now: float) -> list[Row]:
    """The tiers of positions: the more, the more margin. A spot pair's are those of margin trading."""
    price = float(one.price(prices.last(one, int(now))))
    worth = price if one.kind == "SPOT" else float(one.value) * (1 if one.inverse else price)
    rows: list[Row] = []
    begun = 0
    for number, (thousands, maintenance, initial) in enumerate(_TIERS, 1):
        most = round(thousands * 100_000 / worth)
        rows.append({
            "baseMaxLoan": str(most) if one.kind == "SPOT" else "", "imr": f"{initial}",
            "instFamily": one.family, "instId": one.id if one.kind == "SPOT" else "", "maxLever": f"{1 / initial:g}",
            "maxSz": str(most), "minSz": str(begun), "mmr": f"{maintenance}", "optMgnFactor": "0",
            "quoteMaxLoan": str(thousands * 1000) if one.kind == "SPOT" else "", "tier": str(number), "uly": one.family,
        })  # fmt: skip
        begun = most
    return rows


def option_summary(prices: Prices, one: Instrument, now: float) -> Row:
    """The Greeks of an option, as rough as its price."""
    last = prices.last(one, int(now)) / one.scale
    sign = 1 if one.right == "C" else -1
    shown = dict.fromkeys(
        ("askVol", "bidVol", "markVol", "realVol", "volLv"), "0.55"
    )  # fmt: skip
    greeks = {"delta": sign * 0.5, "deltaBS": sign * 0.5, "gamma": 0.1, "gammaBS": 0.00001, "theta": -0.001,
              "thetaBS": -50.0, "vega": 0.0005, "vegaBS": 40.0}  # fmt: skip
    return {
        **shown, **{name: f"{value:g}" for name, value in greeks.items()}, "buyApr": "", "distance": "",
        "fwdPx": f"{one.strike:.1f}", "instId": one.id, "instType": one.kind, "lever": f"{1 / last:.2f}",
        "sellApr": "", "ts": _milliseconds(now), "uly": one.family,
    }  # fmt: skip


def _milliseconds(now: float) -> str:
    return str(int(now * 1000))
