"""The JSON Schema of every document that commands print, made from the type that the document is written from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, get_args, get_type_hints

from msgspec import Struct
from msgspec.json import schema_components

from okx_doctor.model import CHECK_ID, Report
from okx_doctor.observations import KINDS
from okx_doctor.protocol.sites import SITE_IDS

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE: Final = "#/$defs/"

Node = dict[str, Any]


class Document(Struct, frozen=True, kw_only=True):
    """A document: the type that it is written from, and its title for people.

    ``identifier`` is the schema's own, where it is not the document's name.
    """

    record: type[Struct]
    title: str
    description: str = ""
    identifier: str = ""

    @property
    def name(self) -> str:
        """The value of its field ``schema``."""
        tag = self.record.__struct_config__.tag
        return str(tag or get_args(get_type_hints(self.record)["schema"])[0])


@cache
def documents() -> Mapping[str, Document]:
    """Every document by the name that it has in its field ``schema``."""
    from okx_doctor.forensics.signers import ConformanceSet
    from okx_doctor.report.decoding import Decoding
    from okx_doctor.report.env_files import EnvComparison
    from okx_doctor.report.inspection import InspectionDocument
    from okx_doctor.report.listening import ListenedLine
    from okx_doctor.report.running import RunEnded
    from okx_doctor.report.signer_test import SignerTest
    from okx_doctor.report.signing import Signing

    rows = (
        Document(record=Decoding, title="What okx-doctor decode --format json prints"),
        Document(record=EnvComparison, title="What okx-doctor env --format json prints"),
        Document(
            record=ConformanceSet,
            title="Published signatures of OKX's v5 API, as okx-doctor test-signer --export writes them",
        ),
        Document(record=InspectionDocument, title="What okx-doctor inspect says of captured requests"),
        Document(
            record=ListenedLine,
            title="One line of what okx-doctor listen says: a request, a WebSocket login or message, or what was "
            "neither",
        ),
        Document(
            record=RunEnded,
            title="The last line of what okx-doctor run says: how the command ended, and what was not let out",
        ),
        Document(
            record=Report,
            title="okx-doctor check --format json",
            description="The report of one run. Causes come in the order to fix them; every check appears, skipped "
            "ones too, with the reason. No field holds a credential or anything derived from one.",
            identifier="urn:okx-doctor:report:1",
        ),
        Document(record=SignerTest, title="What okx-doctor test-signer says of a signer"),
        Document(record=Signing, title="What okx-doctor sign prints as JSON"),
    )
    return {row.name: row for row in rows}


def names() -> tuple[str, ...]:
    """The names of all documents, in alphabetical order."""
    return tuple(sorted(documents()))


def render_schema(name: str) -> str:
    """The schema of the document of that name, as JSON. Raises ``KeyError`` for a name that no document has."""
    document = documents()[name]
    head = {"$schema": _DIALECT, "$id": document.identifier or name, "title": document.title}
    said = {"description": document.description} if document.description else {}
    made = _report() if document.record is Report else described(document.record)
    return json.dumps({**head, **said, **made}, indent=2, ensure_ascii=False) + "\n"


def _report() -> Node:
    """The schema of a report, with what its type leaves open: the sites, the checks and what they observe."""
    made = described(Report, *KINDS.values())
    parts = made["$defs"]
    parts["TargetSummary"]["properties"]["site"] = {"enum": [*SITE_IDS, "custom"]}
    parts["Cause"]["properties"]["checks"] = {
        "type": "array",
        "items": {"type": "string", "pattern": CHECK_ID},
        "minItems": 1,
        "uniqueItems": True,
    }
    parts["DialectsDiffer"]["properties"]["others"]["description"] = (
        "Each loader that makes another value of the line, and what it does otherwise."
    )
    parts["CheckResult"]["properties"]["observations"] = {
        "description": "What a check measured: the input of okx-doctor diagnose. One array per kind, as "
        "okx_doctor/observations.py defines them.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: {"type": "array", "items": {"$ref": f"{_REFERENCE}{kind.__name__}"}, "minItems": 1}
            for name, kind in KINDS.items()
        },
    }
    return made


def described(record: type[Struct], *beside: type[Struct]) -> Node:
    """The schema of a record as it is written: every field is there, save one that may be ``UNSET``, and no other.

    The records ``beside`` it are among its definitions. Raises ``TypeError`` for a field of a type that is not written,
    such as ``Secret``.
    """
    ((whole, *_), parts) = schema_components(
        (record, *beside), schema_hook=_of_anything, ref_template=f"{_REFERENCE}{{name}}"
    )
    listed = {_REFERENCE + name: part["enum"] for name, part in parts.items() if "enum" in part}
    written = {name: _written(part, listed) for name, part in parts.items() if _REFERENCE + name not in listed}
    top = written.pop(whole["$ref"].removeprefix(_REFERENCE))
    top.pop("description", None)
    return {**top, **({"$defs": written} if written else {})}


def _of_anything(kind: type) -> Node:
    """The schema of ``object``, which takes any JSON. Every other type that msgspec does not know stays unknown."""
    if kind is not object:
        raise NotImplementedError
    return {"description": "Any JSON."}


def _written(node: Any, listed: Mapping[str, list[str]]) -> Any:
    """A part of a schema that msgspec made for reading, as what is written: closed, with each value where it is used.

    ``listed`` are the values of enumerations by the reference to them.
    """
    if isinstance(node, list):
        return [_written(one, listed) for one in node]
    if not isinstance(node, dict):
        return node
    if node.get("$ref") in listed:
        return _written({"enum": listed[node["$ref"]]} | _without(node, "$ref"), listed)
    if len(node.get("enum", ())) == 1:
        return _without(node, "enum") | {"const": node["enum"][0]}
    if "properties" in node:
        fields: Node = node["properties"]
        said = {"description": _plain(node["description"])} if "description" in node else {}
        return {
            **said,
            "type": "object",
            "additionalProperties": False,
            "required": [name for name, field in fields.items() if name in node["required"] or "default" in field],
            "properties": {name: _written(_without(field, "default"), listed) for name, field in fields.items()},
        }
    match node.get("anyOf"):
        case [alone, {"type": "null"}] if "$ref" not in (one := _written(alone, listed)):
            return _without(node, "anyOf") | _or_null(one)
    return {name: _written(one, listed) for name, one in node.items()}


def _or_null(node: Node) -> Node:
    """The schema of a value that is not an object, where null may be in its place."""
    kinds = {"type": [node["type"], "null"]} if "type" in node else {}
    listed = node.get("enum", [node["const"]] if "const" in node else [])
    return _without(node, "const") | kinds | ({"enum": [*listed, None]} if listed else {})


def _without(node: Node, name: str) -> Node:
    return {key: value for key, value in node.items() if key != name}


def _plain(docstring: str) -> str:
    """A record's docstring for readers of JSON."""
    return " ".join(docstring.replace("``None``", "null").replace("``", "`").split())
