"""Connections of one listening socket, every one of them known from its first moment to its last.

asyncio's own server forgets a connection between accepting it and calling back, and through a whole TLS
handshake; one that is ended then leaves a socket behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from ipaddress import ip_address
from typing import Final

from okx_doctor.gate.serve.events import UNTRUSTED

CONNECTION_LIMIT: Final = 256
HANDSHAKE_SECONDS: Final = 20.0
FLUSH_SECONDS: Final = 75.0
READ_AHEAD: Final = 64 * 1024
_WAKE_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 0.1
_TURNS: Final = 16
"""Turns of the loop in which a new connection is set up and its first bytes are read."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Acceptor:
    """Calls ``talk`` for each connection once TLS is done, and closes it afterwards.

    ``turned_away`` gets the reason where ``talk`` was not reached. An ``OSError`` in ``talk`` is the client's doing;
    anything else goes to the loop's exception handler. Of ``CONNECTION_LIMIT`` connections the one that has been in
    ``waiting`` for longest makes room for another; where none is, the other one is turned away.
    """

    def __init__(self, talk: Talk, turned_away: Callable[[str], None] = lambda why: None) -> None:
        self._talk = talk
        self._turned_away = turned_away
        self._listening: socket.socket | None = None
        self._tls: ssl.SSLContext | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._open: dict[asyncio.Task[None], socket.socket] = {}
        self._waiting: dict[asyncio.Task[None], None] = {}
        self._stopping = False

    def start(self, listening: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Accept from now on, in the running loop. The bound socket is this object's from here on."""
        listening.setblocking(False)
        listening.listen(CONNECTION_LIMIT)
        self._listening, self._tls = listening, tls
        self._accepting = asyncio.get_running_loop().create_task(self._accept(listening))

    async def stop(self) -> None:
        """Close the port and drop every connection at once, whatever stage it has reached."""
        if self._listening is None or self._accepting is None:
            return
        self._stopping = True
        await self._wake(self._listening)
        await asyncio.gather(self._accepting, return_exceptions=True)
        self._listening.close()
        ended = dict(self._open)
        for task in ended:
            task.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        for connection in ended.values():
            connection.close()
        await asyncio.sleep(0)  # transports let go of their sockets in a callback of the next turn

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while not self._stopping:
            try:
                connection, _ = await loop.sock_accept(listening)
            except OSError:  # out of file descriptors, or the client left already; or it was woken
                if not self._stopping:
                    await asyncio.sleep(_PAUSE_SECONDS)
                continue
            if self._stopping or not await self._room():
                connection.close()
                if not self._stopping:
                    self._turned_away(f"{CONNECTION_LIMIT} connections are open already")
                continue
            task = loop.create_task(self._serve(connection))
            self._open[task] = connection
            task.add_done_callback(self._forget)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """While the connection of this task is idle: nothing of a request has come."""
        task = asyncio.current_task()
        if task is not None:
            self._waiting[task] = None
        try:
            yield
        finally:
            if task is not None:
                self._waiting.pop(task, None)

    async def _room(self) -> bool:
        """Whether one more connection may be open, where need be in place of an idle one."""
        if len(self._open) < CONNECTION_LIMIT:
            return True
        for _ in range(_TURNS):
            await asyncio.sleep(0)  # what has arrived by now is read first, and its connection no idle one
        longest_idle = next(iter(self._waiting), None)
        if longest_idle is None:
            return False
        longest_idle.cancel()
        await asyncio.gather(longest_idle, return_exceptions=True)
        return not self._stopping

    async def _wake(self, listening: socket.socket) -> None:
        """End the waiting in accept, which may not be cancelled: that could lose a connection just accepted.

        On Linux by the descriptor, since a socket of another network is not reached by its address; elsewhere by one
        last connection.
        """
        if sys.platform == "linux":
            listening.shutdown(socket.SHUT_RDWR)
        else:
            with socket.socket(listening.family, socket.SOCK_STREAM) as last, contextlib.suppress(OSError):
                last.setblocking(False)
                async with asyncio.timeout(_WAKE_SECONDS):
                    await asyncio.get_running_loop().sock_connect(last, reached_at(listening))

    async def _serve(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=READ_AHEAD)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport: asyncio.WriteTransport | None = None
        try:
            with self.waiting():
                transport, _ = await loop.connect_accepted_socket(
                    lambda: protocol,
                    connection,
                    ssl=self._tls,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS if self._tls else None,
                )
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            await self._talk(reader, writer)
            writer.close()
            async with asyncio.timeout(FLUSH_SECONDS):
                await writer.wait_closed()
        except ssl.SSLError as error:
            if why := _tls_trouble(error, begun=transport is not None):
                self._turned_away(why)
        except OSError:
            pass  # the client went away, or does not read
        finally:
            if transport:
                with contextlib.suppress(AttributeError):  # asyncio's, for a transport whose last bytes have just left
                    transport.abort()

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._open.pop(task, None)
        if not task.cancelled() and (error := task.exception()):
            asyncio.get_running_loop().call_exception_handler({"message": "connection", "exception": error})


def reached_at(listening: socket.socket) -> tuple[str, int]:
    """Host and port by which this machine reaches a bound socket: on every address it has none of its own."""
    host, port = listening.getsockname()[:2]
    if ip_address(host.partition("%")[0]).is_unspecified:
        host = "::1" if listening.family == socket.AF_INET6 else "127.0.0.1"
    return host, port


def _tls_trouble(error: ssl.SSLError, *, begun: bool) -> str:
    """The failure, in our words. Under TLS 1.3 a client objects to the certificate only after the handshake."""
    reason = error.reason or ""
    if "UNKNOWN_CA" in reason or "CERTIFICATE" in reason:
        return UNTRUSTED
    if reason in ("HTTP_REQUEST", "HTTPS_PROXY_REQUEST"):
        return "it is plain HTTP, and this port speaks TLS: its address begins with https://"
    return "" if begun else "its TLS handshake failed"


async def drained(writer: asyncio.StreamWriter) -> None:
    """Wait until the client has taken enough of what was written. Raises ``NotRead`` where it takes nothing."""
    if not writer.transport.get_write_buffer_size():
        await writer.drain()
        return
    try:
        async with asyncio.timeout(FLUSH_SECONDS):
            await writer.drain()
    except TimeoutError:
        writer.transport.abort()
        raise NotRead from None


class NotRead(ConnectionError):
    """The client does not read what it is sent."""
