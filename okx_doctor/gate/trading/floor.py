"""Everything that has a state behind the market: the prices that were set, and the desk of each account.

One object for one exchange, used in the exchange's own thread alone.
"""

from __future__ import annotations

from decimal import Decimal

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.market.instruments import find
from okx_doctor.gate.market.prices import Prices
from okx_doctor.gate.trading.desk import Desk
from okx_doctor.gate.trading.orders import Order


class Floor:
    """The prices and the desks, made as they are first asked for."""

    def __init__(self, seed: int) -> None:
        self.prices = Prices(seed=seed)
        self._desks: dict[tuple[str, bool], Desk] = {}
        self._latest = 0

    def desk(self, account: Account, now: float) -> Desk:
        """The desk of an account, up to date."""
        known = self._desks.get((account.uid, account.demo))
        if known is None:
            known = self._desks[account.uid, account.demo] = Desk(self._number)
        known.settle(self.prices, now)
        return known

    def set_price(self, instrument_id: str, price: float, now: float) -> None:
        """From now on this is the price, and orders that it reaches are filled. Raises ``ValueError``."""
        one = find(instrument_id, now)
        if one is None:
            raise ValueError(f"there is no instrument {instrument_id!r} in this market")
        self.prices = self.prices.with_price(one, price, int(now))
        for desk in self._desks.values():
            desk.reach(self.prices, now)

    def price(self, instrument_id: str, now: float) -> Decimal:
        """The last price. Raises ``ValueError``."""
        one = find(instrument_id, now)
        if one is None:
            raise ValueError(f"there is no instrument {instrument_id!r} in this market")
        return one.price(self.prices.last(one, int(now)))

    def orders(self, now: float) -> tuple[Order, ...]:
        """Every order of every account, the oldest first."""
        for desk in self._desks.values():
            desk.settle(self.prices, now)
        known = (one for desk in self._desks.values() for one in (*desk.history(), *desk.pending()))
        return tuple(sorted(known, key=lambda one: int(one.id)))

    def fill(self, order_id: str, size: Decimal | None, price: Decimal | None, now: float) -> Order:
        """Fill an open order of whichever account, by default wholly and at its own price.

        Raises ``LookupError`` where no such order is open, ``ValueError`` for more than is left of it and for no price.
        """
        for desk in self._desks.values():
            order = desk.order(order_id) or desk.order("", order_id)
            if order is None or not order.open:
                continue
            amount = order.left if size is None else size
            worth = order.price if price is None else price
            if not 0 < amount <= order.left:
                raise ValueError(f"{amount} cannot be filled: {order.left} of the order is left")
            if worth is None or not worth > 0:
                raise ValueError(f"{worth} is no price: it has to be above 0")
            return desk.fill(order, worth, amount, now, maker=True)
        raise LookupError(f"no order {order_id!r} is open")

    def _number(self, now: float) -> str:
        """An id larger than all before it, with the time in it as OKX's have."""
        self._latest = max(self._latest + 1, int(now * 1000) * 1_000_000)
        return str(self._latest)
