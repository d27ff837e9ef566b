"""Takes the credentials out of what was measured, before it is judged. Pure."""

from __future__ import annotations

import sys
from functools import cache
from inspect import get_annotations
from types import SimpleNamespace
from typing import Any, TypeVar, get_args, get_type_hints

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.observations import ADDRESS, FOREIGN
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import Redactor

T = TypeVar("T")


def masked(value: T, redact: Redactor) -> T:
    """An observation without what is secret in its fields of foreign text; the product's own words stay."""
    if not isinstance(value, Struct):
        return value
    hints = _hints(type(value))
    return replace(
        value, **{name: _masked(getattr(value, name), hints[name], redact) for name in value.__struct_fields__}
    )


def _masked(value: Any, hint: Any, redact: Redactor) -> Any:
    if isinstance(value, Struct):
        return masked(value, redact)
    marks = getattr(hint, "__metadata__", ())
    if FOREIGN in marks:
        return visible_name(redact.told(value))
    if ADDRESS in marks:
        return redact.told(value)
    if isinstance(value, tuple) and value:
        parts = get_args(hint)
        of_each = parts[:1] * len(value) if parts[-1:] == (...,) else parts
        return tuple(_masked(item, part, redact) for item, part in zip(value, of_each, strict=True))
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return {
        name: _hint(annotation, base.__module__)
        for base in reversed(kind.__mro__)
        for name, annotation in get_annotations(base).items()
    }


@cache
def _hint(annotation: str, module: str) -> Any:
    """The type that an annotation names. Few are written in many fields, and to compile one takes long."""
    field = SimpleNamespace(__annotations__={"field": annotation})
    return get_type_hints(field, vars(sys.modules[module]), include_extras=True)["field"]
