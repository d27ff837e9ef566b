"""Faithful exchanges in every order of their steps, and such as answer some calls by chance."""

from __future__ import annotations

import pytest

from tests.adversary.blocks import BLOCK, violated
from tests.adversary.cases import case
from tests.adversary.invariants import judged, proven

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", range(0, 1200, BLOCK))
def test_a_faithful_exchange_in_any_order_is_told_rightly(first: int) -> None:
    assert not violated("faithful", first)


@pytest.mark.parametrize("first", range(0, 600, BLOCK))
def test_an_exchange_with_glitches_breaks_nothing(first: int) -> None:
    assert not violated("glitch", first)


def test_a_key_from_a_file_that_belongs_to_the_secret_in_force_is_proven_alone() -> None:
    """The file has that secret too, in quotes that its loader keeps: so its own set would not be accepted."""
    seen, wrong = judged(case("faithful", 280_005_350))

    assert (proven(seen.report), wrong) == (("credential-sources-conflict",), ())
