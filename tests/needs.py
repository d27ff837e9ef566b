"""What a test needs of the machine, said before it begins: where a program is missing, nothing is started.

``@needs("chronyd", "faketime")`` stands above a test, a module's tests or a parameter; a parameter may say the same
by an attribute ``programs``. Only then ``program("chronyd")`` gives its path, and only then may it be run.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NoReturn, Protocol, runtime_checkable

import pytest

from tests.programs import PACKAGES, find

MARK = "needs"
_FORM = "needs {}, not installed on this machine"
_asked: set[str] = set()
"""What the test that runs now has asked for."""


@runtime_checkable
class Needing(Protocol):
    """A parameter that cannot be tested without these programs."""

    @property
    def programs(self) -> tuple[str, ...]: ...


def needs(*names: str) -> pytest.MarkDecorator:
    """The mark of a test that runs these programs."""
    assert set(names) <= set(PACKAGES), f"no program of tests/programs.py: {sorted(set(names) - set(PACKAGES))}"
    return pytest.mark.needs(*names)


def program(name: str) -> str:
    """The path of a program that the test which runs now has asked for."""
    assert name in _asked, f"this test runs {name} and is not marked with needs({name!r})"
    found = find(name)
    assert found, f"{name} was here when the tests were collected"
    return found


def skip_without(name: str) -> NoReturn:
    """Skip a test that can say only while it runs that a program cannot be had."""
    pytest.skip(_FORM.format(name))


def asked_by(item: pytest.Item) -> tuple[str, ...]:
    """The programs that a test asks for by its marks and its parameters."""
    marked = [name for mark in item.iter_markers(MARK) for name in mark.args]
    parameters = (
        item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
    )
    said = [name for value in parameters if isinstance(value, Needing) for name in value.programs]
    return tuple(dict.fromkeys((*marked, *said)))


def skip_what_lacks_programs(items: Iterable[pytest.Item]) -> None:
    """Marks stand before fixtures: a test that is skipped here starts nothing."""
    here = {name: find(name) is not None for name in PACKAGES}
    for item in items:
        missing = [name for name in asked_by(item) if not here[name]]
        if missing:
            item.add_marker(pytest.mark.skip(reason=_FORM.format(" and ".join(missing))))


def now_runs(item: pytest.Item) -> None:
    """From here on ``program`` gives what this test has asked for."""
    _asked.clear()
    _asked.update(asked_by(item))


def stop_what_was_not_asked_for(command: Sequence[object]) -> None:
    """Fail where a test starts a program that it did not ask for: elsewhere it may be missing.

    Not git, which okx-doctor itself asks where it finds it; nor a program of the same name from somewhere else.
    """
    said = str(command[0]) if command else ""
    name = Path(said).name
    if name in PACKAGES and name != "git" and said in (name, find(name)):
        assert name in _asked, f"this test runs {name} and is not marked with needs({name!r})"


def skipped_by_program(reasons: Iterable[str]) -> Counter[str]:
    """How many tests were skipped for want of each program."""
    pattern = re.compile(re.escape(_FORM).replace(r"\{\}", "(.+)"))
    found = (pattern.search(reason) for reason in reasons)
    return Counter(name for match in found if match for name in match[1].split(" and "))
