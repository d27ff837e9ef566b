"""A request to place an order, read and judged as OKX documents it. Raises ``Refused``; changes nothing.

Source: https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order (2026-02-23) and its error codes. In
which order OKX looks at the parameters is assumed, and so is 51150 for a price between two ticks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from msgspec import Struct

from okx_doctor.gate.market import data
from okx_doctor.gate.market.instruments import DAY, Instrument, find, listed
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.refusals import Refused, missing, parameter_error
from okx_doctor.gate.trading.orders import Side
from okx_doctor.secrets.secret import shows_only

Entry = Mapping[str, str]
"""The fields of a request as text."""

KINDS: Final = ("market", "limit", "post_only", "fok", "ioc", "optimal_limit_ioc", "mmp", "mmp_and_post_only", "op_fok")
PRICELESS: Final = ("market", "optimal_limit_ioc")
_REQUIRED: Final = ("tdMode", "side", "ordType", "sz")
_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_TAG: Final = re.compile(r"[A-Za-z0-9]{1,16}")
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?|\.[0-9]{1,20}")
_KEPT: Final = ("tag", "ccy", "tgtCcy", "stpMode", "reduceOnly", "stpId", "tradeQuoteCcy")
_MOST: Final = Decimal("9999999999")


@shows_only("side", "size", "price", "reduces")
class Asked(Struct, frozen=True, kw_only=True):
    """The order that is asked for, judged without the account. ``size`` is in the coin or in contracts."""

    instrument: Instrument
    client_id: str
    side: Side
    kind: str
    mode: str
    position_side: str
    size: Decimal
    price: Decimal | None
    reduces: bool
    kept: dict[str, str]


def fields(given: Mapping[str, object]) -> Entry:
    """The fields of a JSON object as text: numbers and truth values are taken as OKX takes them, the rest is empty."""
    return {name: value if isinstance(value, str) else _text(value) for name, value in given.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)[:40] if isinstance(value, int | float) else ""


def decimal(entry: Entry, name: str) -> Decimal:
    """A field that has to be a number above zero."""
    given = entry.get(name, "")
    if not _NUMBER.fullmatch(given):
        raise parameter_error(name)
    try:
        value = Decimal(given)
    except InvalidOperation:
        raise parameter_error(name) from None
    if not 0 < value <= _MOST:
        raise parameter_error(name)
    return value


def instrument_of(entry: Entry, now: float) -> Instrument:
    """The instrument that is named by its id or its number."""
    named, code = entry.get("instId", ""), entry.get("instIdCode", "")
    if not named and not code:
        raise missing("instId")
    if named:
        one = find(named, now)
    else:
        one = next((each for each in listed(int(now // DAY)).values() if str(each.code) == code), None)
    if one is None:
        raise Refused("51001")
    return one


def asked(entry: Entry, prices: Prices, now: float, *, hedged: bool) -> Asked:
    """The order that is asked for. ``hedged``: positions are held long and short at once."""
    one = instrument_of(entry, now)
    for name in _REQUIRED:
        if not entry.get(name, ""):
            raise missing(name)
    side, kind, mode = entry["side"], entry["ordType"], entry["tdMode"]
    if side not in ("buy", "sell"):
        raise parameter_error("side")
    if kind not in KINDS:
        raise parameter_error("ordType")
    _check_mode(one, mode)
    client_id, tag = entry.get("clOrdId", ""), entry.get("tag", "")
    if client_id and not _CLIENT_ID.fullmatch(client_id):
        raise parameter_error("clOrdId")
    if tag and not _TAG.fullmatch(tag):
        raise parameter_error("tag")
    price = None if kind in PRICELESS else checked_price(one, decimal(entry, "px"), side, prices, now)
    return Asked(
        instrument=one,
        client_id=client_id,
        side="buy" if side == "buy" else "sell",
        kind=kind,
        mode=mode,
        position_side=_position_side(one, entry.get("posSide", ""), hedged=hedged),
        size=_size(entry, one, side, kind, prices, now),
        price=price,
        reduces=entry.get("reduceOnly", "") == "true",
        kept={name: value for name in _KEPT if (value := entry.get(name, "")[:32])},
    )


def checked_price(one: Instrument, price: Decimal, side: str, prices: Prices, now: float) -> Decimal:
    """A price that is a whole number of ticks and within the limits."""
    if price % Decimal(one.tick):
        raise Refused("51150")
    highest, lowest = (one.price(at) for at in data.limits(prices, one, now))
    if (side == "buy" and price > highest) or (side == "sell" and price < lowest):
        raise Refused("51006", str(highest), str(lowest))
    return price


def checked_size(one: Instrument, size: Decimal) -> Decimal:
    """A size that is not too small and a whole number of lots."""
    if size < Decimal(one.least):
        raise Refused("51020")
    if size % Decimal(one.lot):
        raise Refused("51121")
    return size


def _size(entry: Entry, one: Instrument, side: str, kind: str, prices: Prices, now: float) -> Decimal:
    """In the coin or in contracts. A market order that buys spot names its cost, unless ``tgtCcy`` says the coin."""
    given = decimal(entry, "sz")
    target = entry.get("tgtCcy", "")
    if target and target not in ("base_ccy", "quote_ccy"):
        raise parameter_error("tgtCcy")
    spends = target == "quote_ccy" or (not target and side == "buy")
    if one.kind != "SPOT" or kind != "market" or not spends:
        return checked_size(one, given)
    lot = Decimal(one.lot)
    size = given / one.price(prices.last(one, int(now)) + 1) // lot * lot
    if size < Decimal(one.least):
        raise Refused("51020")
    return size


def _check_mode(one: Instrument, mode: str) -> None:
    if mode not in ("cash", "cross", "isolated"):
        raise parameter_error("tdMode")
    if one.kind == "SPOT" and mode != "cash":
        raise Refused("51010")  # no margin trading here
    if one.kind != "SPOT" and mode == "cash":
        raise parameter_error("tdMode")


def _position_side(one: Instrument, given: str, *, hedged: bool) -> str:
    if one.kind == "SPOT":
        return ""
    side = given or ("" if hedged and one.kind in ("FUTURES", "SWAP") else "net")
    allowed = ("long", "short") if hedged and one.kind in ("FUTURES", "SWAP") else ("net",)
    if side not in allowed:
        raise parameter_error("posSide")
    return side
