"""The quick part of the suite, which ``pytest`` alone runs; ``pytest --all``, a path or ``-m`` asks for more.

Whatever has one of these marks is no part of it. A file all of which has one is not even imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

SLOWER: Final = ("slow", "peer", "machine", "live")
_WHOLE_FILE: Final = re.compile(rf"^pytestmark = (?:\[[^\]]*?)?pytest\.mark\.(?:{'|'.join(SLOWER)})\b", re.MULTILINE)


def is_asked_for(config: pytest.Config) -> bool:
    """Whether the quick part alone is to run: pytest was given neither ``--all`` nor paths nor marks."""
    from_settings = config.args_source == pytest.Config.ArgsSource.TESTPATHS
    return from_settings and not config.option.all and not config.option.markexpr


def has_none_of(file: Path) -> bool:
    """Whether a mark of the whole file keeps each of its tests out of the quick part."""
    return file.suffix == ".py" and bool(_WHOLE_FILE.search(file.read_text("utf-8")))


def split(items: Iterable[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests of the quick part, and the others."""
    quick: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        (others if any(item.get_closest_marker(mark) for mark in SLOWER) else quick).append(item)
    return quick, others
