"""How a call stands with OKX's gate, by code and form alone: read by the peeling and by the rules alike."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Final

from okx_doctor.observations import CallAnswer, CallFailure, SignedCall
from okx_doctor.protocol.codes import find

GATE_CODES: Final = frozenset(str(code) for code in (*range(50100, 50115), 50119, 50121))
"""REST codes that OKX's authentication answers with, before any endpoint sees the request."""

UNAVAILABLE_CODES: Final = frozenset(("50001", "50004", "50013", "50026", "63999"))
RATE_CODES: Final = frozenset(("50011", "50040", "50061", "58102", "60014", "60023"))


_OKX_CODE: Final = re.compile(r"[0-2]|[5-7]\d{4}", re.ASCII)
"""Success, a batch's words, and the ranges of OKX v5's codes."""


class Standing(StrEnum):
    ACCEPTED = "accepted"  # past authentication, whatever the endpoint then said
    REFUSED = "refused"  # by the gate, with a code
    THROTTLED = "throttled"
    UNAVAILABLE = "unavailable"  # the exchange answered, but with its own trouble
    BLOCKED = "blocked"  # a page or a gateway in front of the API spoke
    STRANGE = "strange"  # an answer that OKX documents nowhere
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
        if answer.status >= 400 and len(answer.code) == 1:
            return Standing.STRANGE
        if _OKX_CODE.fullmatch(answer.code) and (answer.status not in (401, 403) or find(answer.code)):
            return Standing.ACCEPTED
        return Standing.STRANGE
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

_HEADERS = ("50103", "50104", "50106", "50107")
_STEPS: Final = (_HEADERS, ("50112",), ("50102",), ("50111",), ("50119",))
"""OKX's first steps, in the order that public observations suggest; the rest need a key that the site knows."""

_LATER: Final = ("50100", "50108", "50109", "50121", "50110", "50101", "50105", "50113", "50114")
"""The later steps in the order that is assumed; about these the public observations are thin."""

FIELD_OF_CODE: Final = {
    "50102": "clock",
    "50111": "api_key",
    "50119": "api_key",
    "50101": "environment",
    "50105": "passphrase",
    "50113": "secret",
}
"""What a code finds fault with, as the fields of a correction are called."""


def got_past(before: SignedCall, after: SignedCall, changed: Collection[str]) -> bool:
    """Whether ``after`` passed the step that ``before`` was refused at, thanks to the ``changed`` fields.

    A step that is known to come later counts. Among the steps whose order is only assumed, an earlier one counts too,
    unless the change itself brought that refusal about.
    """
    if after.answer is None:
        return False
    if any(name.startswith("site:") for name in after.about):
        return after.answer.code in SITE_PROVED
    stands = standing(after.answer, after.failure)
    if stands is Standing.ACCEPTED:
        return True
    if stands is not Standing.REFUSED:
        return False
    if before.answer is None:
        return True
    was, now = _step(before.answer.code), _step(after.answer.code)
    if now != was or was < len(_STEPS):
        return now > was
    old, new = before.answer.code, after.answer.code
    if _LATER.index(new) > _LATER.index(old):
        return True
    return new != old and FIELD_OF_CODE.get(old) in changed and FIELD_OF_CODE.get(new) not in changed


def _step(code: str) -> int:
    return next((at for at, codes in enumerate(_STEPS) if code in codes), len(_STEPS))
