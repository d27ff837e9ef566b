"""What a signed call came to: accepted, past authentication, refused or unclear. Defined here and nowhere else.

Everything is told from HTTP status, form and code; texts decide nothing. Also the order of OKX's steps, as far as an
answer shows how far a call got.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import cache
from typing import Final, Protocol

from okx_doctor.protocol.codes import REST_TWIN, all_codes, find

STEPS: Final = (
    ("50103", "50104", "50106", "50107"),
    ("50112",),
    ("50102",),
    ("50111",),
    ("50119",),
    ("50100",),
    ("50110",),
    ("50101",),
    ("50105",),
    ("50113",),
    ("50120",),
)
"""The codes of OKX's steps in the order of the rulebook: headers, time, key, account, passphrase, signature, and the
permission, which is asked only of a call that has signed rightly."""

_ASSUMED: Final = STEPS[5:]
"""The steps whose order among themselves is only assumed."""

_UNPLACED: Final = ("50108", "50109", "50114", "50121")
"""Codes of authentication that the rulebook has no place for."""

GATE_CODES: Final = frozenset((*(code for step in STEPS[:-1] for code in step), *_UNPLACED))
"""REST codes that OKX's authentication answers with, before any endpoint sees the request."""

PASSPHRASE_CODES: Final = ("50105", "60024")
"""What a refused passphrase is answered with, over REST and on a socket."""

UNAVAILABLE_CODES: Final = frozenset(("50001", "50004", "50013", "50026", "63999"))
RATE_CODES: Final = frozenset(("50011", "50040", "50061", "58102", "60014", "60023"))

SITE_PROVED: Final = ("0", "50101", "50105", "50110", "50113", "50120")
"""Answers that prove a site knows the key; all others prove nothing about it."""

FIELD_OF_CODE: Final = {
    "50102": "clock",
    "50111": "api_key",
    "50119": "api_key",
    "50101": "environment",
    "50105": "passphrase",
    "50113": "secret",
}
"""What a code finds fault with, as the fields of a correction are called."""

_UNTOLD: Final = ("rate_limit", "maintenance", "system", "broker", "timeout_unknown_outcome", "retired")
"""Categories of documented codes that do not tell whether authentication was passed."""

_LOGIN_CODES: Final = frozenset((*REST_TWIN, "60027", "50100", "50101", "50110"))
"""What the steps of a WebSocket login answer."""


class Outcome(StrEnum):
    """What a signed call came to."""

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
    """What a signed REST call came to; ``None`` stands for no answer."""
    if answer is None or trouble(answer) is not None:
        return Outcome.UNCLEAR
    if answer.status in (401, 403) or answer.code in GATE_CODES:
        return Outcome.REFUSED
    return Outcome.ACCEPTED if answer.code == "0" else Outcome.PAST


def login_outcome(code: str) -> Outcome:
    """What a WebSocket login came to, by the code of its event; ``""`` stands for no event."""
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
    if code in _socket_codes():
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


def got_past(before: Answered | None, after: Answered | None, changed: Collection[str]) -> bool:
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
    about = FIELD_OF_CODE.get(before.code) in changed and FIELD_OF_CODE.get(after.code) not in changed
    return about and _is_assumed(before.code) and _is_assumed(after.code)


def _place(code: str) -> int | None:
    return next((at for at, codes in enumerate(STEPS) if code in codes), None)


def _is_assumed(code: str) -> bool:
    return code == "50114" or any(code in codes for codes in _ASSUMED)
