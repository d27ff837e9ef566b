"""What counts as a change, and when the next round begins: values in, values out."""

from __future__ import annotations

import json

import pytest

from okx_doctor.model import Health
from okx_doctor.watching.standing import Address, Change, Notice, Standing, checked, next_round, reached
from okx_doctor.watching.telling import json_line, line
from tests.watching.keys import NOON, result, state

WELL = state(Health.HEALTHY)
LAPSED = state(Health.UNHEALTHY, "api-key-unknown")
AWAY = state(Health.UNDETERMINED, "connection-timeout")


def _run(*results: object) -> tuple[Standing, list[Change]]:
    standing, changes = Standing(), []
    for each in results:
        standing, change = checked("bot", standing, each)  # type: ignore[arg-type]  # results, whatever their state
        changes += [change] if change else []
    return standing, changes


def test_a_key_that_stays_well_is_never_a_line() -> None:
    standing, changes = _run(*(result(NOON + 600 * number, WELL) for number in range(100)))

    assert changes == []
    assert standing.since == NOON
    assert standing.last_healthy == NOON + 59_400


def test_a_key_that_lapses_is_one_line_that_says_what_and_since_when_it_had_been_well() -> None:
    _, changes = _run(result(NOON, WELL), *(result(NOON + 600 * number, LAPSED) for number in range(1, 9)))

    assert [line(change) for change in changes] == [
        "2026-11-26T12:10:00Z bot is unhealthy: api-key-unknown (stated); it was healthy since 2026-11-26T12:00:00Z\n"
    ]


def test_another_cause_is_a_change_and_says_which_is_gone() -> None:
    _, changes = _run(result(NOON, LAPSED), result(NOON + 60, state(Health.UNHEALTHY, "ip-not-allowlisted")))

    assert (changes[1].appeared, changes[1].gone) == (("ip-not-allowlisted",), ("api-key-unknown",))
    assert "; gone: api-key-unknown; it was unhealthy since 2026-11-26T12:00:00Z" in line(changes[1])


def test_a_warning_that_appears_on_a_key_that_stays_healthy_is_a_change() -> None:
    _, changes = _run(result(NOON, WELL), result(NOON + 60, state(Health.HEALTHY, "api-key-expiring")))

    assert [change.appeared for change in changes] == [("api-key-expiring",)]


def test_a_day_without_okx_changes_nothing_about_a_key_and_keeps_what_was_known_of_it() -> None:
    away = [result(NOON + 600 * number, AWAY, asked=False) for number in range(1, 145)]
    standing, changes = _run(result(NOON, WELL), *away, result(NOON + 87_000, WELL))

    assert changes == []
    assert standing.since == NOON
    during, _ = _run(result(NOON, WELL), *away)
    assert during.latest is not None
    assert during.judged is not None
    assert (during.latest.state.health, during.judged.at) == (Health.UNDETERMINED, NOON)
    assert during.facts is not None


def test_okx_that_goes_away_and_returns_is_two_lines_whatever_the_number_of_keys() -> None:
    address, changes = Address(), []
    for number, found in enumerate([WELL, AWAY, AWAY, AWAY, WELL, WELL]):
        address, change = reached("https://www.okx.com", address, found, NOON + 600 * number)
        changes += [change] if change else []

    assert [(change.now.health, change.since) for change in changes] == [
        (Health.UNDETERMINED, NOON),
        (Health.HEALTHY, NOON + 600),
    ]


def test_a_line_of_json_holds_the_same_and_a_notice_is_told_from_a_change() -> None:
    _, (change,) = _run(result(NOON, WELL), result(NOON + 600, LAPSED))
    told = json.loads(json_line(change))

    assert told == {
        "schema": "okx-doctor/watch/1",
        "kind": "change",
        "at": "2026-11-26T12:10:00Z",
        "about": "profile",
        "name": "bot",
        "status": "unhealthy",
        "causes": [{"id": "api-key-unknown", "severity": "error", "confidence": "stated"}],
        "appeared": ["api-key-unknown"],
        "gone": [],
        "was": "healthy",
        "since": "2026-11-26T12:00:00Z",
    }
    assert json.loads(json_line(Notice(at=NOON, text="x")))["kind"] == "notice"


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2J", "::error::x", "##[group]"])
def test_a_profile_with_an_odd_name_drives_no_terminal_and_no_log(name: str) -> None:
    told = line(Change(at=NOON, about="profile", name=name, now=LAPSED))

    assert told.count("\n") == 1
    assert told[:-1].isprintable()
    assert "::error" not in told
    assert "##[" not in told


@pytest.mark.parametrize(("chance", "due"), [(0.0, 640.0), (0.5, 700.0), (1.0, 760.0)])
def test_a_round_begins_an_interval_after_the_last_began_give_or_take_a_tenth(chance: float, due: float) -> None:
    assert next_round(100.0, 130.0, 600.0, chance) == pytest.approx(due)


def test_a_round_that_takes_longer_than_the_interval_is_not_followed_without_a_pause() -> None:
    assert next_round(100.0, 5_000.0, 600.0, 0.5) == 5_060.0


def test_a_clock_without_a_date_costs_a_line_its_date_and_nothing_else() -> None:
    assert line(Notice(at=1e18, text="here")) == "at no known date here\n"
