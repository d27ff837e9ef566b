"""Surroundings of a failure in a paste: hosts, ports, addresses and paths that say more than the failure itself.

Nothing of them is printed: each has words of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from msgspec import Struct

from okx_doctor.catalogue.clients.recognise import client_named
from okx_doctor.catalogue.clients.words import dials
from okx_doctor.decoding.paste import is_okx_host
from okx_doctor.protocol.documented import CALLED_PUBLIC
from okx_doctor.protocol.sites import NOT_API_HOSTS, RETIRED_PORTS, SITES, hosts

_NEAR: Final = 3_000
"""Characters around a failure in which a host is taken for the one that was asked."""
_LONGEST_HOST: Final = 64
_NAME: Final = re.compile(r"ok(?:x|ex)\.com(?![\w.-]*\.[a-z])", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:[A-Za-z][A-Za-z]{1,7}://)?(?:[\w-]{1,40}\.){0,4}$")
_PORT: Final = re.compile(r"(?:/[\d.]{7,15})?(?::|['\"]?,? ?port[=: ]{1,3})(\d{2,5})(?!\d)")
_PREFIXED: Final = re.compile(r"(?:\.com|:\d{2,5}|url: )(/[\w-]{1,20}){1,2}/api/v5/")
_ADDRESS: Final = re.compile(
    r"(?<![\w.:\[])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:[:) ]{1,2}(?:port )?(\d{2,5})|', (\d{2,5}))"
)
_ASKED: Final = re.compile(
    r"(?:host='|\b(?:https?|wss?)://)([\w.-]{1,100})[^\s]{0,20}?(?:/(?:api|ws)/v5/|[^\n]{0,80}?url: /(?:api|ws)/v5/)"
)
_OF_OKX: Final = re.compile(r"\.(?:okx|okex|okcoin)\.com$")
_DEFAULT_AGENT: Final = ("HTTP Error 403: Forbidden", "Python-urllib/")
_RETIRED: Final = RETIRED_PORTS[-1]
_OF_NAME_SERVERS: Final = 53
_DOCUMENTED: Final = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Addresses of documentation, which people put in place of their own."""


CALLED_PUBLIC_NEAR: Final = "called public"
"""The id of a path which is called public and is not. It says something only where a header is missing."""


RETIRED_NEAR: Final = "retired port"


class Around(Struct, frozen=True, kw_only=True):
    """``leads`` come before the failure's own cause, ``follows`` after it."""

    meaning: str
    leads: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


AROUND: Final[Mapping[str, Around]] = {
    RETIRED_NEAR: Around(
        meaning=(
            f"The WebSocket was asked for on port {_RETIRED.port}, which OKX announced to stop on {_RETIRED.retired}: "
            f"use port {_RETIRED.instead}, as in {SITES[0].websocket}/ws/v5/private. How the old port fails now is not "
            "known for sure."
        ),
        leads=("websocket-port-retired",),
    ),
    "retired host": Around(
        meaning="The host is of okex.com, which OKX gave up in 2022: use www.okx.com, or your own site's host.",
        leads=("host-not-api",),
    ),
    "Web3 host": Around(
        meaning=(
            "web3.okx.com is OKX's Web3 product, with keys and codes of its own: the exchange does not know its keys, "
            "and it does not know the exchange's."
        ),
        leads=("web3-key",),
    ),
    "no API host": Around(
        meaning="The host is none that serves OKX's REST API; `okx-doctor explain host-not-api` lists those that do.",
        leads=("host-not-api",),
    ),
    "false address": Around(
        meaning=(
            "The address that was tried is one that no public name has (this machine, a private network, or none at "
            "all): the name was resolved falsely, by a filter, a resolver or a line in the hosts file. Compare "
            "nslookup www.okx.com with nslookup www.okx.com 1.1.1.1."
        ),
        leads=("dns-failure",),
    ),
    "near address": Around(
        meaning=(
            "The address that was tried is on this machine or in its own network, on a port that is not OKX's: a "
            "proxy, a relay or a test bench, not OKX."
        ),
        leads=("proxy-failure",),
    ),
    "default User-Agent": Around(
        meaning=(
            "This is how Python's urllib says it, and OKX's edge refuses urllib's default User-Agent with 403 (several "
            "projects found it): set a User-Agent of your own. curl from the same machine would pass."
        ),
        leads=("blocked-by-edge",),
    ),
    "relay": Around(
        meaning=(
            "The host that was asked is none of OKX's: a relay, a mirror or a misspelt name. Its failures and its "
            "answers are its own."
        ),
        follows=("host-not-api",),
    ),
    CALLED_PUBLIC_NEAR: Around(
        meaning=(
            f"{CALLED_PUBLIC} is called public, and wants a signed request all the same (seen by OKX's own trade kit, "
            "2026): send the four headers as to a private path."
        ),
        follows=("header-missing",),
    ),
    "path prefix": Around(
        meaning="Something stands before /api/v5/ in the path: OKX serves the API at the root of its host only.",
    ),
}


