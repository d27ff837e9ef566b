"""Where facts about OKX are known from, and since when: in forms that a reader can follow up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from okx_doctor.protocol.codes import all_codes
from okx_doctor.protocol.facts import facts, newest_day
from tests.cli.running import clean, okx_doctor

ADDRESS = r"https://[\w.-]+\.[a-z]{2,}(?:/[^\s;,]*)?"
REPOSITORY = r"[\w.-]+/[\w.-]+(?:#\d+)?"
CLIENT = r"(?:a|two|several) public (?:\w+ )?client(?:'s source|s' sources), (?:[A-Z][a-z]+ )?20\d\d"
FOLLOWED_UP = re.compile(rf"(?:{ADDRESS}|{REPOSITORY}|{CLIENT})(?=$|[\s,;:(])")
BARE_NUMBER = re.compile(r"(?<![\w.#/-])\d{7,}(?![\w.-])|\bid \d")
DAY = re.compile(r"20\d\d(?:-\d\d(?:-\d\d)?)?")

SOURCES = sorted(
    {(fact.source.address, fact.source.day) for fact in facts()}
    | {(row.observed.source, row.date) for row in all_codes() if row.observed}
)


@pytest.mark.parametrize(("source", "day"), SOURCES, ids=[source[:60] for source, _ in SOURCES])
def test_a_source_is_an_address_a_repository_or_a_public_client_s_source_never_a_bare_number(
    source: str, day: str
) -> None:
    assert FOLLOWED_UP.match(source), source
    assert not BARE_NUMBER.search(source)
    assert DAY.fullmatch(day)


def test_explain_facts_prints_each_fact_with_its_day_and_its_source_and_the_newest_day(
    tmp_path: Path,
) -> None:
    lines = okx_doctor("explain", "--facts", env=clean(), cwd=tmp_path).text.splitlines()
    printed = [line.strip() for line in lines if re.match(r"    20\d\d", line)]

    assert printed == [f"{fact.source.day:<10}  {fact.source.address}" for fact in facts()]
    assert lines[-1] == f"Last confirmed: {newest_day()}."


def test_the_page_of_a_code_has_its_sources_where_they_are_asked_for(tmp_path: Path) -> None:
    page, sourced = (
        okx_doctor("explain", "50105", *more, env=clean(), cwd=tmp_path).text for more in ((), ("--facts",))
    )

    assert "Source: " not in page
    assert "Source: https://www.okx.com/docs-v5/" in sourced
    assert set(page.splitlines()) < set(sourced.splitlines())


def test_facts_of_a_cause_are_none(tmp_path: Path) -> None:
    done = okx_doctor("explain", "wrong-site", "--facts", env=clean(), cwd=tmp_path)

    assert (done.status, done.said.count("\n")) == (2, 1)
