"""``okx_exchange.run``: a program whose address of OKX cannot be changed, in a test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from okx_doctor.confining.command import CannotStart
from okx_doctor.testing import OkxExchange
from tests.confining.running import USERS, required

pytestmark = pytest.mark.slow

BOT = [sys.executable, str(Path(__file__).parents[1] / "cli" / "sealed_bot.py")]


@pytest.fixture(autouse=True)
def _sealable() -> None:
    required(USERS[0] if os.geteuid() == 0 else USERS[1])


def test_an_unchanged_bot_is_judged_with_the_first_accounts_credentials(okx_exchange: OkxExchange) -> None:
    ran = okx_exchange.run([*BOT, "balance", "exit 7"])

    okx_exchange.assert_all_valid()
    assert (ran.status, ran.names, ran.packets) == (7, (), 0)
    assert [(one.method, one.target) for one in okx_exchange.requests] == [("GET", "/api/v5/account/balance")]


def test_a_bot_that_signs_wrongly_fails_the_test_with_the_explanation(okx_exchange: OkxExchange) -> None:
    okx_exchange.run([*BOT, "wrong"])

    with pytest.raises(AssertionError, match="proven"):
        okx_exchange.assert_all_valid()


def test_what_it_wanted_outside_is_known_and_the_clock_and_a_staged_fault_are_its_too(
    okx_exchange: OkxExchange,
) -> None:
    okx_exchange.clock.offset = 45
    ran = okx_exchange.run([*BOT, "balance", "ask api.telegram.org"])
    okx_exchange.clock.offset = 0
    with okx_exchange.stage("rate-limited"):
        okx_exchange.run([*BOT, "balance"])

    assert ran.names == ("api.telegram.org",)
    assert [one.code for one in okx_exchange.requests] == ["50102", "50011"]


def test_one_that_never_ends_is_ended_and_one_that_is_not_there_is_said(okx_exchange: OkxExchange) -> None:
    assert okx_exchange.run([*BOT, "sleep 600"], seconds=0.5).status == 143
    with pytest.raises(CannotStart, match="no-such-bot"):
        okx_exchange.run(["no-such-bot"])
