"""Where a program is missing, what needs it is skipped by name before anything starts; no test leaks into others."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from tests.needs import needs, program
from tests.programs import PACKAGES, find

pytestmark = pytest.mark.slow

PROJECT = Path(__file__).parents[1]


def _tested(folder: Path, modules: Mapping[str, str], *options: str, path: str = os.environ["PATH"]) -> str:
    """What pytest says of these modules, with this suite's own conftest, where programs are looked for in ``path``."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(dedent(text), "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--color=no", *options]
    settings = ["-c", str(PROJECT / "pyproject.toml"), "--rootdir", str(folder)]
    done = subprocess.run(
        [*command, *settings, *(f"{name}.py" for name in modules)],
        cwd=folder,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout + done.stderr


LISTENING = """
    from pathlib import Path
    import pytest
    from tests.needs import needs, program

    class Client:
        programs = ("php",)

    @pytest.fixture(scope="module")
    def listener():
        Path("started").touch()

    @needs("php", "ruby")
    def test_marked(listener):
        program("php")

    @pytest.mark.parametrize("client", [Client()])
    def test_by_its_parameter(listener, client):
        program("php")

    @pytest.mark.parametrize("one", [pytest.param(1, marks=needs("chromium"))])
    def test_by_the_mark_of_a_parameter(listener, one):
        program("chromium")
    """


@pytest.mark.parametrize("options", [(), ("-n", "2")], ids=["in one process", "in several"])
def test_what_needs_a_missing_program_starts_nothing_and_is_skipped_and_counted_by_name(
    options: tuple[str, ...], tmp_path: Path
) -> None:
    said = _tested(tmp_path, {"test_it": LISTENING}, *options, path=str(tmp_path))

    assert "3 skipped" in said and "failed" not in said and "error" not in said, said
    assert not (tmp_path / "started").exists()
    assert "needs php and ruby, not installed" in said
    assert "\nchromium 1, php 2, ruby 1\non Debian: apt-get install chromium php-cli ruby\n" in said


NOT_ASKED = """
    import subprocess
    from tests.needs import needs, program

    def test_by_a_command():
        subprocess.run(["bash", "-c", ":"])

    @needs("bash")
    def test_that_asked():
        subprocess.run([program("bash"), "-c", ":"], check=True)

    def test_by_a_path_after_one_that_asked():
        subprocess.run(["/usr/bin/bash", "-c", ":"])

    def test_by_its_name():
        program("bash")
    """


@needs("bash")
def test_a_program_that_a_test_did_not_ask_for_is_not_run_even_where_it_is_installed(tmp_path: Path) -> None:
    """Or the test would fail on the machine that lacks it, and there alone."""
    said = _tested(tmp_path, {"test_it": NOT_ASKED})

    assert "3 failed, 1 passed" in said, said
    assert said.count("AssertionError: this test runs bash and is not marked with needs('bash')") >= 3


LEAVING = """
    def test_it():
        kept = [open(__file__)]
        kept.append(kept)
    """
TIDY = """
    def test_it():
        assert True
    """


def test_what_a_module_leaves_open_is_told_in_that_module(tmp_path: Path) -> None:
    said = _tested(tmp_path, {"test_leaving": LEAVING, "test_tidy": TIDY})

    assert "2 passed, 1 error" in said, said
    assert "ERROR test_leaving.py::test_it" in said
    assert "unclosed file" in said


INTERRUPTED = """
    import signal, subprocess, sys

    def test_it():
        told = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
        assert subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stdout == "True\\n"
    """


@pytest.mark.skipif(os.name != "posix", reason="a shell of POSIX starts jobs so")
def test_programs_of_a_suite_that_runs_behind_a_shell_hear_ctrl_c(tmp_path: Path) -> None:
    """What a script starts without waiting for it ignores the signal, and so would all that it starts."""
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        said = _tested(tmp_path, {"test_it": INTERRUPTED})
    finally:
        signal.signal(signal.SIGINT, heard)

    assert "1 passed" in said, said


def test_a_program_is_looked_for_in_one_place() -> None:
    asking = re.compile(r"\bwhich\(")
    files = [path for path in (PROJECT / "tests").rglob("*.py") if "node_modules" not in path.parts]
    asked = [str(path.relative_to(PROJECT)) for path in files if asking.search(path.read_text("utf-8"))]

    assert asked == ["tests/programs.py"]


@needs("git")
def test_a_program_that_is_here_is_found_and_no_other() -> None:
    assert Path(program("git")).is_file()
    assert find("no-such-program") is None
    with pytest.raises(AssertionError, match="no-such-program"):
        needs("no-such-program")


def test_the_packages_of_missing_programs_are_listed_by_any_python(tmp_path: Path) -> None:
    script = PROJECT / "tests" / "programs.py"
    done = subprocess.run(
        [sys.executable, "-I", str(script)], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )

    assert {"php-cli", "ruby", "nodejs"} <= set(done.stdout.split()) <= set(PACKAGES.values())
