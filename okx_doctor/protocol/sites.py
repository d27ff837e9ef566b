"""OKX's sites: where an account registered on each is served, over REST and WebSocket, and who says so since when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.protocol.scheme import OKX
from okx_doctor.protocol.sources import Source


class Site(Struct, frozen=True, kw_only=True):
    """One OKX site. ``rest`` lists base URLs, the documented one first; sockets are ``None`` where unknown.

    ``rest_source`` and ``websocket_source`` say where the addresses are known from; ``None`` for a test bench's.
    """

    id: str
    name: str
    registered_on: str
    rest: tuple[str, ...]
    websocket: str | None
    websocket_demo: str | None
    rest_source: Source | None = None
    websocket_source: Source | None = None


class RetiredPort(Struct, frozen=True, kw_only=True):
    """A port that OKX served its WebSockets on until ``retired`` (a day), and the one that serves them since."""

    port: int
    instead: int
    retired: str
    source: Source


_SERVICES: Final = Source("https://www.okx.com/docs-v5/en/#overview-production-trading-services", "2026-07-06")
_OPENAPI: Final = Source("https://www.okx.com/docs-v5/log_en/, 20 May 2026, as public clients quote it", "2026-05-20")
_US_HOST: Final = Source("https://github.com/okx/agent-trade-kit, docs/site-compatibility.md", "2026-11")
_PORT_443: Final = Source(
    "https://www.okx.com/en-us/help/okx-websocket-port-8443-discontinuation-announcement, as public clients quote it",
    "2026-09-30",
)

RETIRED_PORTS: Final = (RetiredPort(port=8443, instead=443, retired="2026-10-31", source=_PORT_443),)
"""Ports of OKX's sockets that answer no more. How they fail (time out, reset, refuse) is known from nobody."""


SITES: tuple[Site, ...] = (
    Site(
        id="global",
        name="Global",
        registered_on="www.okx.com",
        rest=("https://openapi.okx.com", "https://www.okx.com"),
        websocket="wss://ws.okx.com",
        websocket_demo="wss://wspap.okx.com",
        rest_source=_OPENAPI,
        websocket_source=_PORT_443,
    ),
    Site(
        id="eea",
        name="EEA",
        registered_on="my.okx.com",
        rest=("https://eea.okx.com", "https://my.okx.com"),
        websocket="wss://wseea.okx.com",
        websocket_demo="wss://wseeapap.okx.com",
        rest_source=_SERVICES,
        websocket_source=_PORT_443,
    ),
    Site(
        id="us",
        name="US",
        registered_on="app.okx.com",
        rest=("https://us.okx.com", "https://app.okx.com"),
        websocket="wss://wsus.okx.com",
        websocket_demo="wss://wsuspap.okx.com",
        rest_source=_US_HOST,
        websocket_source=_PORT_443,
    ),
    Site(
        id="tr",
        name="Türkiye",
        registered_on="tr.okx.com",
        rest=("https://tr.okx.com",),
        websocket=None,
        websocket_demo=None,
        rest_source=_US_HOST,
    ),
    Site(
        id="au",
        name="Australia",
        registered_on="app.okx.com",
        rest=("https://us.okx.com", "https://app.okx.com"),
        websocket="wss://wsus.okx.com",
        websocket_demo="wss://wsuspap.okx.com",
        rest_source=_SERVICES,
        websocket_source=_PORT_443,
    ),
)

SITE_IDS: tuple[str, ...] = tuple(site.id for site in SITES)

SERVED_APART: tuple[str, ...] = tuple(
    site.id for place, site in enumerate(SITES) if site.rest not in {other.rest for other in SITES[:place]}
)
"""One site for each of OKX's servers: Australia's is the one of the US."""

NOT_API_HOSTS: Mapping[str, str] = {
    "demo.okx.com": f"demo trading has no host of its own: the live host takes it, with {OKX.demo_header}: 1",
    "okx.com": "the bare domain redirects, and a redirect strips the signed headers",
    **dict.fromkeys(
        ("www.okex.com", "okex.com", "aws.okex.com", "my.okex.com", "real.okex.com"),
        "OKEx became OKX in 2022 and the old domain no longer serves the API",
    ),
    **dict.fromkeys(
        ("ws.okx.com", "wspap.okx.com", "wseea.okx.com", "wseeapap.okx.com", "wsus.okx.com", "wsuspap.okx.com"),
        "this host serves WebSocket, not REST",
    ),
}
"""Hosts found in bots that do not serve the REST API, with the reason (ccxt#23779, the 2022 renaming)."""


DOMAINS: Final = ("okx.com", "okex.com")
_BELOW: Final = tuple(f".{domain}" for domain in DOMAINS)
CERTIFIED: Final = tuple(f"{star}{domain}" for domain in DOMAINS for star in ("", "*."))
"""The names of a certificate that is good for OKX's hosts."""

_LABEL = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST = rf"(?i)(?!xn--.{{0,2}}$){_LABEL}(?:\.{_LABEL})*\.?"  # compiled where it is needed, which takes a millisecond


