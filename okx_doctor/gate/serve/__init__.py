"""The gate's servers: HTTP, WebSocket, TLS and time on loopback, and the exchange that runs them."""
