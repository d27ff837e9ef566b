"""The loop, with clocks and waits that are handed in: days pass here in no time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials
from okx_doctor.model import Health
from okx_doctor.watching.board import Board
from okx_doctor.watching.profiles import Profile, Reading
from okx_doctor.watching.rounds import AddressResult, Listener
from okx_doctor.watching.standing import Event
from okx_doctor.watching.telling import line
from okx_doctor.watching.watch import LOOK_SECONDS, Around, Waiting, Watch, Wishes
from tests.watching.keys import NOON, result, state

pytestmark = pytest.mark.slow

URL = "https://www.okx.com"
WELL = state(Health.HEALTHY)


def _profile(name: str) -> Profile:
    return Profile(name=name, places=(), credentials=Credentials.of("k", "s", "p"))


class World:
    """A clock that moves only by waiting, files that can be changed, and an exchange that may be away."""

    def __init__(self) -> None:
        self.time = 0.0
        self.began: list[float] = []
        self.asked: list[tuple[str, ...]] = []
        self.told: list[str] = []
        self.names: Sequence[str] = ("a", "b")
        self.mark = 0
        self.readable = True
        self.unread: tuple[tuple[str, str], ...] = ()
        self.away: Callable[[float], bool] = lambda time: False
        self.while_waiting: Callable[[], None] = lambda: None
        self.wishes = Wishes()
        self.board = Board(self._tell, lambda: self.time)
        self.watch = Watch(
            every=600.0,
            read=self._read,
            fingerprint=lambda: (self.mark,),
            rounds=self,  # type: ignore[arg-type]  # rounds that ask nobody
            board=self.board,
            tell=self._tell,
            after_round=lambda: None,
            around=Around(
                now=lambda: NOON + self.time, monotonic=lambda: self.time, chance=lambda: 0.5, wait=self._wait
            ),
            wishes=self.wishes,
        )

    def make(self, profiles: Sequence[Profile], listener: Listener) -> None:
        self.began.append(self.time)
        self.asked.append(tuple(profile.name for profile in profiles))
        away = self.away(self.time)
        found = state(Health.UNDETERMINED, "connection-timeout") if away else WELL
        listener.address(AddressResult(base_url=URL, state=found))
        for profile in profiles:
            listener.key(profile.name, result(NOON + self.time, found, asked=not away))

    def _tell(self, event: Event) -> None:
        self.told.append(line(event))

    def _read(self) -> Reading:
        if not self.readable:
            raise UnusableFile("cannot read the credentials file keys.toml: Permission denied")
        return Reading(profiles=tuple(map(_profile, self.names)), unread=self.unread)

    def _wait(self, seconds: float) -> None:
        self.time += seconds
        self.while_waiting()


def test_rounds_begin_an_interval_apart() -> None:
    world = World()
    world.watch.load()
    world.watch.run(4)

    assert world.began == [0.0, 600.0, 1200.0, 1800.0]
    assert world.told == []


def test_okx_away_for_a_day_is_two_lines_and_every_key_is_watched_on() -> None:
    world = World()
    world.away = lambda time: 3_000 <= time < 90_000
    world.watch.load()
    world.watch.run(160)

    assert world.told == [
        f"2026-11-26T12:50:00Z {URL} is undetermined: connection-timeout (stated); "
        "it was healthy since 2026-11-26T12:00:00Z\n",
        f"2026-11-27T13:00:00Z {URL} is healthy; gone: connection-timeout; "
        "it was undetermined since 2026-11-26T12:50:00Z\n",
    ]
    assert {each.since for each in world.board.snapshot().standings.values()} == {NOON}


def test_other_credentials_begin_a_round_at_once_and_keys_that_are_gone_are_forgotten() -> None:
    world = World()
    world.watch.load()

    def rotate() -> None:
        if world.time == 100.0:
            world.names, world.mark = ("b", "c"), 1

    world.while_waiting = rotate
    world.watch.run(2)

    assert world.asked == [("a", "b"), ("b", "c")]
    assert world.began == [0.0, 100.0]
    assert world.told == ["2026-11-26T12:01:40Z the credentials were read anew: 2 keys, gone: a\n"]
    assert set(world.board.snapshot().standings) == {"b", "c"}


def test_a_hangup_has_them_read_anew_although_no_file_changed() -> None:
    world = World()
    world.watch.load()

    def hang_up() -> None:
        world.wishes.reload = world.wishes.reload or world.time == 50.0

    world.while_waiting = hang_up
    world.watch.run(2)

    assert world.began == [0.0, 50.0]


def test_a_file_that_becomes_unreadable_is_one_line_and_the_keys_go_on_until_it_is_readable_again() -> None:
    world = World()
    world.watch.load()

    def change() -> None:
        if world.time == 100.0:
            world.readable, world.mark = False, 1
        if world.time == 2_000.0:
            world.readable, world.mark, world.names = True, 2, ("a",)

    world.while_waiting = change
    world.watch.run(5)

    assert world.asked == [("a", "b")] * 4 + [("a",)]
    assert [text.split(" ", 1)[1] for text in world.told] == [
        "cannot read the credentials file keys.toml: Permission denied; "
        "the keys that were read before go on being watched\n",
        "the credentials were read anew: 1 key, gone: b\n",
    ]


def test_one_key_that_cannot_be_read_any_more_is_one_line_and_goes_on_with_its_last_values() -> None:
    world = World()
    world.watch.load()

    def change() -> None:
        if world.time == 100.0:
            world.names, world.mark = ("b",), 1
            world.unread = (("a", "keys/a holds no file for the secret key"), ("c", "keys/c is empty"))
        if world.time == 2_000.0:
            world.names, world.mark, world.unread = ("b",), 2, ()

    world.while_waiting = change
    world.watch.run(6)

    assert world.asked == [("a", "b")] + [("b", "a")] * 4 + [("b",)]
    assert [text.split(" ", 1)[1] for text in world.told] == [
        "keys/a holds no file for the secret key; a goes on with the values that were read before\n",
        "keys/c is empty\n",
        "the credentials were read anew: 2 keys\n",
        "the credentials were read anew: 1 key, gone: a\n",
    ]


def test_a_wish_to_end_is_granted_within_one_look_at_the_files() -> None:
    world = World()
    world.watch.load()

    def end() -> None:
        world.wishes.end = world.wishes.end or world.time > 300.0

    world.while_waiting = end
    world.watch.run()

    assert world.began == [0.0]
    assert world.time <= 300.0 + 2 * LOOK_SECONDS


def test_a_wall_clock_that_jumps_moves_no_round() -> None:
    world = World()
    world.watch._around = Around(
        now=lambda: NOON - 1e6 * world.time,
        monotonic=lambda: world.time,
        chance=lambda: 0.5,
        wait=world._wait,
    )
    world.watch.load()
    world.watch.run(3)

    assert world.began == [0.0, 600.0, 1200.0]


def test_the_loop_gives_a_sign_of_life_while_it_waits() -> None:
    world = World()
    world.watch.load()
    world.watch.run(2)

    assert world.time - world.board.snapshot().beat <= LOOK_SECONDS


def test_a_wait_ends_with_the_time_or_the_wish() -> None:
    wishes, ticks = Wishes(), iter(range(1_000_000))
    waiting = Waiting(wishes, lambda: next(ticks) * 10.0)

    assert waiting.for_a_key(5.0) is False
    wishes.reload = True
    waiting.for_a_round(1e9)
    wishes.end = True
    assert waiting.for_a_key(1e9) is True
