"""The questions that need an account: a demo key's, which its owner hands over for this.

OKX locks keys that guess: two refused passphrases end the asking.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.protocol.outcome import PASSPHRASE_CODES, Outcome, outcome
from okx_doctor.protocol.sites import Site
from okx_doctor.secrets.secret import Secret
from okx_doctor.surveying.questions import Question, Values, request_for
from okx_doctor.surveying.survey import Ask, Row, judge

MAX_REFUSED_PASSPHRASES: Final = 2
_WRONG_SECRET: Final = Secret("0" * 32)
_WRONG_PASSPHRASE: Final = Secret("Survey-0000")

_FIRST: Final = Question(id="a demo key as it is", demo=True)
_PAIRS: Final = (
    (Question(id="a wrong signature", demo=True), False),
    (Question(id="a wrong signature, 120 s late", demo=True, ahead=-120.0), False),
    (Question(id="a wrong signature, without the demo header"), False),
    (Question(id="a wrong passphrase and a wrong signature", demo=True), True),
    (Question(id="a wrong passphrase and a wrong signature, without the demo header"), True),
)
"""Each with a wrong signature; the second value: with a wrong passphrase as well."""


class NotADemoKey(Exception):
    """The first call, with the demo header, was not accepted: nothing more is asked with this key."""


def survey_with_key(ask: Ask, site: Site, now: Callable[[], float], values: Values) -> tuple[Row, ...]:
    """Ask with a demo key's values. Raises ``NotADemoKey`` where the first call is not accepted in demo trading."""
    known = Account(
        api_key=values.api_key.reveal(),
        secret=values.secret,
        passphrase=values.passphrase,
        demo=True,
        uid="0",
        main_uid="0",
    )
    accounts = (known,)
    moment = now()
    reply = ask(site.rest[0], request_for(_FIRST, moment, values))
    if outcome(reply.answer) is not Outcome.ACCEPTED:
        raise NotADemoKey
    rows = [judge(_FIRST, site, moment, reply, accounts, values)]
    refused = 0
    for question, wrong_passphrase in _PAIRS:
        if wrong_passphrase and refused >= MAX_REFUSED_PASSPHRASES:
            break
        passphrase = _WRONG_PASSPHRASE if wrong_passphrase else values.passphrase
        signed = Values(api_key=values.api_key, secret=_WRONG_SECRET, passphrase=passphrase)
        moment = now()
        reply = ask(site.rest[0], request_for(question, moment, signed))
        rows.append(judge(question, site, moment, reply, accounts, signed))
        refused += reply.answer is None or reply.answer.code in PASSPHRASE_CODES  # unanswered may be refused
    return tuple(rows)
