"""A document with every field in it, made from its schema."""

from __future__ import annotations

from typing import Any, Final

from jsonschema import Draft202012Validator

TEXTS: Final = (
    "a",
    "A",
    "a.b",
    "/a",
    "50113",
    "curl a",
    "https://a",
    "okx-doctor explain",
    "2026-11-22T13:54:07.000Z",
    f"{'A' * 43}=",
)
"""Texts of which each that a schema asks for takes the first that fits."""


def sampled(schema: dict[str, Any]) -> Any:
    """A valid document with each field, one item in each array, and null nowhere that anything else may be."""
    made = _value(schema, schema)
    Draft202012Validator(schema).validate(made)
    return made


def _value(node: dict[str, Any], root: dict[str, Any]) -> Any:
    if "$ref" in node:
        return _value(root["$defs"][node["$ref"].rpartition("/")[2]], root)
    if "const" in node:
        return node["const"]
    if "enum" in node:
        return next(value for value in node["enum"] if value is not None)
    for several in ("oneOf", "anyOf"):
        if several in node:
            return _value(next(one for one in node[several] if one != {"type": "null"}), root)
    kinds = [node["type"]] if isinstance(node["type"], str) else node["type"]
    match next(kind for kind in kinds if kind != "null"):
        case "object":
            made = {name: _value(inner, root) for name, inner in node.get("properties", {}).items()}
            if isinstance(every := node.get("additionalProperties"), dict):
                made |= {name: _value(every, root) for name in _names(node.get("propertyNames", {}), root)}
            return made
        case "array" if "prefixItems" in node:
            return [_value(one, root) for one in node["prefixItems"]]
        case "array":
            return [_value(node["items"], root)] * max(1, node.get("minItems", 1))
        case "string":
            return next(text for text in TEXTS if Draft202012Validator(node).is_valid(text))
        case "boolean":
            return True
        case number:
            assert number in ("integer", "number")
            return node.get("minimum", 1)


def _names(node: dict[str, Any], root: dict[str, Any]) -> list[str]:
    while "$ref" in node:
        node = root["$defs"][node["$ref"].rpartition("/")[2]]
    names: list[str] = node.get("enum", ["a"])
    return names
