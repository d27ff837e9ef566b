"""The sample bots under docs/bots: their tests pass in a stranger's folder, and one byte more makes them explain it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import Struct

pytestmark = pytest.mark.slow

BOTS = Path(__file__).parents[2] / "docs" / "bots"
README = (BOTS / "README.md").read_text("utf-8")
RUN_SECONDS = 300  # the first go test on a machine compiles Go's own library


class Sample(Struct, frozen=True, kw_only=True):
    """A bot in one language: how its test runs, the byte that breaks it, and what its test then says.

    ``programs`` are those that a test of it asks for.
    """

    language: str
    command: tuple[str, ...]
    source: str
    right: str
    wrong: str
    cause: str
    programs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.language


SAMPLES = (
    Sample(
        language="Python",
        command=(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q"),
        source="bot.py",
        right='",".join(currencies)',
        wrong='", ".join(currencies)',
        cause="query-encoding",
    ),
    Sample(
        language="Node",
        programs=("node",),
        command=("node", "--test"),
        source="bot.mjs",
        right="currencies.join(',')",
        wrong="currencies.join(', ')",
        cause="query-encoding",
    ),
    Sample(
        language="Go",
        programs=("go",),
        command=("go", "test", "./..."),
        source="bot.go",
        right='strings.Join(parts, "")',
        wrong='strings.Join(parts, " ")',
        cause="prehash-separator",
    ),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample bots where nothing of this project is near."""
    copied = tmp_path / "bots"
    shutil.copytree(BOTS, copied, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    return copied


def _tested(sample: Sample, folder: Path) -> tuple[int, str]:
    scripts = Path(sys.executable).parent
    done = subprocess.run(
        sample.command,
        cwd=folder,
        env={**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=RUN_SECONDS,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_the_sample_bot_passes_its_own_test(sample: Sample, folder: Path) -> None:
    status, said = _tested(sample, folder)

    assert status == 0, said


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_with_one_byte_more_the_same_test_fails_and_says_why(sample: Sample, folder: Path) -> None:
    source = folder / sample.source
    text = source.read_text("utf-8")
    assert text.count(sample.right) == 1
    assert len(sample.wrong) == len(sample.right) + 1
    source.write_text(text.replace(sample.right, sample.wrong), "utf-8")

    status, said = _tested(sample, folder)

    assert status == 1, said
    assert "OKX answers 50113" in said
    assert f"{sample.cause}: proven" in said
    assert f"okx-doctor explain {sample.cause}" in said


def test_what_the_walk_through_shows_of_the_tests_stands_in_them() -> None:
    files = {"python": "test_bot.py", "js": "bot.test.mjs", "go": "bot_test.go"}
    shown = re.findall(r"```(python|js|go)\n(.*?)```", README, re.DOTALL)

    assert {language for language, _ in shown} == set(files)
    for language, block in shown:
        assert block in (BOTS / files[language]).read_text("utf-8")


def test_the_failure_that_the_walk_through_shows_is_what_pytest_prints(folder: Path) -> None:
    sample = SAMPLES[0]
    source = folder / sample.source
    source.write_text(source.read_text("utf-8").replace(sample.right, sample.wrong), "utf-8")
    (shown,) = re.findall(r"```text\n(.*?)```", README, re.DOTALL)

    _, said = _tested(sample, folder)

    printed = [line[1:].strip() for line in said.splitlines() if line.startswith("E ")]
    for line in shown.splitlines():
        assert _undated(line.strip()) in [_undated(each) for each in printed]


def _undated(line: str) -> str:
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "NOW", line)
