"""The host's name did not become an address."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import Failure

NAMES: Final[tuple[Failure, ...]] = (
    Failure(
        id="name server silent",
        meaning=(
            "The resolver on this machine gave no answer, so the name was never looked up: no network, a resolver that "
            "is down, or a container without one."
        ),
        likely=("dns-failure",),
        words=(
            "read udp",
            "EAI_AGAIN",
            "Temporary failure in name resolution",
            "Try again (os error",
            "SocketException (11): ",
            "server misbehaving",
            "Temporary DNS failure",
            "Resolving timed out",
            "name lookup timed out",
            "EAI_FAIL",
            "Non-recoverable failure in name resolution",
        ),
    ),
    Failure(
        id="name unknown",
        meaning=(
            "The host's name does not resolve here: a misspelt name, a resolver that does not know or does not want to "
            "know OKX, or a client that does not use the proxy which the rest of the machine uses."
        ),
        likely=("dns-failure",),
        words=(
            "ENOTFOUND",
            "EAI_NONAME",
            "EAI_NODATA",
            "Name or service not known",
            "nodename nor servname provided",
            "No address associated with hostname",
            "getaddrinfo failed",
            "getaddrinfo for ",
            "php_network_getaddresses",
            "Could not resolve host",
            "Couldn't resolve host",
            "no such host",
            "UnknownHostException",
            "UnresolvedAddressException",
            "NameResolutionError",
            "ClientConnectorDNSError",
            "WebSocketAddressException",
            "Socket::ResolutionError",
            "Failed to resolve",
            "failed to lookup address information",
            "dns error",
            "Dns Failed",
            "No such host is known",
            "gaierror",
            "ERR_NAME_NOT_RESOLVED",
            "NS_ERROR_UNKNOWN_HOST",
            "NXDOMAIN",
            "WSAHOST_NOT_FOUND",
            "NameResolutionFailure",
            "The remote name could not be resolved",
        ),
    ),
)
