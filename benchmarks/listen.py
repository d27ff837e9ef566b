"""How fast ``okx-doctor listen`` is, as ratios within one run.

    python benchmarks/listen.py [--requests 20000] [--flat 200000]

Four measurements: signed requests for each second of the clock and of CPU through the whole command against the same
HTTP server answering a constant, in turn, each a process of its own; its memory over many requests; how long a refused
request of a known mistake waits for its explanation while accepted ones stream past, and what that costs these; how
many are told as JSON lines when they come as fast as they can.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.api.endpoints import Call, at_path
from okx_doctor.gate.api.replies import Reply
from okx_doctor.gate.serve.http import HttpServer
from okx_doctor.protocol.signing import prehash, sign
from okx_doctor.protocol.wire import WireRequest

ORDER = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","px":"2.15","sz":"2"}'
CALLS = (
    ("GET", "/api/v5/account/balance?ccy=BTC", b""),
    ("GET", "/api/v5/account/positions", b""),
    ("GET", "/api/v5/trade/orders-pending?instType=SPOT", b""),
    ("POST", "/api/v5/trade/order", ORDER),
)
"""What a bot asks for, in turn."""
PIPELINED = 16
ROUNDS = 7
TOLD_SECONDS = 0.5
"""After these, the server has written its line about the last request."""
ASKED = 0.75


def constant(ready: str) -> None:
    """A server that answers every request with the same bytes: what an order is answered with."""
    endpoint = at_path("/api/v5/trade/order")[0]
    reply = endpoint.answer(Call(account=generate(), target="/", body=ORDER, now=time.time()))

    async def handle(_request: WireRequest, _ip: str) -> Reply:
        return reply

    async def serve() -> None:
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as the exchange does
        listening.bind(("127.0.0.1", 0))
        server = HttpServer(handle, time.time)
        await server.start(listening)
        Path(ready).write_text(json.dumps({"port": listening.getsockname()[1]}), "utf-8")
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextmanager
def running(
    *command: str, python: str | Path = sys.executable
) -> Iterator[tuple[dict[str, str], subprocess.Popen[bytes]]]:
    """A server process, and what it wrote into its ready file."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OKX_")}
        process = subprocess.Popen(
            [python, *(str(ready) if part == "READY" else part for part in command)],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            env=environment,
        )
        try:
            while not ready.exists() or not ready.stat().st_size:
                time.sleep(0.01)
            yield json.loads(ready.read_text("utf-8")), process
        finally:
            process.terminate()
            process.wait(20)


def requests(found: dict[str, str], count: int, *, wrong: bool = False) -> list[bytes]:
    """Signed requests; the wrong ones sign the method in lower case."""
    made = []
    for number in range(count):
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        method, target, body = CALLS[number % len(CALLS)]
        signed = prehash(stamp, method.lower() if wrong else method, target, body)
        signature = sign(found.get("OKX_SECRET_KEY", "secret"), signed)
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: 127.0.0.1:{found['port']}",
            "Accept: */*",
            "User-Agent: benchmark",
            f"OK-ACCESS-KEY: {found.get('OKX_API_KEY', 'key')}",
            f"OK-ACCESS-SIGN: {signature}",
            f"OK-ACCESS-TIMESTAMP: {stamp}",
            f"OK-ACCESS-PASSPHRASE: {found.get('OKX_PASSPHRASE', 'pass')}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        made.append("\r\n".join([*lines, "", ""]).encode() + body)
    return made


def stream(port: int, messages: list[bytes]) -> float:
    """Seconds for all of them over one connection, a few on their way at a time."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter()
        for start in range(0, len(messages), PIPELINED):
            part = messages[start : start + PIPELINED]
            connection.sendall(b"".join(part))
            seen, tail = 0, b""
            while seen < len(part):
                data = connection.recv(1 << 20)
                if not data:
                    raise SystemExit("the server hung up")
                seen += (tail + data).count(b"HTTP/1.1 ") - tail.count(b"HTTP/1.1 ")
                tail = data[-8:]
        return time.perf_counter() - began


def cpu_of(pid: int) -> float:
    """The CPU seconds of a process and its threads so far."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in tasks) / 1e9


def cost(found: dict[str, str], process: subprocess.Popen[bytes], count: int) -> tuple[float, float]:
    """Seconds by the clock for requests, and of the server's CPU for these and for telling of them."""
    made = requests(found, count)
    before = cpu_of(process.pid)
    seconds = stream(int(found["port"]), made)
    time.sleep(TOLD_SECONDS)
    return seconds, cpu_of(process.pid) - before


