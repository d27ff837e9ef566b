"""The redactor of a run: it knows the credentials, and where the product's own words stand.

Values are masked before anything is judged or rendered: what holds nothing secret needs no care afterwards, and a
finished document is never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, get_args, get_type_hints

from okx_doctor.credentials.load import Credentials
from okx_doctor.names import shown
from okx_doctor.observations import ADDRESS, FOREIGN
from okx_doctor.secret import Redactor, Secret

_OF_THE_PRODUCT: Final = (".py", ".json", ".css", ".md")

T = TypeVar("T")


def redactor(credentials: Credentials) -> Redactor:
    """The redactor that knows these credentials."""
    return redactor_of(credentials.secrets())


def redactor_of(secrets: Iterable[Secret]) -> Redactor:
    """The redactor that knows these values."""
    return Redactor(secrets, own_texts)


@cache
def own_texts() -> str:
    """The product's own texts. Read only where a secret seems to be a word of them."""
    package = Path(__file__).parent
    return "\n".join(path.read_text("utf-8") for path in package.rglob("*") if path.suffix in _OF_THE_PRODUCT)


def masked(value: T, redact: Redactor) -> T:
    """An observation without what is secret in its fields of foreign text; the product's own words stay."""
    if not is_dataclass(value) or isinstance(value, type):
        return value
    hints = _hints(type(value))
    return replace(
        value, **{part.name: _masked(getattr(value, part.name), hints[part.name], redact) for part in fields(value)}
    )


def _masked(value: Any, hint: Any, redact: Redactor) -> Any:
    if is_dataclass(value):
        return masked(value, redact)
    marks = getattr(hint, "__metadata__", ())
    if FOREIGN in marks:
        return shown(redact.told(value))
    if ADDRESS in marks:
        return redact.told(value)
    if isinstance(value, tuple) and value:
        parts = get_args(hint)
        of_each = parts[:1] * len(value) if parts[-1:] == (...,) else parts
        return tuple(_masked(item, part, redact) for item, part in zip(value, of_each, strict=True))
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)
