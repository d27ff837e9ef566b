"""The list of checks: what each measures, and how its result is put into words. Its order is that of every report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from okx_doctor.checking import summaries
from okx_doctor.observations import (
    BodyForm,
    Connection,
    Evidence,
    ExchangeTime,
    Observation,
    Resolution,
    SignedCall,
    SocketLogin,
    VectorRun,
)
from okx_doctor.probes import machine, network, ntp, signed, values
from okx_doctor.probes.context import Context, Ending, Skipped
from okx_doctor.protocol.outcome import Outcome, login_outcome, outcome


class Check(Struct, frozen=True, kw_only=True):
    """One measurement. ``title`` is a sentence of health; ``requires`` names checks that must have ended before.

    ``summary`` says what was measured, from the check's own observations and from everybody's. ``in_order`` says
    whether its own are sound by themselves: where they are not the check fails, whatever the rules make of them.
    ``online`` checks are left out with ``--offline``. A check that could not measure leaves the run undetermined,
    unless an observation of the kind ``replaced_by`` was made all the same; such a check is also waited for last.
    """

    id: str
    title: str
    measure: Callable[[Context, Evidence], Ending]
    summary: Callable[[Evidence, Evidence], str]
    in_order: Callable[[Evidence], bool] = lambda own: True
    requires: tuple[str, ...] = ()
    online: bool = False
    replaced_by: type[Observation] | None = None

    @property
    def group(self) -> str:
        return self.id.partition(".")[0]


def _measure_login(context: Context, evidence: Evidence) -> Ending:
    if not context.want_websocket:
        return Skipped(reason="not asked for (--websocket)")
    from okx_doctor.probes.websocket import measure_login  # its library is loaded only when it is wanted

    return measure_login(context, evidence)


def _has_resolved(own: Evidence) -> bool:
    return not any(seen.failure for seen in own.all(Resolution))


def _has_connected(own: Evidence) -> bool:
    return not any(seen.failure for seen in own.all(Connection))


def _has_right_vectors(own: Evidence) -> bool:
    return not any(run.mismatches for run in own.all(VectorRun))


def _has_whole_bodies(own: Evidence) -> bool:
    return not any(form.own and not (form.same_bytes and form.accepted) for form in own.all(BodyForm))


def _is_accepted(own: Evidence) -> bool:
    """The first call is as it is for sound credentials: accepted, or in the second wave past authentication."""
    return all(outcome(call.answer) in _healthy_outcomes(call) for call in own.all(SignedCall)[:1])


def _healthy_outcomes(call: SignedCall) -> tuple[Outcome, ...]:
    return (Outcome.ACCEPTED, Outcome.PAST) if call.purpose == "second wave" else (Outcome.ACCEPTED,)


def _has_logged_in(own: Evidence) -> bool:
    return all(login_outcome(login.code) is Outcome.ACCEPTED for login in own.all(SocketLogin))


ALL: Final[tuple[Check, ...]] = (
    Check(
        id="target.host",
        title="the base URL is a host of OKX's API",
        measure=values.measure_target,
        summary=summaries.target,
    ),
    Check(
        id="credentials.presence",
        title="API key, secret key and passphrase are there",
        measure=values.measure_presence,
        summary=summaries.presence,
    ),
    Check(
        id="credentials.source",
        title="the values are what their files say, and no source hides another",
        measure=values.measure_sources,
        summary=summaries.sources,
    ),
    Check(
        id="credentials.exposure",
        title="no file with them is open to others, no other key has the passphrase",
        measure=values.measure_exposure,
        summary=summaries.exposure,
    ),
    Check(
        id="credentials.shape",
        title="each value is clean and stands in its own slot",
        measure=values.measure_slots,
        summary=summaries.shape,
        requires=("credentials.presence",),
    ),
    Check(
        id="credentials.passphrase",
        title="the passphrase has the form of one that OKX takes",
        measure=values.measure_case,
        summary=summaries.case,
        requires=("credentials.presence",),
    ),
    Check(
        id="signature.vectors",
        title="this machine computes the published signatures",
        measure=machine.measure_vectors,
        summary=summaries.vectors,
        in_order=_has_right_vectors,
    ),
    Check(
        id="body.serialisation",
        title="the bytes that are signed are the bytes that leave",
        measure=machine.measure_bodies,
        summary=summaries.bodies,
        in_order=_has_whole_bodies,
    ),
    Check(
        id="network.resolution",
        title="the exchange's host name resolves",
        measure=network.measure_resolution,
        summary=summaries.resolution,
        in_order=_has_resolved,
        online=True,
    ),
    Check(
        id="network.connection",
        title="the exchange can be reached",
        measure=network.measure_connection,
        summary=summaries.connection,
        in_order=_has_connected,
        requires=("network.resolution",),
        online=True,
    ),
    Check(
        id="clock.ntp",
        title="the local clock agrees with time servers",
        measure=ntp.measure_ntp,
        summary=summaries.ntp,
        online=True,
        replaced_by=ExchangeTime,
    ),
    Check(
        id="clock.exchange",
        title="the local clock agrees with OKX",
        measure=network.measure_exchange_clock,
        summary=summaries.exchange,
        requires=("network.connection",),
        online=True,
    ),
    Check(
        id="signed.config",
        title="OKX accepts a signed GET",
        measure=signed.measure_config,
        summary=summaries.calls,
        in_order=_is_accepted,
        requires=(
            "target.host",
            "credentials.presence",
            "credentials.source",
            "credentials.shape",
            "network.resolution",
        ),
        online=True,
    ),
    Check(
        id="signed.query",
        title="OKX accepts a signed GET with a query",
        measure=signed.measure_query,
        summary=summaries.calls,
        in_order=_is_accepted,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="signed.body",
        title="OKX accepts a signed POST with a body",
        measure=signed.measure_body,
        summary=summaries.calls,
        in_order=_is_accepted,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="key.permissions",
        title="the key may do what the bot needs, and no more",
        measure=signed.measure_key,
        summary=summaries.permissions,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="key.binding",
        title="the key stays valid while the bot is idle",
        measure=signed.measure_key,
        summary=summaries.binding,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="websocket.login",
        title="OKX accepts a WebSocket login",
        measure=_measure_login,
        summary=summaries.login,
        in_order=_has_logged_in,
        requires=("signed.config",),
        online=True,
    ),
)

IDS: Final = tuple(check.id for check in ALL)
