"""The GitHub Action: its form held against the published schema, and its shell steps run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, ValidationError

from tests.cli.running import clean
from tests.report.test_github import read

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass(frozen=True)
class Ended:
    status: int
    log: str
    summary: str
    outputs: Mapping[str, str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner's temporary folder after the action's own step has put the package there."""
    temp = tmp_path_factory.mktemp("runner temp")
    done = _step("Install okx-doctor", temp, {}, temp)
    assert done.status == 0, done.log
    assert (temp / "okx-doctor" / "okx_doctor" / "report" / "page.css").is_file()
    return temp


def _step(name: str, temp: Path, inputs: Mapping[str, str], cwd: Path, **environment: str) -> Ended:
    """One shell step, as the runner runs ``shell: bash``, with the expressions of its ``env`` put in."""
    (step,) = (step for step in STEPS if step.get("name") == name)
    given = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()} | dict(inputs)
    known = {
        "steps.python.outputs.python-path": sys.executable,
        "github.action_path": str(ROOT),
        "runner.temp": str(temp),
        **{f"inputs.{key}": value for key, value in given.items()},
    }
    variables = {key: EXPRESSION.sub(lambda found: known[found[1]], value) for key, value in step["env"].items()}
    script, output, summary = cwd / "step.sh", cwd / "output", cwd / "summary"
    script.write_text(step["run"], "utf-8")
    output.touch()
    files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        env=clean(HOME=str(temp), **variables, **(files | environment)),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    pairs = dict(line.partition("=")[::2] for line in output.read_text("utf-8").splitlines())
    return Ended(done.returncode, done.stdout, summary.read_text("utf-8") if summary.is_file() else "", pairs)


def check(installed: Path, tmp_path: Path, **inputs: str) -> Ended:
    named = {name.replace("_", "-"): value for name, value in inputs.items()}
    return _step("okx-doctor check", installed, named, tmp_path)


def test_the_action_fits_the_published_schema() -> None:
    schema = json.loads((ROOT / "tests/data/schemas/github-action.json").read_text("utf-8"))
    Draft7Validator(schema).validate(ACTION)
    without_shell = [{"run": "true"}]
    with pytest.raises(ValidationError, match="is not valid"):
        Draft7Validator(schema).validate(ACTION | {"runs": {"using": "composite", "steps": without_shell}})


def test_no_expression_stands_in_a_script_and_no_input_is_a_credential() -> None:
    assert [step for step in STEPS if "${{" in step.get("run", "")] == []
    assert not [name for name in ACTION["inputs"] if re.search("key|secret|pass", name)]


def _expressions(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
    elif isinstance(value, str):
        yield from EXPRESSION.findall(value)


def test_every_input_is_used_and_every_one_used_is_declared() -> None:
    used = {name.removeprefix("inputs.") for name in _expressions(ACTION["runs"]) if name.startswith("inputs.")}
    assert used == set(ACTION["inputs"])


def test_a_healthy_run_succeeds_with_a_notice_and_a_summary(installed: Path, tmp_path: Path) -> None:
    done = check(installed, tmp_path, args="--simulate")
    assert (done.status, done.outputs) == (0, {"exit-status": "0"})
    assert [command.name for command in read(done.log)] == ["notice"]
    assert done.summary.startswith("## ✅ okx-doctor: healthy from here\n")


def test_a_cause_fails_the_step_and_is_annotated(installed: Path, tmp_path: Path) -> None:
    done = check(installed, tmp_path, args="--simulate=clock-drift")
    assert (done.status, done.outputs) == (1, {"exit-status": "1"})
    (command,) = read(done.log)
    assert (command.name, command.properties["title"]) == ("error", "okx-doctor: clock-drift, proven")
    assert "This machine's clock is off" in done.summary


def test_a_warning_fails_only_where_it_is_asked_to(installed: Path, tmp_path: Path) -> None:
    told = {"args": "--simulate=api-key-expiring\n"}
    assert check(installed, tmp_path, **told).status == 0
    done = check(installed, tmp_path, **told, fail_on="warning")
    assert (done.status, done.outputs["exit-status"]) == (1, "1")
    assert [command.name for command in read(done.log)] == ["warning", "notice"]


def test_the_inputs_reach_the_command(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "my keys.env").write_text("OKX_API_KEY=\n")
    done = check(installed, tmp_path, env_file="my keys.env", site="eea", demo="true", offline="true")
    assert done.status == 1
    assert "(eea, demo)" in done.log and "credentials-missing" in done.log and "my keys.env" in done.log
    assert "left out with --offline" in done.summary


@pytest.mark.parametrize(
    "inputs",
    [
        {"args": "--simulate; touch pwned"},
        {"args": "$(touch pwned) `touch pwned` * && touch pwned"},
        {"site": "eea --base-url=http://127.0.0.1:9"},
        {"site": "$(touch pwned)"},
        {"demo": "true; touch pwned"},
        {"offline": "$(touch pwned)"},
        {"env_file": "x; touch pwned"},
        {"fail_on": "warning' ; touch pwned; '"},
    ],
)
def test_nothing_in_an_input_is_run(inputs: Mapping[str, str], installed: Path, tmp_path: Path) -> None:
    done = check(installed, tmp_path, **inputs)
    assert done.status == 2
    assert not (tmp_path / "pwned").exists()


def test_the_summaries_of_several_steps_follow_one_another(installed: Path, tmp_path: Path) -> None:
    check(installed, tmp_path, args="--simulate")
    assert check(installed, tmp_path, args="--simulate").summary.count("## ✅ okx-doctor") == 2


MEBIBYTE = 1024 * 1024
"""Bytes of a summary that GitHub shows at the most."""


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("full", f"with this report it would exceed {MEBIBYTE} bytes, and GitHub would show nothing"),
        ("folder", "Is a directory"),
        ("no/such", "No such file or directory"),
        ("link", "Too many levels of symbolic links"),
        ("pipe", "No such device or address"),
    ],
)
def test_a_summary_that_cannot_be_written_is_told_and_changes_no_verdict(
    what: str, why: str, installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "full").write_bytes(b"x" * (MEBIBYTE - 100))
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    told = {"args": "--simulate"}
    done = _step("okx-doctor check", installed, told, tmp_path, GITHUB_STEP_SUMMARY=str(tmp_path / what))
    assert done.status == 0
    said = [line for line in done.log.splitlines() if "no step summary" in line]
    assert said == [f"okx-doctor: no step summary was written: the file that GITHUB_STEP_SUMMARY names: {why}"]
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "full").stat().st_size == MEBIBYTE - 100
