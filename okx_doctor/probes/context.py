"""The values that a probe is given, and the ways it may end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from msgspec import Struct, field

from okx_doctor.credentials.documents.home import Beside
from okx_doctor.credentials.exposure import file_exposure
from okx_doctor.credentials.load import Credentials
from okx_doctor.observations import FileExposure, Observation, PlaceSearched, ProjectId, RetiredSocket, Target
from okx_doctor.peeling.budget import Budget
from okx_doctor.peeling.pace import Pace
from okx_doctor.probes.http import Http
from okx_doctor.protocol.sites import Site
from okx_doctor.protocol.vectors import Vector
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.redactor import Redactor
from okx_doctor.secrets.secret import Secret


class WireTap(Struct, frozen=True, kw_only=True):
    """An embedded exchange for a probe alone: it takes requests signed with these credentials.

    ``received`` returns each request as it arrived, and whether it was accepted.
    """

    base_url: str
    api_key: Secret
    secret: Secret
    passphrase: Secret
    received: Callable[[], tuple[tuple[WireRequest, bool], ...]]


class Context(Struct, frozen=True, kw_only=True):
    """All that a probe may use. ``now`` is the local wall clock, ``monotonic`` what durations are taken from.

    ``ntp_servers`` maps a server as it was named to its host and port. ``deadline`` is on the monotonic clock.
    ``began`` is when the run did, on the same. ``rest_known`` is set once every check but NTP has ended.
    ``file_exposure`` takes a file and seconds and returns who else can read the file. ``budget`` pays for all signed
    calls; ``pace`` keeps them within OKX's limits, over all runs that share it.
    ``client`` is the id of the client that variables or files tell of, ``beside`` their settings of proxy, demo trading
    and headers.
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
    pace: Pace = field(default_factory=Pace)
    facts_confirmed: str = ""
    project_ids: tuple[ProjectId, ...] = ()
    retired_sockets: tuple[RetiredSocket, ...] = ()
    client: str = ""
    beside: tuple[Beside, ...] = ()
    places_searched: tuple[PlaceSearched, ...] = ()
    try_case: bool = False
    want_websocket: bool = False

    def remaining(self) -> float:
        return self.deadline - self.monotonic()

    def elapsed_ms(self) -> int:
        """Whole milliseconds since the run began."""
        return round((self.monotonic() - self.began) * 1000)


class Measured(Struct, frozen=True, kw_only=True):
    """The check was completed."""

    observations: tuple[Observation, ...]


class Skipped(Struct, frozen=True, kw_only=True):
    """The check was not made, for a reason."""

    reason: str
    observations: tuple[Observation, ...] = ()


class Unknown(Struct, frozen=True, kw_only=True):
    """The check was made without a result, for a reason."""

    reason: str
    observations: tuple[Observation, ...] = ()


Ending = Measured | Skipped | Unknown
