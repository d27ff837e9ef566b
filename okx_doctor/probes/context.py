"""What a probe is handed, and how it may end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from okx_doctor.credentials.exposure import file_exposure
from okx_doctor.credentials.load import Credentials
from okx_doctor.observations import FileExposure, Observation, ProjectId, Target
from okx_doctor.peeling.budget import Budget
from okx_doctor.probes.http import Http
from okx_doctor.protocol.sites import Site
from okx_doctor.protocol.vectors import Vector
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.redactor import Redactor
from okx_doctor.secrets.secret import Secret


class WireTap(Protocol):
    """An embedded exchange of its own: takes a signed request and shows what arrived."""

    @property
    def base_url(self) -> str: ...

    @property
    def api_key(self) -> str: ...

    @property
    def secret(self) -> Secret: ...

    @property
    def passphrase(self) -> Secret: ...

    def received(self) -> tuple[tuple[WireRequest, bool], ...]:
        """Each request as it arrived, and whether it was accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """All that a probe may use. ``now`` is the local wall clock, ``monotonic`` what durations are taken from.

    ``ntp_servers`` maps a server as it was named to its host and port. ``deadline`` is on the monotonic clock.
    ``began`` is when the run did, on the same. ``rest_known`` is set once every check but NTP has ended.
    ``file_exposure`` tells how open to others a file is, within so many seconds. ``budget`` pays for all signed calls.
    ``facts_confirmed`` is the newest day of the facts about OKX's own sites, ``""`` where others are asked.
    """

    credentials: Credentials
    target: Target
    sites: tuple[Site, ...]
    websocket_url: str
    ntp_servers: Mapping[str, tuple[str, int]]
    began: float
    deadline: float
    now: Callable[[], float]
    monotonic: Callable[[], float]
    http: Http
    wire_tap: Callable[[], AbstractContextManager[WireTap]]
    vectors: tuple[Vector, ...]
    rest_known: threading.Event
    redactor: Redactor
    file_exposure: Callable[[str, float], FileExposure | None] = file_exposure
    budget: Budget = field(default_factory=Budget)
    facts_confirmed: str = ""
    project_ids: tuple[ProjectId, ...] = ()
    try_case: bool = False
    want_websocket: bool = False

    def remaining(self) -> float:
        return self.deadline - self.monotonic()

    def elapsed_ms(self) -> int:
        """Whole milliseconds since the run began."""
        return round((self.monotonic() - self.began) * 1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """It came to its end."""

    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """It was not made, for a reason."""

    reason: str
    observations: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """It was made and told nothing, for a reason."""

    reason: str
    observations: tuple[Observation, ...] = ()


Ending = Measured | Skipped | Unknown
