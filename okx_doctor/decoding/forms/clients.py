"""Words of clients without an answer of OKX's: no JSON, a request that was not sent, a connection that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.forms.failing import connection_failures
from okx_doctor.decoding.forms.refusing import refusals
from okx_doctor.decoding.forms.windows import telling_windows
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


def without_an_answer(paste: Paste) -> Iterator[Sighting]:
    """Clients that would not send, and those that no answer reached."""
    if paste.about_okx:
        windows = telling_windows(paste.text)
        yield from refusals(paste, windows)
        yield from connection_failures(paste, windows)
