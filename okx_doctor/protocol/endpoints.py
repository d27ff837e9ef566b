"""The calls okx-doctor makes. All of them read; none places an order or changes a setting.

Limits and permissions: https://www.okx.com/docs-v5/en/ (2026-02), per endpoint.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct


class Endpoint(Struct, frozen=True, kw_only=True):
    """A path with the body it is sent with; at most ``limit`` calls in ``seconds``."""

    method: str
    target: str
    limit: int
    seconds: float
    body: bytes = b""

    @property
    def name(self) -> str:
        return f"{self.method} {self.target}"


TIME: Final = Endpoint(method="GET", target="/api/v5/public/time", limit=10, seconds=2.0)
CONFIG: Final = Endpoint(method="GET", target="/api/v5/account/config", limit=5, seconds=2.0)
BALANCE: Final = Endpoint(method="GET", target="/api/v5/account/balance?ccy=BTC,ETH", limit=10, seconds=2.0)
POSITION_BUILDER: Final = Endpoint(
    method="POST",
    target="/api/v5/account/position-builder",
    limit=2,
    seconds=2.0,
    body=b'{"inclRealPosAndEq": false, "simPos": [{"instId": "BTC-USDT-SWAP", "pos": "1", "avgPx": "100000"}]}',
)
