"""When the next call to an endpoint may leave, so that OKX's limits hold over all who share a pace.

OKX counts private endpoints by user and public ones by address; which keys are one user's nobody can see beforehand.
So all calls that one pace knows count together, for each address of the API and each endpoint.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from okx_doctor.protocol.endpoints import BALANCE, CONFIG, POSITION_BUILDER, Endpoint

MARGIN_SECONDS: Final = 0.1
"""A call may be that much sooner at OKX, after it left, than the one that it is counted from."""

SECONDS_PER_KEY: Final = max(
    (each.seconds + MARGIN_SECONDS) / each.limit for each in (CONFIG, BALANCE, POSITION_BUILDER)
)
"""The time between two healthy conversations that the narrowest of their endpoints allows."""


class Pace:
    """The calls that were let go; safe to use from several threads. Times are those of one monotonic clock."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], deque[float]] = {}
        self._lock = threading.Lock()

    def turn(self, base_url: str, endpoint: Endpoint, now: float, patience: float) -> float | None:
        """Seconds to wait before the call, which is counted then; ``None`` where that is more than ``patience``."""
        with self._lock:
            left = self._left.setdefault((base_url, endpoint.name), deque(maxlen=endpoint.limit))
            at = now if len(left) < endpoint.limit else max(now, left[0] + endpoint.seconds + MARGIN_SECONDS)
            if at - now > patience:
                return None
            left.append(at)
            return at - now