def around(text: str, at: int) -> tuple[str, ...]:
    """The ids of the surroundings of an offset, each once, those that lead first."""
    near = text[max(0, at - _NEAR) : at + _NEAR]
    found = {*_hosts(near), *_addresses(near), *_paths(near), *_agents(near), *_relays(near)}
    return tuple(name for name in AROUND if name in found)


def dialler(text: str, at: int) -> str:
    """The client that the text tells of, with its version, if it is known to dial the retired port by itself."""
    near = text[max(0, at - _NEAR) : at + _NEAR]
    return dials(client_named(log=near), _RETIRED.port, near)


def _hosts(text: str) -> Iterator[str]:
    for match in _NAME.finditer(text):
        before = _BEFORE.search(text[max(0, match.start() - _LONGEST_HOST) : match.start()])
        scheme, _, labels = (before[0].lower() if before else "").rpartition("://")
        yield from _host(scheme, labels + match[0].lower(), text[match.end() : match.end() + 40])


def _host(scheme: str, host: str, after: str) -> Iterator[str]:
    port = _PORT.match(after)
    served = host in hosts()
    if host.endswith("okex.com"):
        yield "retired host"
    elif host == "web3.okx.com":
        yield "Web3 host"
    elif host in NOT_API_HOSTS and host != "okx.com" and (not served or (scheme[:4] == "http" and "/api/v5" in after)):
        yield "no API host"
    if port and int(port[1]) == _RETIRED.port:
        yield RETIRED_NEAR


def _addresses(text: str) -> Iterator[str]:
    for match in _ADDRESS.finditer(text):
        if text[match.end() : match.end() + 2] != "->":
            yield from _address(match[1], int(match[2] or match[3]))


def _address(written: str, port: int) -> Iterator[str]:
    try:
        address = ip_address(written)
    except ValueError:
        return
    public = address.is_global or written.startswith(_DOCUMENTED)
    if port == _RETIRED.port:
        yield RETIRED_NEAR
    if not public and not address.is_multicast and port != _OF_NAME_SERVERS:
        yield "false address" if port in (_RETIRED.instead, _RETIRED.port) else "near address"


def _paths(text: str) -> Iterator[str]:
    if CALLED_PUBLIC in text:
        yield CALLED_PUBLIC_NEAR
    if _PREFIXED.search(text):
        yield "path prefix"


def _agents(text: str) -> Iterator[str]:
    if any(words in text for words in _DEFAULT_AGENT):
        yield "default User-Agent"


def _relays(text: str) -> Iterator[str]:
    """Another host that one of OKX's paths was asked of; its own name may have OKX's in it."""
    asked = (match[1].lower() for match in _ASKED.finditer(text))
    if any(not is_okx_host(host) or not _OF_OKX.search(f".{host}") for host in asked if not _is_numeric(host)):
        yield "relay"


def _is_numeric(host: str) -> bool:
    return host == "localhost" or host.replace(".", "").isdigit()
