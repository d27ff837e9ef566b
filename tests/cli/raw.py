"""A server that says what it is told to, byte for byte: what the embedded exchange is too decent to say."""

from __future__ import annotations

import contextlib
import json
import re
import socketserver
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from msgspec import Struct

TIME_PATH = "/api/v5/public/time"
ACCEPTED: dict[str, Any] = {
    "code": "0",
    "msg": "",
    "data": [{"perm": "read_only,trade", "ip": "203.0.113.9", "uid": "1", "mainUid": "1"}],
}


class ReceivedRequest(Struct, frozen=True):
    """One request as it arrived."""

    raw: bytes

    @property
    def target(self) -> str:
        return self.raw.split(b" ", 2)[1].decode("latin-1")

    def header(self, name: str) -> str:
        found = re.search(rf"(?im)^{re.escape(name)}: ?(.*?)\r$", self.raw.decode("latin-1"))
        return found.group(1) if found else ""

    @property
    def passphrase(self) -> str:
        return self.header("OK-ACCESS-PASSPHRASE")

    @property
    def has_credentials(self) -> bool:
        return b"ok-access-" in self.raw.lower()


Answerer = Callable[[ReceivedRequest], bytes]


def http(status: int, body: object, content_type: str = "application/json", *headers: str) -> bytes:
    """A whole answer; what is no text or bytes goes as JSON."""
    if not isinstance(body, (str, bytes)):
        body = json.dumps(body)
    content = body.encode() if isinstance(body, str) else body
    lines = [
        f"HTTP/1.1 {status} Whatever",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def refusal(code: str, message: str, status: int = 401) -> bytes:
    return http(status, {"msg": message, "code": code})


def the_time(*stamp: object) -> bytes:
    """OKX's answer to ``/public/time``: this machine's time, or another stamp."""
    stamp = stamp or (str(int(time.time() * 1000)),)
    return http(200, {"code": "0", "msg": "", "data": [{"ts": stamp[0]}]})


def always(answer: bytes) -> Answerer:
    return lambda heard: answer


def telling_time(signed: Answerer, moment: bytes | None = None) -> Answerer:
    """Answers ``/public/time`` as OKX does, or with ``moment``, and everything else as ``signed`` says."""
    return lambda heard: (moment or the_time()) if heard.target == TIME_PATH else signed(heard)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no fault of a test."""


class Raw:
    """Context manager: answers every request with what ``answer`` returns, and keeps what it heard."""

    def __init__(self, answer: Answerer) -> None:
        self.heard: list[ReceivedRequest] = []
        self.closing = threading.Event()
        raw = self

        class Handler(socketserver.StreamRequestHandler):
            timeout = 20.0

            def handle(self) -> None:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    line = self.rfile.readline(65536)
                    if not line:
                        return
                    head += line
                found = re.search(rb"(?i)content-length: (\d+)", head)
                heard = ReceivedRequest(head + (self.rfile.read(int(found.group(1))) if found else b""))
                raw.heard.append(heard)
                with contextlib.suppress(OSError):
                    self.wfile.write(answer(heard))

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def url_by_name(self) -> str:
        """The same server under another host name."""
        return f"http://localhost:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
