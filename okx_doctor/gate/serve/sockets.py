"""OKX's WebSocket on a connection that asked for one: login, subscriptions, ping, and the silence it ends.

The protocol itself is that of websockets, without its I/O, so that REST and sockets can share one port. Imports
websockets; loaded only when a client asks for a socket.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import secrets
from collections.abc import Callable, Iterator, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from websockets.exceptions import PayloadTooBig
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api import channels, orders
from okx_doctor.gate.api.replies import compact
from okx_doctor.gate.evaluate import Venue, evaluate_login
from okx_doctor.gate.serve.connections import NotRead, drained
from okx_doctor.gate.serve.events import HandledFrame, HandledLogin, Observer, TurnedAway
from okx_doctor.gate.serve.http import Upgrade
from okx_doctor.gate.throttle import Throttle
from okx_doctor.protocol.channels import PATHS
from okx_doctor.protocol.wire import LoginRequest

if TYPE_CHECKING:
    from okx_doctor.gate.api.living import Living
    from okx_doctor.gate.api.rates import Rates
    from okx_doctor.gate.serve.subscriptions import Subscriptions

FRAME_LIMIT: Final = 64 * 1024
"""Documented: the total length of the channels of one request. A longer frame ends in close code 1009."""

SILENCE_SECONDS: Final = 30.0
_CLOSE_SECONDS: Final = 1.0
_CHUNK: Final = 64 * 1024
_AFTER: Final = 0.005
"""Seconds after the exchange's second in which pushes leave."""

_BAD_HANDSHAKE: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
_BROKEN: Final[dict[type[Exception], str]] = {
    PayloadTooBig: f"a WebSocket message is larger than {FRAME_LIMIT // 1024} KiB",
    UnicodeDecodeError: "a WebSocket message is no UTF-8",
}

_QUIET: Final = logging.getLogger("okx_doctor.gate.serve.sockets")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class Talk:
    """One upgraded connection, from its handshake to its end."""

    def __init__(
        self, upgrade: Upgrade, conversation: Conversation, clock: Callable[[], float], observer: Observer
    ) -> None:
        self._reader, self._writer = upgrade.reader, upgrade.writer
        self._head, self._rest = upgrade.head, upgrade.rest
        self._conversation = conversation
        self._clock = clock
        self._observer = observer
        self._socket = ServerProtocol(max_size=FRAME_LIMIT, logger=_QUIET)
        self._unfinished = bytearray()
        self._kind = Opcode.TEXT
        self._waiting: asyncio.Timeout | None = None
        self._woken = False

    async def hold(self) -> None:
        """Shake hands and talk until one side leaves or the client is silent for too long."""
        try:
            if not await self._shaken_hands():
                return
            await self._talk()
            if self._socket.parser_exc and not isinstance(self._socket.parser_exc, EOFError):
                self._report_unread(0, _BROKEN.get(type(self._socket.parser_exc), "it sent what is no WebSocket frame"))
        except NotRead:
            self._report_unread(0, "a WebSocket does not read what it is answered")
        except TimeoutError:
            await self._leave(4004, "No data received in 30s.")
        except UnicodeDecodeError:
            self._report_unread(0, "a WebSocket message is no UTF-8")
            await self._leave(1007, "")
        finally:
            self._conversation.end()

    async def _shaken_hands(self) -> bool:
        self._socket.receive_data(self._head)
        request = next((event for event in self._socket.events_received() if isinstance(event, Request)), None)
        if request is None:
            self._writer.write(_BAD_HANDSHAKE)
            await drained(self._writer)
            self._report_unread(400, "its WebSocket handshake cannot be read")
            return False
        known = self._conversation.path in PATHS
        response = self._socket.accept(request) if known else self._socket.reject(404, "Not Found\n")
        self._dress(response)
        self._socket.send_response(response)
        await self._flush()
        if self._socket.state is State.OPEN:
            return True
        why = "its WebSocket handshake is wrong" if known else "OKX has no WebSocket at this path"
        self._report_unread(response.status_code, why)
        return False

    def _report_unread(self, status: int, why: str) -> None:
        self._observer(TurnedAway(status=status, why=why))

    def _dress(self, response: Response) -> None:
        del response.headers["Date"]  # websockets writes this machine's
        response.headers["Date"] = formatdate(self._clock(), usegmt=True)
        response.headers["Server"] = "cloudflare"

    async def _talk(self) -> None:
        loop = asyncio.get_running_loop()
        heard = loop.time()
        data: bytes | None = self._rest
        self._conversation.wake = self._wake
        while True:
            if data:
                self._socket.receive_data(data)
            for message in self._messages():
                heard = loop.time()
                for answer in self._conversation.answers(message, self._clock()):
                    if self._socket.state is not State.OPEN:
                        continue  # it asked and left in one breath: what it asked for counts, and nobody is answered
                    self._socket.send_text(answer.encode("utf-8", "replace"))
                    await self._flush()
                    await asyncio.sleep(0)  # one message can ask for thousands of channels: others come in between
            self._woken = False
            for push in self._conversation.pushes(self._clock()):
                if self._socket.state is State.OPEN:
                    heard = loop.time()  # documented: the silence that ends a socket is that of both sides
                    self._socket.send_text(push)
                    await self._flush()
                    await asyncio.sleep(0)
            await self._flush()
            if self._socket.close_expected() or self._socket.state is not State.OPEN:
                return
            data = await self._received(heard + SILENCE_SECONDS)
            if data == b"":
                return

    async def _received(self, silent_at: float) -> bytes | None:
        """The next bytes; ``None`` when there may be something to push. Raises ``TimeoutError`` at ``silent_at``."""
        loop = asyncio.get_running_loop()
        pause = 0.0 if self._woken else self._conversation.pause(self._clock())
        try:
            async with asyncio.timeout_at(min(silent_at, loop.time() + pause)) as self._waiting:
                return await self._reader.read(_CHUNK)
        except TimeoutError:
            if loop.time() >= silent_at:
                raise
            return None
        finally:
            self._waiting = None

    def _wake(self) -> None:
        """Have the pushes looked for now, from within the loop."""
        self._woken = True
        if self._waiting and not self._waiting.expired():
            self._waiting.reschedule(0.0)

    def _messages(self) -> Iterator[str | bytes]:
        """Whole messages, put together from their frames. Raises ``UnicodeDecodeError``."""
        for frame in self._socket.events_received():
            if not isinstance(frame, Frame) or frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
                continue
            if frame.opcode is not Opcode.CONT:
                self._kind = frame.opcode
            self._unfinished += frame.data
            if frame.fin:
                whole = bytes(self._unfinished)
                self._unfinished.clear()
                yield whole.decode() if self._kind is Opcode.TEXT else whole

    async def _leave(self, code: int, reason: str) -> None:
        if self._socket.state is State.OPEN:
            self._socket.send_close(code, reason)
        await self._flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                while await self._reader.read(_CHUNK):
                    pass

    async def _flush(self) -> None:
        for data in self._socket.data_to_send():
            if data:
                self._writer.write(data)
            elif self._writer.can_write_eof():
                self._writer.write_eof()
        await drained(self._writer)


