"""The schemas of JSON documents are made from the types that the documents are written from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator
from msgspec import UNSET, Struct, UnsetType, to_builtins

from okx_doctor.report.schemas import described, documents, names
from okx_doctor.secrets.secret import Secret
from tests.cli.running import okx_doctor

PAGE: Final = Path(__file__).parents[2] / "docs/stability.md"


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """Every object with fields of its own in a schema."""
    if isinstance(node, dict):
        if "properties" in node:
            yield node
        for inner in node.values():
            yield from objects(inner)
    if isinstance(node, list):
        for inner in node:
            yield from objects(inner)


@pytest.mark.parametrize("name", names())
def test_a_command_prints_the_schema_of_a_document(tmp_path: Path, name: str) -> None:
    done = okx_doctor("explain", name, env={}, cwd=tmp_path)

    assert done.status == 0, done.said
    schema = done.report
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema"] == {"const": name}
    assert schema["title"]


def test_a_document_that_there_is_not_is_named_with_those_that_there_are(tmp_path: Path) -> None:
    done = okx_doctor("explain", "okx-doctor/report/7", env={}, cwd=tmp_path)

    said = "".join(done.said.split())
    assert (done.status, done.text) == (2, "")
    assert "'okx-doctor/report/7'" in said
    assert [name for name in names() if name not in said] == []


def test_the_manual_lists_the_documents() -> None:
    assert tuple(re.findall(r"(?m)^\| `(okx-doctor/\S+)` \|", PAGE.read_text("utf-8"))) == names()


@pytest.mark.parametrize("name", documents())
def test_every_object_has_all_its_fields_and_no_other(name: str) -> None:
    schema = described(documents()[name].record)

    found = list(objects(schema))
    assert found
    assert [each for each in found if each["additionalProperties"] is not False] == []
    assert [each for each in found if set(each["required"]) - each["properties"].keys()] == []


class _Inner(Struct, frozen=True):
    word: str = ""


class _Whole(Struct, frozen=True, kw_only=True, tag_field="schema", tag="whole/1"):
    """A ``whole``,
    or ``None``."""

    inner: _Inner | None
    others: tuple[_Inner, ...] = ()
    number: int | None = None
    kind: bool | UnsetType = UNSET


def test_a_schema_takes_what_is_written_of_its_record_and_asks_for_fields_with_a_default() -> None:
    takes = Draft202012Validator(described(_Whole)).is_valid
    written = json.loads(json.dumps(to_builtins(_Whole(inner=_Inner()))))

    assert takes(written)
    assert takes({**written, "kind": True})
    assert [name for name in written if takes({key: value for key, value in written.items() if key != name})] == []
    assert not takes({**written, "inner": {}})
    assert not takes({**written, "inner": {"word": "a", "extra": 1}})


class _Holding(Struct, frozen=True):
    secret: Secret


def test_a_record_that_holds_a_secret_has_no_schema() -> None:
    with pytest.raises(TypeError, match="Secret"):
        described(_Holding)
