"""The exchange that a run meets, in this process: REST without connections, sockets and time on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache

import h11
import httpx
from msgspec import Struct, field
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from okx_doctor.gate.serve.loop_thread import LoopThread
from okx_doctor.gate.serve.ntp import TimeResponder
from tests.adversary.answers import Answer, body, event
from tests.adversary.asked import BALANCE, BUILDER, CONFIG, LOGIN, Asked, Channel, Entry, State, place
from tests.adversary.bots import SITES, WINDOW_SECONDS, Bot
from tests.adversary.servers import Server

TIME_PATH = "/api/v5/public/time"
ADDRESSES: Mapping[str, str] = {site: f"http://127.0.0.1:{2000 + at}" for at, site in enumerate(SITES)}
"""Nothing listens there: REST is answered without a connection."""

_PATIENCE_SECONDS = 0.05
"""How long a 429 waits for the calls that go out together with it."""


class Clock:
    """The bot's clock, which runs on by what every signed call takes, without anybody waiting for it."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self._skipped

    def now(self) -> float:
        return time.time() + self._skipped

    def skipped(self) -> float:
        """The seconds that calls took so far: the same in every run of a case, however slow the machine."""
        return self._skipped

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


class Adversary(httpx.BaseTransport, Struct):
    """Answers a run's calls as ``server`` decides, and keeps the log by which the run is judged."""

    bot: Bot
    server: Server
    clock: Clock = field(default_factory=Clock)
    time_answer: Answer | None = None
    handshake: int = 101
    log: list[Entry] = field(default_factory=list)
    _events: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def exchange_time(self) -> float:
        return self.clock.now() + self.bot.offset

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take a request as a connection would, and refuse what none could carry."""
        target = request.url.raw_path.decode("ascii")
        try:
            h11.Request(method=request.method, target=target, headers=request.headers.raw)
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(str(error)) from error
        trace: Callable[[str, Mapping[str, object]], None] = request.extensions["trace"]
        trace("http11.send_request_headers.started", {})
        answered = self._time() if target == TIME_PATH else self._signed(request, target)
        trace("http11.send_request_headers.complete", {})
        trace("http11.receive_response_headers.started", {})
        trace("http11.receive_response_headers.complete", {})
        return answered

    def _time(self) -> httpx.Response:
        if self.time_answer is not None:
            return _response(self.time_answer)
        document = {"code": "0", "msg": "", "data": [{"ts": str(round(self.exchange_time() * 1000))}]}
        return httpx.Response(200, stream=_Whole(json.dumps(document).encode()))

    def _signed(self, request: httpx.Request, target: str) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        stamp = headers.get("ok-access-timestamp", "")
        message = f"{stamp}{request.method}{target}".encode() + request.content
        state = State(
            site=next(site for site, url in ADDRESSES.items() if str(request.url).startswith(url + "/")),
            demo=headers.get("x-simulated-trading") == "1",
            key=headers.get("ok-access-key", ""),
            passphrase=headers.get("ok-access-passphrase", ""),
            secret=self._signer(message, headers.get("ok-access-sign", "")),
            fresh=self._fresh(datetime.fromisoformat(stamp).timestamp()),
        )
        texts = tuple((name, value) for name, value in headers.items() if name != "ok-access-sign")
        return _response(self._entered("rest", target, state, (*texts, ("target", target))).answer)

    def login(self, site: str, demo: bool, frame: str) -> Answer:
        """Take a login frame from a socket."""
        argument = json.loads(frame)["args"][0]
        stamp = argument["timestamp"]
        state = State(
            site=site,
            demo=demo,
            key=argument["apiKey"],
            passphrase=argument["passphrase"],
            secret=self._signer(f"{stamp}GET/users/self/verify".encode(), argument["sign"]),
            fresh=self._fresh(float(stamp)),
        )
        texts = tuple((name, str(value)) for name, value in argument.items() if name != "sign")
        return self._entered("socket", LOGIN, state, (*texts, ("frame", frame.replace(argument["sign"], "")))).answer

    def _entered(self, channel: Channel, path: str, state: State, texts: tuple[tuple[str, str], ...]) -> Entry:
        with self._changed:
            number, nth = place(path, [entry.asked.path for entry in self.log])
            asked = Asked(number=number, nth=nth, channel=channel, path=path, state=state)
            answer = self.server(asked)
            answer = replace(answer, status=200) if channel == "socket" else answer  # an event has no status
            entry = Entry(asked=asked, answer=answer, texts=texts, at=self.clock.skipped(), began=self._event())
            self.log.append(entry)
            if path == CONFIG:  # what follows an acceptance goes out together
                self.clock.skip(self.bot.pace)
            self._changed.notify_all()
            if entry.answer.status == 429 and path != CONFIG:
                together = {BALANCE, BUILDER} | ({LOGIN} if self.bot.websocket else set())
                self._changed.wait_for(
                    lambda: together <= {other.asked.path for other in self.log}, timeout=_PATIENCE_SECONDS
                )
            entry.ended = self._event()
        return entry

    def _event(self) -> int:
        self._events += 1
        return self._events

    def _fresh(self, moment: float) -> bool:
        return abs(self.exchange_time() - moment) <= WINDOW_SECONDS

    def _signer(self, message: bytes, signature: str) -> str:
        """The secret that a message was signed with, of all there are; ``?`` for another."""
        for text in self.bot.candidates():
            digest = hmac.new(text.encode(), message, hashlib.sha256).digest()
            if base64.b64encode(digest).decode() == signature:
                return text
        return "?"


class _Whole(httpx.SyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._content


def _response(answer: Answer) -> httpx.Response:
    if answer.shape == "cut off":
        raise httpx.RemoteProtocolError("the server closed the connection")
    headers, content = body(answer)
    return httpx.Response(answer.status, headers=headers, stream=_Whole(content))


_PATH = re.compile(r"/(\w+)/(demo|live)/ws/v5/private")


class Loopback:
    """What cannot do without a socket: the WebSocket of every site, and a time server. One of each per process."""

    def __init__(self) -> None:
        self.facing: Adversary | None = None
        self._server = serve(self._talk, "127.0.0.1", 0, compression=None, process_request=self._open)
        threading.Thread(target=self._server.serve_forever, daemon=True, name="adversary's sockets").start()
        host, port = self._server.socket.getsockname()[:2]
        self.socket_url = f"ws://{host}:{port}"
        self._thread = LoopThread("adversary's time")
        self.ntp = self._thread.run(self._keep_time())

    async def _keep_time(self) -> str:
        import asyncio

        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: TimeResponder(self._now), local_addr=("127.0.0.1", 0)
        )
        host, port = transport.get_extra_info("sockname")
        return f"{host}:{port}"

    def _now(self) -> float:
        return time.time() + (self.facing.bot.offset if self.facing else 0.0)

    def _open(self, connection: ServerConnection, request: Request) -> Response | None:
        status = self.facing.handshake if self.facing else 503
        return None if status == 101 else connection.respond(status, "")

    def _talk(self, connection: ServerConnection) -> None:
        found = _PATH.fullmatch(connection.request.path) if connection.request else None
        if found is None or self.facing is None:
            return
        try:
            frame = connection.recv(timeout=2)
            answer = self.facing.login(found[1], found[2] == "demo", str(frame))
            if answer.shape == "closed":
                connection.close(4001)
            else:
                connection.send(event(answer))
                connection.recv(timeout=2)
        except (ConnectionClosed, TimeoutError):
            return


@cache
def loopback() -> Loopback:
    return Loopback()
