"""Texts as languages write them into JSON, and into what they print of a structure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Final


def ascii_text(text: str) -> str:
    return json.dumps(text)


def raw_text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _replacing(write: Callable[[str], str], table: Mapping[str, str]) -> Callable[[str], str]:
    mapping = str.maketrans(dict(table))
    return lambda text: f'"{write(text)[1:-1].translate(mapping)}"'


_SEPARATORS: Final = {"\u2028": "\\u2028", "\u2029": "\\u2029"}
_SLASH: Final = {"/": "\\/"}
go_text = _replacing(raw_text, {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", **_SEPARATORS})
gson_text = _replacing(
    raw_text, {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "=": "\\u003d", "'": "\\u0027", **_SEPARATORS}
)
php_text = _replacing(ascii_text, _SLASH)
php_unicode_text = _replacing(raw_text, {**_SLASH, **_SEPARATORS})
slashed_text = _replacing(raw_text, _SLASH)


def dotnet_text(text: str) -> str:
    """As System.Text.Json writes by default: escapes in capitals, and those of HTML's characters."""
    short = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\\": "\\\\"}
    out = []
    for char in text:
        if char in short:
            out.append(short[char])
        elif 32 <= ord(char) < 127 and char not in "\"&'+<>`":
            out.append(char)
        else:
            raw = char.encode("utf-16-be", "surrogatepass").hex().upper()
            out += [f"\\u{raw[at : at + 4]}" for at in range(0, len(raw), 4)]
    return f'"{"".join(out)}"'


def bare(text: str) -> str:
    return text


def ruby_text(text: str) -> str:
    return raw_text(text).replace("#{", "\\#{")


def single_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def inspected_key(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z_$][\w$]*", text) else single_quoted(text)
