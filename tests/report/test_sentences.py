"""Sentences as lines: the same whether or not they are laid out by what lays out a whole report."""

from __future__ import annotations

import string
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.report.inspection import Look
from okx_doctor.report.sentences import as_lines
from okx_doctor.report.text import Paragraph, render_paragraphs

LOOKS: tuple[Look, ...] = (
    {"width": 80, "colour": False, "ascii_only": False},
    {"width": 30, "colour": True, "ascii_only": False},
    {"width": 30, "colour": False, "ascii_only": True},
)
SENTENCES = st.lists(
    st.text(string.printable, max_size=90)
    | st.text(max_size=40)
    | st.lists(st.sampled_from(["true", "ended", "okx-doctor check --env-file x", "[/red]", "é", "·"])).map(" ".join),
    max_size=4,
)


def laid_out(sentences: list[str], look: Look) -> str:
    return render_paragraphs([Paragraph(text=sentence) for sentence in sentences], **look)


@given(SENTENCES, st.sampled_from(LOOKS))
def test_sentences_are_written_as_a_report_lays_them_out(sentences: list[str], look: Look) -> None:
    if sentences:
        assert as_lines(sentences, look) == laid_out(sentences, look)


@pytest.mark.parametrize("look", LOOKS, ids=["wide", "coloured", "ASCII"])
@pytest.mark.parametrize("length", [29, 30, 31, 79, 80, 81])
def test_at_the_end_of_a_line_too(length: int, look: Look) -> None:
    sentence = "a " * (length // 2) + "b" * (length % 2 or 2)

    assert as_lines([sentence], look) == laid_out([sentence], look)


@pytest.mark.parametrize(("sentence", "loaded"), [("true ended with status 0.", "False"), ("a long one " * 9, "True")])
def test_a_short_sentence_loads_nothing_that_lays_out_a_report(sentence: str, loaded: str) -> None:
    program = (
        "import sys; from okx_doctor.report.sentences import as_lines\n"
        f"as_lines([{sentence!r}], {{'width': 80, 'colour': False, 'ascii_only': False}}); print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)

    assert done.stdout == f"{loaded}\n"
