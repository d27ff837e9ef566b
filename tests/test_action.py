"""The GitHub Action: its form held against the published schema, and its shell steps run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator, ValidationError
from msgspec import Struct

from okx_doctor.credentials.variables import VARIABLES
from tests.cli.running import CREDENTIALS, clean
from tests.needs import needs
from tests.report.test_github import read

pytestmark = [pytest.mark.slow, needs("bash")]

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class Ended(Struct, frozen=True):
    status: int
    log: str
    summary: str
    outputs: Mapping[str, str]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment as the action's own step leaves it, with the packages that the tests run with."""
    place = tmp_path_factory.mktemp("runner temp") / "okx-doctor"
    venv.create(place, symlinks=os.name != "nt")
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    asked = [str(python), "-I", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = subprocess.run(asked, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout.strip()
    shared = dict.fromkeys([str(ROOT), *(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))])
    Path(packages, "shared.pth").write_text("\n".join(shared), "utf-8")
    return python


def _step(name: str, known: Mapping[str, str], cwd: Path, **environment: str) -> Ended:
    """One shell step, as the runner runs ``shell: bash``, with the expressions of its ``env`` put in."""
    (step,) = (step for step in STEPS if step.get("name") == name)
    variables = {key: EXPRESSION.sub(lambda found: known[found[1]], value) for key, value in step["env"].items()}
    around = cwd.parent / f"{cwd.name} runner"  # the runner's own files lie outside of the folder that a job works in
    around.mkdir(exist_ok=True)
    script, output, summary = around / "step.sh", around / "output", around / "summary"
    script.write_text(step["run"], "utf-8")
    output.write_text("", "utf-8")
    files = {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "HOME": str(around)}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
        env=clean(**(files | variables | environment)),
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
        check=False,
    )
    pairs = dict(line.partition("=")[::2] for line in output.read_text("utf-8").splitlines())
    return Ended(done.returncode, done.stdout, summary.read_text("utf-8") if summary.is_file() else "", pairs)


def _check(python: str, cwd: Path, inputs: Mapping[str, str], **environment: str) -> Ended:
    given = {key: str(value.get("default", "")) for key, value in ACTION["inputs"].items()} | {
        name.replace("_", "-"): value for name, value in inputs.items()
    }
    known = {"steps.install.outputs.python": python, **{f"inputs.{key}": value for key, value in given.items()}}
    return _step("okx-doctor check", known, cwd, **environment)


def check(installed: Path, tmp_path: Path, **inputs: str) -> Ended:
    return _check(str(installed), tmp_path, inputs)


def exit_status(outputs: Mapping[str, str]) -> str:
    """The action's output, from those of its last step: GitHub's ``||`` takes the first that is not empty."""
    expression = ACTION["outputs"]["exit-status"]["value"]
    whole = re.fullmatch(r"\$\{\{ steps\.check\.outputs\.exit-status \|\| '(\d)' \}\}", expression)
    assert whole is not None, expression
    return outputs.get("exit-status") or whole[1]


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
    assert (done.status, exit_status(done.outputs)) == (2, "2")
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
    done = _check(str(installed), tmp_path, told, GITHUB_STEP_SUMMARY=str(tmp_path / what))
    assert done.status == 0
    said = [line for line in done.log.splitlines() if "no step summary" in line]
    assert said == [f"okx-doctor: no step summary was written: the file that GITHUB_STEP_SUMMARY names: {why}"]
    assert not (tmp_path / "elsewhere").exists()
    assert (tmp_path / "full").stat().st_size == MEBIBYTE - 100


