"""The pages that others may read over HTTP: ``/metrics``, ``/healthz``, and on loopback ``/status``.

Nothing is measured for a reader: a page shows the last results.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from okx_doctor import __version__
from okx_doctor.protocol.sites import is_loopback
from okx_doctor.watching.board import Snapshot
from okx_doctor.watching.standing import SCHEMA
from okx_doctor.watching.telling import causes, moment

SECONDS_PER_REQUEST: Final = 10.0
AT_ONCE: Final = 16
"""Requests that are answered side by side; a further one is turned away."""

INDEX: Final = "okx-doctor watch: /metrics and /healthz, and on loopback /status\n"


class Page(Struct, frozen=True, kw_only=True):
    """An answer."""

    status: int
    content_type: str
    body: bytes


class Pages(Struct, frozen=True, kw_only=True):
    """Makes the answers. ``/healthz`` is well until ``patience`` seconds have passed without a sign of life."""

    snapshot: Callable[[], Snapshot]
    metrics: Callable[[str], tuple[bytes, str]]
    now: Callable[[], float]
    monotonic: Callable[[], float]
    patience: float
    on_loopback: bool

    def page(self, path: str, host: str, accept: str) -> Page:
        """The answer to a GET of this path, asked of the server by this name."""
        match urlsplit(path).path:
            case "/metrics":
                body, content_type = self.metrics(accept)
                return Page(status=200, content_type=content_type, body=body)
            case "/healthz":
                silent = self.monotonic() - self.snapshot().beat
                if silent > self.patience:
                    return _plain(503, f"no key was checked for {silent:.0f} seconds\n")
                return _plain(200, "ok\n")
            case "/status" if self.on_loopback:
                if not is_loopback(_name(host)):  # a page of the web that had its own name lead here
                    return _plain(403, "ask for it as localhost\n")
                return Page(status=200, content_type="application/json", body=status(self.snapshot(), self.now()))
            case "/":
                return _plain(200, INDEX)
            case _:
                return _plain(404, INDEX)


def status(snapshot: Snapshot, now: float) -> bytes:
    """Every key as it was found last, with the age of that in seconds, as JSON."""
    keys = [
        {
            "name": name,
            "site": each.latest.site if each.latest else None,
            "environment": each.latest.environment if each.latest else None,
            "status": each.latest.state.health.value if each.latest else None,
            "causes": causes(each.latest.state) if each.latest else [],
            "since": moment(each.since) if each.judged else None,
            "checked": moment(each.judged.at) if each.judged else None,
            "age_seconds": round(now - each.judged.at) if each.judged else None,
        }
        for name, each in sorted(snapshot.standings.items())
    ]
    addresses = [
        {"base_url": url, "status": each.state.health.value, "causes": causes(each.state)}
        for url, each in sorted(snapshot.addresses.items())
    ]
    document = {"schema": f"{SCHEMA}/status", "version": __version__, "addresses": addresses, "profiles": keys}
    return json.dumps(document, indent=2).encode()


def _plain(status: int, text: str) -> Page:
    return Page(status=status, content_type="text/plain; charset=utf-8", body=text.encode())


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


class Server:
    """Context manager: serves while inside. Raises ``OSError`` where it cannot listen."""

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET

        class Bound(_Bounded):
            address_family = family

        self._server = Bound((host, port), _handler(pages))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True, name="server")

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Bounded(ThreadingHTTPServer):
    """Answers ``AT_ONCE`` requests side by side, and is silent about errors."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, *given: Any) -> None:
        self._free = threading.BoundedSemaphore(AT_ONCE)
        super().__init__(*given)

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:  # no thread to be had
            self._free.release()
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A reader that left is its own matter."""


def _handler(pages: Pages) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS_PER_REQUEST
        server_version = "okx-doctor"
        sys_version = ""

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            page = pages.page(self.path, self.headers.get("Host", ""), self.headers.get("Accept", ""))
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            self.send_header("Content-Length", str(len(page.body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            if with_body:
                self.wfile.write(page.body)

        def log_message(self, *_: Any) -> None:
            """Requests are not logged."""

    return Handler
