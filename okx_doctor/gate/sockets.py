"""OKX's WebSocket on one loopback port: login, subscriptions, ping, and the silence after which OKX hangs up.

Imports websockets; loaded only when a plan asks for sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Final

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from okx_doctor.gate import channels
from okx_doctor.gate.evaluate import Trace, Venue, evaluate_login
from okx_doctor.gate.http import http_date
from okx_doctor.gate.replies import compact
from okx_doctor.protocol.wire import LoginRequest

FRAME_LIMIT: Final = 64 * 1024
"""Documented: the total length of the channels of one request. A longer frame ends in close code 1009."""

SILENCE_SECONDS: Final = 30.0
CONNECTION_LIMIT: Final = 256
_CLOSE_SECONDS: Final = 1.0

_QUIET: Final = logging.getLogger("okx_doctor.gate.sockets")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class SocketServer:
    """Serves one listening socket. ``logged_in`` hears of every login, its trace and the answered code."""

    def __init__(
        self,
        venue: Venue,
        *,
        demo: bool,
        clock: Callable[[], float],
        logged_in: Callable[[LoginRequest, Trace, str], None],
    ) -> None:
        self._venue = venue
        self._demo = demo
        self._clock = clock
        self._logged_in = logged_in
        self._server: Server | None = None

    async def start(self, listening: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        self._server = await serve(
            self._converse,
            sock=listening,
            ssl=tls,
            process_request=self._admit,
            process_response=self._date,
            server_header="cloudflare",
            max_size=FRAME_LIMIT,
            max_queue=8,
            ping_interval=None,
            close_timeout=_CLOSE_SECONDS,
            logger=_QUIET,
        )

    async def stop(self) -> None:
        """Close the port and drop every connection at once."""
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._server.connections):
            connection.transport.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2 * _CLOSE_SECONDS):
                await self._server.wait_closed()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] not in channels.PATHS:
            return connection.respond(404, "Not Found\n")
        if self._server and len(self._server.connections) >= CONNECTION_LIMIT:
            return connection.respond(429, "Too Many Requests\n")
        return None

    def _date(self, _connection: ServerConnection, _request: Request, response: Response) -> None:
        del response.headers["Date"]  # websockets writes this machine's
        response.headers["Date"] = http_date(self._clock())

    async def _converse(self, connection: ServerConnection) -> None:
        path = connection.request.path.partition("?")[0] if connection.request else ""
        address = connection.remote_address
        talk = Conversation(self._venue, self._demo, path, str(address[0]) if address else "")
        try:
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):
                    received = await connection.recv()
                for answer in talk.answers(received, self._clock(), self._logged_in):
                    await connection.send(answer)
        except TimeoutError:
            await connection.close(4004, "No data received in 30s.")
        except (ConnectionClosed, OSError):
            pass  # the client went away
        except Exception as crash:
            context = {"message": "socket conversation", "exception": crash}
            asyncio.get_running_loop().call_exception_handler(context)


class Conversation:
    """What one connection has come to: logged in or not."""

    def __init__(self, venue: Venue, demo: bool, path: str, caller_ip: str) -> None:
        self._venue = venue
        self._demo = demo
        self._path = path
        self._caller_ip = caller_ip
        self._id = secrets.token_hex(4)
        self._authenticated = False

    def answers(
        self, received: str | bytes, now: float, logged_in: Callable[[LoginRequest, Trace, str], None]
    ) -> Iterator[str]:
        """The frames that answer one received frame. ``now`` is the exchange's clock in Unix seconds."""
        if received in ("ping", b"ping"):
            yield "pong"
            return
        frame = channels.parse(received) if isinstance(received, str) else None
        name = frame.get("id") if frame else None
        for answer in self._answered(frame, now, logged_in):
            marked = {"id": name[:32], **answer} if isinstance(name, str) else answer
            yield compact(marked).decode()

    def _answered(
        self,
        frame: channels.Frame | None,
        now: float,
        logged_in: Callable[[LoginRequest, Trace, str], None],
    ) -> Iterator[channels.Frame]:
        op = frame.get("op") if frame else None
        entries = channels.arguments(frame) if frame else None
        if not isinstance(op, str) or entries is None:
            yield channels.error("60012", channels.message("60012"), self._id)
        elif op == "login":
            yield self._login(channels.login_of(entries[0]), now, logged_in)
        elif op in ("subscribe", "unsubscribe"):
            for entry in entries:
                refused = channels.channel_error(entry, self._path, logged_in=self._authenticated)
                yield (channels.error(*refused, self._id) if refused else channels.acknowledged(op, entry, self._id))
        else:
            yield channels.error("60019", channels.message("60019", op[:40]), self._id)

    def _login(
        self, login: LoginRequest, now: float, logged_in: Callable[[LoginRequest, Trace, str], None]
    ) -> channels.Frame:
        if self._authenticated:
            return channels.error("60031", channels.message("60031"), self._id)
        trace = evaluate_login(login, venue=self._venue, demo_socket=self._demo, now=now, caller_ip=self._caller_ip)
        refusal = trace.refusal
        self._authenticated = refusal is None
        logged_in(login, trace, refusal.code if refusal else "0")
        if refusal:
            return channels.error(refusal.code, refusal.message, self._id)
        return {"event": "login", "code": "0", "msg": "", "connId": self._id}