def site(site_id: str) -> Site:
    """The site with this id. Raises ``KeyError`` for another."""
    return _BY_ID[site_id]


_BY_ID = {known.id: known for known in SITES}


@cache
def hosts() -> frozenset[str]:
    """Every host that OKX serves an API on, REST and WebSocket."""
    urls = (url for known in SITES for url in (*known.rest, known.websocket, known.websocket_demo) if url)
    return frozenset(urlsplit(url).hostname or "" for url in urls)


def retired_port(url: str) -> RetiredPort | None:
    """The retired port that an address of OKX's names; ``None`` where it names none, or is not OKX's or no URL."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    return next((known for known in RETIRED_PORTS if known.port == port and is_okx_name(parts.hostname or "")), None)


def is_okx_name(host: str) -> bool:
    """Whether a host's name lies in a domain of OKX's, the one of its earlier name included."""
    name = host.rstrip(".").lower()
    return name in DOMAINS or name.endswith(_BELOW)


def site_on(host: str) -> Site:
    """The site that a host of OKX's serves: the global one where none is known."""
    return next((known for known in SITES if host.lower() in _hosts_of(known)), SITES[0])


def is_demo_socket(host: str) -> bool:
    """Whether a host serves the sockets of demo trading."""
    return host.lower() in {urlsplit(known.websocket_demo or "").hostname for known in SITES}


def _hosts_of(known: Site) -> set[str | None]:
    urls = (
        known.registered_on and f"https://{known.registered_on}",
        *known.rest,
        known.websocket,
        known.websocket_demo,
    )
    return {urlsplit(url).hostname for url in urls if url}


def is_official(base_url: str) -> bool:
    """Whether credentials may be sent to this address without the user's express word: an OKX API host, over https."""
    parts = urlsplit(base_url)
    official = {urlsplit(url).hostname for candidate in SITES for url in candidate.rest}
    return parts.scheme == "https" and parts.port in (None, 443) and parts.hostname in official


def parse_sites(text: str) -> tuple[Site, ...]:
    """Sites from ``OKX_DOCTOR_SITES``, ``"global=URL,eea=URL"``: only those named exist.

    Raises ``ValueError`` with a sentence for an unknown site or an entry that is not ``site=URL``.
    """
    found: dict[str, Site] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        site_id, equals, url = entry.partition("=")
        if not equals or site_id.strip() not in SITE_IDS:
            raise ValueError(f"{entry!r} is not SITE=URL with SITE one of {', '.join(SITE_IDS)}")
        known = site(site_id.strip())
        base_url = check_base_url(url)
        socket_url = socket_form(base_url)
        found[known.id] = replace(known, rest=(base_url,), websocket=socket_url, websocket_demo=socket_url)
    if not found:
        raise ValueError("no site is named; write for example global=https://www.okx.com")
    return tuple(found.values())


def socket_form(base_url: str) -> str:
    """The WebSocket address at the same host and port, as a mirror or test bench serves it."""
    return "ws" + base_url.removeprefix("http")


class NoUrl(ValueError):
    """A base URL that nothing could connect to."""


def check_base_url(text: str) -> str:
    """The base URL without its trailing slash: scheme, host and port only.

    Raises ``ValueError`` with one sentence that says what is wrong: ``NoUrl`` where the text is not a URL (no scheme,
    markup around it), plain ``ValueError`` for a path, user information, or http to another machine.
    """
    bare = text.strip()
    if bare.strip("`'\"<>") != bare:
        raise NoUrl("the base URL is wrapped in quotes or markup; write it bare, as https://www.okx.com")
    if not bare:
        raise NoUrl("the base URL is empty, which is no URL; write it as https://www.okx.com")
    if any(ord(char) <= 32 or ord(char) > 126 or char == "\\" for char in bare):
        raise NoUrl("the base URL holds a space, a backslash, a control or a non-ASCII character")
    try:
        parts = urlsplit(bare)
        port = parts.port
    except ValueError:
        raise NoUrl("the base URL is no URL; write it as https://www.okx.com") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not is_host(host) or port == 0:
        raise NoUrl("the base URL is no URL; write it as https://www.okx.com")
    if "@" in parts.netloc:
        raise ValueError("the base URL holds a user name or password; OKX takes credentials only in headers")
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        raise ValueError("the base URL has a path; write only scheme and host, as https://www.okx.com")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("the base URL is plain http; credentials leave this machine only over https")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}" + (f":{port}" if port else "")


def is_host(text: str) -> bool:
    """Whether this is a host name or an IP address by its form; nothing is looked up."""
    try:
        ip_address(text)
    except ValueError:
        numeric = text.replace(".", "").isdigit()
        return not numeric and len(text) <= 253 and re.fullmatch(_HOST, text) is not None
    return True


def is_loopback_url(url: str) -> bool:
    """Whether the host of an address is this machine by its very spelling."""
    try:
        return is_loopback(urlsplit(url).hostname or "")
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by its very spelling: no name is looked up."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
