"""Clients that threw before anything was sent: over a header's value, a missing key, a missing credential."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.forms.windows import Windows
from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting

_SAID: Final[tuple[tuple[str, str], ...]] = (
    ("header without a value", "Header value must be str or bytes, not <class 'NoneType'>"),
    ("header without a value", "Header part (None)"),
    ("header without a value", "Cannot serialize non-str key None"),
    ("header without a value", 'Invalid value "undefined" for header'),
    ("header without a value", 'Invalid value "null" for header'),
    ("header without a value", "ERR_HTTP_INVALID_HEADER_VALUE"),
    ("header without a value", "NullPointerException: value"),
    ("header without a value", "is null: method okhttp3.Request$Builder"),
    ("header without a value", "is null: method okhttp3.Headers"),
    ("key without a value", "key: expected bytes or bytearray, but got 'NoneType'"),
    ("key without a value", 'The "key" argument must be of type string or an instance of'),
    ("key without a value", 'Cannot invoke "String.getBytes'),
    ("key without a value", "IllegalArgumentException: Empty key"),
    ("key without a value", "IllegalArgumentException: Missing argument"),
    ("key without a value", "hash_hmac(): Argument #3"),
    ("key without a value", "hash_hmac(): Passing null to parameter #3"),
    ("key without a value", "Value cannot be null. (Parameter 'key')"),
    ("key without a value", "String reference not set to an instance of a String"),
    ("nothing where text belongs", "'NoneType' object has no attribute 'encode'"),
    ("nothing where text belongs", "expected string or bytes-like object, got 'NoneType'"),
    ("nothing where text belongs", "no implicit conversion of nil into String"),
    ("header value whitespace", "invalid header field value for "),
    ("header value whitespace", "cannot include CR/LF"),
    ("header value whitespace", "Newline, carriage return, or null byte detected in headers"),
    ("header value whitespace", "Forbidden control character detected in headers"),
    ("header value whitespace", "New-line characters are not allowed in header values"),
    ("header value whitespace", "may not contain more than a single header, new line detected"),
    ("header value whitespace", "Specified value has invalid Control characters"),
    ("header value characters", "to a ByteString because"),
    ("header value characters", "must contain only ASCII characters"),
    ("header value", "return character(s) in header value: "),
    ("header value", "Invalid header value b"),
    ("header value", "Illegal header value b"),
    ("header value", "is an invalid header value"),
    ("header value", "is not valid header value"),
    ("header value", "invalid header value: "),
    ("header value", "Illegal character(s) in message header value: "),
    ("header value", "nvalid header 'OK-ACCESS-"),
    ("header value", "Invalid character in header content"),
    ("header value", "ERR_INVALID_CHAR"),
    ("header value", "failed to parse header value"),
    ("header value", "InvalidHeaderValue"),
    ("bytes where text belongs", "Object of type bytes is not JSON serializable"),
    ("request not built", "builder error"),
    ("credential missing", "API Key, Secret AND Passphrase are ALL required"),
    ("credentials claimed missing", "No credentials provided for private endpoint"),
)
"""Fixed words of requests, http.client, httpx, aiohttp, Node, undici, ws, Go, Java, okhttp, Rust, PHP, Ruby and .NET,
the more telling first."""
_OF_OKX_CLI: Final[tuple[tuple[str, str], ...]] = (
    ("no session of OKX's CLI", "okx-auth login again"),
    ("no session of OKX's CLI", "okx-auth rejected the caller"),
    ("no session of OKX's CLI", "Not logged in."),
    ("no session of OKX's CLI", "Token refresh failed."),
    ("part of the credentials for OKX's CLI", "Partial API credentials detected."),
    ("no credentials for OKX's CLI", "No credentials found."),
)
"""Texts of OKX's own command line 1.4, https://github.com/okx/agent-trade-kit. Other programs say the same at times."""
_OKX_CLI: Final = re.compile(r"\bokx\b|okx[-_]|^Hint: |^TraceId: ", re.IGNORECASE | re.MULTILINE)
"""It names itself, or writes what it has to say as it does: a line each for error, code, trace, hint and version."""
_OF_CCXT: Final = re.compile(r"requires [\"'`]?(?:apiKey|secret|password|uid)\b[\"'`]?(?: credential)?")
_OF_A_HEADER: Final = re.compile(r"invalid OK-ACCESS-[A-Z]{3,10} header", re.IGNORECASE)
_UNEXPECTED: Final = re.compile(r"Unexpected char 0x([0-9a-f]{2,6}) at \d{1,4} in [\w-]{1,40} value")
_CODEC: Final = re.compile(r"'(?:ascii|latin-1)' codec can't encode characters?")
_HEADER: Final = re.compile(r"OK[-_]ACCESS[-_](KEY|SIGN|TIMESTAMP|PASSPHRASE)(?!['\"]?:\s?b?['\"])", re.IGNORECASE)
_VALUE_BEHIND: Final = re.compile(r"[ :]{0,2}b?([\"'])(.{0,200}?)\1(?![\w-])", re.DOTALL)
_VALUE_BEFORE: Final = re.compile(r"([\"'])([^\"']{0,200})\1 $", re.DOTALL)
_BREAK: Final = re.compile(r"\\[nrt]|[\n\r\t]|^ | $")
_FOREIGN: Final = re.compile(r"\\x[89a-f][0-9a-f]|\\u[0-9a-f]{4}|[^\x00-\x7f]", re.IGNORECASE)
_NEAR: Final = 200
_CREDENTIALS: Final = ("KEY", "PASSPHRASE")


