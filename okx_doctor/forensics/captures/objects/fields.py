"""A value of an object as text: its address, its headers in any shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from okx_doctor.forensics.captures.literals import LeftOut, Value
from okx_doctor.forensics.captures.objects.names import BASE, URL
from okx_doctor.protocol.scheme import OKX

Pairs = list[tuple[str, str]]
_LINES: Final = re.compile(r"\r?\n")


def first_of(value: Mapping[str, Value], names: Iterable[str]) -> Value:
    """The first of these fields that an object has."""
    return next((value[name] for name in names if value.get(name) is not None), None)


def text_of(value: Value) -> str:
    """A value as text; empty for anything else."""
    return (
        value.decode("utf-8", "surrogateescape")
        if isinstance(value, bytes)
        else value
        if isinstance(value, str)
        else ""
    )


def address_of(value: Mapping[str, Value]) -> str:
    """The address, its base included; without parameters given apart."""
    given = first_of(value, URL)
    if isinstance(given, dict):
        whole = first_of(given, ("raw", "href", "full", "url"))
        if whole is None and "path" in given:  # Rust's Url, as reqwest prints it
            query = text_of(given.get("query"))
            return address_of(given) + (f"?{query}" if query else "")
        given = whole
    url = text_of(given)
    if not url and isinstance(path := value.get("path"), str):
        host = text_of(value.get("host")) or text_of(value.get("hostname"))
        scheme = text_of(value.get("protocol") or value.get("scheme")).rstrip(":/") or "https"
        port = text_of(value.get("port"))
        origin = text_of(value.get("origin")) or (f"{scheme}://{host}" if host else "")
        return origin + (f":{port}" if port and not value.get("origin") and ":" not in host else "") + path
    base = text_of(first_of(value, BASE))
    if base and not re.match(r"\w+://|//", url):
        return f"{base.rstrip('/')}/{url.lstrip('/')}" if url else base
    return url


def pairs_of(headers: Value) -> Pairs:
    """Headers in any shape: by name, in pairs, one after another, as objects of name and value, as text."""
    match headers:
        case str():
            split = (line.partition(":") for line in _LINES.split(headers) if ":" in line)
            return [(name.strip(), text.strip()) for name, _, text in split]
        case dict():
            inner = next((each for name, each in headers.items() if name.startswith("[Symbol(") and each), None)
            if isinstance(inner, dict | list) and not any(not name.startswith("[") for name in headers):
                return pairs_of(inner)
            listed = headers.get("headers")
            if isinstance(listed, list):
                return pairs_of(listed)
            found: Pairs = []
            for name, each in headers.items():
                if name == "common" and isinstance(each, dict):
                    found += pairs_of(each)
                else:
                    found += [(name, text) for text in _texts(each, name)]
            return found
        case list():
            return _listed(headers)
    return []


def _texts(value: Value, name: str) -> list[str]:
    """The values of one header."""
    if isinstance(value, list):
        return [text_of(one) for one in value]
    if isinstance(value, dict):  # undici's: each with its name as it was given
        return [text_of(value["value"])] if "value" in value else []
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, LeftOut) and name.lower().startswith(OKX.prefix.lower()):
        return [f"[{value.strip('[]<>')}]"]
    return [] if value is None or isinstance(value, LeftOut) else [text_of(value)]


def _listed(headers: list[Value]) -> Pairs:
    if all(isinstance(one, str | bytes) for one in headers):
        texts = [text_of(one) for one in headers]
        if all(": " in text or text.endswith(":") for text in texts):
            return pairs_of("\n".join(texts))
        return list(zip(texts[::2], texts[1::2], strict=False))
    found: Pairs = []
    for one in headers:
        match one:
            case [name, value]:
                found.append((text_of(name), text_of(value)))
            case dict() if one.get("disabled") is not True and one.get("enabled") is not False:
                if name := text_of(first_of(one, ("name", "key"))):
                    found.append((name, text_of(one.get("value"))))
    return found
