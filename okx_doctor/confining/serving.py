"""Answers inside besides those of the exchange: to DNS questions, and on connections to allowed services.

A thread with a loop of its own, on sockets that were made inside.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Self, cast

from okx_doctor.confining.names import Names, answer

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_STOP_SECONDS: Final = 5.0


class Serving:
    """Context manager: answers while inside."""

    def __init__(
        self, names: Names, resolving: tuple[socket.socket, ...], talks: Mapping[socket.socket, Talk] | None = None
    ) -> None:
        """``resolving`` are sockets for DNS, of both kinds; ``talks`` says who speaks on a listening socket."""
        self._names = names
        self._resolving = resolving
        self._talks = talks or {}
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="okx-doctor-inside", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)  # never in the middle of its start
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        loop = self._loop
        servers: list[asyncio.Server] = []
        transports: list[asyncio.DatagramTransport] = []
        try:
            loop.run_until_complete(self._start(servers, transports))
            loop.run_until_complete(self._stopping.wait())
        finally:
            for server in servers:
                server.close()
            for transport in transports:
                transport.abort()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(asyncio.sleep(0))  # transports let go of their sockets in the next turn
            loop.close()

    async def _start(self, servers: list[asyncio.Server], transports: list[asyncio.DatagramTransport]) -> None:
        for one in self._resolving:
            one.setblocking(False)
            if one.type == socket.SOCK_DGRAM:
                made, _ = await self._loop.create_datagram_endpoint(lambda: _Datagrams(self._names), sock=one)
                transports.append(made)
            else:
                servers.append(await asyncio.start_server(self._resolve, sock=one))
        for one, talk in self._talks.items():
            one.setblocking(False)
            servers.append(await asyncio.start_server(talk, sock=one))

    async def _resolve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """DNS over TCP: each message after its length."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            try:
                while True:
                    (size,) = struct.unpack("!H", await reader.readexactly(2))
                    made = answer(await reader.readexactly(size), self._names)
                    if made is None:
                        break
                    writer.write(struct.pack("!H", len(made)) + made)
                    await writer.drain()
            finally:
                writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, names: Names) -> None:
        self._names = names
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # by its methods; asyncio's own class is none

    def datagram_received(self, data: bytes, addr: tuple[object, ...]) -> None:
        made = answer(data, self._names)
        if made is not None and self._transport is not None:
            self._transport.sendto(made, addr)
