"""The JSON Schemas of the documents that commands print."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


def schema_names() -> list[str]:
    """The short names of all documents that have a schema."""
    shipped = files("okx_doctor.report").iterdir()
    return sorted(file.name.partition(".")[0] for file in shipped if file.name.endswith(".schema.json"))


@cache
def schema_of(document: str) -> dict[str, Any]:
    """The schema of a document by its short name: ``report`` for ``okx-doctor/report/1``."""
    text = files("okx_doctor.report").joinpath(f"{document}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
