"""What the JSON schemas say of things that the code lists. ``--update`` writes it anew; no hand needs to."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

import okx_doctor
from okx_doctor.observations import KINDS
from okx_doctor.protocol.sites import SITE_IDS

FOLDER = Path(okx_doctor.__file__).parent / "report"
PLAIN = {str: "string", bool: "boolean", int: "integer", float: "number", types.NoneType: "null"}
WIDTH = 110


def observations(schema: dict[str, Any]) -> dict[str, Any]:
    """A report's schema with every kind of observation and every site that there is."""
    records: dict[str, Any] = {}
    rows = {name: {"type": "array", "items": _said(kind, records), "minItems": 1} for name, kind in KINDS.items()}
    known = {name: part for name, part in schema["$defs"].items() if name not in records}
    before = schema["$defs"]
    known["observations"]["properties"] = rows
    for name, record in records.items():
        for field, said in record["properties"].items():
            if told := before.get(name, {}).get("properties", {}).get(field, {}).get("description"):
                record["properties"][field] = {"description": told, **said}
    schema["properties"]["target"]["properties"]["site"] = {"enum": [*SITE_IDS, "custom"]}
    return {**schema, "$defs": {**known, **records}}


@pytest.mark.parametrize("derive", [observations], ids=["report"])
def test_a_schema_lists_what_the_code_does(derive: Any, request: pytest.FixtureRequest) -> None:
    file = FOLDER / f"{request.node.callspec.id}.schema.json"
    derived = _written(derive(json.loads(file.read_text("utf-8")))) + "\n"
    if request.config.getoption("--update", default=False):
        file.write_text(derived, "utf-8", newline="\n")
    assert file.read_text("utf-8") == derived, "see the diff after --update"


def _said(kind: Any, records: dict[str, Any]) -> dict[str, Any]:
    """What the schema has to say of a field's type; of a struct only where it stands, with itself among records."""
    if kind in PLAIN:
        return {"type": PLAIN[kind]}
    arguments = get_args(kind)
    match get_origin(kind):
        case origin if origin is Literal:
            return {"enum": list(arguments)}
        case origin if origin is tuple and arguments[1:] == (Ellipsis,):
            return {"type": "array", "items": _said(arguments[0], records)}
        case origin if origin is tuple:
            count = len(arguments)
            return {"type": "array", "items": _said(arguments[0], records), "minItems": count, "maxItems": count}
        case origin if origin in (types.UnionType, Union):
            return {"anyOf": [_said(inner, records) for inner in arguments]}
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
    if name not in records:
        hints = get_type_hints(kind)
        fields = list(kind.__struct_fields__)
        records[name] = {
            "type": "object",
            "additionalProperties": False,
            "required": fields,
            "properties": {field: _said(hints[field], records) for field in fields},
        }
    return {"$ref": f"#/$defs/{name}"}


def _written(value: object, indent: int = 0, lead: int = 0) -> str:
    """JSON with whatever has room on one line there."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, Mapping | list) or not value or indent + lead + len(flat) <= WIDTH:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        rows = [inner + _written(row, indent + 2, 1) for row in value]
        return "[\n" + ",\n".join(rows) + "\n" + " " * indent + "]"
    names = {json.dumps(name): row for name, row in value.items()}
    rows = [f"{inner}{name}: {_written(row, indent + 2, len(name) + 3)}" for name, row in names.items()]
    return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
