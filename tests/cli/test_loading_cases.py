"""Files of credentials that went wrong for somebody, read as the command line reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import clean, okx_doctor

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).parents[1].joinpath("data", "loading-cases.json").read_text("utf-8")
)["cases"]
COMMANDS = {
    "check": ("check", "--offline", "--no-env-file", "--skip", "credentials.exposure", "--credentials"),
    "env": ("env",),
    "guard": ("guard",),
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_a_file_that_went_wrong_is_read_as_its_program_reads_it(tmp_path: Path, case: dict[str, Any]) -> None:
    (tmp_path / case["file"]).write_text(case["text"], "utf-8")
    command = (*COMMANDS[case["command"]], case["file"], *case["options"])

    done = okx_doctor(*command, env=clean(**case["environ"]), cwd=tmp_path)

    assert done.status == case["status"], done.text
    assert [said for said in case["says"] if said not in done.flat] == []
    if case["command"] == "check":
        found = okx_doctor(*command, "--format", "json", env=clean(**case["environ"]), cwd=tmp_path)
        assert sorted(found.causes) == case["causes"]


def test_every_case_has_its_source() -> None:
    assert all(case["source"] and case["was_wrong"] for case in CASES)
