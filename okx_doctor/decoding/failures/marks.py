"""Numbers and lines that give a failure away beside the fixed words: of systems, of curl, of a message's last line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ERRNO: Final[Mapping[str, tuple[int, ...]]] = {
    "name server silent": (-3, 11002, -3001),
    "name unknown": (-2, -5, 8, 11001, 11003, 11004, -3008),
    "blocked here": (10013,),
    "refused": (111, 61, 10061, 1225, -111, -61, -4078),
    "reset": (104, 54, 10053, 10054, 64, 1236, -104, -54, -4077, 32, -32, -4047, 103),
    "no answer in time": (110, 60, 11, 10060, 121, 258, -110, -60, -4039),
    "unreachable": (101, 113, 51, 65, 10051, 10065, 1231, 1232, -101, -113, -51, -65, -4062),
}
"""Numbers of Linux, macOS, Windows (10xxx and 11xxx of its sockets, others of the system), and libuv's below zero.

Each was looked up on 2026-11-26: Linux's in ``errno`` and ``socket`` of its Python; macOS's in
https://github.com/apple-oss-distributions/xnu, bsd/sys/errno.h (8 is none of them, but ``EAI_NONAME`` of BSD's
``netdb.h``); Windows's in https://github.com/MicrosoftDocs/win32, desktop-src/WinSock/windows-sockets-error-codes-2.md
and desktop-src/Debug/system-error-codes--0-499-.md and --1000-1299-.md; libuv's in https://github.com/libuv/libuv,
include/uv/errno.h.
"""

CURL: Final[Mapping[int, str]] = {
    1: "no URL",
    3: "no URL",
    5: "proxy name",
    6: "name unknown",
    7: "not connected",
    16: "goaway",
    18: "cut in the answer",
    28: "no answer in time",
    35: "closed",
    47: "redirects",
    51: "certificate of another name",
    52: "closed",
    55: "reset",
    56: "reset",
    59: "handshake refused",
    60: "certificate untrusted",
    77: "certificate untrusted",
    83: "certificate untrusted",
    90: "certificate untrusted",
    91: "certificate untrusted",
    92: "goaway",
    96: "not connected",
    97: "proxy",
}
"""curl's exits, and PHP's ``cURL error``. The words beside one may say it better."""

CURL_WORDS: Final[Mapping[int, tuple[str, ...]]] = {
    1: ("Unsupported protocol",),
    3: ("URL using bad/illegal format or missing URL",),
    5: ("Couldn't resolve proxy name", "Could not resolve proxy name"),
    6: ("Couldn't resolve host name", "Could not resolve hostname"),
    7: ("Couldn't connect to server", "Could not connect to server"),
    16: ("Error in the HTTP2 framing layer",),
    18: ("Transferred a partial file",),
    28: ("Timeout was reached",),
    35: ("SSL connect error",),
    47: ("Number of redirects hit maximum amount",),
    52: ("Server returned nothing (no headers, no data)",),
    55: ("Failed sending data to the peer",),
    56: ("Failure when receiving data from the peer",),
    59: ("Couldn't use specified SSL cipher", "Could not use specified SSL cipher"),
    60: ("SSL peer certificate or SSH remote key was not OK",),
    77: ("Problem with the SSL CA cert (path? access rights?)",),
    83: ("Issuer check against peer certificate failed",),
    90: ("SSL public key does not match pinned public key",),
    91: ("SSL server certificate status verification FAILED",),
    92: ("Stream error in the HTTP/2 framing layer",),
    96: ("QUIC connection error",),
    97: ("proxy handshake error",),
}
"""libcurl's names of these exits, before and since its 8.12, as a bot in C, C++ or Lua prints them without the number:
``curl_easy_strerror`` of https://github.com/curl/curl, lib/strerror.c, 2026-11."""

PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("certificate too early", r"current time [^\n]{10,40} is before"),
    (
        "proxy",
        r'"https?://[^"\n]{1,200}": (?:Forbidden|Bad Gateway|Service Unavailable|Bad Request|Gateway Timeout)\s*$',
    ),
    ("closed", r"(?:^|[ :])EOF\s*$"),
    ("cut in the answer", r"^\W{0,2}(?:terminated|aborted)\W{0,2}$"),
)
"""Lines that fixed words alone do not give away."""

BY_ERRNO: Final[Mapping[int, str]] = {number: name for name, numbers in ERRNO.items() for number in numbers}
