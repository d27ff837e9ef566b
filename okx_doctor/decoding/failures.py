"""Why a client has no answer: each way to fail, with the numbers and the fixed words that give it away.

Operating systems translate their messages, so numbers, class names and constants come first; English words follow,
since most machines speak English. ``tests/data/stacks.jsonl`` has the texts, with the program that printed them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

Side = Literal["proxy", "network", "client"]
"""Who failed: a proxy, the way to OKX, or the client, which sent nothing."""


class Failure(Struct, frozen=True, kw_only=True):
    """One way to fail. ``words`` are looked for as they are; ``vague`` ones count only where nothing else is said."""

    id: str
    meaning: str
    side: Side = "network"
    likely: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()


_CUT: Final = ("proxy-failure", "blocked-by-edge")
_UNASKED: Final = "Credentials and signature were not looked at."

FAILURES: Final[tuple[Failure, ...]] = (
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
            "URL using bad/illegal format",
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
            f"{_UNASKED}"
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
    Failure(
        id="not TLS",
        meaning=(
            "What answered does not speak TLS, so no certificate was ever shown: a proxy whose own address is written "
            "with https:// (write http://), a captive portal, or a port that serves plain HTTP."
        ),
        likely=("proxy-failure",),
        possible=("host-not-api", "connection-refused"),
        words=(
            "WRONG_VERSION_NUMBER",
            "wrong version number",
            "first record does not look like a TLS handshake",
            "server gave HTTP response to HTTPS client",
            "Unrecognized SSL message",
            "Unsupported or unrecognized SSL message",
            "InvalidContentType",
            "Cannot determine the frame size or a corrupted frame was received",
            "failed due to an unexpected packet format",
            "packet length too long",
            "PACKET_LENGTH_TOO_LONG",
            "SSL_ERROR_RX_RECORD_TOO_LONG",
            "SEC_E_INVALID_TOKEN",
            "record layer failure",
            "RECORD_LAYER_FAILURE",
        ),
    ),
    Failure(
        id="certificate of another name",
        meaning=(
            "Another server answered in OKX's place: its certificate is for another name. Most often the name was "
            "resolved falsely, or a portal or filter stands in between. Compare what several resolvers say (nslookup "
            "www.okx.com, then nslookup www.okx.com 1.1.1.1). Renewing the list of authorities does not help; never "
            "turn verification off."
        ),
        likely=("dns-failure",),
        possible=("tls-untrusted", "proxy-failure"),
        words=(
            "did not match expected name",
            "Hostname mismatch",
            "hostname mismatch",
            "certificate is not valid for",
            "doesn't match either of",
            "doesn't match '",
            "CertificateError: hostname",
            "ERR_TLS_CERT_ALTNAME_INVALID",
            "does not match certificate's altnames",
            "certificate is valid for ",
            "certificate is not valid for any names",
            "No name matching",
            "No subject alternative",
            "not verified:",
            "NotValidForName",
            "not valid for name",
            "no alternative certificate subject name matches",
            "does not match target host name",
            "RemoteCertificateNameMismatch",
            "did not match expected CN",
            "does not match the server certificate",
            "SEC_E_WRONG_PRINCIPAL",
            "0x80090322",
            "ERR_CERT_COMMON_NAME_INVALID",
            "SSL_ERROR_BAD_CERT_DOMAIN",
        ),
    ),
    Failure(
        id="certificate too early",
        meaning="The certificate is not valid yet, by this machine's clock: the clock is most probably behind.",
        likely=("tls-clock",),
        possible=("tls-untrusted",),
        words=(
            "certificate not valid yet",
            "NotValidYetContext",
            "certificate is not yet valid",
            "CERT_NOT_YET_VALID",
            "NotValidYet",
            "CertificateNotYetValidException",
            "NotBefore:",
        ),
    ),
    Failure(
        id="certificate expired",
        meaning=(
            "The certificate has expired, by this machine's clock. Either the clock is ahead, or it is not OKX's: a "
            "proxy, a portal or a filter showed an old one."
        ),
        likely=("tls-untrusted",),
        possible=("tls-clock", "dns-failure"),
        words=(
            "ExpiredContext",
            "certificate has expired",
            "CERT_HAS_EXPIRED",
            "CertExpired",
            "Certificate expired",
            "certificate: Expired",
            "certificate expired",
            "CertificateExpiredException",
            "NotAfter:",
            "SEC_E_CERT_EXPIRED",
            "ERR_CERT_DATE_INVALID",
        ),
    ),
    Failure(
        id="certificate out of its time",
        meaning=(
            "By this machine's clock the certificate is not valid now: the clock is wrong, or another server answered "
            "with an old one. The text does not say which."
        ),
        likely=("tls-clock", "tls-untrusted"),
        words=("validity check failed",),
    ),
    Failure(
        id="certificate untrusted",
        meaning=(
            "The certificate's issuer is not known here: a company's proxy, a virus scanner or a filter opened the "
            "connection, or this machine's list of authorities is old. Never turn verification off."
        ),
        likely=("tls-untrusted",),
        possible=("dns-failure", "proxy-failure"),
        words=(
            "CERTIFICATE_VERIFY_FAILED",
            "certificate verify failed",
            "self signed certificate",
            "self-signed certificate",
            "unable to get local issuer certificate",
            "unable to get issuer certificate",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
            "UNABLE_TO_GET_ISSUER_CERT",
            "SELF_SIGNED_CERT_IN_CHAIN",
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "unable to verify the first certificate",
            "x509: certificate",
            "PKIX path",
            "SunCertPathBuilderException",
            "SSLCertVerificationError",
            "SSL certificate problem",
            "SSL peer certificate or SSH remote key was not OK",
            "UnknownIssuer",
            "CaUsedAsEndEntity",
            "invalid peer certificate",
            "RemoteCertificateChainErrors",
            "PartialChain",
            "UntrustedRoot",
            "The remote certificate is invalid",
            "SEC_E_UNTRUSTED_ROOT",
            "0x80090325",
            "ERR_CERT_AUTHORITY_INVALID",
            "SSL: no alternative certificate",
        ),
    ),
    Failure(
        id="handshake refused",
        meaning=(
            "The other side ended the TLS handshake: no version, cipher or name in common. No certificate was judged. "
            "A very old TLS library, or a filter in between."
        ),
        likely=("connection-refused",),
        possible=("proxy-failure", "dns-failure"),
        words=(
            "alert handshake failure",
            "SSLV3_ALERT_HANDSHAKE_FAILURE",
            "tls: handshake failure",
            "fatal alert: handshake_failure",
            "AlertReceived(",
            "received fatal alert",
            "tlsv1 alert",
            "TLSV1_ALERT",
            "TLSV1_UNRECOGNIZED_NAME",
            "tlsv1 unrecognized name",
            "UNSUPPORTED_PROTOCOL",
            "unsupported protocol version",
            "tls: protocol version not supported",
            "fatal alert: protocol_version",
            "ERR_SSL_VERSION_OR_CIPHER_MISMATCH",
            "SEC_E_ILLEGAL_MESSAGE",
            "0x80090326",
        ),
    ),
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
            "NXDOMAIN",
            "WSAHOST_NOT_FOUND",
            "NameResolutionFailure",
            "The remote name could not be resolved",
        ),
    ),
    Failure(
        id="goaway",
        meaning=(
            "The server ended this HTTP/2 connection in good order (GOAWAY), as servers do after a number of requests, "
            "and the client went on using it. Open a new client, retry the request once, or use HTTP/1.1 (httpx: "
            "http2=False)."
        ),
        likely=("connection-refused",),
        words=(
            "http2.Http2Writer",
            "http2: server sent",
            "ConnectionTerminated",
            "GOAWAY",
            "GoAway",
            "ERR_HTTP2_GOAWAY_SESSION",
            "ERR_HTTP2_SESSION_ERROR",
            "nghttp2",
            "HTTP/2 stream",
            "HTTP/2 connection",
            "StreamResetException",
            "ConnectionShutdownException",
        ),
    ),
    Failure(
        id="socket handshake",
        meaning=(
            "Something answered the WebSocket's handshake and did not open one: a wrong path, a page of a CDN, a "
            "proxy. Print the status and the body of that answer."
        ),
        possible=("blocked-by-edge", "host-not-api", "proxy-failure"),
        words=("websocket: bad handshake", "WebSocketHandshakeException"),
    ),
    Failure(
        id="socket cut",
        meaning=(
            "The WebSocket's connection ended without a close frame: the line, a proxy or OKX cut it. OKX cuts a "
            "socket that is silent for 30 seconds: send ping more often than that. A new connection needs a new "
            "login, with a new timestamp."
        ),
        likely=("connection-refused",),
        possible=_CUT,
        words=(
            "no close frame received or sent",
            "ConnectionClosedError",
            "code 1006",
            "close 1006",
            "code: 1006",
            "code=1006",
            "StatusCode(1006)",
            "Connection to remote host was lost",
            "WebSocketConnectionClosedException",
            "without closing handshake",
            "ResetWithoutClosingHandshake",
            "without completing the close handshake",
            "failed to read frame header",
            "failed to get reader",
        ),
    ),
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
            f"{_UNASKED}"
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
            "WSAETIMEDOUT",
        ),
        vague=(
            "timed out",
            "TimeoutError",
            "RequestTimeout",
            "timeout of ",
            "TaskCanceledException",
            "Timeout was reached",
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
        words=("Couldn't connect to server", "Failed to connect to ", "Failed to open TCP connection"),
    ),
    Failure(
        id="reset",
        meaning=(
            "The connection was cut off (reset). A filter that reads the host's name in the handshake, a proxy or VPN "
            f"that gave up, or a connection that stood idle too long. {_UNASKED}"
        ),
        likely=("connection-refused",),
        possible=_CUT,
        words=(
            "ECONNRESET",
            "Connection reset",
            "connection reset",
            "ConnectionReset",
            "forcibly closed",
            "ERR_CONNECTION_RESET",
            "EPIPE",
            "Broken pipe",
            "broken pipe",
            "ECONNABORTED (",
            "ConnectionAbortedError",
            "WSAECONNRESET",
            "WSAECONNABORTED",
            "Connection aborted",
        ),
    ),
    Failure(
        id="cut in the answer",
        meaning="The connection ended in the middle of the answer: the line, a proxy or a filter cut it. Try again.",
        likely=("connection-refused",),
        possible=_CUT,
        vague=("error decoding response body",),
        words=(
            "stream has been aborted",
            "server aborted pending request",
            ": aborted",
            "IncompleteRead",
            "IncompleteMessage",
            "ChunkedEncodingError",
            "without sending complete message body",
            "ClientPayloadError",
            "TransferEncodingError",
            "ContentLengthError",
            "ERR_STREAM_PREMATURE_CLOSE",
            "Premature close",
            "Premature end of",
            "end of file before message length reached",
            "transfer closed with",
            "premature EOF",
            "unexpected end of stream",
            "closed with outstanding read data remaining",
            "fixed content-length",
            "TypeError: terminated",
            "The response ended prematurely",
            "response body closed before all bytes were read",
            "Response body is not available",
            "message: 'aborted'",
            "Error: aborted",
        ),
    ),
    Failure(
        id="closed",
        meaning=(
            "The other side closed the connection without an answer: a server or a proxy that gave up, a filter, or an "
            f"old connection that was used again. {_UNASKED}"
        ),
        likely=("connection-refused",),
        possible=_CUT,
        words=(
            "Failed to enable crypto",
            "RemoteDisconnected",
            "Remote end closed connection",
            "ServerDisconnectedError",
            "Server disconnected",
            "socket hang up",
            "disconnected before secure TLS connection was established",
            "UNEXPECTED_EOF_WHILE_READING",
            "EOF occurred in violation of protocol",
            "unexpected eof while reading",
            "SSL_ERROR_SYSCALL",
            "SSL_connect",
            "SSL_read",
            "Empty reply from server",
            "header parser received no bytes",
            "EOF reached while reading",
            "connection closed before message completed",
            "other side closed",
            "UND_ERR_SOCKET",
            "tls handshake eof",
            "unexpected EOF",
            "Remote host terminated the handshake",
            "Remote host closed connection during handshake",
            "SSL peer shut down incorrectly",
            "Unexpected end of file from server",
            "end of file reached",
            "UnexpectedEof",
            "peer closed connection without sending TLS close_notify",
            "unexpected end of file",
            "An SSL error occurred",
            "The response ended prematurely",
            "Received an unexpected EOF or 0 bytes from the transport stream",
            "The underlying connection was closed",
            "ERR_EMPTY_RESPONSE",
            "ERR_CONNECTION_CLOSED",
            "connection is closed",
            "did not receive a valid HTTP response",
            "Handshake not finished",
            "HandshakeIncomplete",
            "Server closed the connection",
            "EOFException",
        ),
    ),
    Failure(
        id="no connection",
        meaning=f"No answer came at all, and the text does not say why. {_UNASKED} Print the error with its cause.",
        possible=("dns-failure", "connection-refused", "connection-timeout", "tls-untrusted", "proxy-failure"),
        vague=(
            "NetworkError",
            "fetch failed",
            "ConnectError",
            "ConnectionError",
            "ClientConnectorError",
            "URLError",
            "error sending request for url",
            "java.net.ConnectException",
            "java.net.SocketException",
            "ConnectFailure",
            "connectex:",
            "wsarecv:",
            "The SSL connection could not be established",
            "SSLHandshakeException",
            "SSLException",
            "SSLError",
            "Received network error or non-101 status code",
            "dial tcp",
            "Failed to open stream",
            "Connection Failed",
            "RequestError",
            "Network Error",
            "ERR_NETWORK",
        ),
    ),
)
"""The more telling first: of two in one message the earlier one of this table counts."""

ERRNO: Final[Mapping[str, tuple[int, ...]]] = {
    "name server silent": (-3, 11002, 3001, -3001),
    "name unknown": (-2, -5, 8, 11001, 11003, 11004, 3008, -3008),
    "blocked here": (10013,),
    "refused": (111, 61, 10061, 1225, -111, -61, -4078),
    "reset": (104, 54, 10053, 10054, 64, 1236, -104, -54, -4077, 32, -32, -4047, 103),
    "no answer in time": (110, 60, 11, 10060, 121, 258, -110, -60, -4039),
    "unreachable": (101, 113, 51, 65, 10051, 10065, 1231, 1232, -101, -113, -51, -65, -4062),
}
"""Numbers of Linux, macOS, Windows (10xxx and 11xxx of its sockets, others of the system), and libuv's below zero."""

