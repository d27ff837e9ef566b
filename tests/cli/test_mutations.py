"""Mutated inputs through every door that takes a file: one of the documented complaints, or none."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.mutations import DOCUMENTED, DOORS, PIECES, SEEDS, crashes

pytestmark = pytest.mark.slow

PLACES = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PIECES)), min_size=1, max_size=4)


def test_no_mutated_input_of_thousands_meets_a_bug() -> None:
    found = [(name, raw, type(error).__name__) for name, raw, error in crashes(3000, seed=11)]

    assert found == []


@settings(max_examples=200)
@given(name=st.sampled_from(sorted(set(DOORS) - {"check --offline"})), number=st.integers(0, 9), placed=PLACES)
@example(name="inspect", number=2, placed=[(60, b"\xff")])
@example(name="env", number=1, placed=[(400, b"")])
@example(name="env", number=1, placed=[(0, b"\x1c \x1c=")])
def test_no_piece_at_any_place_meets_a_bug(name: str, number: int, placed: list[tuple[int, bytes]]) -> None:
    kind, door, _ = DOORS[name]
    raw = SEEDS[kind][number % len(SEEDS[kind])]
    for at, piece in placed:
        raw = raw[:at] + piece + raw[at:]
    try:
        door(raw)
    except DOCUMENTED:
        return
