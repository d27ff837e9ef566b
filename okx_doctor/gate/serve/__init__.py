"""The gate's servers: HTTP, WebSocket, TLS and time on loopback, and the exchange that runs them."""

from typing import Final

LOOPBACK: Final = "127.0.0.1"
