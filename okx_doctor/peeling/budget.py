"""The signed calls that a run may make: one budget, spent in one place by every call and the login.

A call that is under way may still be refused for its passphrase, whatever OKX answered before. It therefore holds one
of the refusals that are left until its answer is there; a call for which none is free waits, or is not made.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from msgspec import Struct

from okx_doctor.observations import CallAnswer, CallFailure, SocketLogin
from okx_doctor.protocol.outcome import PASSPHRASE_CODES, RATE_CODES

MAX_CALLS: Final = 12
MAX_PASSPHRASE_REFUSALS: Final = 2
EXTRA_REFUSALS_WITH_TRY_CASE: Final = 4

CALLS_SPENT: Final = f"the limit of {MAX_CALLS} signed calls was reached"
PASSPHRASES_SPENT: Final = "no further attempt with a refused passphrase is allowed"
RATE_LIMITED: Final = "OKX limits the rate, so nothing further was asked"
UNREACHED: Final = "OKX did not answer before, so nothing signed was sent"
TIME_SPENT: Final = "the time allowed for the run is nearly used up"

T = TypeVar("T")


class Cost(Struct, frozen=True, kw_only=True):
    """The cost of a call: whether it was sent, was or may have been refused for its passphrase, ends the run."""

    sent: bool = True
    refused: bool = False
    ends: bool = False


class Denied(Struct, frozen=True, kw_only=True):
    """A call that was not made, and why."""

    reason: str


class Budget:
    """The signed calls and refused passphrases that are left in a run; safe to use from several threads."""

    def __init__(self, *, try_case: bool = False) -> None:
        self._calls = MAX_CALLS
        self._refusals = MAX_PASSPHRASE_REFUSALS + (EXTRA_REFUSALS_WITH_TRY_CASE if try_case else 0)
        self._under_way = 0
        self._closed = ""
        self._change = threading.Condition()

    def spend(
        self, make: Callable[[], T], cost: Callable[[T], Cost], *, spare: int = 0, patience: float = 0.0
    ) -> T | Denied:
        """Make one call, if ``spare`` calls are left beside it and its passphrase may be refused.

        Waits at most ``patience`` seconds for the calls under way to end. ``cost`` counts a finished call.
        """
        denied = self._reserve(spare, patience)
        if denied is not None:
            return denied
        took = Cost(refused=True)  # unless it is known to be less
        try:
            made = make()
            took = cost(made)
        finally:
            self._settle(took)
        return made

    def close(self, reason: str = RATE_LIMITED) -> None:
        """Allow no further call, for a reason; usually that OKX limits the rate."""
        with self._change:
            self._closed = self._closed or reason
            self._change.notify_all()

    @property
    def blocking_reason(self) -> str:
        """Why no further call is allowed, whoever makes it; ``""`` while one is."""
        with self._change:
            return self._blocking_reason(0)

    def _reserve(self, spare: int, patience: float) -> Denied | None:
        with self._change:
            if not self._change.wait_for(
                lambda: self._blocking_reason(spare) or self._free(), timeout=max(0.0, patience)
            ):
                return Denied(reason=TIME_SPENT)
            blocking_reason = self._blocking_reason(spare)
            if blocking_reason:
                return Denied(reason=blocking_reason)
            self._calls -= 1
            self._under_way += 1
            return None

    def _free(self) -> bool:
        return self._refusals > self._under_way

    def _blocking_reason(self, spare: int) -> str:
        if self._closed:
            return self._closed
        if self._calls <= spare:
            return CALLS_SPENT
        return PASSPHRASES_SPENT if self._refusals <= 0 else ""

    def _settle(self, took: Cost) -> None:
        with self._change:
            self._under_way -= 1
            self._calls += not took.sent
            self._refusals -= took.refused
            if took.ends:
                self._closed = self._closed or RATE_LIMITED
            self._change.notify_all()


def cost(answer: CallAnswer | None, failure: CallFailure | None) -> Cost:
    """The cost of a REST call. One that was sent and brought no whole answer may have been refused."""
    if answer is None:
        kind = failure.kind if failure else "other"
        return Cost(sent=kind != "unsendable", refused=kind not in ("unsendable", "dns", "refused"))
    return Cost(
        refused=answer.code in PASSPHRASE_CODES or answer.form == "unreadable",
        ends=answer.status == 429 or answer.code in RATE_CODES,
    )


def login_cost(login: SocketLogin) -> Cost:
    """The cost of a WebSocket login. One that brought no event may have been refused."""
    limited = login.code in RATE_CODES or (login.failure is not None and login.failure.kind == "throttled")
    return Cost(refused=not login.code or login.code in PASSPHRASE_CODES, ends=limited)
