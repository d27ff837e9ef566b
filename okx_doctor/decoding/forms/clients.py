"""Messages of clients that no answer of OKX's reached: a proxy, no JSON, a missing credential, no connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.paste import Paste
from okx_doctor.decoding.sighting import Sighting

_PROXY: Final = (
    "Tunnel connection failed",
    "from proxy after CONNECT",
    "CONNECT tunnel failed",
    "Proxy Authentication Required",
    "tunneling socket could not be established",
    "Cannot connect to proxy",
    "ERR_TUNNEL_CONNECTION_FAILED",
    "ERR_PROXY_CONNECTION_FAILED",
    "proxyconnect tcp",
    "Proxy CONNECT aborted",
    "Could not resolve proxy",
    "Failed to connect to proxy",
    "ProxyError",
    "ProxyConnectionError",
)
_PROXY_STATUS: Final = re.compile(r"\b(407|403|502|503)\b")

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

_FAILURES: Final = (
    (
        "dns-failure",
        (
            "getaddrinfo ENOTFOUND",
            "EAI_AGAIN",
            "Temporary failure in name resolution",
            "Name or service not known",
            "nodename nor servname provided",
            "getaddrinfo failed",
            "Could not resolve host",
            "no such host",
            "UnknownHostException",
            "NameResolutionError",
            "Failed to resolve",
        ),
    ),
    ("tls-clock", ("certificate is not yet valid", "CERT_NOT_YET_VALID")),
    (
        "tls-untrusted",
        (
            "CERTIFICATE_VERIFY_FAILED",
            "certificate verify failed",
            "self signed certificate",
            "self-signed certificate",
            "unable to get local issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "CERT_HAS_EXPIRED",
            "x509: certificate",
            "PKIX path building failed",
            "SSL certificate problem",
        ),
    ),
    (
        "connection-refused",
        (
            "ECONNREFUSED",
            "Connection refused",
            "connection refused",
            "actively refused",
            "积极拒绝",
            "ECONNRESET",
            "Connection reset by peer",
            "connection reset by peer",
            "RemoteDisconnected",
            "Remote end closed connection",
            "No route to host",
            "Couldn't connect to server",
            "ENETUNREACH",
            "Network is unreachable",
        ),
    ),
    (
        "connection-timeout",
        (
            "ETIMEDOUT",
            "Read timed out",
            "ReadTimeout",
            "ConnectTimeout",
            "ConnectionTimeoutError",
            "connect timeout",
            "timed out",
            "TimeoutError",
            "i/o timeout",
            "context deadline exceeded",
            "RequestTimeout",
        ),
    ),
    ("", ("NetworkError", "fetch failed", "ConnectError", "ConnectionError", "URLError")),
)
"""Catalogue id and the words of clients that state it, the more telling first; the last state none."""


def proxy_texts(paste: Paste) -> Iterator[Sighting]:
    """A proxy on the way that refused or failed."""
    for words in _PROXY:
        at = paste.text.find(words)
        if at < 0 or not paste.about_okx:
            continue
        status = _PROXY_STATUS.search(paste.text, max(0, at - 40), at + 120)
        yield Sighting(
            channel="edge",
            kind="proxy",
            form="proxy error",
            at=at,
            http_status=int(status.group(1)) if status else None,
        )


def not_json(paste: Paste) -> Iterator[Sighting]:
    """A parser that stumbled over the first character of the answer."""
    for words in _NO_JSON:
        at = paste.text.find(words)
        if at >= 0 and paste.about_okx:
            yield Sighting(channel="edge", kind="no-json", form="parser error", at=at)


def refusals_of_clients(paste: Paste) -> Iterator[Sighting]:
    """A client that sent nothing because it was given no credential (ccxt: the passphrase is called password)."""
    found = _MISSING.search(paste.text)
    if found is not None and paste.about_okx and not paste.of_another_exchange(found.start()):
        yield Sighting(channel="edge", kind="refused-by-client", form="client error", at=found.start())


def connection_failures(paste: Paste) -> Iterator[Sighting]:
    """The most telling of a client's reasons for having no answer at all."""
    if not paste.about_okx:
        return
    for cause, phrases in _FAILURES:
        places = [at for words in phrases if (at := paste.text.find(words)) >= 0]
        if places:
            yield Sighting(channel="edge", kind="no-answer", form="client error", at=min(places), cause=cause)
            return
