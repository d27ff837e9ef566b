"""The Node clients are the same on every machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FOLDERS = sorted(path.parent for path in Path(__file__).parent.glob("*/package.json"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_lock_file_names_exact_versions_and_no_registry(folder: Path) -> None:
    lock = json.loads((folder / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((folder / "package.json").read_text("utf-8"))["dependencies"]

    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for package in lock["packages"].values():
        assert "resolved" not in package
