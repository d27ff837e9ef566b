"""Whether what a check measured is in order by itself, whatever the rules make of it."""

from __future__ import annotations

from okx_doctor.observations import BodyForm, Connection, Evidence, Resolution, SignedCall, SocketLogin, VectorRun
from okx_doctor.protocol.outcome import Outcome, login_outcome, outcome


def resolved(own: Evidence) -> bool:
    return not any(seen.failure for seen in own.all(Resolution))


def connected(own: Evidence) -> bool:
    return not any(seen.failure for seen in own.all(Connection))


def vectors_come_out(own: Evidence) -> bool:
    return not any(run.mismatches for run in own.all(VectorRun))


def bodies_arrive(own: Evidence) -> bool:
    return not any(form.own and not (form.same_bytes and form.accepted) for form in own.all(BodyForm))


def accepted(own: Evidence) -> bool:
    """The first call is as it is for sound credentials: accepted, or in the second wave past authentication."""
    return all(outcome(call.answer) in _enough(call) for call in own.all(SignedCall)[:1])


def _enough(call: SignedCall) -> tuple[Outcome, ...]:
    return (Outcome.ACCEPTED, Outcome.PAST) if call.purpose == "second wave" else (Outcome.ACCEPTED,)


def logged_in(own: Evidence) -> bool:
    return all(login_outcome(login.code) is Outcome.ACCEPTED for login in own.all(SocketLogin))
