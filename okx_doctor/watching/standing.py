"""The standing of each key, and what changed when it was checked again. Pure: times are handed in."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.model import Health, Report
from okx_doctor.observations import KeyFacts

SCHEMA: Final = "okx-doctor/watch/1"
JITTER: Final = 0.1
"""The share of the interval by which a round may begin earlier or later."""


class NamedCause(Struct, frozen=True, kw_only=True):
    """A cause that a check named."""

    id: str
    severity: str
    confidence: str


class State(Struct, frozen=True, kw_only=True):
    """How a key, or an address of the API, was found."""

    health: Health
    causes: tuple[NamedCause, ...] = ()

    @property
    def told(self) -> tuple[Health, frozenset[str]]:
        """The part of it whose change is worth a line: not how sure a cause is."""
        return self.health, frozenset(cause.id for cause in self.causes)


class Result(Struct, frozen=True, kw_only=True):
    """One check of one key. ``at`` is wall-clock Unix seconds; ``asked`` whether OKX could be asked about the key."""

    at: float
    seconds: float
    asked: bool
    site: str
    environment: str
    state: State
    facts: KeyFacts | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """A key over its checks. ``judged`` is the last check in which OKX could be asked, ``since`` when its state began.

    ``latest`` also is one that found OKX away.
    """

    latest: Result | None = None
    judged: Result | None = None
    since: float = 0.0
    last_healthy: float | None = None
    facts: KeyFacts | None = None


class Change(Struct, frozen=True, kw_only=True):
    """A key, or an address of the API, is not as it was. ``since`` is when the state that ended began.

    ``was`` is ``None`` for the first check.
    """

    at: float
    about: Literal["profile", "address"]
    name: str
    now: State
    was: State | None = None
    since: float | None = None

    @property
    def appeared(self) -> tuple[str, ...]:
        before = self.was.told[1] if self.was else frozenset[str]()
        return tuple(cause.id for cause in self.now.causes if cause.id not in before)

    @property
    def gone(self) -> tuple[str, ...]:
        return tuple(cause.id for cause in (self.was.causes if self.was else ()) if cause.id not in self.now.told[1])


class Notice(Struct, frozen=True, kw_only=True):
    """Something about watching itself: the credentials are read anew, the text file cannot be written, and so on."""

    at: float
    text: str


Event = Change | Notice


def result_of(report: Report, at: float, facts: KeyFacts | None, *, asked: bool) -> Result:
    """The part of a report that is kept."""
    return Result(
        at=at,
        seconds=report.duration_ms / 1000,
        asked=asked,
        site=report.target.site,
        environment=report.target.environment,
        state=State(
            health=report.status,
            causes=tuple(
                NamedCause(id=cause.id, severity=cause.severity.value, confidence=cause.confidence.value)
                for cause in report.verdict.causes
            ),
        ),
        facts=facts,
    )


def checked(name: str, before: Standing, result: Result) -> tuple[Standing, Change | None]:
    """The standing after one more check, and the change that it shows.

    A check that found OKX away changes nothing about the key. The first check is a change where it found a cause or
    did not find the key healthy.
    """
    after = replace(before, latest=result)
    if not result.asked:
        return after, None
    after = replace(
        after,
        judged=result,
        facts=result.facts or before.facts,
        last_healthy=result.at if result.state.health is Health.HEALTHY else before.last_healthy,
    )
    if before.judged is None:
        ordinary = result.state.health is Health.HEALTHY and not result.state.causes
        change = Change(at=result.at, about="profile", name=name, now=result.state)
        return replace(after, since=result.at), None if ordinary else change
    if before.judged.state.told == result.state.told:
        return after, None
    change = Change(
        at=result.at,
        about="profile",
        name=name,
        now=result.state,
        was=before.judged.state,
        since=before.since,
    )
    return replace(after, since=result.at), change


class Address(Struct, frozen=True, kw_only=True):
    """An address of the API as the last rounds found it, and since when."""

    state: State = State(health=Health.HEALTHY)
    since: float | None = None


def reached(base_url: str, before: Address, state: State, at: float) -> tuple[Address, Change | None]:
    """The address after one more measurement, and the change; that it answers at first is none."""
    if before.state.told == state.told:
        return before if before.since is not None else replace(before, since=at), None
    change = Change(at=at, about="address", name=base_url, now=state, was=before.state, since=before.since)
    return Address(state=state, since=at), change


def next_round(began: float, ended: float, every: float, chance: float) -> float:
    """When the next round begins, on the monotonic clock: an interval after the last began, give or take ``JITTER``.

    ``chance`` lies between 0 and 1. A round that took longer is followed by the next after a tenth of the interval.
    """
    due = began + every * (1 - JITTER + 2 * JITTER * chance)
    return max(due, ended + every * JITTER)
