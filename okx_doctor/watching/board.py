"""All that is known of the keys at this moment, for those who read it: the loop writes, servers read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from okx_doctor.causes.clock import Offset
from okx_doctor.model import Health
from okx_doctor.watching.rounds import AddressResult, offsets_by_reference
from okx_doctor.watching.standing import Address, Change, Event, Result, Standing, checked, reached


class Snapshot(Struct, frozen=True, kw_only=True):
    """The board at one moment. ``checks`` counts all checks by how they ended, also those of keys that are gone.

    ``beat`` is when the loop last gave a sign of life, on the monotonic clock.
    """

    standings: Mapping[str, Standing]
    addresses: Mapping[str, Address]
    offsets: Mapping[str, Offset]
    checks: Mapping[Health, int]
    beat: float
    rounds: int


class Board:
    """Safe to use from several threads. ``tell`` is called with each change, and may wait: nobody waits for it here."""

    def __init__(self, tell: Callable[[Event], None], monotonic: Callable[[], float]) -> None:
        self._tell, self._monotonic = tell, monotonic
        self._standings: dict[str, Standing] = {}
        self._addresses: dict[str, Address] = {}
        self._measured: dict[str, AddressResult] = {}
        self._checks = dict.fromkeys(Health, 0)
        self._rounds = 0
        self._beat = monotonic()
        self._lock = threading.Lock()
        self._followers: list[Callable[[str, Standing], None]] = []

    def follow(self, follower: Callable[[str, Standing], None]) -> None:
        """Call this with the name and the standing of each key that is checked from now on."""
        self._followers.append(follower)

    def keep(self, names: Iterable[str]) -> tuple[str, ...]:
        """Forget every key but these; returns those that were forgotten."""
        with self._lock:
            wanted = set(names)
            gone = tuple(name for name in self._standings if name not in wanted)
            for name in gone:
                del self._standings[name]
            for name in wanted:
                self._standings.setdefault(name, Standing())
            return gone

    def note_key(self, name: str, result: Result) -> None:
        change = None
        with self._lock:
            self._beat = self._monotonic()
            self._checks[result.state.health] += 1
            standing = self._standings.get(name)
            if standing is not None:
                standing, change = checked(name, standing, result)
                self._standings[name] = standing
        if standing is not None:
            for follower in self._followers:
                follower(name, standing)
        self._say(change)

    def note_address(self, found: AddressResult, at: float) -> None:
        with self._lock:
            self._beat = self._monotonic()
            before = self._addresses.get(found.base_url, Address())
            self._addresses[found.base_url], change = reached(found.base_url, before, found.state, at)
            self._measured[found.base_url] = found
        self._say(change)

    def note_round(self) -> None:
        with self._lock:
            self._rounds += 1
            self._beat = self._monotonic()

    def beat(self) -> None:
        """Give a sign of life."""
        with self._lock:
            self._beat = self._monotonic()

    def snapshot(self) -> Snapshot:
        with self._lock:
            return Snapshot(
                standings=dict(self._standings),
                addresses=dict(self._addresses),
                offsets=offsets_by_reference(self._measured.values()),
                checks=dict(self._checks),
                beat=self._beat,
                rounds=self._rounds,
            )

    def _say(self, change: Change | None) -> None:
        if change is not None:
            self._tell(change)
