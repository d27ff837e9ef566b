"""The units for systemd: well formed, tight, and with a command line that okx-doctor takes."""

from __future__ import annotations

import os
import shlex
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest

from okx_doctor.gate.serve.exchange import Exchange, Plan
from tests.cli.running import at, okx_doctor
from tests.needs import needs, program
from tests.watching.keys import accounts, write

pytestmark = pytest.mark.slow

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
EXECUTABLE = "/opt/okx-doctor/bin/okx-doctor"
MOST_EXPOSED = 15
"""Tenths of systemd's measure of exposure, which ends at 100."""

services = pytest.mark.parametrize("unit", SERVICES, ids=lambda path: path.name)


def _section(unit: Path, name: str) -> dict[str, str]:
    parser = ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parser.read_string(unit.read_text("utf-8"))
    return dict(parser[name])


@needs("systemd-analyze")
def test_systemd_takes_every_unit(tmp_path: Path) -> None:
    there = tmp_path / "okx-doctor"
    there.write_text("#!/bin/sh\n")
    there.chmod(0o755)
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(EXECUTABLE, str(there)), "utf-8")
    units = [str(tmp_path / unit.name) for unit in UNITS.iterdir()]
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", *units], capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, [line for line in done.stderr.splitlines() if "okx-doctor" in line]) == (0, [])


@needs("systemd-analyze")
@services
def test_a_service_is_as_tight_as_the_manual_says(unit: Path) -> None:
    done = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", unit],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "SYSTEMD_COLORS": "0"},
    )

    assert done.returncode == 0, done.stdout


@services
def test_the_keys_are_handed_over_by_systemd_and_by_nothing_else(unit: Path) -> None:
    service = _section(unit, "Service")

    assert service["LoadCredential"] == "keys.toml:/etc/okx-doctor/keys.toml"
    assert service["DynamicUser"] == "yes"
    assert not {"Environment", "EnvironmentFile", "PassEnvironment"} & set(service)


@services
def test_its_command_line_watches_the_keys_that_systemd_hands_over(unit: Path, tmp_path: Path) -> None:
    folders = {"${CREDENTIALS_DIRECTORY}": tmp_path / "credentials", "${STATE_DIRECTORY}": tmp_path / "state"}
    line = _section(unit, "Service")["ExecStart"]
    for variable, folder in folders.items():
        folder.mkdir()
        line = line.replace(variable, str(folder))
    executable, *arguments = shlex.split(line)
    keys = accounts(2)
    write(folders["${CREDENTIALS_DIRECTORY}"] / "keys.toml", {"bot-1": keys[0], "bot-2": keys[1]})
    arguments = ["0" if each == "127.0.0.1:9464" else each for each in arguments]
    with Exchange(Plan(accounts=tuple(keys), ntp="answers")) as exchange:
        done = okx_doctor(*arguments, "--rounds", "1", "--timeout", "60", env=at(exchange), cwd=tmp_path)

    assert executable == EXECUTABLE
    assert (done.status, done.said) == (0, "")
    assert done.text.endswith("first round over 2: 2 healthy\n")
    written = tmp_path / "state" / "okx-doctor.prom"
    assert written.exists() == ("--textfile" in arguments)
