"""HTTP/1.1 over asyncio, with h11 so that target, header spelling, order and duplicates stay unchanged.

Bounded in everything a client controls: connections, header bytes, body bytes, idle time. Imports h11, the
standard library and the gate's own data.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final, assert_never

import h11
from msgspec import Struct

from okx_doctor.gate.api.replies import Delivery, Reply, page
from okx_doctor.gate.serve.connections import Acceptor, NotRead, drained
from okx_doctor.gate.serve.events import TurnedAway
from okx_doctor.gate.serve.messages import reason_of, response_of, wire_request
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import shows_only

BODY_LIMIT: Final = 1024 * 1024
HEADER_LIMIT: Final = 64 * 1024
HEADER_LINES: Final = 256
IDLE_SECONDS: Final = 75.0
DRIP_SECONDS: Final = 0.2
LINGER_SECONDS: Final = 2.0
LINGER_BYTES: Final = 8 * BODY_LIMIT
_CHUNK: Final = 64 * 1024
_TLS_HELLO: Final = b"\x16\x03"

Handler = Callable[[WireRequest, str], Awaitable[Reply]]


@shows_only("request", "caller_ip")
class Upgrade(Struct, frozen=True, kw_only=True):
    """A connection whose client asks for another protocol: the request as it was read, its head as bytes, what came
    after it, and the streams, which are the taker's from here on."""

    request: WireRequest
    caller_ip: str
    head: bytes
    rest: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


Upgrader = Callable[[Upgrade], Awaitable[None]]


class Malformed(Exception):
    """A request that is answered with a page and ends its connection."""

    def __init__(self, reply: Reply, why: str) -> None:
        super().__init__(why)
        self.reply = reply
        self.why = why


class HttpServer:
    """Serves one listening socket. ``handler`` gets each request and the caller's IP address.

    ``clock`` gives Unix seconds for the ``Date`` header. ``upgrader`` takes over connections that ask for a WebSocket;
    without one they are requests like any other. ``turned_away`` gets what was not a request. Runs in the loop that
    calls ``start``.
    """

    def __init__(
        self,
        handler: Handler,
        clock: Callable[[], float],
        upgrader: Upgrader | None = None,
        turned_away: Callable[[TurnedAway], None] = lambda event: None,
    ) -> None:
        self._handler = handler
        self._clock = clock
        self._upgrader = upgrader
        self._turned_away = turned_away
        self._acceptor = Acceptor(self._talk, lambda why: turned_away(TurnedAway(status=0, why=why)))

    async def start(self, listening: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Serve a bound socket, which is this object's from here on."""
        self._acceptor.start(listening, tls)

    async def stop(self) -> None:
        """Close the port and drop every connection at once; an answer under way is lost."""
        await self._acceptor.stop()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer, self._handler, self._clock, self._turned_away, self._acceptor.waiting)
        upgrade = await connection.serve(self._upgrader is not None)
        if upgrade and self._upgrader:
            await self._upgrader(upgrade)


