"""The shipped JSON Schema of ``okx-doctor/decoding/1``, as a check."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import jsonschema

from tests.schemas import schema_of


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(schema_of("decoding"))


def valid(text: str, *, empty: bool = False) -> bool:
    """Whether a text is JSON by the schema; ``empty``: also when it holds no answer. Raises where it is not."""
    document = json.loads(text)
    if empty and document["answers"] == []:
        return True
    _validator().validate(document)
    return True
