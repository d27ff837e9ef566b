"""The corpus: what people paste, in the forms in which real programs print it.

Most was printed by the real client against a server that sends the answer (``source`` says so; host, port and
paths are renamed); the rest follows public reports, whose address stands with it. Keys in it are made up.
"""

from __future__ import annotations

import json
from pathlib import Path

from msgspec import Struct

CORPUS = Path(__file__).parent.parent / "data" / "pastes.jsonl"
SECRETS = (
    "37c541a1-0f3c-4b6b-9d3e-10fe7a038418",
    "22582BD0CFF14C41EDBF1AB98506286D",
    "Str0ng-passphrase$7",
    "MuKYoZHZvQKbzTU5/4ktT7zow2p4XHiT5zSjg+/SZZ4=",
)
"""The credentials that stand in the pastes."""


class Pasted(Struct, frozen=True, kw_only=True):
    """``expected`` are code, channel and HTTP status of every answer; ``first`` its first cause, ``""`` if open."""

    id: int
    form: str
    source: str
    text: str
    expected: tuple[tuple[str, str, int | None], ...]
    first: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.id}-{self.form}"


def corpus() -> tuple[Pasted, ...]:
    """Every paste of the corpus."""
    rows = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    return tuple(
        Pasted(
            id=row["id"],
            form=row["form"],
            source=row["source"],
            text=row["text"],
            expected=tuple((code, channel, status) for code, channel, status in row["expected"]),
            first=tuple(row["first"]),
        )
        for row in rows
    )
