"""How a call stands with OKX's gate, by code and form alone: read by the peeling and by the rules alike."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from okx_doctor.observations import CallAnswer, CallFailure, SignedCall

GATE_CODES: Final = frozenset(str(code) for code in (*range(50100, 50115), 50119, 50121))
"""REST codes that OKX's authentication answers with, before any endpoint sees the request."""

UNAVAILABLE_CODES: Final = frozenset(("50001", "50004", "50013", "50026", "63999"))
RATE_CODES: Final = frozenset(("50011", "50040", "50061", "58102", "60014", "60023"))


class Standing(StrEnum):
    ACCEPTED = "accepted"  # past authentication, whatever the endpoint then said
    REFUSED = "refused"  # by the gate, with a code
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"  # the exchange answered, but with its own trouble
    BLOCKED = "blocked"  # a page or a gateway in front of the API spoke
    NONE = "none"  # no answer at all


def standing(answer: CallAnswer | None, failure: CallFailure | None) -> Standing:
    """Where a call stands. An answer with an OKX code that is no gate refusal came from behind the gate."""
    if answer is None or failure is not None:
        return Standing.NONE
    if answer.form == "okx":
        if answer.code in GATE_CODES:
            return Standing.REFUSED
        if answer.code in RATE_CODES or answer.status == 429:
            return Standing.THROTTLED
        if answer.code in UNAVAILABLE_CODES or answer.status >= 500:
            return Standing.UNAVAILABLE
        return Standing.ACCEPTED
    if answer.status == 429:
        return Standing.THROTTLED
    if answer.form == "page" and answer.status < 500:
        return Standing.BLOCKED
    if answer.status in (401, 403, 407, 451) or 300 <= answer.status < 400:
        return Standing.BLOCKED
    if answer.form == "page" and 520 <= answer.status <= 530:
        return Standing.UNAVAILABLE
    return Standing.UNAVAILABLE


SITE_PROVED: Final = ("0", "50101", "50105", "50110", "50113", "50120")
"""Answers that prove a site knows the key; all others prove nothing about it."""


def got_past(before: SignedCall, after: SignedCall) -> bool:
    """Whether ``after`` passed the step that ``before`` was refused at."""
    if after.answer is None:
        return False
    if any(name.startswith("site:") for name in after.about):
        return after.answer.code in SITE_PROVED
    if standing(after.answer, after.failure) not in (Standing.ACCEPTED, Standing.REFUSED):
        return False
    return before.answer is None or after.answer.code != before.answer.code