TRAPS = ("signal.py", "types.py", "token.py", "click.py", "httpx.py", "okx_doctor.py", "sitecustomize.py", "evil.py")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A checked-out repository whose modules, were one imported, would write the credentials down."""
    repository = tmp_path / "repository"
    user = repository / f"user/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    (repository / "okx_doctor").mkdir(parents=True)
    user.mkdir(parents=True)
    trap = f"import os; open({str(tmp_path / 'stolen')!r}, 'a').write(f'{{__name__}} {{os.environ}}')\n"
    for place in (*TRAPS, "okx_doctor/__init__.py", "okx_doctor/__main__.py", "user.pth"):
        (repository / place).write_text(trap, "utf-8")
    (user / "evil.pth").write_text(trap, "utf-8")
    (user / "usercustomize.py").write_text(trap, "utf-8")
    return repository


def _of_the_job(repository: Path) -> dict[str, str]:
    """Variables of a job that would put its repository on Python's path, and credentials."""
    paths = {name: str(repository) for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")}
    return {
        **paths,
        "PYTHONUSERBASE": str(repository / "user"),
        "PYTHONWARNINGS": "error::evil.Category",
        "PYTHONINSPECT": "1",
        "PYTHONBREAKPOINT": "evil.trap",
        **CREDENTIALS,
    }


def test_nothing_of_the_repository_is_imported(installed: Path, hostile: Path, tmp_path: Path) -> None:
    done = _check(str(installed), hostile, {"args": "--simulate"}, **_of_the_job(hostile))
    assert not (tmp_path / "stolen").exists(), (tmp_path / "stolen").read_text()[:200]
    assert (done.status, done.outputs) == (0, {"exit-status": "0"}), done.log


def test_the_traps_of_the_repository_do_work(installed: Path, hostile: Path, tmp_path: Path) -> None:
    subprocess.run([installed, "-c", "import httpx"], cwd=hostile, env=clean(**CREDENTIALS), timeout=60, check=True)
    assert CREDENTIALS["OKX_SECRET_KEY"] in (tmp_path / "stolen").read_text()


@pytest.mark.parametrize("asked", [False, True])
def test_the_env_file_of_the_repository_is_read_only_if_asked_for(asked: bool, installed: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OKX_API_KEY=sentinel\n")
    done = check(installed, tmp_path, offline="true", **({"env_file": ".env"} if asked else {}))
    assert "credentials-missing" in done.log
    assert ("OKX_API_KEY in .env" in done.log) == asked
    assert ("no API key, secret key or passphrase is set" in done.log) is not asked


STUB = """#!/usr/bin/env bash
printf '%s\\n' "$*" >> "{log}"
env >> "{log}.env"
case "$*" in
  *"-m venv"*) mkdir -p "${{!#}}/bin"; cp "$0" "${{!#}}/bin/python" ;;
esac
case "$*" in *"{failing}"*) exit {status} ;; esac
"""


def _install(
    tmp_path: Path, environment: Mapping[str, str] | None = None, failing: str = "!none!", status: int = 1
) -> tuple[Ended, list[str]]:
    """The step that installs, with a Python that only writes down how it was called."""
    log = tmp_path / "called"
    python = tmp_path / "python"
    python.write_text(STUB.format(log=log, failing=failing, status=status), "utf-8")
    python.chmod(0o755)
    known = {
        "steps.python.outputs.python-path": str(python),
        "github.action_path": "/the action",
        "runner.temp": str(tmp_path / "runner temp"),
    }
    ended = _step("Install okx-doctor", known, tmp_path, **(environment or {}))
    return ended, log.read_text("utf-8").splitlines() if log.exists() else []


def test_what_is_installed_is_pinned_by_hash_and_the_action_s_own_source(tmp_path: Path) -> None:
    done, called = _install(tmp_path)
    place = tmp_path / "runner temp" / "okx-doctor"
    assert (done.status, done.outputs) == (0, {"python": f"{place}/bin/python"}), done.log
    pip = "-I -m pip install --quiet --disable-pip-version-check"
    pinned = "-r /the action/requirements/runtime.txt -r /the action/requirements/build.txt"
    assert called == [
        f"-I -m venv --clear {place}",
        f"{pip} --require-hashes --only-binary=:all: {pinned}",
        f"{pip} --no-index --no-deps --no-build-isolation /the action",
        "-I -m okx_doctor --version",
    ]


def test_nothing_of_the_job_but_what_pip_needs_is_seen_while_installing(tmp_path: Path) -> None:
    needed = {"HTTPS_PROXY": "http://127.0.0.1:9", "PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CERT": "/ca.pem"}
    secrets = {name: f"sentinel {name}" for names in VARIABLES.values() for name in names}
    others = {"DEPLOY_TOKEN": "sentinel", "PIP_TARGET": "sentinel"}
    hostile = dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP"), "sentinel")
    done, called = _install(tmp_path, needed | secrets | others | hostile)
    assert (done.status, len(called)) == (0, 4), done.log
    seen = (tmp_path / "called.env").read_text("utf-8")
    assert "sentinel" not in seen
    assert all(seen.count(f"{name}={value}\n") == 4 for name, value in needed.items())
    assert seen.count("PYTHONSAFEPATH=1\n") == 4


@pytest.mark.parametrize("failing", ["venv", "--require-hashes", "--no-build-isolation", "okx_doctor"])
@pytest.mark.parametrize("status", [1, 2, 137])
def test_where_it_cannot_be_installed_nothing_could_be_judged(failing: str, status: int, tmp_path: Path) -> None:
    done, called = _install(tmp_path, failing=failing, status=status)
    assert (done.status, done.outputs, exit_status({})) == (3, {}, "3")
    assert failing in called[-1]
    (command,) = read(done.log)
    assert (command.name, command.data) == ("error", "it could not be installed; nothing was checked")


def test_a_python_that_is_not_there_is_no_verdict(tmp_path: Path) -> None:
    done = _check(str(tmp_path / "no" / "python"), tmp_path, {})
    assert (done.status, done.outputs) == (3, {"exit-status": "3"})


@pytest.mark.parametrize(("ended", "told"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 3), (126, 3), (137, 3), (255, 3)])
def test_an_end_that_check_does_not_know_is_no_verdict(ended: int, told: int, tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\nexit {ended}\n")
    python.chmod(0o755)
    done = _check(str(python), tmp_path, {})
    assert (done.status, done.outputs) == (told, {"exit-status": str(told)})


def test_a_step_that_is_ended_from_outside_has_a_status_too(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nkill -TERM $PPID\n")
    python.chmod(0o755)
    done = _check(str(python), tmp_path, {})
    assert (done.status != 0, exit_status(done.outputs)) == (True, "3")


@pytest.mark.parametrize("inputs", [{"demo": "perhaps"}, {"offline": "perhaps"}])
def test_an_input_of_no_meaning_is_wrong_usage_in_the_output_too(inputs: Mapping[str, str], tmp_path: Path) -> None:
    done = _check("never-run", tmp_path, inputs)
    assert (done.status, done.outputs) == (2, {"exit-status": "2"})
    (command,) = read(done.log)
    assert (command.name, command.data) == ("error", f"the input {next(iter(inputs))} is neither true nor false")


def test_actions_of_others_see_no_credential_and_are_pinned_to_a_commit() -> None:
    others = [step for step in STEPS if "uses" in step]
    assert [step["uses"].partition("@")[0] for step in others] == ["actions/setup-python"]
    names = {name for names in VARIABLES.values() for name in names}
    for step in others:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
        assert step["env"] == dict.fromkeys(names, "")
    told = (ROOT / "docs/ci.md").read_text("utf-8")
    assert all(f"`{step['uses'].replace('@', '` at `')}`" in " ".join(told.split()) for step in others)
