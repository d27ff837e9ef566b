"""What names the project's address, or the package on an index, in a text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
PROJECT: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ADDRESS: Final[str] = PROJECT.get("urls", {}).get("Repository", "")
NAMED: Final = {
    "a placeholder": r"\bOWNER\b|\bCOMMIT\b|<this repository>|your-org|example\.com/okx-doctor",
    "an address of the project": r"https?://[\w./-]*okx-doctor|(?<![\w./])[\w-]+/okx-doctor@|git\+https?:",
    "an installation by name": r"(?:(?:pipx?|uv)(?: tool)? (?:install|run|add)|uvx)(?: -[\w-]+)* okx-doctor(?![\w/.-])",
}
"""By the words for what only an address, or a published package, may stand for, its pattern."""


def found(text: str) -> list[str]:
    """Each of these that the text names, but for the address that is the setting."""
    known = text.replace(ADDRESS, "") if ADDRESS else text
    return [f"{what}: {one[0]}" for what, pattern in NAMED.items() for one in re.finditer(pattern, known)]
