"""Templates that may have been signed before they were filled in, while the filled text was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations, product
from typing import Final

from okx_doctor.forensics.search.parts import Subject, Variant, utf8
from okx_doctor.forensics.variants import queries

_STYLES: Final = (
    "{{%s}}",
    "${%s}",
    "{%s}",
    "$%s",
    ":%s",
    "<%s>",
    "%%%s%%",
    "{{ %s }}",
    "$(%s)",
    "[%s]",
    "<%%= %s %%>",
    "#{%s}",
)
"""Postman and Insomnia, JavaScript and shells, Python's format and OpenAPI, shells, Express, prose, cmd, Jinja …"""
_PLAIN: Final = ("{}", "%s", "{0}", "%d", "%v", "?", "{1}")
_OTHER_NAMES: Final = {
    "instId": ("inst", "symbol", "instrument", "pair", "inst_id", "instrumentId"),
    "ccy": ("currency", "coin", "symbol"),
    "sz": ("size", "amount", "qty", "quantity"),
    "px": ("price",),
    "ordId": ("orderId", "order_id", "id"),
    "clOrdId": ("clientOrderId", "client_order_id", "cl_ord_id"),
    "instType": ("type", "inst_type"),
    "ordType": ("type", "orderType", "order_type"),
    "tdMode": ("mode", "td_mode"),
}
_KEY_NAMES: Final = (
    *("secret_key", "secretKey", "secret", "api_secret", "apiSecret", "API_SECRET", "SECRET_KEY", "OKX_SECRET_KEY"),
    *(
        "okx_secret_key",
        "OKX_API_SECRET",
        "okx_api_secret",
        "SECRET",
        "OKX_SECRET",
        "api_secret_key",
        "okxSecretKey",
        "secretkey",
    ),
)
_PLACE: Final = re.compile(
    r"\{\{\s?[\w.-]{1,60}\s?\}\}|[$#]\{[\w.-]{1,60}\}|\{[A-Za-z_]\w{0,60}\}|\{\d?\}|\$\([\w.]{1,60}\)|\$[A-Za-z_]\w{1,60}"
    r"|%[sdv]|<%=\s?[\w.-]{1,60}\s?%>|%[A-Z_]{2,60}%|:[A-Za-z_]\w{0,60}",
    re.ASCII,
)
_BEGINS: Final = re.compile(r"[{$#%<:]")
"""A sign at the beginning of every place, the one of percent-encoding among them."""
_IN_BODY: Final = re.compile(
    rb"\{\{\s?[\w.-]{1,60}\s?\}\}|[\":]\s?[$#]\{[\w.-]{1,60}\}|\"\{[A-Za-z_]\w{0,60}\}\"|\"%[sdv]\"|\"\{\}\""
)
_IN_PATH: Final = re.compile(
    r"/(?:\{[\w.-]{0,60}\}|\{\{[\w .-]{1,60}\}\}|[$#]\{[\w.-]{1,60}\}|:[A-Za-z_]\w{0,60}|%[sdv])(?=/|$)"
)
_FIELD: Final = re.compile(rb'"(\w{1,60})"(\s?:\s?)("(?:[^"\\\\]|\\\\.)*+"|-?[\d.]+|true|false)')
_RANK: Final = 0
"""None is combined with further mistakes: whoever signs a template does nothing else in an unusual way."""
_MOST_FILLED: Final = 8
_MOST_BODY: Final = 65536


def is_place(value: str) -> bool:
    """Whether a whole value is a place to fill in."""
    return _PLACE.fullmatch(value) is not None


def may_be_in(query: str) -> bool:
    """Whether a value in a query may be one."""
    return _BEGINS.search(query) is not None


def in_body(body: bytes) -> bool:
    """Whether a body holds one."""
    return len(body) <= _MOST_BODY and _IN_BODY.search(body) is not None


def in_path(path: str) -> bool:
    """Whether a part of a path is one."""
    return _IN_PATH.search(path) is not None


def _names(name: str) -> tuple[str, ...]:
    return (name, *_OTHER_NAMES.get(name, ()))


def _places(name: str) -> Iterator[str]:
    """Each text that may be written for a value of this name."""
    for style in _STYLES:
        yield from (style % known for known in _names(name))
    yield from _PLAIN


def query(subject: Subject) -> Iterator[Variant]:
    """A place to fill in for one value of the query, or one of the same style for each."""
    found = queries.parameters(subject.query)
    pairs = [one.partition("=") for one in found]
    if not 0 < len(pairs) <= _MOST_FILLED:
        return
    for at, (name, sign, _) in enumerate(pairs):
        for text in _places(name) if sign else ():
            kept = [f"{name}={text}" if nth == at else one for nth, one in enumerate(found)]
            yield Variant(queries.joined(kept), f"{name}={text}", _RANK)
    for count in range(2, len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), count):
            for style in (*_STYLES, *_PLAIN):
                kept = [
                    f"{name}={style % name if style in _STYLES else style}" if at in chosen else one
                    for at, (one, (name, _, _)) in enumerate(zip(found, pairs, strict=True))
                ]
                yield Variant(queries.joined(kept), kept[chosen[0]] + " and others", 1)


def body(subject: Subject) -> Iterator[Variant]:
    """A place to fill in for one value of the JSON, in its quotes or without them, or one for each of some."""
    if subject.body[:1] not in (b"{", b"[") or len(subject.body) > _MOST_BODY:
        return
    found = [*_FIELD.finditer(subject.body)][:16]
    for field in found:
        name = field[1].decode()
        for text in _places(name):
            for written in (f'"{text}"', text):
                yield Variant(_filled(subject.body, [(field, written)]), f"{name} as {text}", _RANK)
    for one, other in combinations(found[:_MOST_FILLED], 2):
        for style, left, right in product(_STYLES[:3], _names(one[1].decode()), _names(other[1].decode())):
            made = [(one, f'"{style % left}"'), (other, f'"{style % right}"')]
            yield Variant(_filled(subject.body, made), f"{style % left} and {style % right}", _RANK)
    for style in _STYLES[:4]:
        made = [(field, f'"{style % field[1].decode()}"') for field in found]
        yield Variant(_filled(subject.body, made), "every value", _RANK)


def _filled(body: bytes, places: list[tuple[re.Match[bytes], str]]) -> bytes:
    at, parts = 0, []
    for field, text in places:
        parts += [body[at : field.start(3)], utf8(text)]
        at = field.end(3)
    return b"".join((*parts, body[at:]))


def path(subject: Subject) -> Iterator[Variant]:
    """A place to fill in for the last part of the path, or the version in it."""
    head, slash, last = subject.path.rpartition(b"/")
    if not head or not slash:
        return
    name = last.decode("utf-8", "replace")
    for style in (*_STYLES[:5], *_PLAIN[:2]):
        for known in ("path", "endpoint", "id", name) if "%s" in style and style != "%s" else ("",):
            text = style % known if known else style
            yield Variant(head + b"/" + utf8(text), text, 1)
    for text in (
        "{{path}}",
        "${path}",
        "{path}",
        "{endpoint}",
        "${endpoint}",
        "{{endpoint}}",
        "{requestPath}",
        "${requestPath}",
        "{{requestPath}}",
        "{request_path}",
    ):
        yield Variant(utf8(text), f"{text} for the whole", _RANK)


def key(subject: Subject) -> Iterator[Variant]:
    """A place to fill in used as the key."""
    for style in _STYLES:
        for name in _KEY_NAMES:
            yield Variant(utf8(style % name), style % name, _RANK)
