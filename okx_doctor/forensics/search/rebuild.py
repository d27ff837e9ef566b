"""A hypothesis made into a signature the plain way, from the parts up: what makes ``proven`` true.

The search shares states, prefixes and undone encodings; none of that is used here.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import cast

from okx_doctor.forensics.search.encodings import TextForm
from okx_doctor.forensics.search.parts import (
    OKX_LAYOUT,
    Axis,
    HmacVariant,
    Hypothesis,
    Layout,
    Recipe,
    Separator,
    Subject,
    Value,
)
from okx_doctor.forensics.variants.layouts import arranged
from okx_doctor.protocol import signing
from okx_doctor.protocol.scheme import OKX


def message(subject: Subject, hypothesis: Hypothesis) -> bytes:
    """The text that was hashed under these mistakes."""
    chosen = _chosen(hypothesis)
    recipe = chosen.get("recipe")
    layout = recipe.layout if isinstance(recipe, Recipe) else cast(Layout, chosen.get("order", OKX_LAYOUT))
    separator = chosen.get("separator")
    if isinstance(separator, Separator):
        layout = arranged(layout, separator, subject)
    parts = [item if isinstance(item, bytes) else chosen.get(item, subject.part(item)) for item in layout]
    return b"".join(cast(list[bytes], parts))


def signature(subject: Subject, hypothesis: Hypothesis, form: TextForm) -> str:
    """The header's text under these mistakes."""
    text = message(subject, hypothesis)
    key, algorithm, manner = way(subject, hypothesis)
    if (key, algorithm, manner) == (_utf8(subject.keys.secret), OKX.digest, "hmac") and not form.cause:
        return signing.sign(subject.keys.secret, text)
    return form.write(digest(text, key, algorithm, manner))


def digest(text: bytes, key: bytes, algorithm: str, manner: HmacVariant) -> bytes:
    """The digest, by Python's own ``hmac`` and ``hashlib`` in one call."""
    match manner:
        case "hmac":
            return hmac.digest(key, text, algorithm)
        case "swapped":
            return hmac.digest(text, key, algorithm)
        case "digest first":
            return hmac.digest(key, hashlib.sha256(text).digest(), algorithm)
        case "hex digest first":
            return hmac.digest(key, hashlib.sha256(text).hexdigest().encode(), algorithm)
        case "plain":
            hashed = text
        case "secret first":
            hashed = key + text
        case "secret last":
            hashed = text + key
    return hashlib.new(algorithm, hashed, usedforsecurity=False).digest()


def reproduces(subject: Subject, hypothesis: Hypothesis, form: TextForm) -> bool:
    """Whether these mistakes make the very signature that was sent."""
    return signature(subject, hypothesis, form) == subject.signature


def _chosen(hypothesis: Hypothesis) -> Mapping[Axis, Value]:
    return {choice.axis: choice.value for choice in hypothesis}


def way(subject: Subject, hypothesis: Hypothesis) -> tuple[bytes, str, HmacVariant]:
    """The key, the hash and how key and text met under these mistakes."""
    chosen = _chosen(hypothesis)
    key = chosen.get("key", _utf8(subject.keys.secret))
    algorithm, manner = chosen.get("hash", OKX.digest), chosen.get("arguments", "hmac")
    recipe = chosen.get("recipe")
    if isinstance(recipe, Recipe):
        key, algorithm, manner = recipe.key if recipe.key is not None else key, recipe.algorithm, recipe.manner
    return cast(bytes, key), cast(str, algorithm), cast(HmacVariant, manner)


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
