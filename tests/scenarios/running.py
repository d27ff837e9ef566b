"""A scenario run on the bench that is shipped, with the exchange in view."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.checking import run as checking
from okx_doctor.checking import simulation
from okx_doctor.checking.checks import IDS
from okx_doctor.checking.run import RunInputs
from okx_doctor.checking.runner import Observer, Run
from okx_doctor.checking.simulation import HOME_ADDRESS, Bench, run_bench
from okx_doctor.credentials.load import Credentials
from okx_doctor.gate.serve.events import Handled, HandledLogin
from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.model import Report
from okx_doctor.observations import Observation
from okx_doctor.settings import Options
from tests.scenarios.scenario import Named, Scenario


class Outcome(Struct, frozen=True, kw_only=True):
    """What a scenario came to, and what the exchange saw of it."""

    report: Report
    credentials: Credentials
    bench: Bench
    observations: tuple[Observation, ...]
    handled: tuple[Handled, ...]
    logins: tuple[HandledLogin, ...]
    crashes: tuple[object, ...]

    @property
    def named(self) -> tuple[Named, ...]:
        return tuple((cause.id, cause.confidence.value, cause.severity.value) for cause in self.report.verdict.causes)


def run(scenario: Scenario) -> Outcome:
    """Run a scenario on the bench that is shipped, with the exchange in view."""
    started: list[Exchange] = []
    runs: list[Run] = []

    class Seen(Exchange):
        def __enter__(self) -> Seen:
            super().__enter__()
            if scenario.reach == "by name":
                self.sites = tuple(
                    replace(site, rest=tuple(url.replace(HOME_ADDRESS, "localhost") for url in site.rest))
                    for site in self.sites
                )
            started.append(self)
            return self

    def examine(options: Options, around: RunInputs, observer: Observer) -> Report:
        address = started[0].sites[0].rest[0]
        options = replace(options, site=scenario.options.site)
        if scenario.reach == "another name":
            options = replace(options, base_url=address.replace(HOME_ADDRESS, "localhost"))
        if scenario.reach == "own proxy":
            around = replace(around, proxy=address)
        return checking.examine(options, around, observer=observer)

    bench = scenario.bench()
    with (
        patch.object(simulation, "Exchange", Seen),
        patch.object(simulation, "examine", examine),
        a_resolver_that_knows_no_such_name(),
    ):
        report, credentials = run_bench(bench, scenario.options, runs.append)
    runs.sort(key=lambda ended: IDS.index(ended.check_id))
    return Outcome(
        report=report,
        credentials=credentials,
        bench=bench,
        observations=tuple(seen for ended in runs for seen in ended.observations),
        handled=tuple(started[0].handled),
        logins=tuple(started[0].logins),
        crashes=tuple(started[0].crashes),
    )


@contextmanager
def a_resolver_that_knows_no_such_name() -> Iterator[None]:
    """Names under ``.invalid`` fail here and now: no test asks this machine's resolver."""
    real = socket.getaddrinfo

    def look_up(host: Any, *rest: Any, **options: Any) -> Any:
        if str(host).endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *rest, **options)

    with patch.object(socket, "getaddrinfo", look_up):
        yield
