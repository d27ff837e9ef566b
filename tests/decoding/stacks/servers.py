"""Servers that fail in one way each, on loopback: what a client meets when the way to OKX is broken."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha1
from typing import Final

import h2.config
import h2.connection
import h2.events

PATIENCE_S: Final = 20.0
"""How long a silent server holds a connection that its client does not close."""

Behaviour = Callable[[socket.socket], None]

_BAD_REQUEST: Final = (
    b"HTTP/1.1 400 Bad Request\r\nServer: squid\r\nContent-Type: text/html\r\nContent-Length: 29\r\n"
    b"Connection: close\r\n\r\n<html>400 Bad Request</html>\n"
)
_PAGE: Final = b"<html><head><title>%s</title></head><body>%s</body></html>"
_HANDSHAKE_FAILURE: Final = b"\x15\x03\x03\x00\x02\x02\x28"
_SOCKET_KEY: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def reset(link: socket.socket) -> None:
    """Cut off at once."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def reset_after_hello(link: socket.socket) -> None:
    """Cut off in the middle of the handshake, as filters do that read the name in it."""
    link.recv(65_536)
    reset(link)


def close_after_hello(link: socket.socket) -> None:
    """Close politely in the middle of the handshake."""
    link.recv(65_536)


def stay_silent(link: socket.socket) -> None:
    """Read and never answer."""
    while link.recv(65_536):
        pass


def speak_plain_http(link: socket.socket) -> None:
    """Answer a TLS handshake as a server of plain HTTP does."""
    link.recv(65_536)
    link.sendall(_BAD_REQUEST)


def refuse_the_handshake(link: socket.socket) -> None:
    """End the handshake with TLS's own alert: nothing in common."""
    link.recv(65_536)
    link.sendall(_HANDSHAKE_FAILURE)


def answer(status: bytes, *headers: bytes, body: bytes = b"", kind: bytes = b"text/html") -> Behaviour:
    """Answer every request with this status, and a page or this body."""

    def behave(link: socket.socket) -> None:
        link.recv(65_536)
        page = body or _PAGE % (status, status)
        lines = (b"HTTP/1.1 " + status, b"Content-Type: " + kind, b"Content-Length: %d" % len(page), *headers)
        link.sendall(b"\r\n".join((*lines, b"Connection: close", b"", page)))

    return behave


def close_before_the_answer(link: socket.socket) -> None:
    """Read the request and close."""
    link.recv(65_536)


def reset_before_the_answer(link: socket.socket) -> None:
    """Read the request and cut off."""
    link.recv(65_536)
    _raw_reset(link)


def close_in_the_body(link: socket.socket) -> None:
    """Promise 4,096 bytes and close after a few."""
    link.recv(65_536)
    link.sendall(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4096\r\n\r\n{"code":"0",')


def go_away(link: socket.socket) -> None:
    """HTTP/2: take the request, say GOAWAY, close."""
    two = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    two.initiate_connection()
    link.sendall(two.data_to_send())
    while data := link.recv(65_536):
        asked = any(isinstance(event, h2.events.RequestReceived) for event in two.receive_data(data))
        if asked:
            two.close_connection(last_stream_id=1)
        link.sendall(two.data_to_send())
        if asked:
            return


def cut_the_socket(*, politely: bool) -> Behaviour:
    """Accept a WebSocket, then end its connection without a close frame."""

    def behave(link: socket.socket) -> None:
        key = _socket_key(link.recv(65_536))
        accept = b64encode(sha1(key + _SOCKET_KEY, usedforsecurity=False).digest())
        lines = (b"HTTP/1.1 101 Switching Protocols", b"Upgrade: websocket", b"Connection: Upgrade")
        link.sendall(b"\r\n".join((*lines, b"Sec-WebSocket-Accept: " + accept, b"", b"")))
        link.recv(65_536)
        if not politely:
            _raw_reset(link)

    return behave


def over_tls(context: ssl.SSLContext, behaviour: Behaviour) -> Behaviour:
    """The same, inside TLS with this certificate."""

    def behave(link: socket.socket) -> None:
        with context.wrap_socket(link, server_side=True) as inner:
            behaviour(inner)

    return behave


def _socket_key(request: bytes) -> bytes:
    wanted = b"sec-websocket-key:"
    lines = request.split(b"\r\n")
    return next((line[len(wanted) :].strip() for line in lines if line.lower().startswith(wanted)), b"")


def _raw_reset(link: socket.socket) -> None:
    """Cut off below TLS, without its closing alert."""
    raw = socket.socket(fileno=link.detach()) if isinstance(link, ssl.SSLSocket) else link
    reset(raw)


@contextlib.contextmanager
def served(port: int, behaviour: Behaviour, address: str) -> Iterator[None]:
    """A server on this port of an address of loopback's, a thread for each connection."""
    with socket.create_server((address, port), backlog=64) as server:
        threading.Thread(target=_accept, args=(server, behaviour), daemon=True).start()
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def deaf(port: int, address: str) -> Iterator[None]:
    """A port whose queue is full: nobody answers there, not even with a refusal."""
    with contextlib.ExitStack() as held:
        held.enter_context(server := socket.create_server((address, port), backlog=0))
        for _ in range(4):
            held.enter_context(client := socket.socket())
            client.setblocking(False)
            client.connect_ex((address, port))
        yield
        server.close()


def start_name_server() -> None:
    """A name server that knows no name: NXDOMAIN, whatever is asked. It ends with the process."""
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("127.0.0.1", 53))
    threading.Thread(target=_no_such_name, args=(asked,), daemon=True).start()


def _no_such_name(asked: socket.socket) -> None:
    while True:
        question, client = asked.recvfrom(4_096)
        end = question.index(b"\0", 12) + 5
        asked.sendto(question[:2] + b"\x81\x83" + question[4:6] + b"\0" * 6 + question[12:end], client)


def _accept(server: socket.socket, behaviour: Behaviour) -> None:
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(link, behaviour), daemon=True).start()


def _serve(link: socket.socket, behaviour: Behaviour) -> None:
    link.settimeout(PATIENCE_S)
    with contextlib.suppress(OSError, ssl.SSLError, ValueError), link:
        behaviour(link)
