"""The loop: rounds at their times, the credentials read anew when they change, and an orderly end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from okx_doctor.credentials.files import UnusableFile
from okx_doctor.watching.board import Board
from okx_doctor.watching.profiles import Profile, Reading
from okx_doctor.watching.rounds import Listener, Rounds
from okx_doctor.watching.standing import Event, Notice, next_round

LOOK_SECONDS: Final = 2.0
"""How often it is looked whether the files of the credentials are others now."""


class Around(Struct, frozen=True, kw_only=True):
    """Both clocks, a chance between 0 and 1, and how to wait for some seconds at most."""

    now: Callable[[], float]
    monotonic: Callable[[], float]
    chance: Callable[[], float]
    wait: Callable[[float], None]


class Wishes:
    """Wishes from outside the process; signals set them, so nothing here takes a lock."""

    def __init__(self) -> None:
        self.end = False
        self.reload = False


class Watch:
    """Makes rounds until it is to end."""

    def __init__(
        self,
        *,
        every: float,
        read: Callable[[], Reading],
        fingerprint: Callable[[], tuple[object, ...]],
        rounds: Rounds,
        board: Board,
        tell: Callable[[Event], None],
        after_round: Callable[[], None],
        around: Around,
        wishes: Wishes,
    ) -> None:
        self._every, self._read, self._fingerprint = every, read, fingerprint
        self._rounds, self._board, self._tell = rounds, board, tell
        self._after_round, self._around, self._wishes = after_round, around, wishes
        self._profiles: tuple[Profile, ...] = ()
        self._mark: tuple[object, ...] = ()
        self._said: set[str] = set()

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self._profiles

    def load(self) -> None:
        """Read the keys for the first time. Raises ``UnusableFile``."""
        self._mark = self._fingerprint()
        self._take(self._read())

    def run(self, most: int | None = None) -> None:
        """Round after round until it is to end, or ``most`` of them were made."""
        made = 0
        while not self._wishes.end:
            began = self._around.monotonic()
            self._make()
            made += 1
            if made == most:
                return
            due = next_round(began, self._around.monotonic(), self._every, self._around.chance())
            self._until(due)

    def _make(self) -> None:
        listener = Listener(
            address=lambda found: self._board.note_address(found, self._around.now()),
            key=self._board.note_key,
            complaint=self.notice,
        )
        self._rounds.make(self._profiles, listener)
        if not self._wishes.end:
            self._board.note_round()
        self._after_round()

    def _until(self, due: float) -> None:
        """Wait for the next round; other credentials begin it at once."""
        while not self._wishes.end and (left := due - self._around.monotonic()) > 0:
            self._around.wait(min(left, LOOK_SECONDS))
            self._board.beat()
            mark = self._fingerprint()
            if (self._wishes.reload or mark != self._mark) and not self._wishes.end:
                self._wishes.reload = False
                self._mark = mark
                if self._reload():
                    return

    def _reload(self) -> bool:
        """Whether other keys were read. Those that were read before go on where they cannot be."""
        try:
            read = self._read()
        except UnusableFile as error:
            self.notice(f"{error}; the keys that were read before go on being watched")
            return False
        self._said.clear()
        gone = self._take(read)
        told = f", gone: {', '.join(gone)}" if gone else ""
        self.notice(f"the credentials were read anew: {_keys(len(self._profiles))}{told}")
        return True

    def _take(self, read: Reading) -> tuple[str, ...]:
        """Take these keys, and of those that are there and cannot be read what was read before; returns who is gone."""
        before = {profile.name: profile for profile in self._profiles}
        kept = tuple(before[name] for name, _ in read.unread if name in before)
        self._profiles = read.profiles + kept
        for complaint in read.complaints:
            self.notice(complaint)
        for name, why in read.unread:
            self.notice(f"{why}; {name} goes on with the values that were read before" if name in before else why)
        return self._board.keep(profile.name for profile in self._profiles)

    def notice(self, text: str) -> None:
        """Tell of something, once until the credentials are read anew."""
        if text not in self._said:
            self._said.add(text)
            self._tell(Notice(at=self._around.now(), text=text))


def _keys(number: int) -> str:
    return f"{number} key" if number == 1 else f"{number} keys"


class Waiting:
    """Waits in short steps, so that a signal ends a wait although its handler wakes nobody."""

    STEP: Final = 0.2

    def __init__(self, wishes: Wishes, monotonic: Callable[[], float]) -> None:
        self._wishes, self._monotonic = wishes, monotonic

    def for_a_round(self, seconds: float) -> None:
        """Wait until that long has passed, or anything is wished for."""
        self._wait(seconds, lambda: self._wishes.end or self._wishes.reload)

    def for_a_key(self, seconds: float) -> bool:
        """Wait until that long has passed, or it is time to end; returns whether it is."""
        self._wait(seconds, lambda: self._wishes.end)
        return self._wishes.end

    def _wait(self, seconds: float, over: Callable[[], bool]) -> None:
        until = self._monotonic() + seconds
        while not over() and (left := until - self._monotonic()) > 0:
            threading.Event().wait(min(left, self.STEP))
