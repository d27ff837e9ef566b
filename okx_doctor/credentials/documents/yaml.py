"""YAML as PyYAML reads it, that is YAML 1.1, beside what is written: ``0123`` is the number 83 there.

https://yaml.org/type/ has the types that a scalar without quotes may turn into.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import yaml

from okx_doctor.credentials import shapes
from okx_doctor.credentials.documents import nodes
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange, find_escape
from okx_doctor.secrets.secret import Secret

_TYPES: Final[Mapping[str, str]] = {
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:timestamp": "a date",
}
_NULL: Final = "tag:yaml.org,2002:null"


def leaves(text: str, named: str) -> list[Leaf]:
    """Every scalar of the document. Raises ``UnusableFile`` that begins with ``named``."""
    try:
        return nodes.leaves(yaml.compose(text, yaml.SafeLoader), text, named, _read)
    except yaml.MarkedYAMLError as error:  # its text quotes the line; only the place is taken from it
        mark = error.problem_mark or error.context_mark
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UnusableFile(f"{named} is not YAML{where}; a text stands in single quotes") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnusableFile(f"{named} is not YAML: a control character on line {line}") from None
    except RecursionError:
        raise UnusableFile(f"{named} is nested too deeply") from None


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f"{key}: '…'"


def _read(scalar: yaml.ScalarNode, raw: str, rest: str) -> nodes.Reading:
    if scalar.style == '"':
        return scalar.value, find_escape(raw, scalar.value)
    if scalar.style is not None:
        return scalar.value, None
    if scalar.tag == _NULL and raw.lower() in ("", "~", "null"):
        return "", None
    text, kind = _loaded(scalar)
    if text != raw:
        what = (
            f"is not quoted, so YAML 1.1 (PyYAML) reads {kind} and not text"
            if kind
            else "is not quoted, so YAML 1.1 (PyYAML) alters it"
        )
        return text, LoaderChange(character="", what=what, meant=Secret(raw))
    if re.match(r"[ \t]+#", rest) and shapes.shape(raw) not in ("uuid", "hex32"):
        what = "is not quoted, so YAML takes everything from # on for a comment"
        meant = Secret((raw + rest).rstrip())
        return text, LoaderChange(
            character="#", what=what, meant=meant, suspected=re.match(r"\s+#[^\s#]", rest) is not None
        )
    return text, None


def _loaded(scalar: yaml.ScalarNode) -> tuple[str, str]:
    """A plain scalar as a Python program has it once it is text, and what type it turned into."""
    kind = _TYPES.get(scalar.tag, "")
    if not kind:
        return scalar.value, ""
    try:
        return str(yaml.constructor.SafeConstructor().construct_object(scalar)), kind
    except (ValueError, OverflowError):  # an impossible date, a number too long or too great
        return scalar.value, ""
