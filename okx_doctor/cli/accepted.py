"""Warnings that a user accepts: ``--ignore CAUSE``, and ``ignore`` in the table ``[tool.okx-doctor]``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

import click
from msgspec.structs import replace

from okx_doctor.catalogue.causes import ids
from okx_doctor.model import Report, Severity
from okx_doctor.settings import known_ids

TABLE: Final = "[tool.okx-doctor]"
_FILE: Final = Path("pyproject.toml")
_SIZE_LIMIT: Final = 1 << 20


def without_accepted(report: Report, accepted: Collection[str]) -> Report:
    """The report without these warnings, which it names as ignored. An error stays, whoever asks."""
    causes = report.verdict.causes
    left = tuple(cause for cause in causes if cause.severity is Severity.WARNING and cause.id in accepted)
    kept = tuple(cause for cause in causes if cause not in left)
    return replace(
        report,
        verdict=replace(report.verdict, causes=kept, ignored=tuple(cause.id for cause in left)),
    )


def accepted_causes(named: Sequence[str], *, read_file: bool) -> tuple[str, ...]:
    """The causes named on the command line, and those of the table in ``./pyproject.toml``.

    Raises ``UsageError`` for a cause that does not exist, and ``click.UsageError`` for a table that is not as it
    should be.
    """
    known_ids(named, ids(), "cause")
    return (*named, *(_of_the_table() if read_file else ()))


def _of_the_table() -> tuple[str, ...]:
    try:
        if not _FILE.is_file() or _FILE.stat().st_size > _SIZE_LIMIT:
            return ()
        import tomllib  # where there is something to read

        table = tomllib.loads(_FILE.read_text("utf-8")).get("tool", {}).get("okx-doctor", {})
    except (OSError, ValueError, AttributeError):
        return ()  # another program's file, and for it to complain of
    unknown = [name for name in table if name != "ignore"] if isinstance(table, dict) else ["it"]
    wanted = table.get("ignore", []) if isinstance(table, dict) else None
    if unknown or not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise click.UsageError(f'{_FILE}: {TABLE} holds one list, ignore = ["CAUSE"], and nothing else')
    known_ids(wanted, ids(), f"cause (in {_FILE}, {TABLE})")
    return tuple(wanted)
