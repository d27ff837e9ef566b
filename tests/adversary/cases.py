"""Cases by kind and number: the same number is the same case for ever."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from tests.adversary.answers import ACCEPTING, Answer, any_answer, any_event
from tests.adversary.bots import any_bot, any_exposing_bot
from tests.adversary.running import Case
from tests.adversary.servers import any_order, any_table, by_path, chance, gate, glitching, script

_ANSWERS_OF_THE_BUILDER: Final = (
    ACCEPTING,
    ACCEPTING,
    Answer(status=200, code="51010"),
    Answer(status=400, code="50014"),
)


def faithful(seed: str, rng: random.Random) -> Case:
    """OKX's authentication in some order of its steps."""
    bot = any_bot(rng)
    order = any_order(rng)
    answers = (ACCEPTING, ACCEPTING, rng.choice(_ANSWERS_OF_THE_BUILDER))
    return Case(name=seed, bot=bot, server=lambda: gate(bot.accounts, order, answers), faithful=True)


def glitch(seed: str, rng: random.Random) -> Case:
    """The same, with some calls answered by chance."""
    bot = any_bot(rng)
    order, share = any_order(rng), rng.choice((0.05, 0.15, 0.4))
    return Case(
        name=seed,
        bot=bot,
        server=lambda: glitching(gate(bot.accounts, order), seed, share),
        time_answer=_time_answer(rng),
    )


def tabled(seed: str, rng: random.Random) -> Case:
    """A table that is no OKX at all."""
    bot = any_bot(rng)
    server = any_table(rng, seed)
    handshake = 101 if rng.random() < 0.9 else rng.choice((200, 302, 401, 429, 503))
    if rng.random() < 0.3:
        order = any_order(rng)
        config, rest = gate(bot.accounts, order), server
        return Case(name=seed, bot=bot, server=lambda: by_path(config, rest))
    return Case(name=seed, bot=bot, server=lambda: server, time_answer=_time_answer(rng), handshake=handshake)


def scripted(seed: str, rng: random.Random) -> Case:
    """One answer after another, whatever is asked."""
    answers = [any_answer(rng) if rng.random() < 0.9 else any_event(rng) for _ in range(rng.randrange(1, 16))]
    return Case(name=seed, bot=any_bot(rng), server=lambda: script(answers), time_answer=_time_answer(rng))


def random_answers(seed: str, rng: random.Random) -> Case:
    """Chance alone."""
    return Case(name=seed, bot=any_bot(rng), server=lambda: chance(seed))


def exposing(seed: str, rng: random.Random) -> Case:
    """A secret key where it must not be sent from, and an exchange that takes whatever comes, or is faithful."""
    bot = any_exposing_bot(rng)
    order = any_order(rng)
    if rng.random() < 0.5:
        return Case(name=seed, bot=bot, server=lambda: gate(bot.accounts, order))
    server = any_table(rng, seed)
    return Case(name=seed, bot=bot, server=lambda: server)


KINDS: Final[Mapping[str, Callable[[str, random.Random], Case]]] = {
    "faithful": faithful,
    "glitch": glitch,
    "table": tabled,
    "script": scripted,
    "chance": random_answers,
    "exposing": exposing,
}


def case(kind: str, number: int) -> Case:
    """The case of this kind and number."""
    seed = f"{kind} {number}"
    return KINDS[kind](seed, random.Random(seed))


def _time_answer(rng: random.Random) -> Answer | None:
    """What ``/public/time`` says instead of the time, now and then."""
    if rng.random() < 0.9:
        return None
    return replace(rng.choice((Answer(status=500, code="", shape="html"), Answer(status=429, code="50011"))))
