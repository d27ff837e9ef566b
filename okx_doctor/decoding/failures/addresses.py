"""The address is at fault: no URL, the wrong scheme, or a host that sends the client elsewhere."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import UNASKED, Failure

ADDRESSES: Final[tuple[Failure, ...]] = (
    Failure(
        id="no URL",
        side="client",
        meaning=(
            "The client sent nothing: its address is no URL. Backticks or quotes around it, a scheme that is "
            "missing, or a variable that is not set."
        ),
        likely=("base-url-invalid",),
        words=(
            "Invalid URL '",
            "InvalidURL",
            "No connection adapters were found for",
            "MissingSchema",
            "InvalidSchema",
            "UnsupportedProtocol",
            "ERR_INVALID_URL",
            "Failed to parse URL",
            "unsupported protocol scheme",
            "RelativeUrlWithoutBase",
            "relative URL without a base",
        ),
    ),
    Failure(
        id="redirects",
        meaning=(
            "The client was sent from address to address until it gave up: the host does not serve the API, and a "
            "client that follows loses the signed headers. Use the host of your own site, without a path."
        ),
        likely=("host-not-api",),
        possible=("proxy-failure", "blocked-by-edge"),
        words=(
            "Maximum redirects",
            "TooManyRedirects",
            "Exceeded maximum allowed redirects",
            "Exceeded 30 redirects",
            "redirects exceeded",
            "redirect count exceeded",
            "stopped after 10 redirects",
            "too many redirects",
            "Too many redirects",
            "ERR_FR_TOO_MANY_REDIRECTS",
            "ERR_TOO_MANY_REDIRECTS",
            "Too many follow-up requests",
        ),
    ),
    Failure(
        id="plain HTTP to TLS",
        meaning=(
            "The client spoke plain HTTP to a port of TLS: the base URL begins with http:// where https:// belongs. "
            f"{UNASKED}"
        ),
        likely=("base-url-invalid",),
        possible=("proxy-failure",),
        words=(
            "The plain HTTP request was sent to HTTPS port",
            "Client sent an HTTP request to an HTTPS server",
            'malformed HTTP response "\\x15\\x03',
            "BadStatusLine('\\x15\\x03",
            "illegal status line: b'\\x15\\x03",
            "Received HTTP/0.9 when not allowed",
        ),
    ),
)
