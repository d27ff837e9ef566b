"""The situations: what is wrong on the way, as servers, names, a proxy, or a value that a client will not send."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Final

import trustme
from msgspec import Struct, field

from tests.decoding.stacks import servers
from tests.decoding.stacks.servers import Behaviour, answer, over_tls, served

OKX: Final = "203.0.113.43"
"""The address that every name of OKX's has, on this machine's own loopback interface."""
UNREACHABLE: Final = "203.0.113.99"
NO_NETWORK: Final = "198.51.100.7"

REST: Final = "https://www.okx.com/api/v5/account/balance"
SOCKET: Final = "https://ws.okx.com:8443/ws/v5/private"
PROXY_PORT: Final = 7890
PORTS: Final = (443, 8443)

QUICK_S: Final = 1.5
PATIENT_S: Final = 12.0

REST_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("requests", "urllib3", "urllib", "httpx", "aiohttp", "python-okx", "ccxt"),
    "node": ("fetch", "undici", "https", "axios", "got", "node-fetch", "ccxt", "okx-api"),
    "go": ("net/http", "net/http context"),
    "java": ("HttpClient", "HttpURLConnection", "okhttp"),
    "rust": ("reqwest", "ureq"),
    "php": ("curl", "curl_error", "streams", "guzzle"),
    "ruby": ("net/http", "faraday"),
    "curl": ("curl",),
    "dotnet": ("HttpClient", "HttpWebRequest"),
}
SOCKET_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("websockets", "websocket-client"),
    "node": ("ws",),
    "go": ("gorilla/websocket", "coder/websocket"),
    "java": ("okhttp socket", "HttpClient socket"),
    "rust": ("tungstenite",),
    "dotnet": ("ClientWebSocket",),
}
HTTP_2_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("httpx http2",),
    "node": ("http2",),
    "go": ("net/http",),
    "java": ("HttpClient", "okhttp"),
    "rust": ("reqwest",),
    "curl": ("curl",),
    "dotnet": ("HttpClient http2",),
}
HEADER_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    **REST_CLIENTS,
    "python": (*REST_CLIENTS["python"], "websockets", "websocket-client"),
    "node": (*REST_CLIENTS["node"], "ws"),
    "rust": (*REST_CLIENTS["rust"], "reqwest value"),
}
KEY_CLIENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "python": ("requests", "hmac", "python-okx"),
    "node": ("crypto", "fetch"),
    "java": ("HttpClient",),
    "php": ("hash_hmac",),
    "ruby": ("net/http",),
    "dotnet": ("HttpClient",),
}
_NO_PROXY: Final = ("got", "okx-api", "tungstenite")
"""These take no proxy from the environment, and are given none here."""


class Situation(Struct, frozen=True, kw_only=True):
    """``place`` starts its servers; ``environment`` is what the clients see beside the address."""

    name: str
    place: Callable[[Certificates], AbstractContextManager[None]]
    clients: Mapping[str, tuple[str, ...]]
    target: str = REST
    address: str | None = OKX
    proxy: str = ""
    wait_s: float = PATIENT_S
    names_answered: bool = True
    environment: Mapping[str, str] = field(default_factory=dict)


class Certificates:
    """An authority that the clients trust, and one that nobody knows."""

    def __init__(self) -> None:
        self.known = trustme.CA(organization_name="Loopback Test Authority")
        self._stranger = trustme.CA(organization_name="Strange Authority")
        self._now = datetime.now(UTC)

    def good(self) -> ssl.SSLContext:
        return self._context(self.known.issue_cert("*.okx.com", "okx.com"))

    def two(self) -> ssl.SSLContext:
        context = self.good()
        context.set_alpn_protocols(["h2"])
        return context

    def for_another_name(self) -> ssl.SSLContext:
        return self._context(self.known.issue_cert("portal.example.net"))

    def unknown_issuer(self) -> ssl.SSLContext:
        return self._context(self._stranger.issue_cert("*.okx.com"))

    def expired(self) -> ssl.SSLContext:
        return self._context(self.known.issue_cert("*.okx.com", not_after=self._now - timedelta(days=3)))

    def not_yet_valid(self) -> ssl.SSLContext:
        later = self._now + timedelta(days=300)
        return self._context(self.known.issue_cert("*.okx.com", not_before=later, not_after=later + timedelta(days=90)))

    @staticmethod
    def _context(cert: trustme.LeafCert) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert.configure_cert(context)
        return context


@contextlib.contextmanager
def _nothing(_: Certificates) -> Iterator[None]:
    yield


def _plain(behaviour: Behaviour) -> Callable[[Certificates], AbstractContextManager[None]]:
    return lambda _: _everywhere(behaviour)


def _tls(
    behaviour: Behaviour, context: Callable[[Certificates], ssl.SSLContext] = Certificates.good
) -> Callable[[Certificates], AbstractContextManager[None]]:
    return lambda certificates: _everywhere(over_tls(context(certificates), behaviour))


def _proxy(behaviour: Behaviour) -> Callable[[Certificates], AbstractContextManager[None]]:
    return lambda _: served(PROXY_PORT, behaviour, "127.0.0.1")


@contextlib.contextmanager
def _everywhere(behaviour: Behaviour) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        for port in PORTS:
            held.enter_context(served(port, behaviour, OKX))
        yield


@contextlib.contextmanager
def _deaf(_: Certificates) -> Iterator[None]:
    with contextlib.ExitStack() as held:
        for port in PORTS:
            held.enter_context(servers.deaf(port, OKX))
        yield


_FAIL_ALIKE: Final[tuple[Situation, ...]] = (
    Situation(name="name unknown", place=_nothing, clients=REST_CLIENTS, address=None),
    Situation(name="no name server", place=_nothing, clients=REST_CLIENTS, address=None, names_answered=False),
    Situation(name="refused", place=_nothing, clients=REST_CLIENTS),
    Situation(name="host unreachable", place=_nothing, clients=REST_CLIENTS, address=UNREACHABLE),
    Situation(name="network unreachable", place=_nothing, clients=REST_CLIENTS, address=NO_NETWORK),
    Situation(name="no answer to connect", place=_deaf, clients=REST_CLIENTS, wait_s=QUICK_S),
    Situation(name="reset", place=_plain(servers.reset_after_hello), clients=REST_CLIENTS),
    Situation(name="closed in the handshake", place=_plain(servers.close_after_hello), clients=REST_CLIENTS),
    Situation(name="silent in the handshake", place=_plain(servers.stay_silent), clients=REST_CLIENTS, wait_s=QUICK_S),
    Situation(name="silent after the request", place=_tls(servers.stay_silent), clients=REST_CLIENTS, wait_s=QUICK_S),
    Situation(
        name="another name's certificate",
        place=_tls(servers.stay_silent, Certificates.for_another_name),
        clients=REST_CLIENTS,
    ),
    Situation(
        name="unknown issuer",
        place=_tls(servers.stay_silent, Certificates.unknown_issuer),
        clients=REST_CLIENTS,
    ),
    Situation(name="expired", place=_tls(servers.stay_silent, Certificates.expired), clients=REST_CLIENTS),
    Situation(name="not yet valid", place=_tls(servers.stay_silent, Certificates.not_yet_valid), clients=REST_CLIENTS),
    Situation(name="plain HTTP on the TLS port", place=_plain(servers.speak_plain_http), clients=REST_CLIENTS),
    Situation(name="handshake refused", place=_plain(servers.refuse_the_handshake), clients=REST_CLIENTS),
    Situation(name="closed before the answer", place=_tls(servers.close_before_the_answer), clients=REST_CLIENTS),
    Situation(name="reset before the answer", place=_tls(servers.reset_before_the_answer), clients=REST_CLIENTS),
)

_SOCKETS: Final = tuple(
    Situation(
        name=f"{one.name}, socket",
        place=one.place,
        clients=SOCKET_CLIENTS,
        target=SOCKET,
        address=one.address,
        wait_s=one.wait_s,
        names_answered=one.names_answered,
    )
    for one in _FAIL_ALIKE
)

_ONLY_THERE: Final = (
    Situation(name="closed in the body", place=_tls(servers.close_in_the_body), clients=REST_CLIENTS),
    Situation(
        name="TLS on the plain port",
        place=_tls(servers.stay_silent),
        clients=REST_CLIENTS,
        target="http://www.okx.com:443/api/v5/account/balance",
    ),
    Situation(name="GOAWAY", place=_tls(servers.go_away, Certificates.two), clients=HTTP_2_CLIENTS),
    Situation(
        name="socket refused with 403",
        place=_tls(answer(b"403 Forbidden")),
        clients=SOCKET_CLIENTS,
        target=SOCKET,
    ),
    Situation(
        name="socket cut", place=_tls(servers.cut_the_socket(politely=False)), clients=SOCKET_CLIENTS, target=SOCKET
    ),
    Situation(
        name="socket ended without a close frame",
        place=_tls(servers.cut_the_socket(politely=True)),
        clients=SOCKET_CLIENTS,
        target=SOCKET,
    ),
)


def _of_a_proxy(
    name: str, place: Callable[[Certificates], AbstractContextManager[None]], proxy: str = ""
) -> tuple[Situation, ...]:
    address = proxy or f"http://127.0.0.1:{PROXY_PORT}"
    rest = Situation(name=name, place=place, clients=_proxied(REST_CLIENTS), proxy=address)
    socket = Situation(
        name=f"{name}, socket", place=place, clients=_proxied(SOCKET_CLIENTS), proxy=address, target=SOCKET
    )
    return rest, socket


def _proxied(clients: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    kept = {language: tuple(name for name in names if name not in _NO_PROXY) for language, names in clients.items()}
    return {language: names for language, names in kept.items() if names}


_PROXIES: Final = (
    *_of_a_proxy("proxy refused", _nothing),
    *_of_a_proxy(
        "proxy wants a password",
        _proxy(answer(b"407 Proxy Authentication Required", b'Proxy-Authenticate: Basic realm="corp"')),
    ),
    *_of_a_proxy("https:// before a plain proxy", _proxy(servers.speak_plain_http), f"https://127.0.0.1:{PROXY_PORT}"),
    *_of_a_proxy("proxy's name unknown", _nothing, f"http://proxy.invalid:{PROXY_PORT}"),
    *_of_a_proxy("proxy forbids", _proxy(answer(b"403 Forbidden"))),
    *_of_a_proxy("proxy fails", _proxy(answer(b"502 Bad Gateway"))),
)


def _of_a_value(name: str, **environment: str) -> Situation:
    clients = KEY_CLIENTS if "NO_SIGNING_KEY" in environment else HEADER_CLIENTS
    place = _tls(answer(b"200 OK", body=b'{"code":"0","data":[],"msg":""}', kind=b"application/json"))
    return Situation(name=name, place=place, clients=clients, environment=environment)


_VALUES: Final = (
    _of_a_value("a line feed at the end", PASSPHRASE="Tern-Harbour7\n"),
    _of_a_value("a line feed inside", PASSPHRASE="Tern\nHarbour7"),
    _of_a_value("a carriage return at the end", PASSPHRASE="Tern-Harbour7\r"),
    _of_a_value("a blank at the end", PASSPHRASE="Tern-Harbour7 "),
    _of_a_value("a typographic dash", PASSPHRASE="Tern–Harbour7"),
    _of_a_value("an invisible character", PASSPHRASE="Tern-Harbour7\u200b"),
    _of_a_value("Chinese", PASSPHRASE="密码-Harbour7"),
    _of_a_value("an umlaut", PASSPHRASE="Törn-Harbour7"),
    _of_a_value("no value", NO_PASSPHRASE="1"),
    _of_a_value("no signing key", NO_SIGNING_KEY="1", PASSPHRASE="Tern-Harbour7"),
)

SITUATIONS: Final = (*_FAIL_ALIKE, *_SOCKETS, *_ONLY_THERE, *_PROXIES, *_VALUES)
