"""The pace at which questions are sent: OKX's own limits, on each host."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from okx_doctor.probes.http import Http, Reply
from okx_doctor.protocol.endpoints import CONFIG
from okx_doctor.protocol.wire import WireRequest

CALL_SECONDS: Final = 8.0
"""One call or one socket may take as long."""


def paced(
    http: Http, monotonic: Callable[[], float], wait: Callable[[float], object] | None = None
) -> Callable[[str, WireRequest], Reply]:
    """Calls at the pace that ``account/config`` allows on each host, however many are asked.

    ``wait`` takes seconds; without one an event is waited for, which works under a faked clock too.
    """
    made: dict[str, float] = {}
    gap = CONFIG.seconds / CONFIG.limit
    pause = wait or threading.Event().wait

    def ask(base_url: str, request: WireRequest) -> Reply:
        due = made.get(base_url, -gap) + gap - monotonic()
        if due > 0:
            pause(due)
        built, _ = http.build(base_url, request.method, request.target)
        reply = http.call(built, dict(request.headers), CALL_SECONDS)
        made[base_url] = monotonic()
        return reply

    return ask
