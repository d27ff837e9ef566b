"""The last lines of pages and decoded answers: the answer again, whole on a small screen."""

from __future__ import annotations

import re

import pytest

from okx_doctor.catalogue.causes import CAUSES, page
from okx_doctor.decoding.decode import decode
from okx_doctor.protocol.codes import all_codes
from okx_doctor.report.decoding import headline, render_text
from okx_doctor.report.explaining import render_page

pytestmark = pytest.mark.slow

SCREEN_LINES = 20
CODES = sorted({row.code for row in all_codes()})


def last(text: str, lines: int = SCREEN_LINES) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()[-lines:]


def flat(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("colour", [False, True], ids=["piped", "terminal"])
@pytest.mark.parametrize("width", [80, 40])
def test_every_page_ends_in_its_title_its_fix_and_a_command_on_a_line_of_its_own(width: int, colour: bool) -> None:
    for cause in CAUSES:
        shown = last(render_page(page(cause.id), cause.title, width=width, colour=colour), 8)
        assert cause.title in flat(shown), cause.id
        assert "Fix: " in flat(shown), cause.id
        assert re.fullmatch(r"(?: *then)? *okx-doctor (?:check|inspect CAPTURE|listen|test-signer)\b.*", shown[-1]), (
            shown
        )


@pytest.mark.parametrize("width", [40, 30])
def test_a_page_on_a_narrow_screen_is_no_wider_but_for_its_code(width: int) -> None:
    for cause in CAUSES:
        fenced = False
        for line in render_page(page(cause.id), cause.title, width=width).splitlines():
            fenced ^= line.startswith("```")
            whole = (
                fenced or "`" in line or "okx-doctor" in line or line.startswith(("#", "|")) or " " not in line.strip()
            )
            assert whole or len(line) <= width, (cause.id, line)


def test_a_page_as_wide_as_it_was_written_is_as_it_was_written() -> None:
    assert all(render_page(page(cause.id), cause.title, width=80).startswith(page(cause.id)) for cause in CAUSES)


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("colour", [False, True], ids=["piped", "terminal"])
def test_every_code_that_is_refused_ends_in_its_name_its_first_cause_and_the_next_command(
    width: int, colour: bool
) -> None:
    for code in CODES:
        answers = decode(code)
        shown = last(render_text(answers, width=width, colour=colour))
        for answer in answers:
            if answer.next:
                assert headline(answer).replace(" ", "") in flat(shown).replace(" ", ""), code
                assert any(line.strip() == f"$ {answer.next}" for line in shown), code
            if answer.next and answer.causes:
                assert answer.causes[0].title in flat(shown), code


@pytest.mark.parametrize("width", [80, 40])
def test_many_answers_end_on_one_screen(width: int) -> None:
    text = render_text(decode("\n".join(f'{{"code":"{code}"}}' for code in CODES)), width=width)
    shown = flat(last(text, 24))
    assert re.search(r"and \d+ more, above$", shown)
    assert "$ okx-doctor check" in shown
