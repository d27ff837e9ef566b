"""The proxy on the way failed: the request never reached OKX."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import Failure

PROXIES: Final[tuple[Failure, ...]] = (
    Failure(
        id="proxy scheme",
        side="proxy",
        meaning=(
            "The proxy was spoken to in TLS and answers in plain HTTP: its own address is written with https://. "
            "Write http:// in front of it, in HTTPS_PROXY too; the s belongs to the target. No certificate is at fault."
        ),
        likely=("proxy-failure",),
        words=(
            "Your proxy appears to only use HTTP and not HTTPS",
            "check_hostname requires server_hostname",
            "proxyconnect tcp: tls:",
            "proxyconnect tcp: EOF",
        ),
    ),
    Failure(
        id="proxy address",
        side="proxy",
        meaning=(
            "The client cannot use the proxy's address as it is written. Write http://HOST:PORT: https:// in front "
            "of a proxy's own address is almost always wrong, and socks5:// wants a client that has SOCKS."
        ),
        likely=("proxy-failure",),
        words=(
            "Malformed proxy",
            "InvalidProxyUrl",
            "InvalidProxyURL",
            "proxy: unknown scheme",
            "Unknown scheme for proxy URL",
            "Proxy URL had no scheme",
            "Unsupported proxy scheme",
            "Unsupported scheme for proxy URL",
            "Please check proxy URL",
            "Unable to determine SOCKS version",
            "Missing dependencies for SOCKS support",
            "the 'socksio' package is not installed",
            "ProxySchemeUnknown",
        ),
    ),
    Failure(
        id="proxy login",
        side="proxy",
        meaning="The proxy wants a user name and a password. The request never reached OKX.",
        likely=("proxy-failure",),
        words=(
            "ProxyAuthRequired",
            "ProxyUnauthorized",
            "Provided proxy credentials are incorrect",
            "Proxy Authentication Required",
            "proxy authentication required",
            "Proxy authentication required",
        ),
    ),
    Failure(
        id="proxy name",
        side="proxy",
        meaning="The proxy's own name does not resolve. Correct the address of the proxy, or unset it.",
        likely=("proxy-failure",),
        words=("Could not resolve proxy", "Couldn't resolve proxy"),
    ),
    Failure(
        id="proxy",
        side="proxy",
        meaning="The proxy on the way refused or failed. The request never reached OKX.",
        likely=("proxy-failure",),
        words=(
            "Cannot connect to HTTPS server through proxy",
            "Tunnel failed, got: ",
            "Proxy failed to connect",
            "ProxyConnect,",
            "proxy authentication failed",
            "Tunnel connection failed",
            "from proxy after CONNECT",
            "CONNECT tunnel failed",
            "Connection established failed via proxy",
            "tunneling socket could not be established",
            "Cannot connect to proxy",
            "Unable to connect to proxy",
            "ERR_TUNNEL_CONNECTION_FAILED",
            "ERR_PROXY_CONNECTION_FAILED",
            "ERR_PROXY_CONNECTION",
            "proxyconnect tcp",
            "Proxy CONNECT aborted",
            "Proxy response (",
            "Proxy response !==200",
            "Failed to connect to proxy",
            "failed to connect via proxy",
            "Unable to tunnel through proxy",
            "Unexpected response code for CONNECT",
            "Failed to authenticate with proxy",
            "tunnel error: ",
            "TunnelUnexpectedEof",
            "TunnelUnsuccessful",
            "ProxyError",
            "ProxyConnectionError",
            "ClientHttpProxyError",
            "ClientProxyConnectionError",
            "WebSocketProxyException",
            "InvalidProxyStatus",
            "InvalidProxyMessage",
            "proxy rejected connection",
            "did not receive a valid HTTP response from proxy",
            "The proxy tunnel request to proxy",
            "Proxy Tunneling failed",
        ),
    ),
)
