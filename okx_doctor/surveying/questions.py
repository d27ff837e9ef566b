"""The questions of a survey: one or two faults in a signed request. Pure data, and the requests made from it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from okx_doctor.protocol.endpoints import CONFIG
from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.signing import (
    DEMO_HEADER,
    KEY_HEADER,
    PASSPHRASE_HEADER,
    SIGN_HEADER,
    TIMESTAMP_HEADER,
    prehash,
    signed_headers,
)
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret

ZERO_KEY: Final = "00000000-0000-4000-8000-000000000000"
MALFORMED_KEY: Final = "no-key-of-okx"
_SECRET: Final = "0" * 32
_PASSPHRASE: Final = "Survey-0000"  # noqa: S105  # made up: no account has it
_GARBAGE: Final = "yesterday"


class Question(Struct, frozen=True, kw_only=True):
    """A signed ``GET account/config`` with known faults.

    ``id`` says what is wrong beside the unknown key. ``absent`` are headers that are not sent. ``ahead`` seconds are
    added to the timestamp, which has the ``form`` of one of OKX's, of a number, or of nothing readable.
    """

    id: str
    absent: tuple[str, ...] = ()
    ahead: float = 0.0
    form: str = "iso"
    key: str = ZERO_KEY
    demo: bool = False
    target: str = CONFIG.target


class Values(Struct, frozen=True, kw_only=True):
    """The values that a question is signed with: made up, or a demo key's."""

    api_key: Secret = Secret(ZERO_KEY)
    secret: Secret = Secret(_SECRET)
    passphrase: Secret = Secret(_PASSPHRASE)


MADE_UP: Final = Values()

_PASSPHRASE_ABSENT: Final = (PASSPHRASE_HEADER,)

QUESTIONS: Final = (
    Question(id="nothing else"),
    Question(id="the demo header", demo=True),
    Question(id="120 s late", ahead=-120.0),
    Question(id="25 s ahead", ahead=25.0),
    Question(id="31 s ahead", ahead=31.0),
    Question(id="an unreadable timestamp", form="garbage"),
    Question(id="epoch seconds", form="epoch-s"),
    Question(id="epoch milliseconds", form="epoch-ms"),
    Question(id="six fraction digits", form="iso-us"),
    Question(id="a malformed key", key=MALFORMED_KEY),
    Question(id="a malformed key, 120 s late", key=MALFORMED_KEY, ahead=-120.0),
    Question(id="a malformed key, an unreadable timestamp", key=MALFORMED_KEY, form="garbage"),
    Question(id="no key", absent=(KEY_HEADER,)),
    Question(id="no passphrase", absent=_PASSPHRASE_ABSENT),
    Question(id="no signature", absent=(SIGN_HEADER,)),
    Question(id="no timestamp", absent=(TIMESTAMP_HEADER,)),
    Question(id="no passphrase, 120 s late", absent=_PASSPHRASE_ABSENT, ahead=-120.0),
    Question(id="no passphrase, an unreadable timestamp", absent=_PASSPHRASE_ABSENT, form="garbage"),
    Question(id="no passphrase, a malformed key", absent=_PASSPHRASE_ABSENT, key=MALFORMED_KEY),
    Question(id="none of the four headers", absent=(*OKX.headers,)),
)
"""One fault and two at a time, all with a key that no site knows: which of two is answered shows their order."""


def request_for(question: Question, now: float, values: Values) -> WireRequest:
    """The request, signed at ``now`` (Unix seconds) as the question says."""
    stamp = _stamp(question.form, now + question.ahead)
    message = prehash(stamp, "GET", question.target)
    key = values.api_key if question.key == ZERO_KEY else Secret(question.key)
    headers = signed_headers(key, values.secret, values.passphrase, stamp, message)
    kept = [(name, value) for name, value in headers.items() if name not in question.absent]
    demo = [(DEMO_HEADER, "1")] if question.demo else []
    return WireRequest(method="GET", target=question.target, headers=(*kept, *demo))


def _stamp(form: str, moment: float) -> str:
    match form:
        case "epoch-s":
            return str(int(moment))
        case "epoch-ms":
            return str(int(moment * 1000))
        case "iso-us":
            return f"{rest_timestamp(moment)[:-1]}000Z"
        case "garbage":
            return _GARBAGE
        case _:
            return rest_timestamp(moment)
