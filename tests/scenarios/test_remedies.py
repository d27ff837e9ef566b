"""The commands of remedies are meant to be copied into a shell, those out of somebody else's report too."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from okx_doctor.checking.assemble import judge_again
from okx_doctor.checking.checks import ALL as CHECKS
from okx_doctor.checking.simulation import simulate
from okx_doctor.report.json import render_json
from okx_doctor.settings import Options
from tests.scenarios.running import a_resolver_that_knows_no_such_name

pytestmark = pytest.mark.slow

REPORTED = {
    "dns-failure": "exchange.invalid",
    "credential-sources-conflict": "OKX_PASSPHRASE in the environment",
    "wrong-site": "http://127.0.0.1:",
    "credentials-exposed": ".env",
}
"""Causes with a command that holds a text out of the report, and that text."""


@cache
def saved(cause: str) -> str:
    with a_resolver_that_knows_no_such_name():
        report, _ = simulate(Options(), (cause,))
    return render_json(report)


def commands(text: str) -> dict[str, tuple[str, ...]]:
    """What a saved report comes to: the causes and their commands."""
    return {cause.id: cause.remedy.commands for cause in judge_again(text, CHECKS).verdict.causes}


@pytest.mark.parametrize("cause", REPORTED)
def test_a_genuine_report_has_its_commands(cause: str) -> None:
    text = REPORTED[cause].removesuffix(" in the environment")

    assert [command for command in commands(saved(cause))[cause] if text in command]


@pytest.mark.skipif(sys.platform == "win32", reason="runs the commands in a POSIX shell")
@pytest.mark.parametrize("cause", REPORTED)
@pytest.mark.parametrize(
    "foreign",
    ["x;curl x;", "$(curl x)", "`curl x`", "x|curl x;", "x&curl x&", "x\ncurl x\n", "';curl x;'", '";curl x;"'],
)
def test_a_command_runs_nothing_of_foreign_origin(tmp_path: Path, cause: str, foreign: str) -> None:
    text = saved(cause).replace(REPORTED[cause], json.dumps(foreign + REPORTED[cause])[1:-1])
    found = commands(text)
    assert cause in found
    for name in ("curl", "nslookup", "chmod", "git"):
        (tmp_path / name).write_text(f"#!/bin/sh\n[ {name} != curl ] || echo > '{tmp_path}/ran'\n")
        (tmp_path / name).chmod(0o755)
    for command in found[cause]:
        subprocess.run(["/bin/sh", "-c", command], env={"PATH": str(tmp_path)}, cwd=tmp_path, timeout=120, check=False)

    assert not (tmp_path / "ran").exists(), found[cause]


def test_a_foreign_host_is_no_option_of_the_command_it_stands_in() -> None:
    text = saved("dns-failure").replace(REPORTED["dns-failure"], "-debug")

    assert commands(text)["dns-failure"] == ()
