from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path

import pytest

from okx_doctor.catalogue.causes import ids
from okx_doctor.decoding.decode import decode
from tests.decoding.reports import BY_CASE, UNKNOWN, WORDS, Case, cases, counted, with_a_code

SHARES = files("okx_doctor.protocol").joinpath("shares.json")
UPDATE = os.environ.get("OKX_DOCTOR_UPDATE_SHARES") == "1"
ABOUT = (
    "How often each cause stood behind each code in public reports. Under 401 all refusals with HTTP 401 are "
    "counted together. Reports without a cause that can be named count as reports only."
)
SOURCE = "84 public bug reports, commits and articles, collected 2026; listed in tests/decoding/public_cases.jsonl"

DECIDED_BY_THE_CODE = {
    "50101",
    "50103",
    "50104",
    "50110",
    "60004",
    "60006",
    "60032",
    "10007",
}
"""Codes that leave nothing open: whatever the report, what they name first is what it was."""


@pytest.mark.skipif(not UPDATE, reason="only with OKX_DOCTOR_UPDATE_SHARES=1")
def test_the_shares_are_written_anew() -> None:
    document = {"about": ABOUT, "source": SOURCE, "codes": counted(with_a_code())}
    Path(str(SHARES)).write_text(json.dumps(document, indent=1) + "\n", "utf-8")


def test_the_shipped_shares_are_those_of_the_list() -> None:
    assert json.loads(SHARES.read_text("utf-8"))["codes"] == counted(with_a_code())


def test_every_word_leads_to_a_cause_of_the_catalogue() -> None:
    assert {*WORDS.values(), *BY_CASE.values()} <= set(ids())


def test_every_exception_is_a_case_of_the_list() -> None:
    assert {*BY_CASE, *UNKNOWN} <= {case.id for case in cases()}


@pytest.mark.parametrize("case", with_a_code(), ids=lambda case: case.id)
def test_the_list_for_a_reported_code_contains_the_true_cause(case: Case) -> None:
    (answer,) = decode(case.code)

    assert answer.causes or answer.meaning
    if case.cause is not None:
        assert case.cause in [cause.id for cause in answer.causes]


@pytest.mark.parametrize(
    "case", [case for case in with_a_code() if case.code in DECIDED_BY_THE_CODE], ids=lambda case: case.id
)
def test_where_the_code_decides_the_first_cause_is_the_true_one(case: Case) -> None:
    (answer,) = decode(case.code)

    assert answer.causes[0].id == case.cause


@pytest.mark.parametrize("code", ["50101", "50102", "50105", "50113", "50119", "60032"])
def test_a_code_with_several_reports_names_the_most_reported_cause_first(code: str) -> None:
    counts = counted(with_a_code())[code]["causes"]
    (answer,) = decode(code)

    assert counts[answer.causes[0].id] == max(counts.values())
