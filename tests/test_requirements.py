"""What the GitHub Action, the container and CI install: all that is declared, with what that needs, each by hash."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
FILES = {
    "runtime": PROJECT["project"]["dependencies"],
    "dev": [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]],
    "watch": [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["watch"]],
    "build": PROJECT["build-system"]["requires"],
}
"""A file of requirements, to what it has to hold."""
PLATFORMS = [
    {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": system, "os_name": name}
    | {"platform_system": title, "platform_python_implementation": "CPython", "implementation_name": "cpython"}
    for python in ("3.11", "3.12", "3.13", "3.14")
    for system, title, name in (("linux", "Linux", "posix"), ("darwin", "Darwin", "posix"), ("win32", "Windows", "nt"))
]


class Pinned(Struct, frozen=True):
    """One entry of a file: what it asks for, its hashes, and the packages it is there for."""

    requirement: Requirement
    version: str
    hashes: tuple[str, ...]
    via: frozenset[str]

    def installed_on(self, platform: dict[str, str]) -> bool:
        marker = self.requirement.marker
        return marker is None or marker.evaluate(dict(platform))


def _entries(file: str) -> dict[str, Pinned]:
    text = (ROOT / "requirements" / f"{file}.txt").read_text("utf-8")
    entries: dict[str, Pinned] = {}
    for block in re.split(r"\n(?=\S)", re.sub(r"\A(?:#.*\n)*", "", text).rstrip("\n")):
        first, *rest = block.split("\n")
        requirement = Requirement(first.removesuffix("\\").strip())
        (version,) = [one.version for one in requirement.specifier if one.operator == "=="]
        name = canonicalize_name(requirement.name)
        assert name not in entries
        hashes = tuple(
            found[1] for row in rest if (found := re.fullmatch(r"    --hash=sha256:([0-9a-f]{64})(?: \\)?", row))
        )
        via = [row.strip(" #") for row in rest if row.startswith("    #")]
        assert len(rest) == len(hashes) + len(via), block
        because = frozenset(word for row in via if (word := row.removeprefix("via").strip()))
        entries[name] = Pinned(requirement, version, hashes, because)
    return entries


@pytest.mark.parametrize("file", FILES)
def test_every_requirement_is_one_version_with_its_hashes_and_nothing_else_stands_there(file: str) -> None:
    entries = _entries(file)
    assert entries
    for name, pinned in entries.items():
        assert pinned.hashes and len(set(pinned.hashes)) == len(pinned.hashes), name
        assert pinned.requirement.url is None and len(pinned.requirement.specifier) == 1
    assert "://" not in (ROOT / "requirements" / f"{file}.txt").read_text("utf-8")


@pytest.mark.parametrize("file", FILES)
def test_what_the_project_declares_is_there_within_its_bounds(file: str) -> None:
    entries = _entries(file)
    for declared in map(Requirement, FILES[file]):
        pinned = entries.get(canonicalize_name(declared.name))
        assert pinned is not None, f"{declared.name}: make requirements/{file}.txt anew, with the command in it"
        assert pinned.version in declared.specifier, f"{declared}: make requirements/{file}.txt anew"


def test_what_the_build_asks_for_is_what_its_file_is_made_from() -> None:
    assert (ROOT / "requirements/build.in").read_text("utf-8").split() == FILES["build"]


@pytest.mark.parametrize("file", FILES)
def test_every_entry_is_there_for_one_that_is_declared(file: str) -> None:
    entries = _entries(file)
    reached = {str(canonicalize_name(Requirement(declared).name)) for declared in FILES[file]}
    left = set(entries) - reached
    while found := {name for name in left if entries[name].via & reached}:
        reached |= found
        left -= found
    assert left == set()


@pytest.mark.parametrize("file", FILES)
def test_what_a_pinned_version_needs_is_pinned_on_every_platform(file: str) -> None:
    """Asked of the packages that are installed here in the very version that is pinned."""
    entries = _entries(file)
    extras = {str(canonicalize_name(one.name)): one.extras for one in map(Requirement, FILES[file])}
    for name, pinned in entries.items():
        try:
            here = distribution(name)
        except PackageNotFoundError:
            continue
        if here.version != pinned.version:
            continue
        for needed in map(Requirement, here.requires or ()):
            for platform in filter(pinned.installed_on, PLATFORMS):
                wanted = any(
                    needed.marker is None or needed.marker.evaluate(platform | {"extra": extra})
                    for extra in ("", *extras.get(name, set()))
                )
                if wanted:
                    found = entries.get(canonicalize_name(needed.name))
                    assert found is not None and found.installed_on(platform), f"{name} needs {needed}"
                    assert found.version in needed.specifier, f"{name} needs {needed}"
