"""No connection came about: forbidden, refused, silent, or without a way."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import UNASKED, Failure

CONNECTING: Final[tuple[Failure, ...]] = (
    Failure(
        id="blocked here",
        meaning=(
            "This machine itself forbids the connection (error 10013, EACCES): a firewall, a virus scanner or a rule "
            "of the container."
        ),
        likely=("connection-refused",),
        words=(
            "connect EACCES",
            "WSAEACCES",
            "connect EPERM",
            "connect: permission denied",
            "Permission denied - connect",
        ),
    ),
    Failure(
        id="refused",
        meaning=(
            "The connection was refused at once: nothing listens at that address and port, or a firewall rejects it. "
            f"{UNASKED}"
        ),
        likely=("connection-refused",),
        possible=("proxy-failure", "dns-failure"),
        words=(
            "ECONNREFUSED",
            "Connection refused",
            "connection refused",
            "ConnectionRefused",
            "actively refused",
            "积极拒绝",
            "拒绝连接",
            "ERR_CONNECTION_REFUSED",
            "NS_ERROR_CONNECTION_REFUSED",
            "Connect call failed",
            "WSAECONNREFUSED",
        ),
    ),
    Failure(
        id="no answer in time",
        meaning=(
            "Nothing came back in time. A firewall that drops in silence, a line or a VPN that is down, or an address "
            "that leads nowhere. Whether an order that was sent arrived is not known: look before it is sent again."
        ),
        likely=("connection-timeout",),
        possible=("dns-failure", "proxy-failure"),
        words=(
            "Elapsed(())",
            "Timeout awaiting '",
            "request timed out (",
            "ETIMEDOUT",
            "ESOCKETTIMEDOUT",
            "ConnectTimeout",
            "ReadTimeout",
            "WriteTimeout",
            "PoolTimeout",
            "ConnectionTimeoutError",
            "Read timed out",
            "Operation timed out",
            "Connection timed out",
            "connect timed out",
            "timed out during opening handshake",
            "connect timeout",
            "Connect Timeout",
            "Headers Timeout",
            "HeadersTimeoutError",
            "UND_ERR_CONNECT_TIMEOUT",
            "UND_ERR_HEADERS_TIMEOUT",
            "UND_ERR_BODY_TIMEOUT",
            "i/o timeout",
            "TLS handshake timeout",
            "context deadline exceeded",
            "Client.Timeout exceeded",
            "HttpTimeoutException",
            "HttpConnectTimeoutException",
            "SocketTimeoutException",
            "SocketTimeout",
            "TimedOut",
            "deadline has elapsed",
            "operation timed out",
            "Net::OpenTimeout",
            "Net::ReadTimeout",
            "Faraday::TimeoutError",
            "execution expired",
            "Opening handshake has timed out",
            "aborted due to timeout",
            "WebSocketTimeoutException",
            "ServerTimeoutError",
            "SocketTimeoutError",
            "HttpClient.Timeout",
            "ERR_TIMED_OUT",
            "ERR_CONNECTION_TIMED_OUT",
            "NS_ERROR_NET_TIMEOUT",
            "WSAETIMEDOUT",
        ),
        vague=(
            "timed out",
            "TimeoutError",
            "RequestTimeout",
            "timeout of ",
            "TaskCanceledException",
            "OperationCanceledException",
            "The operation was canceled.",
            "AbortError",
            "The operation was aborted",
        ),
    ),
    Failure(
        id="unreachable",
        meaning=(
            "No way leads to that address: no route, no network, IPv6 without IPv6, or a network that blocks OKX. The "
            "request never left."
        ),
        likely=("connection-refused",),
        possible=("connection-timeout", "dns-failure"),
        words=(
            "No route to host",
            "no route to host",
            "EHOSTUNREACH",
            "ENETUNREACH",
            "Network is unreachable",
            "network is unreachable",
            "Network unreachable",
            "NetworkUnreachable",
            "HostUnreachable",
            "NoRouteToHostException",
            "ERR_INTERNET_DISCONNECTED",
            "ERR_ADDRESS_UNREACHABLE",
            "unreachable network",
            "unreachable host",
        ),
    ),
    Failure(
        id="not connected",
        meaning=(
            "No connection came about: refused, without a way, or forbidden; the text does not say which. The request "
            "never left."
        ),
        likely=("connection-refused",),
        possible=("dns-failure", "proxy-failure"),
        words=("Failed to connect to ", "Failed to open TCP connection"),
    ),
)
