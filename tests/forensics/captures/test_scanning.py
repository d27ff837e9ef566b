"""Pieces of any length are passed in bounded memory."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.forensics.captures.capture import Capture, Malformed
from okx_doctor.forensics.captures.scanning import Scanner
from tests.forensics.bench import read
from tests.forensics.captures.making import URL, as_json, entry, har
from tests.memory import peak

pytestmark = pytest.mark.slow

PIECE = 7


class Trickle(BytesIO):
    """Gives a few bytes at a time, so that nothing ends where a piece of it ends."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or PIECE, PIECE) if size and size > 0 else PIECE)


VALUES = st.recursive(
    st.none() | st.integers() | st.text('ab"\\[]{},: é\n', max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text('a"\\', max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=5), st.integers(10, 80))
def test_elements_that_are_too_long_are_passed_and_the_others_read(values: list[object], limit: int) -> None:
    found = list(Scanner(Trickle(json.dumps(values).encode()), limit).elements())

    assert len(found) == len(values)
    for raw, value in zip(found, values, strict=True):
        size = len(json.dumps(value))
        if raw is None:
            assert size > limit
        else:
            assert json.loads(raw) == value
            assert isinstance(value, int | None) or size <= limit + PIECE


def test_a_number_without_end_is_no_json_and_is_not_held() -> None:
    endless = b"[" + b"1" * 3_000_000 + b"]"

    def ends() -> str:
        with pytest.raises(Malformed, match="begins a number of more than 65536 bytes") as said:
            list(Scanner(BytesIO(endless)).elements())
        return str(said.value)

    why, memory = peak(ends)
    assert why.startswith("is no JSON: at byte 2 ")
    assert memory < 1_000_000


def test_a_long_text_costs_no_more_memory_than_its_length() -> None:
    size = 1024 * 1024
    texts = ["x" * size, '\\"' * (size // 2)]
    for text in texts:
        for raw in (json.dumps([as_json(body=text)]), har(entry(text=text)), f'curl {URL} -d "{text}"'):
            (found, *_), memory = peak(lambda: read(raw))  # noqa: B023  run at once
            assert isinstance(found, Capture)
            assert memory < 20 * size
