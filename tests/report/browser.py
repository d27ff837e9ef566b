"""Headless Chromium over the DevTools protocol: what a page asks for, says and does."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from websockets.sync.client import ClientConnection, connect

SECONDS = 120.0


class Seen(Struct):
    """What a page did while it loaded: URLs asked for, lines of its console, exceptions of scripts."""

    requested: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._number = 0
        self._events: list[dict[str, Any]] = []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        self._socket.send(json.dumps({"id": self._number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=SECONDS))
            if message.get("id") == self._number:
                assert "error" not in message, message
                return message["result"]
            self._events.append(message)

    def open(self, url: str) -> Seen:
        """Load a page to its end and tell what it did."""
        self._events.clear()
        self.call("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self._events):
            self._events.append(json.loads(self._socket.recv(timeout=SECONDS)))
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seen = Seen()
        for event in self._events:
            parameters = event["params"]
            match event["method"]:
                case "Network.requestWillBeSent":
                    seen.requested.append(parameters["request"]["url"])
                case "Log.entryAdded":
                    seen.console.append(f"{parameters['entry']['level']}: {parameters['entry']['text']}")
                case "Runtime.consoleAPICalled":
                    seen.console.append(str(parameters["args"]))
                case "Runtime.exceptionThrown":
                    seen.exceptions.append(str(parameters["exceptionDetails"]))
        return seen

    def evaluate(self, expression: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def width(self, pixels: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride", width=pixels, height=900, deviceScaleFactor=1, mobile=pixels < 600
        )

    def scheme(self, name: str, media: str = "screen") -> None:
        features = [{"name": "prefers-color-scheme", "value": name}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def screenshot(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])


class Trap(Struct):
    """A server for every host there is: what reaches it has left the page."""

    port: int
    asked: list[str]


@contextmanager
def trap() -> Iterator[Trap]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.headers["Host"].endswith((".google.com", ".googleapis.com")):  # the browser's own errands
                asked.append(f"{self.headers['Host']}{self.path}")
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Trap(server.server_port, asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def chromium(program: str, hosts_port: int) -> Iterator[Page]:
    """A browser for which every name of a host is ``127.0.0.1:hosts_port``."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = subprocess.Popen(
            [
                program,
                "--headless=new",
                "--no-sandbox",  # as root, and in containers without user namespaces
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-extensions",
                "--disable-features=NetworkTimeServiceQuerying",
                f"--host-resolver-rules=MAP * 127.0.0.1:{hosts_port}, EXCLUDE 127.0.0.1",
                "--remote-debugging-port=0",
                f"--user-data-dir={folder}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert running.stderr is not None
            said: list[str] = []
            for line in running.stderr:
                said.append(line)
                if "DevTools listening on " in line:
                    break
            else:
                raise AssertionError(f"chromium did not start: {''.join(said)}")
            threading.Thread(target=running.stderr.read, daemon=True).start()
            address = said[-1].partition("DevTools listening on ")[2].strip()
            with connect(address, max_size=None, proxy=None) as browser:
                browser.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
                targets = json.loads(browser.recv(timeout=SECONDS))["result"]["targetInfos"]
            target = next(found["targetId"] for found in targets if found["type"] == "page")
            host = address.partition("//")[2].partition("/")[0]
            with connect(f"ws://{host}/devtools/page/{target}", max_size=None, proxy=None) as socket:
                yield Page(socket)
        finally:
            running.terminate()
            running.wait(SECONDS)
            if running.stderr is not None:
                running.stderr.close()


def local(path: Path) -> str:
    return path.resolve().as_uri()
