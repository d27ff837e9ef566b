"""The JSON Schemas of the documents that commands print."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from okx_doctor.report.schemas import names, render_schema


def schema_names() -> list[str]:
    """The short names of all documents that have a schema."""
    return [name.split("/")[1] for name in names()]


@cache
def schema_of(document: str) -> dict[str, Any]:
    """The schema of a document by its short name: ``report`` for ``okx-doctor/report/1``."""
    schema: dict[str, Any] = json.loads(render_schema(f"okx-doctor/{document}/1"))
    return schema
