"""Which socket serves each channel of OKX's, and whether it has to be logged in for it.

Source: https://www.okx.com/docs-v5/en/#overview-websocket and the sections of each channel (2026-02-23).
"""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

PATHS: Final = ("/ws/v5/public", "/ws/v5/private", "/ws/v5/business")
PUBLIC, PRIVATE, BUSINESS = PATHS

_PUBLIC: Final = frozenset({
    "instruments", "tickers", "open-interest", "funding-rate", "price-limit", "opt-summary",
    "estimated-price", "mark-price", "index-tickers", "status", "liquidation-orders", "adl-warning", "trades",
    "option-trades", "books", "books5", "bbo-tbt", "books-l2-tbt", "books50-l2-tbt", "books-elp",
    "call-auction-details",
})  # fmt: skip
_VIP: Final = frozenset({"books-l2-tbt", "books50-l2-tbt"})
_PRIVATE: Final = frozenset({
    "account", "positions", "balance_and_position", "liquidation-warning", "account-greeks", "orders",
    "fills",
})  # fmt: skip
_BUSINESS_PRIVATE: Final = frozenset({
    "orders-algo", "algo-advance", "deposit-info", "withdrawal-info", "grid-orders-spot",
    "grid-orders-contract", "grid-positions", "grid-sub-orders", "algo-recurring-buy", "sprd-orders",
    "sprd-trades",
})  # fmt: skip
_BUSINESS_PUBLIC: Final = ("candle", "mark-price-candle", "index-candle", "trades-all", "sprd-")
_BUSINESS_OPEN: Final = re.compile(r"(?:candle|mark-price-candle|index-candle|trades-all|sprd-)[A-Za-z0-9-]{0,16}")


class Home(Struct, frozen=True):
    """Where a channel is served: the path of its socket, and whether that has to be logged in."""

    path: str
    login: bool

    def __str__(self) -> str:
        return f"served on {self.path}, {'after a login on that same connection' if self.login else 'without a login'}"


def home(channel: str) -> Home | None:
    """Where a channel of OKX's is served; ``None`` for any other."""
    if channel in _BUSINESS_PRIVATE:
        return Home(BUSINESS, True)
    if channel.startswith(_BUSINESS_PUBLIC):
        return Home(BUSINESS, False)
    if channel in _PRIVATE:
        return Home(PRIVATE, True)
    return Home(PUBLIC, channel in _VIP) if channel in _PUBLIC else None


def named(text: str) -> str:
    """A channel of OKX's, as it may be repeated; ``""`` for any other text."""
    known = text in _PUBLIC | _PRIVATE | _BUSINESS_PRIVATE or _BUSINESS_OPEN.fullmatch(text)
    return text if known else ""
