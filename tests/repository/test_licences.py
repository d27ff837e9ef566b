"""Every package that comes along is listed with its licence, which its own metadata bears out and which fits."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
TABLE: Final = (ROOT / "docs/install.md").read_text("utf-8").partition("| package | license |\n|---|---|\n")[2]
ROWS: Final = dict(re.findall(r"(?m)^\| (\S+) \| (.+) \|$", TABLE))
FITTING: Final = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0"}
"""Licences under which a package may come along with one that is under MIT."""
CLASSIFIERS: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def pinned() -> dict[str, str]:
    """By its name, the version of each package that comes along."""
    text = (ROOT / "requirements/runtime.txt").read_text("utf-8")
    return dict(re.findall(r"(?m)^([\w.-]+)(?:\[[\w,]+\])?==([\w.]+)", text))


def own_words(package: str) -> set[str]:
    """The licences that a package's metadata names, in the first of its three places that does."""
    said = metadata(package)
    if "License-Expression" in said:
        return set(said["License-Expression"].split(" OR "))
    classified = {
        CLASSIFIERS[name]
        for one in said.get_all("Classifier") or ()
        if one.startswith("License :: ") and (name := one.rpartition(" :: ")[2]) in CLASSIFIERS
    }
    return classified or set(said["License"].split(" OR "))


def test_exactly_the_packages_that_come_along_are_listed() -> None:
    assert sorted(ROWS) == sorted(pinned())


@pytest.mark.parametrize("package", ROWS)
def test_a_licence_fits_and_is_the_package_s_own_word(package: str) -> None:
    """What another version than the listed one says has to fit as well."""
    listed = set(ROWS[package].split(" OR "))
    assert listed & FITTING
    try:
        said = own_words(package)
    except PackageNotFoundError:
        pytest.skip(f"{package} is not installed on this system")
    assert said & FITTING
    assert said == listed or metadata(package)["Version"] != pinned()[package]
