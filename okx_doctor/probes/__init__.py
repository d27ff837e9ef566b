"""The only place with outbound I/O. A probe measures and returns observations; it never judges or prints.

``ALL`` is the ordered list of checks: the order of every report.
"""

from __future__ import annotations

from typing import Final

from okx_doctor.observations import Evidence, ExchangeTime
from okx_doctor.probes import machine, network, ntp, signed, values
from okx_doctor.probes.check import Check, Context, Ending, Skipped


def _login(context: Context, evidence: Evidence) -> Ending:
    if not context.want_websocket:
        return Skipped(reason="not asked for (--websocket)")
    from okx_doctor.probes.websocket import measure_login  # its library is loaded only when it is wanted

    return measure_login(context, evidence)


ALL: Final[tuple[Check, ...]] = (
    Check(
        id="target.host",
        title="the base URL is a host of OKX's API",
        measure=values.measure_target,
    ),
    Check(
        id="credentials.presence",
        title="API key, secret key and passphrase are there",
        measure=values.measure_presence,
    ),
    Check(
        id="credentials.source",
        title="the values are what their files say, and no source hides another",
        measure=values.measure_sources,
    ),
    Check(
        id="credentials.exposure",
        title="no file with them is open to others, no other key has the passphrase",
        measure=values.measure_exposure,
    ),
    Check(
        id="credentials.shape",
        title="each value is clean and stands in its own slot",
        measure=values.measure_slots,
        requires=("credentials.presence",),
    ),
    Check(
        id="credentials.passphrase",
        title="the passphrase is spelled as it was set",
        measure=values.measure_case,
        requires=("credentials.presence",),
    ),
    Check(
        id="signature.vectors",
        title="this machine computes the published signatures",
        measure=machine.measure_vectors,
    ),
    Check(
        id="body.serialisation",
        title="the bytes that are signed are the bytes that leave",
        measure=machine.measure_bodies,
    ),
    Check(
        id="network.resolution",
        title="the exchange's host name resolves",
        measure=network.measure_resolution,
        online=True,
    ),
    Check(
        id="network.connection",
        title="the exchange can be reached",
        measure=network.measure_connection,
        requires=("network.resolution",),
        online=True,
    ),
    Check(
        id="clock.ntp",
        title="the local clock agrees with time servers",
        measure=ntp.measure_ntp,
        online=True,
        replaced_by=ExchangeTime,
    ),
    Check(
        id="clock.exchange",
        title="the local clock agrees with OKX",
        measure=network.measure_exchange_clock,
        requires=("network.connection",),
        online=True,
    ),
    Check(
        id="signed.config",
        title="OKX accepts a signed GET",
        measure=signed.measure_config,
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
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="signed.body",
        title="OKX accepts a signed POST with a body",
        measure=signed.measure_body,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="key.permissions",
        title="the key may do what the bot needs, and no more",
        measure=signed.measure_key,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="key.binding",
        title="the key will not expire for want of an IP binding",
        measure=signed.measure_key,
        requires=("signed.config",),
        online=True,
    ),
    Check(
        id="websocket.login",
        title="OKX accepts a WebSocket login",
        measure=_login,
        requires=("signed.config",),
        online=True,
    ),
)

IDS: Final = tuple(check.id for check in ALL)
