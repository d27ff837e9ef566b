"""A second, plain way to sign under a mistake: what the search is measured against."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import cast

from okx_doctor.forensics.search.parts import Axis, Recipe, Separator, Subject, Value

SLOTS = ("timestamp", "method", "path", "query", "body")


def digest(subject: Subject, values: Mapping[Axis, Value]) -> bytes:
    """The digest that comes of these values in place of the right ones."""
    text = _text(subject, values)
    key = cast(bytes, values.get("key", subject.keys.secret.encode()))
    algorithm = cast(str, values.get("hash", "sha256"))
    manner = values.get("arguments", "hmac")
    recipe = values.get("recipe")
    if isinstance(recipe, Recipe):
        key, algorithm, manner = recipe.key or key, recipe.algorithm, recipe.manner
    if manner == "hmac":
        return hmac.new(key, text, algorithm).digest()
    if manner == "swapped":
        return hmac.new(text, key, algorithm).digest()
    if manner == "digest first":
        return hmac.new(key, hashlib.sha256(text).digest(), algorithm).digest()
    if manner == "hex digest first":
        return hmac.new(key, hashlib.sha256(text).hexdigest().encode(), algorithm).digest()
    hashed = {"plain": text, "secret first": key + text, "secret last": text + key}[cast(str, manner)]
    return hashlib.new(algorithm, hashed).digest()


def _text(subject: Subject, values: Mapping[Axis, Value]) -> bytes:
    recipe = values.get("recipe")
    layout = recipe.layout if isinstance(recipe, Recipe) else cast(tuple[object, ...], values.get("order", SLOTS))
    separator = values.get("separator")
    parts = [_part(item, subject, values) for item in layout]
    if not isinstance(separator, Separator):
        return b"".join(parts)
    if separator.where == "end":
        return b"".join(parts) + separator.text
    joined: list[bytes] = []
    for item, part in zip(layout, parts, strict=True):
        if item == "query" and joined:
            joined[-1] += part  # path and query are one part
        else:
            joined.append(part)
    if separator.where == "between":
        joined = [part for part in joined if part]
    return separator.text.join(joined)


def _part(item: object, subject: Subject, values: Mapping[Axis, Value]) -> bytes:
    if isinstance(item, bytes):
        return item
    slot = cast(Axis, item)
    return cast(bytes, values[slot]) if slot in values else cast(bytes, getattr(subject, slot))
