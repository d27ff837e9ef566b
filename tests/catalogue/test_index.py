"""``docs/causes.md`` lists the whole catalogue; ``--update`` writes it anew.

A change of an id, a group, a severity or an absorption shows in that page, where it is read before it is accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from okx_doctor.catalogue.causes import CAUSES

PAGE = Path(__file__).parents[2] / "docs" / "causes.md"
HEAD = """\
# Causes

Every cause that okx-doctor can name. `okx-doctor explain CAUSE` prints the page behind each link: the meaning, the
proof, the fix, how to check the fix, and what it is confused with.

An *error* keeps requests from being accepted; a *warning* does not, and `check` ends with 1 for it under
`--fail-on warning` alone, or where what it warns of was forbidden. Where a cause *explains* others, they are its
consequences, and it is named without them, unless OKX refuses its correction too. Ids are never renamed or reused.
"""


def index() -> str:
    """The page that the catalogue makes."""
    groups = dict.fromkeys(cause.group for cause in CAUSES)
    return HEAD + "".join(f"\n## {group}\n\n{_table(group)}" for group in groups)


def _table(group: str) -> str:
    rows = [
        f"| [`{cause.id}`](../okx_doctor/catalogue/pages/{cause.id}.md) | {cause.title} | {cause.severity.value} "
        f"| {', '.join(f'`{name}`' for name in cause.absorbs)} |\n"
        for cause in CAUSES
        if cause.group == group
    ]
    return "| cause | fault | severity | explains |\n|---|---|---|---|\n" + "".join(rows)


def test_the_page_of_causes_is_the_catalogue(is_kept: Callable[[Path, str], None]) -> None:
    is_kept(PAGE, index())
