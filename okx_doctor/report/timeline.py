"""The requests of a run in the order they were made, read from a report's observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.causes.conversation import described
from okx_doctor.model import Report
from okx_doctor.observations import (
    CallAnswer,
    Connection,
    Correction,
    Evidence,
    ExchangeTime,
    NtpSilence,
    NtpTime,
    SignedCall,
    SocketLogin,
    evidence_in,
)
from okx_doctor.protocol.codes import find, without_values
from okx_doctor.protocol.outcome import Outcome, login_outcome, outcome

Look = Literal["accepted", "refused", "unanswered"]
"""How a request is shown: an answer that decides nothing is shown like no answer at all."""

_LOOKS: Final[Mapping[Outcome, Look]] = {
    Outcome.ACCEPTED: "accepted",
    Outcome.PAST: "accepted",
    Outcome.REFUSED: "refused",
    Outcome.UNCLEAR: "unanswered",
}


class Request(Struct, frozen=True, kw_only=True):
    """One request: who was asked for what, in which state, and what came of it.

    ``started_ms`` counts from the beginning of the run; milliseconds are ``None`` where they are not known.
    """

    asked: str
    what: str
    state: str
    outcome: Look
    answer: str
    started_ms: int | None = None
    duration_ms: int | None = None


def requests(report: Report) -> tuple[Request, ...]:
    """Every request that the report tells of: unsigned ones first, then the signed calls, then the WebSocket login."""
    seen = evidence_in(report)
    return (*_unsigned(seen), *_signed(seen), *_logins(seen, report))


def _unsigned(seen: Evidence) -> Iterator[Request]:
    connection = seen.first(Connection)
    if connection is not None:
        way = f"through {connection.proxy}" if connection.proxy else f"over {connection.family or 'an unknown family'}"
        times = seen.all(ExchangeTime)
        told = connection.answer is not None and bool(connection.answer.code)
        yield Request(
            asked=connection.base_url,
            what="GET public/time",
            state=f"unsigned, {way}",
            outcome="accepted" if times else "refused" if told else "unanswered",
            answer=connection.failure.detail if connection.failure else _answer(connection.answer, bool(times)),
            duration_ms=_milliseconds(2 * (times[0].uncertainty_s - 0.001)) if times else None,
        )
    for sample in seen.all(NtpTime):
        yield Request(
            asked=sample.server,
            what="NTP",
            state="time server",
            outcome="accepted",
            answer=f"stratum {sample.stratum}",
            duration_ms=_milliseconds(2 * sample.uncertainty_s),
        )
    for silence in seen.all(NtpSilence):
        yield Request(
            asked=silence.server, what="NTP", state="time server", outcome="unanswered", answer=silence.reason
        )


def _signed(seen: Evidence) -> Iterator[Request]:
    corrections = {correction.id: correction for correction in seen.all(Correction)}
    for call in sorted(seen.all(SignedCall), key=lambda made: made.number):
        came_to = outcome(call.answer)
        yield Request(
            asked=f"{call.base_url}{' (demo)' if call.demo else ''}",
            what=call.endpoint.replace("/api/v5/", ""),
            state=_state(call, corrections),
            outcome=_LOOKS[came_to],
            answer=_signed_answer(call.answer, came_to) if call.answer else described(call),
            started_ms=call.started_ms if call.started_ms >= 0 else None,
            duration_ms=call.duration_ms if call.duration_ms >= 0 else None,
        )


def _logins(seen: Evidence, report: Report) -> Iterator[Request]:
    for login in seen.all(SocketLogin):
        came_to = login_outcome(login.code)
        failure = login.failure.detail if login.failure else "no answer"
        took = [check.duration_ms for check in report.checks if "socket_logins" in check.observations]
        yield Request(
            asked=f"{login.url}{' (demo)' if login.demo else ''}",
            what="WebSocket login",
            state="with what was accepted",
            outcome=_LOOKS[came_to],
            answer="accepted" if came_to is Outcome.ACCEPTED else _describe_code(login.code) if login.code else failure,
            duration_ms=took[0],
        )


def _state(call: SignedCall, corrections: Mapping[str, Correction]) -> str:
    """The corrections of a call, or those taken back."""

    def named(ids: tuple[str, ...]) -> str:
        return " and ".join(corrections[name].what if name in corrections else name for name in ids)

    others = tuple(name for name in call.corrections if name not in call.about)
    still = f"; still with {named(others)}" if others else ""
    match call.purpose:
        case "as loaded" if call.about:
            return f"put right before it was sent: {named(call.about)}"
        case "as loaded":
            return "as it was loaded"
        case "correction":
            return f"with {named(call.about)}{still}"
        case "taken back":
            return f"taken back: {named(call.about)}{still}"
        case "second wave" if call.corrections:
            return f"with {named(call.corrections)}"
        case "second wave":
            return "as it was loaded"


def _milliseconds(seconds: float) -> int:
    """Never negative, at most a day: a damaged report's may be vast."""
    return round(min(max(0.0, seconds), 86_400.0) * 1000)


def _signed_answer(answer: CallAnswer, came_to: Outcome) -> str:
    past = ", past authentication" if came_to is Outcome.PAST else ""
    return _answer(answer, came_to is Outcome.ACCEPTED) + past


def _answer(answer: CallAnswer | None, accepted: bool) -> str:
    if answer is None:
        return "no answer"
    if accepted:
        return "accepted"
    if answer.code:
        return _describe_code(answer.code)
    return f"HTTP {answer.status} without a code of OKX's"


def _describe_code(code: str) -> str:
    known = find(code)
    return f"{code} {without_values(known.wording).strip(' .')}" if known else code
