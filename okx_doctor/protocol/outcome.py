"""The outcome of a signed call: accepted, past authentication, refused or unclear. Defined here and nowhere else.

HTTP status, form and code decide; texts decide nothing. The steps say how far a call got.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from okx_doctor.protocol.codes import all_codes, find
from okx_doctor.protocol.steps import STEPS, correction_of, order, step_named, step_of

GATE_CODES: Final = frozenset(
    step.code() for step in STEPS if step.layer == "gateway" and step.stage != "call" and step.rest
)
"""REST codes that OKX's authentication answers with, before any endpoint sees the request."""

PASSPHRASE_CODES: Final = step_named("passphrase").codes
"""The codes that answer a refused passphrase, over REST and on a socket."""

UNAVAILABLE_CODES: Final = frozenset(("50001", "50004", "50013", "50026", "63999"))
RATE_CODES: Final = frozenset(("50011", "50040", "50061", "58102", "60014", "60023"))

SITE_PROVED: Final = ("0", *(step.code() for step in STEPS if step.proves_key))
"""Answers that prove a site knows the key; all others prove nothing about it."""

_UNTOLD: Final = ("rate_limit", "maintenance", "system", "broker", "timeout_unknown_outcome", "retired")
"""Categories of documented codes that do not tell whether authentication was passed."""

_LOGIN_CODES: Final = frozenset(step.code("websocket") for step in order("websocket"))
"""The codes that the steps of a WebSocket login answer."""


class Outcome(StrEnum):
    """The outcome of a signed call."""

    ACCEPTED = "accepted"  # 2xx and code 0, or a login event with code 0
    PAST = "past authentication"  # an endpoint's own answer
    REFUSED = "refused"  # by a step of authentication, or 401 or 403 with a code
    UNCLEAR = "unclear"  # neither the one nor the other


class Trouble(StrEnum):
    """Why a call's outcome is unclear."""

    RATE_LIMITED = "rate-limited"
    UNAVAILABLE = "unavailable"  # the exchange answered, but with its own trouble
    BLOCKED = "blocked"  # a page or a gateway in front of the API spoke
    STRANGE = "strange"  # an answer that OKX documents nowhere, or for another channel
    SILENT = "silent"  # no answer at all


class Answered(Protocol):
    """An HTTP answer as far as it decides: ``form`` as in ``answers.Form``, ``code`` ``""`` where there is none."""

    @property
    def status(self) -> int: ...

    @property
    def form(self) -> str: ...

    @property
    def code(self) -> str: ...


def outcome(answer: Answered | None) -> Outcome:
    """The outcome of a signed REST call; ``None`` means no answer."""
    if answer is None or trouble(answer) is not None:
        return Outcome.UNCLEAR
    if answer.status in (401, 403) or answer.code in GATE_CODES:
        return Outcome.REFUSED
    return Outcome.ACCEPTED if answer.code == "0" else Outcome.PAST


def login_outcome(code: str) -> Outcome:
    """The outcome of a WebSocket login, by the code of its event; ``""`` means no event."""
    if code == "0":
        return Outcome.ACCEPTED
    return Outcome.REFUSED if code in _LOGIN_CODES else Outcome.UNCLEAR


def trouble(answer: Answered | None) -> Trouble | None:
    """Why the outcome of an answer is unclear; ``None`` where it is clear."""
    if answer is None:
        return Trouble.SILENT
    if answer.form == "okx":
        return _trouble_of_code(answer.status, answer.code)
    if answer.status == 429:
        return Trouble.RATE_LIMITED
    if answer.form == "page" and answer.status < 500:
        return Trouble.BLOCKED
    if answer.status in (401, 403, 407, 451) or 300 <= answer.status < 400:
        return Trouble.BLOCKED
    return Trouble.UNAVAILABLE


def _trouble_of_code(status: int, code: str) -> Trouble | None:
    if status == 429 or code in RATE_CODES:
        return Trouble.RATE_LIMITED
    if status >= 500 or code in UNAVAILABLE_CODES:
        return Trouble.UNAVAILABLE
    # "0" is in no table, so that a healthy run reads none.
    if code != "0" and code in _socket_codes():
        return Trouble.STRANGE
    if status in (401, 403) or code in GATE_CODES:
        return None
    answered = 200 <= status < 300 or (code != "0" and 400 <= status < 500)
    return None if answered and (code == "0" or is_past_authentication(code)) else Trouble.STRANGE


@cache
def _socket_codes() -> frozenset[str]:
    """Codes that only a WebSocket answers with."""
    rest = {row.code for row in all_codes() if row.channel == "rest"}
    return frozenset(row.code for row in all_codes() if row.channel == "websocket") - rest


def is_past_authentication(code: str) -> bool:
    """Whether a documented REST code is one that a signed call gets only once authentication is passed."""
    if code == "0" or code in GATE_CODES or code in RATE_CODES or code in UNAVAILABLE_CODES:
        return False
    known = find(code)
    return known is not None and known.channel == "rest" and known.category not in _UNTOLD


def is_later(code: str, answer: Answered | None) -> bool:
    """Whether an answer comes from a later step than the one that a code belongs to, as the rulebook places them."""
    match outcome(answer):
        case Outcome.ACCEPTED | Outcome.PAST:
            return True
        case Outcome.REFUSED if answer is not None:
            then, now = _place(code), _place(answer.code)
            return then is not None and now is not None and now > then
        case _:
            return False


def passed_refused_step(before: Answered | None, after: Answered | None, changed: Collection[str]) -> bool:
    """Whether ``after`` passed the step that ``before`` was refused at, thanks to the ``changed`` fields.

    ``before`` is ``None`` for what could not be sent. With another key or on another site a new conversation begins:
    there only a later step counts. With the same key on the same site the order of the steps about the account is
    only assumed, so an earlier one of them counts as well, unless the change itself brought that refusal about.
    """
    came_to = outcome(after)
    if after is None or came_to is Outcome.UNCLEAR:
        return False
    if "base_url" in changed:
        known = after.code in SITE_PROVED and (after.code != "0" or came_to is Outcome.ACCEPTED)
        return known and (before is None or is_later(before.code, after))
    if before is None or is_later(before.code, after):
        return True
    if "api_key" in changed or came_to is not Outcome.REFUSED or after.code == before.code:
        return False
    about = correction_of(before.code) in changed and correction_of(after.code) not in changed
    return about and _is_assumed(before.code) and _is_assumed(after.code)


def _place(code: str) -> int | None:
    """The place of a REST code in the order. The four headers share one: which of them OKX asks first is not known."""
    for at, step in enumerate(order("rest")):
        if step.layer == "gateway" and code == step.code():
            return 0 if step.stage == "headers" else at
    return None


def _is_assumed(code: str) -> bool:
    step = step_of(code)
    return step is not None and step.stage == "account"
