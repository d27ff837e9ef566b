"""HTTP/2 or a WebSocket ended, which runs on a connection of its own."""

from __future__ import annotations

from typing import Final

from okx_doctor.decoding.failures.failure import CUT_BY, Failure

STREAMS: Final[tuple[Failure, ...]] = (
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
        possible=CUT_BY,
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
)
