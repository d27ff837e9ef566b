"""Every dated fact about OKX that the product is built on, in one list: what, who says so, last confirmed when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Final

from msgspec import Struct

from okx_doctor.protocol.codes import all_codes
from okx_doctor.protocol.documented import CALLED_PUBLIC, CALLED_PUBLIC_SOURCE
from okx_doctor.protocol.scheme import NEIGHBOURS, OKX, Scheme
from okx_doctor.protocol.sites import RETIRED_PORTS, SITES
from okx_doctor.protocol.sources import Source
from okx_doctor.protocol.steps import STEPS
from okx_doctor.protocol.timestamps import WINDOW_SECONDS, WINDOW_SOURCE

OLD_AFTER_DAYS: Final = 180
"""Facts whose newest confirmation is older than this may no longer hold: OKX changed two addresses in half a year."""

_NEIGHBOURS: Final = "Schemes that are mistaken for OKX's"


class Fact(Struct, frozen=True, kw_only=True):
    """``subject`` is the heading it is listed under, ``statement`` the fact in a line."""

    subject: str
    statement: str
    source: Source


@cache
def facts() -> tuple[Fact, ...]:
    """All of them, by subject: addresses, ports, endpoints, scheme, time, steps, codes."""
    return (*_addresses(), *_ports(), *_endpoints(), *_schemes(), *_times(), *_steps(), *_codes())


@cache
def newest_day() -> str:
    """The day of the newest confirmation of a fact about OKX, ISO; of a month alone its first."""
    return max(_whole(fact.source.day) for fact in facts() if fact.subject != _NEIGHBOURS)


def age_days(day: str, now: float) -> float:
    """Days from an ISO day to ``now``, Unix seconds."""
    return (now - datetime.fromisoformat(f"{_whole(day)}T00:00:00").replace(tzinfo=UTC).timestamp()) / 86_400.0


def _whole(day: str) -> str:
    return f"{day}-01-01"[:10] if len(day) == 4 else f"{day}-01"[:10]


def _addresses() -> Iterator[Fact]:
    for site in SITES:
        if site.rest_source:
            yield _fact("Addresses", f"{site.name}, REST: {' and '.join(site.rest)}", site.rest_source)
        sockets = [url for url in (site.websocket, site.websocket_demo) if url]
        if site.websocket_source and sockets:
            statement = f"{site.name}, WebSocket and its demo: {' and '.join(sockets)}"
            yield _fact("Addresses", statement, site.websocket_source)


def _ports() -> Iterator[Fact]:
    for port in RETIRED_PORTS:
        yield _fact(
            "Ports",
            f"WebSocket port {port.port} was announced to end on {port.retired}; {port.instead} serves all",
            port.source,
        )


def _endpoints() -> Iterator[Fact]:
    yield _fact("Endpoints", f"{CALLED_PUBLIC} is called public and wants authentication", CALLED_PUBLIC_SOURCE)


def _schemes() -> Iterator[Fact]:
    yield _fact("Signing", f"OKX: {_signed(OKX)}", Source(OKX.source, OKX.day))
    for scheme in NEIGHBOURS:
        yield _fact(_NEIGHBOURS, f"{scheme.exchange}: {_signed(scheme)}", Source(scheme.source, scheme.day))


def _signed(scheme: Scheme) -> str:
    return f"HMAC-{scheme.digest.upper()} of {', '.join(scheme.layout)}, in {scheme.headers.sign}"


def _times() -> Iterator[Fact]:
    yield _fact("Time", f"a timestamp may be {WINDOW_SECONDS:.0f} s off, either way", WINDOW_SOURCE)


def _steps() -> Iterator[Fact]:
    for step in STEPS:
        for channel, rule in (("REST", step.rest), ("login", step.login)):
            if rule:
                subject = "Steps of the check, in order" if step.placed else "Steps whose place is not known"
                statement = f"{step.id}, {channel}: {rule.code}, {rule.provenance}; {rule.note}"
                yield _fact(subject, statement, Source(rule.source, rule.day))


def _codes() -> Iterator[Fact]:
    for (source, day), count in Counter((row.source, row.date) for row in all_codes()).items():
        yield _fact("Codes", f"{count} code{'s' * (count != 1)}", Source(source, day))


def _fact(subject: str, statement: str, source: Source) -> Fact:
    return Fact(subject=subject, statement=statement, source=source)