class Conversation:
    """The state of one connection: logged in or not. ``observer`` gets logins and requests."""

    def __init__(
        self,
        venue: Venue,
        path: str,
        caller_ip: str,
        observer: Observer,
        throttle: Throttle | None = None,
        living: Living | None = None,
        rates: Rates | None = None,
    ) -> None:
        self._venue = venue
        self._demo = path.startswith(f"{channels.DEMO_PREFIX}/")
        self.path = path.removeprefix(channels.DEMO_PREFIX)
        self._caller_ip = caller_ip
        self._observer = observer
        self._throttle = throttle
        self._id = secrets.token_hex(4)
        self._authenticated = False
        self._login_refused = False
        self._account: Account | None = None
        self.wake: Callable[[], None] = lambda: None
        self._living = living
        self._rates = rates
        self._own_rates = rates.afresh() if rates else None
        self._subscribed = _subscriptions(living, lambda: self.wake()) if living else None

    def pause(self, now: float) -> float:
        """Seconds until there may be something to push: until the exchange's next second begins."""
        return 1 - now % 1 + _AFTER if self._subscribed and self._subscribed.any else math.inf

    def pushes(self, now: float) -> Iterator[bytes]:
        """Everything that is to be pushed by now."""
        return self._subscribed.due(now) if self._subscribed else iter(())

    def end(self) -> None:
        """Nothing is to be pushed any more."""
        if self._subscribed:
            self._subscribed.end()

    def answers(self, received: str | bytes, now: float) -> Iterator[str]:
        """The frames that answer one received message. ``now`` is the exchange's clock in Unix seconds."""
        if received in ("ping", b"ping"):
            yield "pong"
            return
        frame = channels.parse(received) if isinstance(received, str) else None
        name = frame.get("id") if frame else None
        for answer in self._answer_operation(frame, now):
            marked = {"id": name[:32], **answer} if isinstance(name, str) else answer
            yield compact(marked).decode()
            if answer.get("event") == "subscribe" and isinstance(arg := answer["arg"], dict):
                yield from self._first_pushes(arg, now)

    def _first_pushes(self, arg: channels.Entry, now: float) -> Iterator[str]:
        if self._subscribed:
            yield from (push.decode() for push in self._subscribed.add(arg, self._account, now))
        elif self._account and (push := channels.snapshot(arg, self._account, now)):
            yield compact(push).decode()

    def _answer_operation(self, frame: channels.Frame | None, now: float) -> Iterator[channels.Frame]:
        op = frame.get("op") if frame else None
        entries = channels.arguments(frame) if frame else None
        if not isinstance(op, str) or entries is None:
            yield self._refuse("60012", channels.message("60012"), "")
        elif op in ("login", "subscribe", "unsubscribe") and not self._may_subscribe():
            yield self._refuse("60014", channels.message("60014"), op)
        elif op == "login":
            yield self._login(channels.login_of(entries[0]), now)
        elif op in ("subscribe", "unsubscribe"):
            for entry in entries:
                yield self._channel(op, entry, now)
        elif op in orders.OPERATIONS.get(self.path, ()):
            yield self._order(op, entries, now, frame.get("expTime") if frame else None)
        else:
            yield self._refuse("60019", channels.message("60019", op[:40]), "")

    def _channel(self, op: str, entry: channels.Entry, now: float) -> channels.Frame:
        refused = channels.channel_error(entry, self.path, logged_in=self._authenticated)
        asked = f"{op} {channels.name(entry)}".strip()
        if self._subscribed and not refused:
            arg = channels.parameters(entry)
            if op == "unsubscribe":
                self._subscribed.remove(arg)
            elif not self._subscribed.known(arg, now):
                refused = "60018", channels.message("60018", channels.described(entry))
        if refused:
            return self._refuse(*refused, asked)
        self._observer(HandledFrame(path=self.path, asked=asked, code="0", demo_socket=self._demo))
        return channels.acknowledged(op, entry, self._id)

    def _order(self, op: str, entries: Sequence[channels.Entry], now: float, expires: object) -> channels.Frame:
        if self._account is None:
            return self._refuse("60011", channels.message("60011"), op)
        code = "0" if "trade" in self._account.permissions else "50120"
        if code == "0" and not self._may_order(self._account, op, len(entries)):
            code = "50011"
        self._observer(HandledFrame(path=self.path, asked=op, code=code, demo_socket=self._demo))
        if self._living and code == "0":
            until = str(expires)[:20] if isinstance(expires, str | int) else ""
            done = self._living.operated(op, entries, self._account, now, until)
            if done is not None:
                return {"op": op, **done}
        return orders.done(op, entries, now) if code == "0" else orders.refused(op, code, channels.message(code), now)

    def _may_order(self, account: Account, op: str, count: int) -> bool:
        """Whether an operation stays within the limit that it shares with its endpoint. Counts it."""
        if self._rates is None:
            return True
        from okx_doctor.gate.api.rates import limit_of, operation_path

        path = operation_path(op)
        limit = limit_of("POST", path)
        return limit is None or self._rates.allows(account.uid, "POST", path, limit, count)

    def _may_subscribe(self) -> bool:
        if self._own_rates is None:
            return True
        from okx_doctor.gate.api.rates import SUBSCRIBING

        return self._own_rates.allows(self._id, "WS", self.path, SUBSCRIBING)

    def _refuse(self, code: str, text: str, asked: str) -> channels.Frame:
        self._observer(
            HandledFrame(
                path=self.path, asked=asked, code=code, demo_socket=self._demo, login_refused=self._login_refused
            )
        )
        return channels.error(code, text, self._id)

    def _login(self, login: LoginRequest, now: float) -> channels.Frame:
        if self._authenticated:
            return self._refuse("60031", channels.message("60031"), "login")
        trace = evaluate_login(login, venue=self._venue, demo_socket=self._demo, now=now, caller_ip=self._caller_ip)
        if self._throttle and self._throttle.silences(trace, login.api_key, login.passphrase):
            return self._refuse("60014", channels.message("60014"), "login")
        refusal = trace.refusal
        self._authenticated, self._login_refused = refusal is None, refusal is not None
        code = refusal.code if refusal else "0"
        self._observer(
            HandledLogin(
                login=login, trace=trace, site=self._venue.site, demo_socket=self._demo, code=code, received_at=now
            )
        )
        if refusal:
            return channels.error(refusal.code, refusal.message, self._id)
        self._account = trace.account
        return {"event": "login", "code": "0", "msg": "", "connId": self._id}


def _subscriptions(living: Living, wake: Callable[[], None]) -> Subscriptions:
    from okx_doctor.gate.serve.subscriptions import Subscriptions

    return Subscriptions(living, wake)
