"""Faults on the way to OKX, everywhere, on one path, on one site."""

from __future__ import annotations

from collections.abc import Mapping

from okx_doctor.gate.api.faults import Fault
from okx_doctor.settings import Options
from tests.scenarios.scenario import Named, Scenario, likely, proven, stated
from tests.scenarios.stages import BALANCE, BUILDER, CONFIG, TIME, exchange_fails, okx_knows

_EACH_FAULT: Mapping[Fault, Named] = {
    Fault.UNAVAILABLE: stated("exchange-unavailable"),
    Fault.LOCALISED: stated("exchange-unavailable"),
    Fault.MARKUP: stated("exchange-unavailable"),
    Fault.GATEWAY_TEXT: likely("exchange-unavailable"),
    Fault.GZIP_BOMB: likely("exchange-unavailable"),
    Fault.HUGE: likely("exchange-unavailable"),
    Fault.RATE_LIMITED: stated("rate-limited"),
    Fault.EDGE_BLOCK: likely("blocked-by-edge"),
    Fault.RESET: likely("connection-refused"),
    Fault.TRUNCATED: likely("connection-refused"),
    Fault.HANG: likely("connection-timeout"),
    Fault.DRIP: likely("connection-timeout"),
}
"""What each fault on every path of every site comes to. A redirect is no network cause and stands apart."""

SLOW = (Fault.HANG, Fault.DRIP)


def _patient(which: Fault) -> Options:
    return Options(timeout=1.5) if which in SLOW else Options()


SCENARIOS: tuple[Scenario, ...] = (
    *(
        Scenario(
            name=f"fault {which} everywhere",
            steps=(exchange_fails(which),),
            options=_patient(which),
            causes=(named,),
            exit=3,
        )
        for which, named in _EACH_FAULT.items()
    ),
    Scenario(
        name="fault redirect everywhere",
        steps=(exchange_fails(Fault.REDIRECT),),
        causes=(likely("host-not-api"),),
        exit=1,
    ),
    *(
        Scenario(
            name=f"fault {which} on position-builder only",
            steps=(exchange_fails(which, "*", BUILDER),),
            causes=(named,),
            exit=3,
        )
        for which, named in _EACH_FAULT.items()
        if which not in SLOW
    ),
    Scenario(
        name="fault redirect on position-builder only",
        steps=(exchange_fails(Fault.REDIRECT, "*", BUILDER),),
        exit=3,
    ),
    *(
        Scenario(
            name=f"fault {which} on {label} only",
            steps=(exchange_fails(which, "*", path),),
            causes=(_EACH_FAULT[which],),
            exit=3,
        )
        for path, label in ((CONFIG, "config"), (BALANCE, "balance"), (TIME, "time"))
        for which in (Fault.UNAVAILABLE, Fault.RATE_LIMITED, Fault.EDGE_BLOCK, Fault.RESET)
    ),
    Scenario(
        name="fault on time only and clock 45 s off",
        steps=("clock-drift", exchange_fails(Fault.EDGE_BLOCK, "*", TIME)),
        causes=(likely("blocked-by-edge"), likely("clock-drift")),
        exit=1,
    ),
    *(
        Scenario(
            name=f"fault {which} on the EEA site while an EEA key is looked for",
            steps=("wrong-site", exchange_fails(which, "eea")),
            options=_patient(which),
            causes=(stated("rate-limited"),) if which is Fault.RATE_LIMITED else (),
            exit=3,
            open=("wrong-site", "api-key-unknown"),
        )
        for which in (
            Fault.EDGE_BLOCK,
            Fault.RATE_LIMITED,
            Fault.UNAVAILABLE,
            Fault.HANG,
            Fault.RESET,
            Fault.REDIRECT,
            Fault.GATEWAY_TEXT,
        )
    ),
    *(
        Scenario(
            name=f"fault {which} on the EEA site while an unknown key is looked for",
            steps=("api-key-unknown", exchange_fails(which, "eea")),
            causes=(stated("rate-limited"),) if which is Fault.RATE_LIMITED else (),
            exit=3,
            open=("wrong-site", "api-key-unknown"),
        )
        for which in (Fault.EDGE_BLOCK, Fault.RATE_LIMITED, Fault.UNAVAILABLE, Fault.RESET)
    ),
    Scenario(
        name="fault edge-block on the EEA site while a US key is looked for",
        steps=(okx_knows(site="us"), exchange_fails(Fault.EDGE_BLOCK, "eea")),
        causes=(proven("wrong-site"),),
        exit=1,
    ),
    Scenario(
        name="fault rate-limited on the EEA site while a US key is looked for",
        steps=(okx_knows(site="us"), exchange_fails(Fault.RATE_LIMITED, "eea")),
        causes=(stated("rate-limited"),),
        exit=3,
        open=("wrong-site", "api-key-unknown"),
    ),
)
