"""Faithful exchanges in every order of their steps, and such as answer some calls by chance."""

from __future__ import annotations

import pytest

from tests.adversary.blocks import BLOCK, violated

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", range(0, 1200, BLOCK))
def test_a_faithful_exchange_in_any_order_is_told_rightly(first: int) -> None:
    assert not violated("faithful", first)


@pytest.mark.parametrize("first", range(0, 600, BLOCK))
def test_an_exchange_with_glitches_breaks_nothing(first: int) -> None:
    assert not violated("glitch", first)