CURL: Final[Mapping[int, str]] = {
    5: "proxy name",
    6: "name unknown",
    7: "not connected",
    18: "cut in the answer",
    28: "no answer in time",
    35: "closed",
    47: "redirects",
    51: "certificate of another name",
    52: "closed",
    56: "reset",
    60: "certificate untrusted",
    77: "certificate untrusted",
    92: "goaway",
    97: "proxy",
}
"""curl's exits, and PHP's ``cURL error``. The words beside one may say it better."""

PATTERNS: Final[tuple[tuple[str, str], ...]] = (
    ("certificate too early", r"current time [^\n]{10,40} is before"),
    (
        "proxy",
        r'"https?://[^"\n]{1,200}": (?:Forbidden|Bad Gateway|Service Unavailable|Bad Request|Gateway Timeout)\s*$',
    ),
    ("closed", r"(?:^|[ :])EOF\s*$"),
    ("cut in the answer", r"^\W{0,2}(?:terminated|aborted)\W{0,2}$"),
)
"""Lines that fixed words alone do not give away."""

BY_ID: Final[Mapping[str, Failure]] = {failure.id: failure for failure in FAILURES}
BY_ERRNO: Final[Mapping[int, str]] = {number: name for name, numbers in ERRNO.items() for number in numbers}
