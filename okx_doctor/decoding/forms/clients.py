"""Messages of clients that no answer of OKX's reached: no JSON, or a request that was not sent."""

from __future__ import annotations

import re
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

_MISSING: Final = re.compile(
    r"requires [\"'`](?:apiKey|secret|password|uid)[\"'`]|No credentials provided for private endpoint"
)

def not_json(paste: Paste) -> Iterator[Sighting]:
    """A parser that stumbled over the first character of the answer."""
    for words in _NO_JSON:
        at = paste.text.find(words)
        if at >= 0 and paste.about_okx:
            yield Sighting(code="", channel="edge", kind="no-json", form="parser error", at=at)


def refusals_of_clients(paste: Paste) -> Iterator[Sighting]:
    """A client that sent nothing because it was given no credential (ccxt: the passphrase is called password)."""
    found = _MISSING.search(paste.text)
    if found is not None and paste.about_okx and not paste.of_another_exchange(found.start()):
        yield Sighting(code="", channel="edge", kind="refused-by-client", form="client error", at=found.start())
