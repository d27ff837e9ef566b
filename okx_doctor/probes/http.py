"""One HTTP call: bounded in time and size, never redirected, never decoded blindly, never unverified.

httpx does the talking. What it does not bound (a name lookup, a server that drips a byte at a time) ends with the
call's own thread being left behind.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import certifi
import httpx
from msgspec import Struct, field
from msgspec.structs import replace

from okx_doctor.observations import CallFailure
from okx_doctor.protocol.answers import BODY_LIMIT, Answer, read_answer
from okx_doctor.protocol.sites import is_loopback

Transport = httpx.BaseTransport
"""The transport of requests: connections, unless a run is handed something else."""
_STRICT = (
    ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    if sys.version_info >= (3, 13)
    else ssl.VerifyFlags.VERIFY_DEFAULT
)
"""The flags that Python's own default context sets from 3.13 on."""


class Reply(Struct, frozen=True, kw_only=True):
    """The result of one call: an answer or a failure, and how the connection went.

    ``sent_at`` is wall-clock Unix seconds at the moment the request headers left, ``round_trip`` the seconds
    from there to the answer's headers, by the monotonic clock. Milliseconds are -1 for steps that were reused.
    """

    answer: Answer | None = None
    failure: CallFailure | None = None
    sent_at: float = 0.0
    round_trip: float = 0.0
    family: str = ""
    proxy: str = ""
    tcp_ms: float = -1.0
    tls_ms: float = -1.0
    tls_version: str = ""


class _Trace(Struct):
    """Filled by httpcore's trace events while a call runs."""

    now: Callable[[], float]
    monotonic: Callable[[], float]
    started: dict[str, float] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)
    sent_at: float = 0.0
    family: str = ""
    tls_version: str = ""

    def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        moment = self.monotonic()
        step, _, phase = event.rpartition(".")
        step = step.rpartition(".")[2]
        if phase == "started":
            self.started[step] = moment
            if step == "send_request_headers":
                self.sent_at = self.now()
            return
        if step in self.started and phase == "complete":
            self.took[step] = moment - self.started[step]
        stream = info.get("return_value")
        if phase == "complete" and step in ("connect_tcp", "start_tls") and stream is not None:
            if step == "connect_tcp":
                self.note_family(stream)
            tls = stream.get_extra_info("ssl_object")
            self.tls_version = (tls.version() or "") if tls else self.tls_version

    def note_family(self, stream: Any) -> None:
        """Note the family of a connection's addresses; a call tells it also where the connection was open before."""
        connected = stream.get_extra_info("socket") if stream is not None else None
        if connected is not None:
            self.family = "IPv6" if connected.family == socket.AF_INET6 else "IPv4"

    def milliseconds(self, step: str) -> float:
        return round(self.took[step] * 1000, 1) if step in self.took else -1.0


class UnusableSetting(Exception):
    """A setting of this machine that no connection can be made with."""

    def __init__(self, failure: CallFailure) -> None:
        super().__init__(failure.kind)
        self.failure = failure


