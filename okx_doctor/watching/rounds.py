"""One round: what all keys share is measured once, then each key has its conversation, within OKX's limits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.causes.clock import Offset, exchange_offset, ntp_offset
from okx_doctor.checking.run import SHARED, RunInputs, barrier, examine, own_settings
from okx_doctor.checking.runner import Run
from okx_doctor.credentials.beside import proxy_of
from okx_doctor.credentials.load import Credentials
from okx_doctor.model import Health, Report
from okx_doctor.observations import Evidence, KeyFacts
from okx_doctor.peeling.budget import RATE_LIMITED
from okx_doctor.peeling.pace import SECONDS_PER_KEY
from okx_doctor.settings import Options, UsageError, settle
from okx_doctor.watching.profiles import Profile
from okx_doctor.watching.standing import NamedCause, Result, State, result_of

AT_ONCE: Final = 8
"""Conversations at one address that go on side by side."""

LIMITED_IN_A_ROW: Final = 3
"""Keys one after another that OKX answers with its rate limit: no further key of the round is asked about."""

_NOTHING: Final = Credentials.of("", "", "")


class AddressResult(Struct, frozen=True, kw_only=True):
    """One measurement of an address of the API: whether it answered, and this machine's clock."""

    base_url: str
    state: State
    offsets: tuple[Offset, ...] = ()
    known: tuple[Run, ...] = ()


class Listener(Struct, frozen=True, kw_only=True):
    """Those who are called as a round goes on, from several threads."""

    address: Callable[[AddressResult], None]
    key: Callable[[str, Result], None]
    complaint: Callable[[str], None]


Examine = Callable[..., Report]


class Rounds:
    """Makes rounds with one pace over all of them. ``waiting`` returns early, and true, once it is time to end."""

    def __init__(
        self,
        options: Options,
        around: RunInputs,
        waiting: Callable[[float], bool],
        examined: Examine = examine,
    ) -> None:
        self._options, self._around, self._waiting, self._examine = options, around, waiting, examined

    def make(self, profiles: Sequence[Profile], listener: Listener) -> None:
        """One round over all keys, each address, and each proxy to it, in a thread of its own."""
        groups: dict[tuple[str, str], list[Profile]] = {}
        for profile in profiles:
            try:
                target = settle(self._options, self._around.environ, profile.places).target
            except UsageError as error:
                listener.complaint(f"{profile.name} cannot be checked: {error}")
                continue
            own = own_settings(self._options, replace(self._around, places=profile.places), target.base_url)
            groups.setdefault((target.base_url, proxy_of(own)), []).append(profile)
        if not groups:
            return
        with ThreadPoolExecutor(len(groups), thread_name_prefix="address") as pool:
            for ended in [pool.submit(self._address, url, group, listener) for (url, _), group in groups.items()]:
                ended.result()

    def _address(self, base_url: str, profiles: Sequence[Profile], listener: Listener) -> None:
        shared = self._shared(profiles[0])
        found = replace(shared, base_url=base_url)
        listener.address(found)
        away = barrier(found.known)
        limited = _Limited()
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="key") as pool:
            ended = []
            for number, profile in enumerate(profiles):
                if number and not away and self._waiting(SECONDS_PER_KEY):
                    break
                if limited.reached:
                    left = len(profiles) - number
                    listener.complaint(f"{base_url}: {RATE_LIMITED}; {left} keys wait for the next round")
                    break
                ended.append(pool.submit(self._key, profile, found.known, not away, limited, listener))
            for each in ended:
                each.result()

    def _shared(self, profile: Profile) -> AddressResult:
        """Clock, name, TLS and site, measured without any credentials."""
        runs: list[Run] = []
        options = replace(self._options, only=SHARED, skip=(), websocket=False)
        around = replace(self._around, places=profile.places)
        report = self._examine(options, around, _NOTHING, observer=runs.append)
        evidence = Evidence(observation for run in runs for observation in run.observations)
        made = tuple(run for run in runs if run.check_id in SHARED)
        network = [
            cause for cause in report.verdict.causes if set(cause.checks) & {"network.resolution", "network.connection"}
        ]
        reason = barrier(made)
        named = tuple(
            NamedCause(id=cause.id, severity=cause.severity.value, confidence=cause.confidence.value)
            for cause in network
        )
        return AddressResult(
            base_url=report.target.base_url,
            state=State(health=Health.UNDETERMINED if reason else Health.HEALTHY, causes=named if reason else ()),
            offsets=tuple(found for found in (exchange_offset(evidence), ntp_offset(evidence)) if found),
            known=made,
        )

    def _key(
        self, profile: Profile, known: tuple[Run, ...], asked: bool, limited: _Limited, listener: Listener
    ) -> None:
        seen: list[KeyFacts] = []
        around = replace(self._around, places=profile.places, known=known)
        try:
            report = self._examine(
                self._options, around, profile.credentials, observer=lambda run: seen.extend(_facts(run))
            )
        except Exception as error:  # one key's trouble is no other's
            listener.complaint(f"{profile.name} could not be checked ({type(error).__name__})")
            return
        limited.count(any(cause.id == "rate-limited" for cause in report.verdict.causes))
        listener.key(profile.name, result_of(report, self._around.now(), seen[0] if seen else None, asked=asked))


class _Limited:
    """Counts keys one after another whose calls OKX limited."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._lock = threading.Lock()

    @property
    def reached(self) -> bool:
        return self._in_a_row >= LIMITED_IN_A_ROW

    def count(self, limited: bool) -> None:
        with self._lock:
            self._in_a_row = self._in_a_row + 1 if limited else 0


def _facts(run: Run) -> Iterable[KeyFacts]:
    return Evidence(run.observations).all(KeyFacts)


def offsets_by_reference(addresses: Iterable[AddressResult]) -> Mapping[str, Offset]:
    """Of all offsets of this machine's clock the surest by ``okx`` and by ``ntp``."""
    best: dict[str, Offset] = {}
    for offset in (offset for address in addresses for offset in address.offsets):
        name = "okx" if offset.reference == "OKX" else "ntp"
        if name not in best or offset.uncertainty < best[name].uncertainty:
            best[name] = offset
    return best
