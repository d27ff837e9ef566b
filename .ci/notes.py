"""The changelog's section of a version, for its tag: ``python .ci/notes.py v0.2.0``.

Fails where the tag, the package's version and the changelog do not agree, or the section has no date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def section(changelog: str, version: str) -> str:
    """The section's text without its heading. Raises ``ValueError`` where there is none with a date."""
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)"
    found = re.search(heading, changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        raise ValueError(f"CHANGELOG.md has no section `## {version} - DATE`; write it, then tag again")
    return found[1].strip() + "\n"


def notes(root: Path, tag: str) -> str:
    """The notes of the version that a tag releases. Raises ``ValueError`` where it is not the package's version."""
    version = re.findall(r'(?m)^__version__ = "(.+)"$', (root / "okx_doctor/__init__.py").read_text("utf-8"))
    if [tag] != [f"v{one}" for one in version]:
        raise ValueError(f"the tag {tag} is not v{' or '.join(version)}, the package's version")
    return section((root / "CHANGELOG.md").read_text("utf-8"), tag.removeprefix("v"))


if __name__ == "__main__":
    try:
        sys.stdout.write(notes(ROOT, sys.argv[1]))
    except ValueError as error:
        sys.exit(f"notes: {error}")
