"""The shipped JSON Schema of ``okx-doctor/decoding/1``, as a check."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema


@cache
def _validator() -> Any:
    schema = json.loads(files("okx_doctor.report").joinpath("decoding.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def valid(text: str, *, empty: bool = False) -> bool:
    """Whether a text is JSON by the schema; ``empty``: also when it holds no answer. Raises where it is not."""
    document = json.loads(text)
    if empty and document["answers"] == []:
        return True
    _validator().validate(document)
    return True
