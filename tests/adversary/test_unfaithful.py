"""Exchanges that are no OKX: tables, scripts and chance; and bots whose secret key must not be sent."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adversary.answers import AUTHENTICATION, Answer, Shape
from tests.adversary.blocks import BLOCK, violated
from tests.adversary.bots import Bot, any_bot
from tests.adversary.invariants import judged
from tests.adversary.running import Case
from tests.adversary.servers import script

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", range(0, 600, BLOCK))
def test_a_table_of_answers_breaks_nothing(first: int) -> None:
    assert not violated("table", first)


@pytest.mark.parametrize("first", range(0, 300, BLOCK))
def test_a_script_of_answers_breaks_nothing(first: int) -> None:
    assert not violated("script", first)


@pytest.mark.parametrize("first", range(0, 300, BLOCK))
def test_answers_by_chance_break_nothing(first: int) -> None:
    assert not violated("chance", first)


@pytest.mark.parametrize("first", range(0, 300, BLOCK))
def test_a_secret_key_in_another_slot_is_never_sent(first: int) -> None:
    assert not violated("exposing", first)


_SHAPES: tuple[Shape, ...] = ("okx", "okx", "okx", "html", "json", "empty", "junk", "redirect", "cut off")
_CODES = ("0", *AUTHENTICATION, "50120", "51010", "60024", "50011", "99999")
_ANSWERS = st.builds(
    Answer,
    status=st.sampled_from((200, 401, 400, 403, 404, 429, 500)),
    code=st.sampled_from(_CODES),
    shape=st.sampled_from(_SHAPES),
)


@settings(max_examples=200, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=st.lists(_ANSWERS, min_size=1, max_size=14), bot=st.randoms(use_true_random=False).map(any_bot))
def test_whatever_is_answered_breaks_nothing(answers: list[Answer], bot: Bot) -> None:

    seen, found = judged(Case(name="drawn", bot=bot, server=lambda: script(answers)))
    assert not found, "\n".join(map(str, (*found, *seen.log)))
