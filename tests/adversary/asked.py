"""What reached the exchange, as the exchange itself saw it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from tests.adversary.answers import Answer

CONFIG: Final = "/api/v5/account/config"
BALANCE: Final = "/api/v5/account/balance?ccy=BTC,ETH"
BUILDER: Final = "/api/v5/account/position-builder"
LOGIN: Final = "login"
Channel = Literal["rest", "socket"]

_TOGETHER: Final = (CONFIG, BALANCE, BUILDER, LOGIN)


def place(path: str, before: Sequence[str]) -> tuple[int, int]:
    """The ``number`` and ``nth`` of a call to ``path`` after calls to the others."""
    nth = before.count(path) + 1
    return before.count(CONFIG) + (_TOGETHER.index(path) if path != CONFIG else 1), nth


class State(NamedTuple):
    """What a signed call stood for. ``secret`` is the one that it was signed with, ``fresh`` by OKX's own clock."""

    site: str
    demo: bool
    key: str
    passphrase: str
    secret: str
    fresh: bool


class Asked(Struct, frozen=True, kw_only=True):
    """One signed call, the ``nth`` to its path, which is ``login`` on a socket.

    ``number`` is its place in the run. Calls that go out together have theirs by their path, whichever comes first.
    """

    number: int
    nth: int
    channel: Channel
    path: str
    state: State


class Entry(Struct, kw_only=True):
    """A line of the exchange's log: what was asked, and what was answered.

    ``began`` and ``ended`` are places in one common order of arrivals and answers, ``at`` the seconds that the calls
    before it took, ``texts`` all that was sent but the signature.
    """

    asked: Asked
    answer: Answer
    texts: tuple[tuple[str, str], ...]
    at: float
    began: int
    ended: int = -1

    def __str__(self) -> str:
        state, number = self.asked.state, self.asked.number
        where = f"{state.site}, {'demo' if state.demo else 'live'}{'' if state.fresh else ', stale'}"
        return (
            f"{number}. {self.asked.path} ({where}) {state.key!r} {state.passphrase!r} {state.secret!r}: {self.answer}"
        )
