"""The memory of an account: orders, fills and positions as frozen values, and what one fill makes of them."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.market.instruments import Instrument
from okx_doctor.secrets.secret import shows_only

Side = Literal["buy", "sell"]
State = Literal["live", "partially_filled", "filled", "canceled"]

NOTHING: Final = Decimal(0)
_SPOT_FEES: Final = (Decimal("0.0008"), Decimal("0.001"))
_CONTRACT_FEES: Final = (Decimal("0.0002"), Decimal("0.0005"))


@shows_only("side", "size", "price", "filled", "state")
class Order(Struct, frozen=True, kw_only=True):
    """One order. ``size`` and ``filled`` are in the coin or in contracts, ``price`` is ``None`` where any will do.

    ``spent`` is the sum of price times size of its fills, ``fee`` what they cost, in ``fee_currency``. Times are Unix
    milliseconds. ``asked`` holds the fields that are only kept to be repeated.
    """

    id: str
    client_id: str
    instrument: Instrument
    side: Side
    kind: str
    mode: str
    position_side: str
    size: Decimal
    price: Decimal | None
    asked: dict[str, str]
    created: int
    updated: int
    lever: Decimal = Decimal(1)
    reduces: bool = False
    filled: Decimal = NOTHING
    spent: Decimal = NOTHING
    fee: Decimal = NOTHING
    profit: Decimal = NOTHING
    state: State = "live"
    cancel_source: str = ""
    last: Fill | None = None

    @property
    def open(self) -> bool:
        return self.state in ("live", "partially_filled")

    @property
    def left(self) -> Decimal:
        """The size still to be filled."""
        return self.size - self.filled

    @property
    def average(self) -> Decimal | None:
        """The average price of its fills."""
        return self.spent / self.filled if self.filled else None

    @property
    def fee_currency(self) -> str:
        return fee_currency(self.instrument, self.side)

    @property
    def held(self) -> tuple[str, Decimal]:
        """The currency it keeps frozen while it is open, and how much of it."""
        one = self.instrument
        if not self.open or self.reduces or self.price is None:
            return one.settle or one.quote, NOTHING
        if one.kind == "SPOT":
            return (one.quote, self.left * self.price) if self.side == "buy" else (one.base, self.left)
        return one.settle, notional(one, self.left, self.price) / self.lever


@shows_only("side", "size", "price", "maker", "moment")
class Fill(Struct, frozen=True, kw_only=True):
    """One trade of an order."""

    id: str
    order_id: str
    client_id: str
    instrument: Instrument
    side: Side
    position_side: str
    price: Decimal
    size: Decimal
    fee: Decimal
    profit: Decimal
    maker: bool
    moment: int
    tag: str


@shows_only("size", "average")
class Position(Struct, frozen=True, kw_only=True):
    """One position. ``size`` is below zero for a short one, whatever mode it is held in."""

    id: str
    instrument: Instrument
    side: str
    mode: str
    lever: Decimal
    size: Decimal
    average: Decimal
    created: int
    updated: int
    realized: Decimal = NOTHING
    fee: Decimal = NOTHING
    trade_id: str = ""


def fee_currency(one: Instrument, side: str) -> str:
    """The currency of the fee: for spot what was bought, else what the contract settles in."""
    return one.settle or (one.base if side == "buy" else one.quote)


def fee_of(one: Instrument, side: str, size: Decimal, price: Decimal, *, maker: bool) -> Decimal:
    """The fee of a fill, below zero as OKX writes it."""
    rate = (_SPOT_FEES if one.kind == "SPOT" else _CONTRACT_FEES)[0 if maker else 1]
    if one.kind == "SPOT":
        return -rate * (size if side == "buy" else size * price)
    return -rate * notional(one, size, price)


def rates(one: Instrument) -> tuple[Decimal, Decimal]:
    """The fees of makers and of takers."""
    return _SPOT_FEES if one.kind == "SPOT" else _CONTRACT_FEES


def notional(one: Instrument, size: Decimal, price: Decimal) -> Decimal:
    """The value of contracts in the currency they settle in, of coins in their quote currency."""
    if one.kind == "SPOT":
        return size * price
    held = size * Decimal(one.value) * Decimal(one.multiplier)
    return held / price if one.inverse and not one.right else held * price


def profit(one: Instrument, size: Decimal, entry: Decimal, price: Decimal) -> Decimal:
    """The earnings of contracts between two prices; ``size`` is below zero for short ones."""
    held = size * Decimal(one.value) * Decimal(one.multiplier)
    if one.inverse and not one.right:
        return held * (1 / entry - 1 / price)
    return held * (price - entry)


def moved(position: Position, change: Decimal, price: Decimal, moment: int, trade_id: str) -> tuple[Position, Decimal]:
    """A position after a fill that changes it, and what the fill has earned."""
    size, one = position.size, position.instrument
    earned, average = NOTHING, position.average
    if not size or (size > 0) == (change > 0):
        average = _joined_average(one, size, position.average, change, price)
    else:
        closed = min(abs(size), abs(change)) * (1 if size > 0 else -1)
        earned = profit(one, closed, position.average, price)
        average = price if abs(change) > abs(size) else position.average
    changed = replace(
        position,
        size=size + change,
        average=average,
        realized=position.realized + earned,
        updated=moment,
        trade_id=trade_id,
    )
    return changed, earned


def _joined_average(one: Instrument, size: Decimal, average: Decimal, change: Decimal, price: Decimal) -> Decimal:
    if not size:
        return price
    if one.inverse and not one.right:
        return (size + change) / (size / average + change / price)
    return (size * average + change * price) / (size + change)
