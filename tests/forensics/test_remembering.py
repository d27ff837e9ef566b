"""A request teaches what makes the next one quick, and changes nothing of what is said of it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import islice

import pytest

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.mistakes import SWEEPS, TABLE
from okx_doctor.forensics.search.encodings import STANDARD, WRONG
from okx_doctor.forensics.search.hypotheses import variants
from okx_doctor.forensics.search.parts import Axis, Mistake, Subject, Sweep, Value
from okx_doctor.forensics.verdict import Validity
from tests.forensics import bench
from tests.forensics.bench import KEYS, capture
from tests.forensics.signing import digest

pytestmark = pytest.mark.slow

REQUESTS = (
    ("GET", bench.BALANCE, b""),
    ("GET", bench.POSITIONS, b""),
    ("GET", "/api/v5/account/balance?ccy=BTC%2CETH&after=&uly=a%20b+c", b""),
    ("GET", f"{bench.BALANCE}?", b""),
    ("POST", bench.ORDER, bench.ORDER_BODY),
    ("POST", bench.ORDER, b'{"sz": "1", "n": 1.50}'),
    ("POST", bench.ORDER, b"{}"),
    ("POST", f"{bench.ORDER}?instId=BTC-USDT&sz=2", b""),
)
"""Requests of several forms: what signs two of them alike may sign a third otherwise."""
FORMS = (STANDARD, *(form for form in WRONG if form.id in ("hex", "base64-twice")))
SHORT = [entry for entry in TABLE if entry.short]
Habit = tuple[Mistake | Sweep, ...]


def habits(dice: random.Random) -> Iterator[Habit]:
    """What a client does wrongly: single mistakes, pairs of them, a moment or a typing error and perhaps one more."""
    named = [entry for entry in TABLE if entry.axis != "recipe"]
    yield (dice.choice(TABLE),)
    yield (dice.choice(SHORT),)
    yield (dice.choice(SWEEPS),)
    yield dice.choice(SWEEPS), dice.choice(SHORT)
    yield dice.choice(SHORT), dice.choice(named)
    yield dice.choice(named), dice.choice(named)


def values(entry: Mistake | Sweep, subject: Subject) -> Sequence[Value]:
    """The values that an entry gives to its part, as far as they are combined with others."""
    if isinstance(entry, Sweep):
        return list(islice(entry.values(subject, "near"), 600))
    return [variant.value for variant in variants(entry, subject) if variant.rank]


def refused(dice: random.Random, habit: Habit) -> Capture | None:
    """A request of a client with this habit; ``None`` where the habit makes no difference to it."""
    method, target, body = dice.choice(REQUESTS)
    stamp = f"2026-11-20T09:{dice.randrange(60):02d}:{dice.randrange(60):02d}.{dice.randrange(1000):03d}Z"
    subject = bench.subject(capture(method, target, body, stamp=stamp))
    if len({entry.axis for entry in habit}) < len(habit):
        return None
    chosen: dict[Axis, Value] = {}
    for entry in habit:
        possible = values(entry, subject)
        if not possible:
            return None
        chosen[entry.axis] = dice.choice(possible)
    made = digest(subject, chosen)
    if made == digest(subject, {}):
        return None
    return capture(method, target, body, stamp=stamp, sign=dice.choice(FORMS).write(made))


def sequence(dice: random.Random) -> list[Capture]:
    """Refused requests of one client, whose habits come again and again."""
    kept = list(habits(dice))
    return [made for _ in range(16) if (made := refused(dice, dice.choice(kept))) is not None]


SEEDS = (6, 17, 22, 32, 40, 41)
"""In the first four, what was known of the client once hid a more usual explanation, or one that is as simple."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_request_is_judged_as_if_it_were_the_first_one(seed: int) -> None:
    inspector, quicker = Inspector(KEYS), 0
    for one in sequence(random.Random(seed)):
        alone = Inspector(KEYS).inspect(one)
        if alone.verdict is Validity.UNEXPLAINED:
            continue
        found = inspector.inspect(one)
        assert (found.verdict, found.causes, found.equally_simple) == (
            alone.verdict,
            alone.causes,
            alone.equally_simple,
        )
        assert found.prehash == alone.prehash
        assert found.mistakes == alone.mistakes
        quicker += found.hypotheses_tried < alone.hypotheses_tried
    assert quicker, "some must be known"
