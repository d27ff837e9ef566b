"""One budget for all signed calls of a run, spent from several threads at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from okx_doctor.observations import CallAnswer, CallFailure, FailureKind, SocketLogin
from okx_doctor.peeling.budget import (
    CALLS_SPENT,
    PASSPHRASES_SPENT,
    RATE_LIMITED,
    TIME_SPENT,
    Budget,
    Cost,
    Denied,
    cost,
    login_cost,
)

PATIENCE = 20.0
ACCEPTED, REFUSED, LIMITED = Cost(), Cost(refused=True), Cost(ends=True)


def _as_told(took: Cost) -> Cost:
    return took


def _spend(budget: Budget, took: Cost, *, spare: int = 0) -> str:
    """Why a call was not made, or ``""``."""
    made = budget.spend(lambda: took, _as_told, spare=spare)
    return made.reason if isinstance(made, Denied) else ""


def test_twelve_calls_are_made_and_what_is_spared_is_left() -> None:
    budget = Budget()

    assert [_spend(budget, ACCEPTED, spare=3) for _ in range(10)] == [""] * 9 + [CALLS_SPENT]
    assert [_spend(budget, ACCEPTED) for _ in range(4)] == [""] * 3 + [CALLS_SPENT]


@pytest.mark.parametrize(("try_case", "allowed"), [(False, 2), (True, 6)])
def test_refused_passphrases_end_every_further_call(try_case: bool, allowed: int) -> None:
    budget = Budget(try_case=try_case)

    assert [_spend(budget, REFUSED) for _ in range(allowed + 1)] == [""] * allowed + [PASSPHRASES_SPENT]
    assert _spend(budget, ACCEPTED) == PASSPHRASES_SPENT


def test_what_was_never_sent_costs_nothing() -> None:
    budget = Budget()

    assert {_spend(budget, Cost(sent=False)) for _ in range(30)} == {""}
    assert [_spend(budget, ACCEPTED) for _ in range(13)] == [""] * 12 + [CALLS_SPENT]


def test_a_rate_limit_ends_the_run() -> None:
    budget, closed = Budget(), Budget()
    closed.close()

    assert (_spend(budget, LIMITED), _spend(budget, ACCEPTED)) == ("", RATE_LIMITED)
    assert _spend(closed, ACCEPTED) == RATE_LIMITED


def test_a_call_that_breaks_off_counts_as_refused() -> None:
    budget = Budget()

    def fail() -> Cost:
        raise OSError

    for _ in range(2):
        with pytest.raises(OSError):
            budget.spend(fail, _as_told)
    assert _spend(budget, ACCEPTED) == PASSPHRASES_SPENT


def _together(calls: int, budget: Budget, make: Callable[[], Cost]) -> Sequence[str]:
    told: list[str] = []

    def call() -> None:
        made = budget.spend(make, _as_told, patience=PATIENCE)
        told.append(made.reason if isinstance(made, Denied) else "")

    threads = [threading.Thread(target=call, daemon=True) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return sorted(told)


@pytest.mark.parametrize(("try_case", "refused_before", "at_once"), [(False, 0, 2), (False, 1, 1), (True, 3, 3)])
def test_no_more_calls_are_under_way_than_passphrases_may_be_refused(
    try_case: bool, refused_before: int, at_once: int
) -> None:
    budget = Budget(try_case=try_case)
    for _ in range(refused_before):
        _spend(budget, REFUSED)
    under_way: list[str] = []

    def make() -> Cost:
        """A call during which the next is asked for."""
        under_way.append("")
        made = budget.spend(make, _as_told)
        under_way.extend([made.reason] if isinstance(made, Denied) else [])
        return ACCEPTED

    assert budget.spend(make, _as_told) == ACCEPTED
    assert under_way == [*[""] * at_once, TIME_SPENT]


def test_a_call_that_waits_is_made_once_the_one_before_it_has_told() -> None:
    assert _together(8, Budget(), lambda: ACCEPTED) == [""] * 8


def test_of_many_calls_at_once_only_as_many_are_made_as_may_be_refused() -> None:
    assert _together(8, Budget(), lambda: REFUSED) == sorted([PASSPHRASES_SPENT] * 6 + [""] * 2)


def _answered(status: int, code: str = "", form: str = "okx") -> CallAnswer:
    return CallAnswer(status=status, form=form, code=code, message="")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (_answered(200, "0"), Cost()),
        (_answered(401, "50105"), Cost(refused=True)),
        (_answered(503, "50105"), Cost(refused=True)),
        (_answered(401, "60024"), Cost(refused=True)),
        (_answered(429, "50105"), Cost(refused=True, ends=True)),
        (_answered(429, form="page"), Cost(ends=True)),
        (_answered(200, "50011"), Cost(ends=True)),
        (_answered(200, form="unreadable"), Cost(refused=True)),
        (_answered(403, form="page"), Cost()),
    ],
    ids=str,
)
def test_refusals_are_counted_by_answers(answer: CallAnswer, expected: Cost) -> None:
    assert cost(answer, None) == expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("unsendable", Cost(sent=False)),
        ("refused", Cost()),
        ("dns", Cost()),
        ("timeout", Cost(refused=True)),
        ("cut-off", Cost(refused=True)),
    ],
)
def test_a_call_without_a_whole_answer_may_have_been_refused(kind: FailureKind, expected: Cost) -> None:
    assert cost(None, CallFailure(kind=kind, detail="")) == expected


def test_a_login_is_counted_like_a_call() -> None:
    def login(code: str, failure: FailureKind | None = None) -> SocketLogin:
        told = CallFailure(kind=failure, detail="") if failure else None
        return SocketLogin(url="ws://127.0.0.1", demo=False, code=code, failure=told)

    assert login_cost(login("0")) == Cost()
    assert login_cost(login("60024")) == login_cost(login("50105")) == Cost(refused=True)
    assert login_cost(login("60014")) == Cost(ends=True)
    assert login_cost(login("", "throttled")).ends
    assert login_cost(login("", "timeout")).refused


def test_a_budget_that_is_closed_beforehand_makes_no_call_and_says_why() -> None:
    budget = Budget()
    budget.close("OKX is away")
    budget.close()

    assert budget.blocking_reason == "OKX is away"
    assert budget.spend(lambda: pytest.fail("a call was made"), lambda made: Cost()) == Denied(reason="OKX is away")
