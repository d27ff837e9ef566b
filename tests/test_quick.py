"""``pytest`` alone runs the quick part; nothing that is asked for by path, by mark or by ``--all`` is left out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.quick import SLOWER, has_none_of

pytestmark = pytest.mark.slow
ROOT: Final = Path(__file__).parents[1]
MIXED: Final = "import pytest\n\ndef test_one(): ...\n\n@pytest.mark.slow\ndef test_two(): ...\n"
SLOW: Final = "import pytest\n\npytestmark = [\n    pytest.mark.peer,\n]\nprint('imported')\n\ndef test_three(): ...\n"


@pytest.mark.parametrize(
    ("words", "collected"),
    [
        ((), {"test_one"}),
        (("--all",), {"test_one", "test_two", "test_three"}),
        (("--all", "-n", "1"), {"test_one", "test_two", "test_three"}),
        (("-n", "1"), {"test_one"}),
        (("tests",), {"test_one", "test_two", "test_three"}),
        (("tests/test_slow.py",), {"test_three"}),
        (("-m", "slow"), {"test_two"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_asked_for_is_run(words: tuple[str, ...], collected: set[str], tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_mixed.py").write_text(MIXED, "utf-8")
    (tmp_path / "tests/test_slow.py").write_text(SLOW, "utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-v", "--color=no"]
    done = subprocess.run(
        [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path), *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name for name in ("test_one", "test_two", "test_three") if f"::{name}" in done.stdout} == collected
    assert ("the quick part; pytest --all runs every test" in done.stdout) == (words in ((), ("-n", "1")))


@pytest.mark.parametrize("mark", SLOWER)
@pytest.mark.parametrize("form", ["pytestmark = {}", "pytestmark = [{}, pytest.mark.x]", "pytestmark = [\n    {},\n]"])
def test_a_file_with_a_mark_for_all_of_it_is_not_imported(mark: str, form: str, tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text(form.format(f"pytest.mark.{mark}"), "utf-8")
    assert has_none_of(file)
    file.write_text(form.format("pytest.mark.other"), "utf-8")
    assert not has_none_of(file)
