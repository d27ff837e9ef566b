"""The four outcomes of a signed call, and how far an answer shows that a call got."""

from __future__ import annotations

from itertools import pairwise

import pytest
from msgspec import Struct

from okx_doctor.protocol.codes import all_codes, documented
from okx_doctor.protocol.outcome import Outcome, Trouble, is_later, login_outcome, outcome, passed_refused_step, trouble
from okx_doctor.protocol.steps import order


class Answer(Struct, frozen=True, kw_only=True):
    status: int
    code: str = ""
    form: str = "okx"


EVERY_CODE = sorted({row.code for row in all_codes()} | set(documented()) | {"50199", "-2014", "404", "99"})
STATUSES = (200, 201, 204, 302, 400, 401, 403, 404, 410, 418, 429, 500, 503, 522)


def test_accepted_is_code_0_with_2xx_and_nothing_else() -> None:
    accepted = [
        (status, code)
        for status in STATUSES
        for code in EVERY_CODE
        if outcome(Answer(status=status, code=code)) is Outcome.ACCEPTED
    ]

    assert accepted == [(200, "0"), (201, "0"), (204, "0")]


def test_what_comes_with_401_or_403_is_never_past_authentication() -> None:
    for code in EVERY_CODE:
        for status in (401, 403):
            assert outcome(Answer(status=status, code=code)) in (Outcome.REFUSED, Outcome.UNCLEAR)


def test_the_code_of_a_step_of_authentication_is_refused_with_every_status_that_tells() -> None:
    steps = [step.code() for step in order("rest")[: [step.id for step in order("rest")].index("signature") + 1]]

    for code in steps:
        for status in (200, 400, 401, 403, 404):
            assert outcome(Answer(status=status, code=code)) is Outcome.REFUSED


def test_the_steps_are_those_of_the_gate_in_its_order() -> None:
    codes = [step.code() for step in order("rest") if step.layer == "gateway"]
    headers, rest = codes[:4], codes[3:]

    assert not any(is_later(one, Answer(status=401, code=other)) for one in headers for other in headers)
    for earlier, later in pairwise(rest):
        assert is_later(earlier, Answer(status=401, code=later))
        assert not is_later(later, Answer(status=401, code=earlier))


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (200, "51010", Outcome.PAST),
        (400, "51000", Outcome.PAST),
        (410, "50005", Outcome.PAST),
        (405, "50115", Outcome.PAST),
        (200, "50120", Outcome.PAST),
        (401, "50120", Outcome.REFUSED),
        (401, "50114", Outcome.REFUSED),
        (403, "50035", Outcome.REFUSED),
        (401, "58004", Outcome.REFUSED),
        (401, "50199", Outcome.REFUSED),
        (401, "0", Outcome.REFUSED),
        (200, "50119", Outcome.REFUSED),
        (200, "50121", Outcome.REFUSED),
        (400, "0", Outcome.UNCLEAR),
        (400, "50199", Outcome.UNCLEAR),
        (200, "60024", Outcome.UNCLEAR),
        (401, "60024", Outcome.UNCLEAR),
        (401, "60009", Outcome.UNCLEAR),
        (429, "50105", Outcome.UNCLEAR),
        (200, "50011", Outcome.UNCLEAR),
        (400, "50004", Outcome.UNCLEAR),
        (503, "51010", Outcome.UNCLEAR),
        (302, "51010", Outcome.UNCLEAR),
    ],
)
def test_status_and_code_decide_together(status: int, code: str, expected: Outcome) -> None:
    assert outcome(Answer(status=status, code=code)) is expected


@pytest.mark.parametrize("form", ["page", "other-json", "empty", "unreadable"])
@pytest.mark.parametrize("status", STATUSES)
def test_what_is_no_envelope_of_okx_is_unclear(form: str, status: int) -> None:
    assert outcome(Answer(status=status, form=form)) is Outcome.UNCLEAR


def test_an_outcome_is_unclear_exactly_where_there_is_trouble() -> None:
    for code in EVERY_CODE:
        for status in STATUSES:
            answer = Answer(status=status, code=code)
            assert (trouble(answer) is not None) is (outcome(answer) is Outcome.UNCLEAR)
    assert (outcome(None), trouble(None)) == (Outcome.UNCLEAR, Trouble.SILENT)


def test_a_login_is_accepted_with_code_0_and_refused_with_the_code_of_a_step() -> None:
    assert login_outcome("0") is Outcome.ACCEPTED
    for step in order("websocket"):
        assert login_outcome(step.code("websocket")) is Outcome.REFUSED
    for code in ("", "none", "60009", "60014", "63999", "4001", "00"):
        assert login_outcome(code) is Outcome.UNCLEAR


def test_a_later_step_is_one_that_the_rulebook_places_after() -> None:
    assert is_later("50113", Answer(status=401, code="50120"))
    assert is_later("50105", Answer(status=200, code="51010"))
    assert not is_later("50113", Answer(status=401, code="50105"))
    assert not is_later("50113", Answer(status=401, code="50113"))
    assert not is_later("50102", Answer(status=401, code="50199"))
    assert not is_later("50102", Answer(status=200, code="50121"))
    assert not is_later("50102", Answer(status=503, code="50001"))


def test_with_another_key_or_site_only_a_later_step_is_progress() -> None:
    refused, earlier = Answer(status=401, code="50113"), Answer(status=401, code="50101")

    assert passed_refused_step(refused, earlier, {"secret"})
    assert not passed_refused_step(refused, earlier, {"api_key", "secret"})
    assert not passed_refused_step(refused, earlier, {"secret", "environment"})
    assert passed_refused_step(Answer(status=401, code="50119"), earlier, {"base_url"})
    assert not passed_refused_step(Answer(status=401, code="50119"), Answer(status=401, code="0"), {"base_url"})
    assert not passed_refused_step(Answer(status=401, code="50119"), Answer(status=400, code="50100"), {"base_url"})