class Connection:
    """One connection, one request after the other."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        handler: Handler,
        clock: Callable[[], float],
        turned_away: Callable[[TurnedAway], None],
        waiting: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """``waiting`` is entered while nothing of a request has come."""
        self._turned_away = turned_away
        self._waiting = waiting
        self._upgrade: Upgrade | None = None
        self._since, self._begun, self._ended = 0.0, False, False
        self._first = b""
        self._reader = reader
        self._writer = writer
        self._handler = handler
        self._clock = clock
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEADER_LIMIT)
        peer = writer.get_extra_info("peername")
        self._caller_ip = str(peer[0]) if peer else ""

    async def serve(self, upgradable: bool) -> Upgrade | None:
        """Answer requests until the connection ends, or until one asks for a WebSocket, which is handed back."""
        try:
            while request := await self._request(upgradable):
                await self._answer(await self._handler(request, self._caller_ip), request.method)
                if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                    return None
                self._http.start_next_cycle()
        except Malformed as malformed:
            self._turned_away(TurnedAway(status=malformed.reply.status, why=malformed.why))
            await self._answer(malformed.reply, "GET")
            await self._linger()
        except h11.RemoteProtocolError as error:
            self._turned_away(TurnedAway(status=error.error_status_hint, why=self._why(error)))
            await self._reject(error.error_status_hint)
        except NotRead:
            self._turned_away(TurnedAway(status=0, why="it does not read what it is answered"))
        except TimeoutError:
            if self._begun:
                self._turned_away(TurnedAway(status=0, why=f"it stayed unfinished for {IDLE_SECONDS:.0f} s"))
        return self._upgrade

    def _why(self, error: h11.RemoteProtocolError) -> str:
        """In our words: h11's may hold a header."""
        if self._ended:
            return "the connection ended in the middle of it"
        if error.error_status_hint == 431:
            return f"its head is larger than {HEADER_LIMIT // 1024} KiB"
        if self._first.startswith(_TLS_HELLO):
            return "it is TLS, and this port speaks plain HTTP: its address begins with http://"
        return "it is not an HTTP/1.1 request"

    async def _request(self, upgradable: bool) -> WireRequest | None:
        self._since, self._begun = asyncio.get_running_loop().time(), bool(self._http.trailing_data[0])
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None
        if head.http_version not in (b"1.0", b"1.1"):
            raise Malformed(page(505, "505 HTTP Version Not Supported", close=True), "only HTTP/1.1 is spoken here")
        headers = dict(head.headers)
        if upgradable and headers.get(b"upgrade", b"").lower() == b"websocket":
            self._upgrade = self._upgrade_of(head)
            return None
        if len(head.headers) > HEADER_LINES:
            why = f"it has more than {HEADER_LINES} header lines"
            raise Malformed(page(431, "431 Request Header Fields Too Large", close=True), why)
        declared = headers.get(b"content-length", b"0")
        if len(declared) > 15 or int(declared) > BODY_LIMIT:
            raise _too_large()
        if self._http.they_are_waiting_for_100_continue:
            await self._send(self._http.send(h11.InformationalResponse(status_code=100, headers=[])))
        body = bytearray()
        while isinstance(part := await self._event(), h11.Data):
            body += part.data
            if len(body) > BODY_LIMIT:
                raise _too_large()
        if not isinstance(part, h11.EndOfMessage):
            return None
        return wire_request(head, bytes(body))

    def _upgrade_of(self, head: h11.Request) -> Upgrade:
        lines = [head.method + b" " + head.target + b" HTTP/1.1"]
        lines += [name + b": " + value for name, value in head.headers.raw_items()]
        return Upgrade(
            request=wire_request(head, b""),
            caller_ip=self._caller_ip,
            head=b"\r\n".join([*lines, b"", b""]),
            rest=self._http.trailing_data[0],
            reader=self._reader,
            writer=self._writer,
        )

    async def _event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            with nullcontext() if self._begun else self._waiting():
                async with asyncio.timeout_at(self._since + IDLE_SECONDS):
                    data = await self._reader.read(_CHUNK)
            if data and not self._begun:
                self._since, self._begun = asyncio.get_running_loop().time(), True
            self._first = self._first or data[: len(_TLS_HELLO)]
            self._ended = not data
            self._http.receive_data(data)
        return event

    async def _answer(self, reply: Reply, method: str) -> None:
        match reply.delivery:
            case Delivery.SILENCE:
                await asyncio.Event().wait()
            case Delivery.RESET:
                self._reset()
            case Delivery.WHOLE | Delivery.CUT | Delivery.DRIP:
                await self._deliver(reply, method)
            case _:
                assert_never(reply.delivery)

    async def _deliver(self, reply: Reply, method: str) -> None:
        dripping = reply.delivery is Delivery.DRIP
        if reply.delivery is Delivery.WHOLE and method != "HEAD" and reply.repeat == 1:
            # In one write, so in one packet.
            parts = (response_of(reply, self._clock()), h11.Data(data=reply.body), h11.EndOfMessage())
            await self._send(b"".join(self._http.send(part) or b"" for part in parts))
            return
        await self._send(self._http.send(response_of(reply, self._clock())), drip=dripping)
        if reply.delivery is Delivery.CUT:
            await self._send(self._http.send(h11.Data(data=reply.body[: len(reply.body) // 2])))
            self._http.send_failed()
            return
        if method != "HEAD":
            for _ in range(reply.repeat):
                await self._send(self._http.send(h11.Data(data=reply.body)), drip=dripping)
        await self._send(self._http.send(h11.EndOfMessage()))

    async def _send(self, data: bytes | None, *, drip: bool = False) -> None:
        if not data:
            return
        if not drip:
            self._writer.write(data)
            await drained(self._writer)
            return
        for index in range(len(data)):
            self._writer.write(data[index : index + 1])
            await drained(self._writer)
            await asyncio.sleep(DRIP_SECONDS)

    async def _reject(self, status: int) -> None:
        """Input that h11 cannot read is answered without it, where it no longer allows an answer."""
        reply = page(status, f"{status} {reason_of(status).decode()}", close=True)
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            await self._answer(reply, "GET")
            await self._linger()

    async def _linger(self) -> None:
        """Read on for a moment: closing over unread bytes resets the connection and loses the answer."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_SECONDS):
                for _ in range(LINGER_BYTES // _CHUNK):
                    if not await self._reader.read(_CHUNK):
                        return

    def _reset(self) -> None:
        raw = self._writer.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _reset_on_close())
        self._http.send_failed()
        self._writer.transport.abort()


def _too_large() -> Malformed:
    why = f"its body is larger than {BODY_LIMIT // 1024} KiB"
    return Malformed(page(413, "413 Request Entity Too Large", close=True), why)


def _reset_on_close() -> bytes:
    import sys

    return struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
