"""The table of what each loader makes of a line, however many different things they make of it."""

from __future__ import annotations

import json

import pytest

from okx_doctor.credentials.comparing import Column, Compared
from okx_doctor.credentials.dialects import DEFAULT
from okx_doctor.report.env_files import render_json, render_text


@pytest.mark.parametrize(("group", "letter"), [(1, "B"), (6, "G"), (7, "H"), (25, "Z"), (26, "AA"), (52, "BA")])
def test_each_different_reading_has_a_letter_of_its_own(group: int, letter: str) -> None:
    column = Column(dialect=DEFAULT, same=False, group=group, why="is another", character="#")
    row = Compared(name="OKX_PASSPHRASE", line=1, columns=(column,), spelling=None)

    shown = next(line.split() for line in render_text("bot.env", [row]).splitlines() if DEFAULT.title in line)
    assert shown == [DEFAULT.title, letter, "is", "another"]
    assert json.loads(render_json([row]))["variables"][0]["dialects"][DEFAULT.id]["reading"] == letter
