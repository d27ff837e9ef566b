"""Calls of many runs at one endpoint, kept within its limit; no time passes here."""

from __future__ import annotations

from itertools import pairwise

from okx_doctor.peeling.pace import MARGIN_SECONDS, Pace
from okx_doctor.protocol.endpoints import CONFIG, POSITION_BUILDER

OKX = "https://www.okx.com"


def _left(pace: Pace, asked_at: list[float]) -> list[float]:
    """When calls leave that are asked for at these times."""
    waits = [pace.turn(OKX, CONFIG, at, patience=60.0) for at in asked_at]
    return [at + wait for at, wait in zip(asked_at, waits, strict=True) if wait is not None]


def test_in_no_window_leave_more_calls_than_the_endpoint_allows() -> None:
    left = _left(Pace(), [0.0] * 12 + [3.0] * 6 + [20.0] * 7)

    assert len(left) == 25
    for first, later in zip(left, left[CONFIG.limit :], strict=False):
        assert later - first >= CONFIG.seconds + MARGIN_SECONDS - 1e-9
    assert all(later >= first for first, later in pairwise(left))


def test_calls_that_the_limit_allows_wait_for_nothing() -> None:
    assert _left(Pace(), [0.0] * CONFIG.limit) == [0.0] * CONFIG.limit
    assert _left(Pace(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_a_call_without_the_patience_to_wait_is_not_counted() -> None:
    pace = Pace()
    _left(pace, [0.0] * CONFIG.limit)

    assert pace.turn(OKX, CONFIG, 0.0, patience=1.0) is None
    assert pace.turn(OKX, CONFIG, 2.0 + MARGIN_SECONDS, patience=0.0) == 0.0


def test_another_endpoint_and_another_address_have_limits_of_their_own() -> None:
    pace = Pace()
    _left(pace, [0.0] * CONFIG.limit)

    assert pace.turn(OKX, POSITION_BUILDER, 0.0, patience=0.0) == 0.0
    assert pace.turn("https://eea.okx.com", CONFIG, 0.0, patience=0.0) == 0.0
