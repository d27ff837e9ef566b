"""Rate limits as OKX documents them for each endpoint, in requests per seconds.

By user for what is signed, by IP address for what is public; that 50011 comes after authentication is assumed.
Imports the gate's own data.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from okx_doctor.gate.body import document_of
from okx_doctor.protocol.documented import Limit, documented


class Rates:
    """Counts requests. Memory is bounded by the limits themselves and by the number of callers that are accepted."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._seen: dict[tuple[str, str, str], deque[float]] = {}

    def afresh(self) -> Rates:
        """Another count on the same clock."""
        return Rates(self._monotonic)

    def allows(self, who: str, method: str, path: str, limit: Limit, count: int = 1) -> bool:
        """Count ``count`` requests of a caller; whether they stay within the limit."""
        now = self._monotonic()
        seen = self._seen.setdefault((who, method, path), deque())
        while seen and seen[0] <= now - limit.seconds:
            seen.popleft()
        if len(seen) + count > limit.requests:
            return False
        seen.extend([now] * count)
        return True


OPERATIONS: Final = {
    "order": "order", "batch-orders": "batch-orders", "cancel-order": "cancel-order",
    "batch-cancel-orders": "cancel-batch-orders", "amend-order": "amend-order",
    "batch-amend-orders": "amend-batch-orders", "mass-cancel": "mass-cancel",
}  # fmt: skip
"""Operations on orders over a socket by the endpoint whose limit they share (documented)."""
SUBSCRIBING: Final = Limit(requests=480, seconds=3600)
"""Subscriptions, their ends and logins of one connection (documented)."""


def operation_path(op: str) -> str:
    """The endpoint that does over REST what an operation does over a socket."""
    return f"/api/v5/trade/{OPERATIONS.get(op, op)}"


def limit_of(method: str, path: str) -> Limit | None:
    """The documented limit of an endpoint."""
    return next((row.limit for row in documented().get(path, ()) if row.method == method), None)


def orders(body: bytes) -> int:
    """How many orders a batch holds: batches are counted by their orders (documented)."""
    try:
        document = document_of(body)
    except (ValueError, RecursionError):
        return 1
    return max(1, len(document)) if isinstance(document, list) else 1
