"""Parsers of clients that found something else than JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting

_NO_JSON: Final = (
    "Expecting value: line 1 column 1",
    "Unexpected token <",
    "Unexpected token '<'",
    "invalid character '<' looking for beginning of value",
    "'<' is an invalid start of a value",
    "Unexpected character ('<'",
    "Unexpected character encountered while parsing value: <",
    "Expected BEGIN_OBJECT but was STRING at line 1",
    "unexpected mimetype: text/html",
    "Unexpected end of JSON input",
    "expected value at line 1 column 1",
)
"""Of Python, JavaScript, Go, .NET, Java's Jackson and Gson, aiohttp and Rust's serde."""


def not_json(paste: Paste) -> Iterator[Sighting]:
    """A parser that stumbled over the first character of the answer."""
    for words in _NO_JSON:
        at = paste.text.find(words)
        if at >= 0 and paste.about_okx:
            yield Sighting(code="", channel="edge", kind="no-json", form="parser error", at=at)
