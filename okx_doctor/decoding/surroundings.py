"""What stands around a failure in a paste: hosts, ports, addresses and paths that say more than the failure itself.

Nothing of them is printed: each is told by words of ours alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from okx_doctor.protocol.sites import NOT_API_HOSTS, hosts

_NEAR: Final = 3_000
"""Characters around a failure in which a host is taken for the one that was asked."""
_LONGEST_HOST: Final = 64
_MOST: Final = 64
_NAME: Final = re.compile(r"ok(?:x|ex)\.com(?![\w.-]*\.[a-z])", re.IGNORECASE)
_BEFORE: Final = re.compile(r"(?:[A-Za-z][A-Za-z]{1,7}://)?(?:[\w-]{1,40}\.){0,4}$")
_PORT: Final = re.compile(r"(?:/[\d.]{7,15})?(?::|['\"]?,? ?port[=: ]{1,3})(\d{2,5})(?!\d)")
_PREFIXED: Final = re.compile(r"(?:\.com|:\d{2,5}|url: )(/[\w-]{1,20}){1,2}/api/v5/")
_ADDRESS: Final = re.compile(
    r"(?<![\w.:\[])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:[:) ]{1,2}(?:port )?(\d{2,5})|', (\d{2,5}))"
)
_DEFAULT_AGENT: Final = ("HTTP Error 403: Forbidden", "Python-urllib/")
_SOCKET_PORT: Final = 8443
_OF_NAME_SERVERS: Final = 53
_DOCUMENTED: Final = ("192.0.2.", "198.51.100.", "203.0.113.")
"""Addresses of documentation, which people put in place of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """``leads`` come before the failure's own cause, ``follows`` after it."""

    meaning: str
    leads: tuple[str, ...] = ()
    follows: tuple[str, ...] = ()


AROUND: Final[Mapping[str, Around]] = {
    "retired port": Around(
        meaning=(
            "The WebSocket was asked for on port 8443, which OKX announced to stop on 2026-10-31: use port 443, as in "
            "wss://ws.okx.com/ws/v5/private. How the old port fails now is not known for sure."
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
        leads=("host-not-api",),
    ),
    "no API host": Around(
        meaning="The host is one of OKX's that does not serve the REST API; `okx-doctor explain host-not-api` lists those that do.",
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
            "The address that was tried is on this machine or in its own network, on a port that is not OKX's: a proxy, "
            "a relay or a test bench, not OKX."
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
    "path prefix": Around(
        meaning="Something stands before /api/v5/ in the path: OKX serves the API at the root of its host only.",
    ),
}


@dataclass(frozen=True, slots=True)
class _Found:
    id: str
    at: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that was found in one paste, by offset."""

    found: tuple[_Found, ...]

    def near(self, at: int) -> tuple[str, ...]:
        """The ids of what stands near an offset, each once, those that lead first."""
        near = dict.fromkeys(one.id for one in self.found if abs(one.at - at) <= _NEAR)
        return tuple(name for name in AROUND if name in near)


def read_surroundings(text: str) -> Surroundings:
    """Look at every host, address and path of a text. Linear: a few places of each."""
    seen: dict[str, int] = {}
    found = []
    for one in (*_hosts(text), *_addresses(text), *_paths(text), *_agents(text)):
        seen[one.id] = seen.get(one.id, 0) + 1
        if seen[one.id] <= _MOST:
            found.append(one)
    return Surroundings(tuple(found))


def _hosts(text: str) -> Iterator[_Found]:
    looked: dict[tuple[str, str], int] = {}
    for match in _NAME.finditer(text):
        before = _BEFORE.search(text[max(0, match.start() - _LONGEST_HOST) : match.start()])
        lead = before[0].lower() if before else ""
        after = text[match.end() : match.end() + 40]
        key = (lead, after[:12])
        looked[key] = looked.get(key, 0) + 1
        if looked[key] > _MOST:
            continue
        scheme, _, labels = lead.rpartition("://")
        yield from _host(scheme, labels + match[0].lower(), after, match.start())


def _host(scheme: str, host: str, after: str, at: int) -> Iterator[_Found]:
    port = _PORT.match(after)
    if host.endswith("okex.com"):
        yield _Found("retired host", at)
    elif host == "web3.okx.com":
        yield _Found("Web3 host", at)
    elif (host in NOT_API_HOSTS and host not in hosts() and host != "okx.com") or (
        host in NOT_API_HOSTS and host in hosts() and scheme.startswith("http") and "/api/v5" in after
    ):
        yield _Found("no API host", at)
    if port and int(port[1]) == _SOCKET_PORT:
        yield _Found("retired port", at)


def _addresses(text: str) -> Iterator[_Found]:
    looked: dict[str, int] = {}
    for match in _ADDRESS.finditer(text):
        looked[match[0]] = looked.get(match[0], 0) + 1
        if looked[match[0]] <= _MOST and text[match.end() : match.end() + 2] != "->":
            yield from _address(match[1], int(match[2] or match[3]), match.start())


def _address(written: str, port: int, at: int) -> Iterator[_Found]:
    try:
        address = ip_address(written)
    except ValueError:
        return
    public = address.is_global or written.startswith(_DOCUMENTED)
    if port == _SOCKET_PORT:
        yield _Found("retired port", at)
    if not public and not address.is_multicast and port != _OF_NAME_SERVERS:
        yield _Found("false address" if port in (443, _SOCKET_PORT) else "near address", at)


def _paths(text: str) -> Iterator[_Found]:
    for number, match in enumerate(_PREFIXED.finditer(text)):
        if number >= _MOST:
            return
        yield _Found("path prefix", match.start())


def _agents(text: str) -> Iterator[_Found]:
    for words in _DEFAULT_AGENT:
        at = text.find(words)
        if at >= 0:
            yield _Found("default User-Agent", at)
