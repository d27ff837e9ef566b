"""The market that an exchange has: what answers a request that OKX would serve, and what sockets are pushed.

One for one exchange, used in the exchange's own thread alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api import public_data, trading
from okx_doctor.gate.api.endpoints import config, query_of, success
from okx_doctor.gate.api.replies import Reply, answered, compact, declined
from okx_doctor.gate.market.instruments import DAY
from okx_doctor.gate.refusals import Refused
from okx_doctor.gate.trading import rows
from okx_doctor.gate.trading.desk import Desk
from okx_doctor.gate.trading.floor import Floor
from okx_doctor.gate.trading.orders import Order
from okx_doctor.protocol.wire import WireRequest

MADE: Final = 10_000
"""Different texts that are kept of one second."""
ANSWERS: Final = 64
"""Answers of one second that are kept at the most: each may be a long one."""
_BALANCE: Final = "/api/v5/account/balance"
_INSTRUMENTS: Final = ("GET", "/api/v5/public/instruments")
_CHOSEN_BY: Final = ("instType", "instFamily", "uly", "instId")
_CONFIG: Final = "/api/v5/account/config"
_SPOT_AND_FUTURES: Final = "2"


class Living:
    """The market with its floor. ``watching`` are called when something changed that is not a matter of time."""

    def __init__(self, seed: int) -> None:
        self.floor = Floor(seed)
        self.watching: set[Callable[[], None]] = set()
        self._made: dict[object, bytes] = {}
        self._answers: dict[tuple[str, int, str], Reply | None] = {}
        self._made_at: tuple[float, int] = (0.0, 0)

    def reply(self, request: WireRequest, account: Account | None, now: float) -> Reply | None:
        """The answer to a request that is past authentication; ``None`` where there is none of its own."""
        try:
            if account is None:
                return self._public(request, now)
            if request.method == "GET":
                return self._told(request, account, now)
            expires = request.header("expTime") or ""
            done = trading.carry_out(
                request.path, request.body, self.floor.desk(account, now), self.floor.prices, now, expires
            )
            return None if done is None else answered(done)
        except Refused as refused:
            return declined(refused)

    def _public(self, request: WireRequest, now: float) -> Reply | None:
        path, query = request.path, query_of(request.target)
        if (request.method, path) == _INSTRUMENTS:
            return _instruments(tuple(query.get(name, "") for name in _CHOSEN_BY), int(now // DAY))
        public = public_data.answer_of(request.method, path)
        return answered(success(*public(query, self.floor.prices, now))) if public else None

    def _told(self, request: WireRequest, account: Account, now: float) -> Reply | None:
        """The answer to a GET of an account: made once for a second in which nothing happens to it."""
        desk = self.floor.desk(account, now)
        self._forget_older(now)
        asked = (account.api_key, desk.revision, request.target)
        if asked not in self._answers:
            if len(self._answers) >= ANSWERS:
                self._answers.clear()
            self._answers[asked] = self._tell(request.path, query_of(request.target), account, desk, now)
        return self._answers[asked]

    def _tell(self, path: str, query: Mapping[str, str], account: Account, desk: Desk, now: float) -> Reply | None:
        if path == _CONFIG:
            mode = "long_short_mode" if desk.hedged else "net_mode"
            return answered(success(config(account, level=_SPOT_AND_FUTURES, position_mode=mode)))
        if path == _BALANCE:
            return answered(success(rows.balance(desk, self.floor.prices, now // 1, query.get("ccy", ""))))
        told = trading.tell(path, query, desk, self.floor.prices, now)
        return None if told is None else answered(success(*told))

    def operated(
        self, op: str, entries: Sequence[Mapping[str, object]], account: Account, now: float, expires: str
    ) -> Mapping[str, object] | None:
        """The answer to an operation on orders over a socket; ``None`` for one it has no answer for."""
        return trading.operated(op, entries, account, self.floor, now, expires)

    def once(self, key: object, now: float, make: Callable[[], object]) -> bytes:
        """The JSON of something that is the same for every socket at this moment, made for the first that asks."""
        self._forget_older(now)
        if len(self._made) > MADE:
            self._made.clear()
        known = self._made.get(key)
        if known is None:
            known = self._made[key] = encoded(make())
        return known

    def _forget_older(self, now: float) -> None:
        """Forget what was made before this second, or before a price was set."""
        moment = (now // 1, self.floor.prices.version)
        if moment != self._made_at:
            self._made.clear()
            self._answers.clear()
            self._made_at = moment

    def set_price(self, instrument_id: str, price: float, now: float) -> None:
        """From now on this is the price, and orders that it reaches are filled. Raises ``ValueError``."""
        self.floor.set_price(instrument_id, price, now)
        self.wake()

    def price(self, instrument_id: str, now: float) -> Decimal:
        """The last price. Raises ``ValueError``."""
        return self.floor.price(instrument_id, now)

    def fill(self, order_id: str, size: Decimal | None, price: Decimal | None, now: float) -> Order:
        """Fill an open order of whichever account. Raises ``LookupError`` and ``ValueError``."""
        done = self.floor.fill(order_id, size, price, now)
        self.wake()
        return done

    def orders(self, now: float) -> tuple[Order, ...]:
        """Every order of every account, the oldest first."""
        return self.floor.orders(now)

    def wake(self) -> None:
        """Have every socket look whether there is something to push."""
        for call in tuple(self.watching):
            call()


@lru_cache(maxsize=64)
def _instruments(chosen_by: tuple[str, ...], day: int) -> Reply:
    """The largest answer, and the first that a bot asks for: it is the same all day. Raises ``Refused``."""
    query = dict(zip(_CHOSEN_BY, chosen_by, strict=True))
    return answered(success(*public_data.instruments(query, day * DAY)))


def encoded(value: object) -> bytes:
    """A value of JSON as bytes."""
    return compact({"": value})[4:-1]
