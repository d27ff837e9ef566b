"""A bot at OKX's own address, by Python's library alone: each argument is one thing that it does."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hmac
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

PATH = "/api/v5/account/balance"


def say(text: str) -> None:
    os.write(1, f"{text}\n".encode())


def leave(*_: object) -> None:
    say("signal")
    os._exit(9)


def call(origin: str, *, blank: str = "", context: ssl.SSLContext | None = None) -> None:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = f"{stamp}GET{PATH}{blank}"
    signed = base64.b64encode(hmac.digest(os.environ["OKX_SECRET_KEY"].encode(), text.encode(), "sha256")).decode()
    headers = {
        "OK-ACCESS-KEY": os.environ["OKX_API_KEY"],
        "OK-ACCESS-SIGN": signed,
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": os.environ["OKX_PASSPHRASE"],
        "User-Agent": "bot/1",  # OKX's edge refuses urllib's own
    }
    with contextlib.suppress(urllib.error.URLError):
        urllib.request.urlopen(urllib.request.Request(origin + PATH, headers=headers), context=context).read()


def do(what: str, *rest: str) -> None:
    match what:
        case "balance":
            call(f"https://{rest[0] if rest else 'www.okx.com'}")
        case "wrong":
            call("https://www.okx.com", blank="?")
        case "rest":
            call(f"https://www.okx.com:{rest[0]}")
        case "public":
            urllib.request.urlopen("https://www.okx.com/api/v5/public/time").read()
        case "pinned":
            call("https://www.okx.com", context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        case "socket":
            from websockets.asyncio.client import connect

            async def ping() -> None:
                async with connect(f"{rest[0]}/ws/v5/public", open_timeout=60) as opened:
                    await (await opened.ping())

            asyncio.run(ping())
        case "ask":
            with contextlib.suppress(OSError):
                socket.getaddrinfo(rest[0], 443)
        case "knock":
            with contextlib.suppress(OSError):
                socket.create_connection((rest[0], 443), 5)
        case "proxy":
            with socket.create_connection(("127.0.0.1", int(rest[0])), 5) as proxy:
                proxy.sendall(b"CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n")
                proxy.recv(1)
        case "leave":
            subprocess.Popen(rest, start_new_session=True, stdin=-3, stdout=-3, stderr=-3)
        case "say" | "tell":
            say(rest[0] if what == "say" else os.environ[rest[0]])
        case "patient":
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, leave)
            say("ready")
            signal.pause()
        case "sleep":
            time.sleep(int(rest[0]))
        case "kill":
            os.kill(os.getpid(), int(rest[0]))
        case "exit":
            sys.exit(int(rest[0]))


for argument in sys.argv[1:]:
    do(*argument.split())