def resident(process: subprocess.Popen[bytes]) -> float:
    """MiB."""
    text = Path(f"/proc/{process.pid}/status").read_text("utf-8")
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


LISTEN = ("-m", "okx_doctor", "listen", "--generate", "--port", "0", "--ready-file", "READY")


def throughput(count: int) -> None:
    """Ratios of pairs, each pair measured one right after the other."""
    with running(__file__, "--constant", "READY") as plain, running(*LISTEN) as full:
        pairs = [(cost(*plain, count), cost(*full, count)) for _ in range(ROUNDS + 1)][1:]  # the first warms up
    for name, costs in zip(("a constant", "listen"), zip(*pairs, strict=True), strict=True):
        clock, cpu = (statistics.median(each) / count * 1e6 for each in zip(*costs, strict=True))
        print(f"{name}: {1e6 / clock:,.0f} requests/s, {cpu:.0f} us of CPU each")
    for name, part in (("by the clock", 0), ("of CPU", 1)):
        ratios = [base[part] / ours[part] for base, ours in pairs]
        found = f"{statistics.median(ratios):.2f}, {min(ratios):.2f}-{max(ratios):.2f}"
        print(f"listen / constant, requests for each second {name}: {found} ({ASKED} asked)")


def memory(count: int) -> None:
    """Resident memory after a tenth and after all."""
    with running(*LISTEN) as (full, process):
        step = 5_000
        seen = []
        for done in range(0, count, step):
            stream(int(full["port"]), requests(full, step))
            seen.append((done + step, resident(process)))
    first, last = seen[max(0, len(seen) // 10 - 1)], seen[-1]
    print(f"memory: {first[1]:.1f} MiB after {first[0]:,} requests, {last[1]:.1f} MiB after {last[0]:,}")


def explanation() -> None:
    """The wait for an explanation, and the rate of accepted requests meanwhile."""
    count = 4_000
    command = [sys.executable, *LISTEN, "--format", "json"]
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command[command.index("READY")] = str(ready)
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        while not ready.exists():
            time.sleep(0.01)
        found = json.loads(ready.read_text("utf-8"))
        arrivals: list[float] = []

        def read() -> None:
            for line in process.stdout or ():
                if '"method-case"' in line:
                    arrivals.append(time.perf_counter())

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        stream(int(found["port"]), requests(found, count))
        alone = [stream(int(found["port"]), requests(found, count)) for _ in range(3)]
        waits, beside = [], []
        for _ in range(3):
            arrivals.clear()
            good, bad = requests(found, count), requests(found, 1, wrong=True)
            asked = time.perf_counter()
            stream(int(found["port"]), bad)
            beside.append(stream(int(found["port"]), good))
            while not arrivals:
                time.sleep(0.001)
            waits.append(arrivals[0] - asked)
        process.terminate()
        process.wait(20)
    ratio = statistics.median(alone) / statistics.median(beside)
    print(f"explained after {', '.join(f'{wait:.2f}' for wait in waits)} s (bound 1 s)")
    print(f"accepted requests beside it: {ratio:.2f} of their rate alone")


def written(count: int) -> None:
    """How many of the requests that come as fast as they can are told as JSON lines through a pipe."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        command = [str(ready) if part == "READY" else part for part in LISTEN]
        process = subprocess.Popen([sys.executable, *command, "--format", "json"], stdout=subprocess.PIPE)
        assert process.stdout is not None
        lines = 0

        def read() -> None:
            nonlocal lines
            while process.stdout and (data := os.read(process.stdout.fileno(), 1 << 16)):
                lines += data.count(b"\n")

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while not ready.exists() or not ready.stat().st_size:
            time.sleep(0.01)
        found = json.loads(ready.read_text("utf-8"))
        step = 4_000
        seconds = sum(stream(int(found["port"]), requests(found, step)) for _ in range(count // step))
        process.terminate()
        process.wait(30)
        reader.join(30)
    print(f"JSON lines: {lines:,} of {count:,}, {count / seconds:,.0f} requests/s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--flat", type=int, default=200_000)
    parser.add_argument("--constant", metavar="READY", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.constant:
        constant(asked.constant)
        return
    throughput(asked.requests)
    explanation()
    written(40_000)
    memory(asked.flat)


if __name__ == "__main__":
    main()