class Http:
    """Makes calls over kept-alive connections; safe to use from several threads."""

    def __init__(
        self,
        *,
        user_agent: str,
        extra_ca: bytes = b"",
        proxy: Callable[[str], str] | None = None,
        transport: Transport | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._user_agent = user_agent
        self._extra_ca = extra_ca
        self._transport = transport
        self.proxy = proxy or proxy_for
        self._now = now
        self._monotonic = monotonic
        self._clients: dict[tuple[bool, str], httpx.Client] = {}
        self._lock = threading.Lock()

    def build(self, base_url: str, method: str, target: str, body: bytes = b"") -> tuple[httpx.Request, str]:
        """The request, and its raw target as it will be sent, which is the text to sign."""
        headers = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        request = httpx.Request(method, base_url + target, headers=headers, content=body or None)
        return request, request.url.raw_path.decode("ascii")

    def call(self, request: httpx.Request, headers: Mapping[str, str], budget: float) -> Reply:
        """Send ``request`` with ``headers`` added and read the answer within ``budget`` seconds. Never raises."""
        proxy = self.proxy(str(request.url))
        trace = _Trace(self._now, self._monotonic)
        ended: list[Answer | CallFailure] = []
        worker = threading.Thread(target=lambda: ended.append(self._attempt(request, headers, proxy, budget, trace)))
        worker.daemon = True
        worker.start()
        worker.join(max(budget, 0.05))
        outcome = ended[0] if ended else CallFailure(kind="timeout", detail="")
        if isinstance(outcome, CallFailure) and outcome.kind == "timeout":
            outcome = replace(outcome, detail=f"no complete answer within {max(budget, 0.05):.1f} s")
        return Reply(
            answer=outcome if isinstance(outcome, Answer) else None,
            failure=outcome if isinstance(outcome, CallFailure) else None,
            sent_at=trace.sent_at,
            round_trip=trace.took.get("send_request_headers", 0.0) + trace.took.get("receive_response_headers", 0.0),
            family=trace.family,
            proxy=address_of(proxy),
            tcp_ms=trace.milliseconds("connect_tcp"),
            tls_ms=trace.milliseconds("start_tls"),
            tls_version=trace.tls_version,
        )

    def _attempt(
        self, request: httpx.Request, headers: Mapping[str, str], proxy: str, budget: float, trace: _Trace
    ) -> Answer | CallFailure:
        try:
            for name, value in headers.items():
                value.encode("ascii")  # httpx would send UTF-8, which no server of OKX's is known to read
                request.headers[name] = value
            request.extensions = {"trace": trace, "timeout": httpx.Timeout(max(budget, 0.05)).as_dict()}
            return self._exchange(self._client(request.url.scheme == "https", proxy), request, trace)
        except UnusableSetting as error:
            return error.failure
        except Exception as error:  # named by its type; whatever the libraries raise, the call has failed
            return _failure(error, proxy)

    def _exchange(self, client: httpx.Client, request: httpx.Request, trace: _Trace) -> Answer:
        response = client.send(request, stream=True)
        trace.note_family(response.extensions.get("network_stream"))
        try:
            return read_answer(response.status_code, response.headers, _body(response))
        finally:
            response.close()

    def _client(self, tls: bool, proxy: str) -> httpx.Client:
        with self._lock:
            if (tls, proxy) not in self._clients:
                verify = self.tls_context() if tls or proxy.startswith("https") else no_authorities()
                try:
                    own = verify if proxy.startswith("https") else None
                    client = httpx.Client(
                        verify=verify,
                        proxy=httpx.Proxy(proxy, ssl_context=own) if proxy else None,
                        transport=self._transport,
                        trust_env=False,
                        follow_redirects=False,
                    )
                except (httpx.InvalidURL, ValueError, ImportError) as error:
                    raise UnusableSetting(
                        CallFailure(kind="proxy", detail="the proxy's address cannot be used")
                    ) from error
                self._clients[tls, proxy] = client
            return self._clients[tls, proxy]

    def tls_context(self) -> ssl.SSLContext:
        """A verifying context over certifi's authorities, or those of ``SSL_CERT_FILE`` / ``SSL_CERT_DIR``.

        Made by hand, since Python's default one writes every session's keys into the file that ``SSLKEYLOGFILE`` names:
        with them whoever recorded the connection reads the credentials in it.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.verify_flags |= _STRICT
        try:
            file, folder = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
            context.load_verify_locations(file or (None if folder else certifi.where()), None if file else folder)
        except OSError as error:
            detail = "SSL_CERT_FILE or SSL_CERT_DIR cannot be read"
            raise UnusableSetting(CallFailure(kind="tls", detail=detail)) from error
        if self._extra_ca:
            context.load_verify_locations(cadata=self._extra_ca.decode())
        return context

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()


def proxy_for(url: str) -> str:
    """The proxy that this machine's settings name for a URL, ``""`` for none; loopback is never proxied."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return ""
    proxies = getproxies()
    chosen = proxies.get(parts.scheme) or proxies.get("all") or ""
    if not chosen or proxy_bypass(host):
        return ""
    return chosen if "://" in chosen else f"http://{chosen}"


def no_authorities() -> ssl.SSLContext:
    """For plain http to this machine: verifies, trusts nobody, and saves reading every authority."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _body(response: httpx.Response) -> bytes:
    """At most ``BODY_LIMIT`` bytes, inflated within that limit: identity was asked for, a bomb may still come."""
    encoded = response.headers.get("content-encoding", "identity").lower() in ("gzip", "deflate")
    inflate = zlib.decompressobj(wbits=47) if encoded else None
    received = b""
    for chunk in response.iter_raw(64 * 1024):
        if inflate is None:
            received += chunk
        else:
            try:
                received += inflate.decompress(chunk, BODY_LIMIT)
            except zlib.error:
                return received
        if len(received) >= BODY_LIMIT:
            break
    return received[:BODY_LIMIT]


def address_of(url: str) -> str:
    """Scheme, host and port of a proxy, without its user information; ``""`` for none, a phrase for no URL."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.hostname or ''}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "a proxy whose address is no URL"


def _failure(error: Exception, proxy: str = "") -> CallFailure:
    """Name a failure by exception types and error numbers; the texts may hold header values and stay out."""
    proxied = bool(proxy)
    chain = _chain(error)
    for link in chain:
        if isinstance(link, ssl.SSLCertVerificationError):
            return CallFailure(kind="tls", detail=link.verify_message, tls_code=link.verify_code)
    if any(isinstance(link, httpx.TimeoutException | TimeoutError) for link in chain):
        return CallFailure(kind="timeout", detail="")
    for link in chain:
        if isinstance(link, httpx.LocalProtocolError | UnicodeError):
            return CallFailure(kind="unsendable", detail="the HTTP library refuses a header value")
        if isinstance(link, httpx.ProxyError):
            return CallFailure(kind="proxy", detail="the proxy refused or failed")
        if isinstance(link, ssl.SSLError) and proxy.startswith("https") and link.reason == "WRONG_VERSION_NUMBER":
            return CallFailure(kind="proxy", detail="its own address has https://, and it speaks http")
        if isinstance(link, ssl.SSLError):
            return CallFailure(kind="tls", detail=link.reason or "TLS failed")
        if isinstance(link, socket.gaierror):
            return CallFailure(kind="proxy" if proxied else "dns", detail=link.strerror or "the name does not resolve")
    if proxied and any(isinstance(link, httpx.ConnectError) for link in chain):
        return CallFailure(kind="proxy", detail="the proxy cannot be reached")
    for link in chain:
        if isinstance(link, ConnectionRefusedError):
            return CallFailure(kind="refused", detail="connection refused")
        if isinstance(link, OSError) and link.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
            return CallFailure(kind="refused", detail="no route to the host")
    if any(isinstance(link, httpx.RemoteProtocolError | httpx.NetworkError) for link in chain):
        return CallFailure(kind="cut-off", detail="the connection was closed before the answer was complete")
    if isinstance(error, ImportError | ValueError):
        return CallFailure(kind="proxy" if proxied else "other", detail=type(error).__name__)
    return CallFailure(kind="other", detail=type(error).__name__)


def _chain(error: BaseException) -> tuple[BaseException, ...]:
    links: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in links:
        links.append(link)
        link = link.__cause__ or link.__context__
    return tuple(links)
