"""The schemas of the JSON documents refuse what no document holds: another type, value or length, a field too many or
too few; and take each value of a list, and null, where a document may have it. ``tests/data/refused`` and
``tests/data/taken`` list them by the place in a document that has every field.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from tests.report.sampled import sampled
from tests.schemas import schema_of

DATA: Final = Path(__file__).parents[1] / "data"
MISSING: Final = "missing"
DOCUMENTS: Final = sorted(file.stem for file in DATA.glob("refused/*.tsv"))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_refuses_what_no_document_holds(document: str) -> None:
    assert [row for row, taken in _judged("refused", document) if taken] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_takes_each_value_that_a_document_may_hold(document: str) -> None:
    assert [row for row, taken in _judged("taken", document) if not taken] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_schema_is_one_and_names_itself(document: str) -> None:
    schema = schema_of(document)
    Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] in (f"okx-doctor/{document}/1", f"urn:okx-doctor:{document}:1")
    assert schema["title"]


def _judged(kind: str, document: str) -> Iterator[tuple[tuple[str, str], bool]]:
    """Each place and value of a list, and whether the schema takes the document with it."""
    schema = schema_of(document)
    whole = sampled(schema)
    takes = Draft202012Validator(schema).is_valid
    for row in DATA.joinpath(kind, f"{document}.tsv").read_text("utf-8").splitlines():
        place, *values = row.split("\t")
        for value in values:
            yield (place, value), takes(_changed(whole, place, value))


def _changed(whole: Any, place: str, value: str) -> Any:
    """The document with another value at a place, or without it. A place in something that is not there is an error."""
    changed = copy.deepcopy(whole)
    inner = changed
    *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    for step in way:
        inner = inner[step]
    if value == MISSING:
        del inner[last]
    else:
        inner[last] = json.loads(value)
    return changed