def refusals(paste: Paste, windows: Windows) -> Iterator[Sighting]:
    """The refusal of a client to send, once: the most telling of its wordings."""
    found = next(_refused(windows.text), None)
    if found is None:
        return
    name, at, end = found
    place = windows.place(at)
    if not paste.of_another_exchange(place):
        if name == "header value":
            name = f"header value{_of_what(windows.text, at, end)}"
        header = _header(windows.text, at)
        yield Sighting(
            code="",
            channel="edge",
            kind="refused-by-client",
            form="client error",
            at=place,
            failure="header value" if header and header not in _CREDENTIALS else name,
            header=header and f"OK-ACCESS-{header}",
        )


def _refused(text: str) -> Iterator[tuple[str, int, int]]:
    """The name of each refusal, where its words begin and where they end, the most telling first."""
    for match in _UNEXPECTED.finditer(text):
        beyond = int(match[1], 16) > 0x7E
        yield f"header value {'characters' if beyond else 'whitespace'}", match.start(), match.end()
    for name, pattern in (
        ("header value characters", _CODEC),
        ("header value", _OF_A_HEADER),
        ("credential missing for ccxt", _OF_CCXT),
    ):
        for match in pattern.finditer(text):
            yield name, match.start(), match.end()
    for name, words in (*_SAID, *(_OF_OKX_CLI if _OKX_CLI.search(text) else ())):
        at = text.find(words)
        if at >= 0:
            yield name, at, at + len(words)


def _of_what(text: str, at: int, end: int) -> str:
    """The fault of a value that a message prints: nothing else is kept of the value."""
    behind = _VALUE_BEHIND.match(text, end)
    before = _VALUE_BEFORE.search(text[max(0, at - _NEAR) : at])
    value = behind[2] if behind else before[2] if before else text[end : end + _NEAR].partition("\n")[0].lstrip(": ")
    if _BREAK.search(value.partition(": ")[2] or value):
        return " whitespace"
    return " characters" if _FOREIGN.search(value) else ""


def _header(text: str, at: int) -> str:
    """The one header of OKX's that is near, without its prefix; none where there are several.

    One with a value in quotes behind it is of a request, and an empty line ends the message.
    """
    first = max(0, at - _NEAR, text.rfind("\n\n", 0, at))
    near = {match[1].upper() for match in _HEADER.finditer(text, first, at + _NEAR)}
    return near.pop() if len(near) == 1 else ""
