"""The texts that real clients printed, and what each situation has to be read as."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

TEXTS: Final = Path(__file__).parent.parent.parent / "data" / "stacks.jsonl"

_REFUSED: Final = ("connection-refused",)
_TIMEOUT: Final = ("connection-timeout",)
_PROXY: Final = ("proxy-failure",)

CAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "name unknown": ("dns-failure",),
    "no name server": ("dns-failure",),
    "refused": _REFUSED,
    "host unreachable": _REFUSED,
    "network unreachable": _REFUSED,
    "no answer to connect": _TIMEOUT,
    "reset": _REFUSED,
    "closed in the handshake": _REFUSED,
    "silent in the handshake": _TIMEOUT,
    "silent after the request": _TIMEOUT,
    "another name's certificate": ("dns-failure",),
    "unknown issuer": ("tls-untrusted",),
    "expired": ("tls-untrusted", "tls-clock"),
    "not yet valid": ("tls-clock",),
    "plain HTTP on the TLS port": _PROXY,
    "handshake refused": _REFUSED,
    "closed before the answer": _REFUSED,
    "reset before the answer": _REFUSED,
    "closed in the body": _REFUSED,
    "TLS on the plain port": (*_REFUSED, "base-url-invalid", *_TIMEOUT),
    "GOAWAY": _REFUSED,
    "socket refused with 403": ("blocked-by-edge",),
    "socket cut": _REFUSED,
    "socket ended without a close frame": _REFUSED,
    "proxy refused": (*_PROXY, *_REFUSED),
    "proxy wants a password": _PROXY,
    "https:// before a plain proxy": _PROXY,
    "proxy's name unknown": (*_PROXY, "dns-failure"),
    "proxy forbids": (*_PROXY, "blocked-by-edge"),
    "proxy fails": (*_PROXY, "exchange-unavailable"),
    "a line feed at the end": ("credential-whitespace", "client-refused-header"),
    "a line feed inside": ("credential-whitespace", "client-refused-header"),
    "a carriage return at the end": ("credential-whitespace", "client-refused-header"),
    "a blank at the end": ("credential-whitespace", "client-refused-header"),
    "a typographic dash": ("credential-characters", "client-refused-header"),
    "an invisible character": ("credential-characters", "client-refused-header"),
    "Chinese": ("credential-characters", "client-refused-header"),
    "an umlaut": ("credential-characters", "client-refused-header"),
    "no value": ("credentials-missing",),
    "no signing key": ("credentials-missing",),
}
"""The causes of which one has to come first. A socket's situation is read as the same one of REST."""

_CUT_OFF: Final = ("connection-refused",)

SAYS_TOO_LITTLE: Final[Mapping[str, tuple[str, ...]]] = {
    "refused, java: HttpClient, trace": (),
    "refused, socket, java: HttpClient socket, trace": (),
    "proxy refused, socket, java: HttpClient socket, trace": (),
    "no answer to connect, node: https, line": _CUT_OFF,
    "no answer to connect, node: https, trace": _CUT_OFF,
    "silent in the handshake, php: streams, line": _CUT_OFF,
    "silent after the request, php: streams, line": (),
    "closed before the answer, php: streams, line": (),
    "TLS on the plain port, php: streams, line": (),
    "TLS on the plain port, rust: reqwest, line": (),
    "closed in the handshake, python: aiohttp, line": (),
    "proxy wants a password, node: node-fetch, line": ("blocked-by-edge",),
    "proxy wants a password, node: node-fetch, trace": ("blocked-by-edge",),
    "https:// before a plain proxy, ruby: net/http, line": (),
    "https:// before a plain proxy, ruby: net/http, trace": (),
    "https:// before a plain proxy, ruby: faraday, trace": (),
    "proxy forbids, socket, go: gorilla/websocket, line": (),
    "proxy forbids, socket, go: gorilla/websocket, trace": (),
    "proxy fails, socket, go: gorilla/websocket, line": (),
    "proxy fails, socket, go: gorilla/websocket, trace": (),
    "a line feed at the end, python: ccxt, line": (),
    "no name server, dotnet: HttpClient, line": (),
    "no name server, dotnet: HttpWebRequest, line": (),
    "reset, dotnet: HttpClient, line": (),
    "handshake refused, dotnet: HttpWebRequest, line": (),
    "closed before the answer, dotnet: HttpClient, line": (),
    "another name's certificate, dotnet: HttpClient, trace": ("tls-untrusted",),
    "another name's certificate, dotnet: HttpWebRequest, line": ("tls-untrusted",),
    "another name's certificate, dotnet: HttpWebRequest, trace": ("tls-untrusted",),
    "another name's certificate, socket, dotnet: ClientWebSocket, trace": ("tls-untrusted",),
    "not yet valid, dotnet: HttpClient, trace": ("tls-untrusted",),
}
"""Texts from which nobody could tell what happened, such as ``Forbidden`` and nothing else, or ``socket hang up`` where
a client's own patience ended, or whatever is wrong with a certificate in .NET Core 3.1; with the causes that they are
read as all the same."""

UNVERIFIED: Final[Mapping[str, str]] = {
    ".NET 5 and later, .NET Framework": "of its runtimes Core 3.1 alone can be had on the machines of this project",
    "Windows (WinError and WSA numbers, connectex, schannel)": "no Windows is at hand; numbers by MicrosoftDocs/win32",
    "macOS (errno 8, 51, 54, 60, 61, 65)": "no macOS is at hand; numbers by its errno.h, 8 by BSD's netdb.h",
    "curl with schannel or Secure Transport (51, 77, 92, 97)": "curl here is built with OpenSSL",
    "browsers (ERR_...)": "no page of this project meets OKX",
}
"""Stacks whose words are known by their documentation alone."""


class Spoken(Struct, frozen=True, kw_only=True):
    """What one client printed."""

    program: str
    version: str
    situation: str
    form: str
    text: str

    def __str__(self) -> str:
        return f"{self.situation}, {self.program}, {self.form}"

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes of which one has to come first."""
        return CAUSES[self.situation.removesuffix(", socket")]


def spoken() -> tuple[Spoken, ...]:
    """Every text."""
    return tuple(Spoken(**json.loads(line)) for line in TEXTS.read_text("utf-8").splitlines())
