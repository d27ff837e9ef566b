"""What a market to live on costs, as ratios within one run.

    python -m benchmarks.market [markets freqtrade judging hour] [--runs 7] [--requests 10000] [--seconds 3600]

Four measurements. ``markets``: ccxt's ``load_markets`` at ``okx-doctor listen``, over the same at a server that only
sends the bytes with which listen had answered it before. ``freqtrade``: so too its start, until it says that it runs;
it has to be installed. ``judging``: signed requests for each second of CPU with the market, with ``--market none``, of
the same HTTP server answering a constant and of a commit that had no market, in turn, a dozen times in each run.
``hour``: the memory of an exchange that pushes two hundred channels of a hundred instruments for an hour of its own
time, second by second, to clients that read every push.

Times are told by the clock and in CPU seconds of both sides: on a machine that is busy only these mean something.
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
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from operator import truediv
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.baseline import BEFORE, python_of
from benchmarks.listen import LISTEN, TOLD_SECONDS, cost, cpu_of, resident, running
from okx_doctor.gate.accounts import generate
from okx_doctor.gate.api.replies import Reply
from okx_doctor.gate.market.instruments import listed
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.serve.http import HttpServer
from okx_doctor.protocol.wire import WireRequest
from tests.peers.freqtrade_settings import settings, trading

EVERY: Final = "every"
BOUND: Final = 1.5
SUBSCRIPTIONS: Final = 200
SOCKETS: Final = 4
CHANNELS: Final = ("tickers", "trades", "books", "books5", "bbo-tbt", "mark-price", "price-limit", "candle1m")
STEPS: Final = 12
SLICES: Final = 12

Cost = tuple[float, float]
"""Seconds by the clock, and of CPU: the client's and the server's."""
Sides = tuple[tuple[str, int], ...]
"""Servers: where each is, and the number of its process."""
Measured = Callable[[Sides, dict[str, str], Path, int], Iterator[tuple[Cost, ...]]]

_OF_TIME: Final = frozenset({"after", "before", "begin", "end"})
_OURS: Final = ("-m", "benchmarks.market")
_PATIENCE_SECONDS: Final = 600


def asked_for(target: str) -> str:
    """What a request asks for, whenever it does."""
    parts = urlsplit(target)
    lasting = sorted((name, value) for name, value in parse_qsl(parts.query) if name not in _OF_TIME)
    return f"{parts.path}?{urlencode(lasting)}"


def record(ready: str, upstream: str, file: str) -> None:
    """A server that passes everything on, and writes down what it was answered."""

    async def serve() -> None:
        client = httpx.AsyncClient(base_url=upstream, trust_env=False, timeout=_PATIENCE_SECONDS)

        async def handle(request: WireRequest, _ip: str) -> Reply:
            headers = [
                (name, value) for name, value in request.headers if name.lower().startswith(("ok-", "content-t"))
            ]
            answer = await client.request(request.method, request.target, headers=headers, content=request.body)
            with Path(file).open("a", encoding="utf-8") as kept:
                kept.write(json.dumps([asked_for(request.target), answer.status_code, answer.text]) + "\n")
            return Reply(status=answer.status_code, body=answer.content)

        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        await HttpServer(handle, time.time).start(listening)
        _tell(ready, listening.getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(serve())


class Constant(asyncio.Protocol):
    """Answers each request with bytes that are known, and reads no more of it than it must."""

    def __init__(self, known: dict[str, bytes]) -> None:
        self._known = known
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(b"\r\n\r\n")) >= 0:
            head = self._read[:end]
            _, _, after = head.lower().partition(b"\r\ncontent-length:")
            whole = end + 4 + int(after.partition(b"\r\n")[0] or 0)
            if len(self._read) < whole:
                return
            self._read = self._read[whole:]
            self._transport.write(self._known[asked_for(head.split(b" ", 2)[1].decode())])


def constant(ready: str, file: str) -> None:
    """A server that answers what was recorded."""
    known = {}
    for line in Path(file).read_text("utf-8").splitlines():
        asked, status, body = json.loads(line)
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
        known[asked] = (head + body).encode()

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(lambda: Constant(known), "127.0.0.1", 0)
        _tell(ready, server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(serve())


def _tell(ready: str, port: int) -> None:
    Path(ready).write_text(json.dumps({"url": f"http://127.0.0.1:{port}", "port": port}), "utf-8")


def load_markets(sides: Sides, keys: dict[str, str], _folder: Path, runs: int) -> Iterator[tuple[Cost, ...]]:
    """Those of ccxt's ``load_markets`` at each side in turn, by a new client each time."""
    command = [sys.executable, *_OURS, "ccxt", json.dumps(sides), str(runs)]
    said = subprocess.run(command, env={**os.environ, **keys}, capture_output=True, text=True, check=True).stdout
    for line in said.splitlines():
        costs = json.loads(line)
        assert all(count > 100 for _, _, count in costs), line
        yield tuple((wall, cpu) for wall, cpu, _ in costs)


def ccxt_bot(sides: str, runs: str) -> None:
    """A line for each round: seconds by the clock and of CPU, and how many markets there are, at each side."""
    import ccxt

    keys = {"apiKey": os.environ["OKX_API_KEY"], "secret": os.environ["OKX_SECRET_KEY"]}
    for _ in range(int(runs)):
        costs = []
        for url, server in json.loads(sides):
            client = ccxt.okx({**keys, "password": os.environ["OKX_PASSPHRASE"], "enableRateLimit": False})
            client.urls["api"]["rest"] = url
            before, began = cpu_of(server), (time.perf_counter(), time.process_time())
            count = len(client.load_markets())
            wall, own = time.perf_counter() - began[0], time.process_time() - began[1]
            time.sleep(TOLD_SECONDS)
            costs.append((wall, own + cpu_of(server) - before, count))
        print(json.dumps(costs), flush=True)


def start_freqtrade(sides: Sides, keys: dict[str, str], folder: Path, runs: int) -> Iterator[tuple[Cost, ...]]:
    """Those of freqtrade from its start until it says that it runs, at each side in turn."""
    for _ in range(runs):
        yield tuple(_freqtrade(url, server, keys, folder) for url, server in sides)


def _freqtrade(url: str, server: int, keys: dict[str, str], folder: Path) -> Cost:
    command = trading(folder, settings(url, "", keys, "spot"), "sqlite://")
    before, began = cpu_of(server), time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        said = b""
        for line in process.stdout or ():
            said += line
            if b"state to: RUNNING" in line:
                found = time.perf_counter() - began, cpu_of(process.pid) + cpu_of(server) - before
                process.kill()
                return found
    raise SystemExit(said.decode())


def against_constants(what: str, measured: Measured, runs: int) -> None:
    """Ratios of pairs, each pair measured one right after the other."""
    with tempfile.TemporaryDirectory() as place, running(*LISTEN) as (full, listen):
        folder, file = Path(place), f"{place}/answers"
        keys = {name: value for name, value in full.items() if name.startswith("OKX_")}
        with running(*_OURS, "record", "READY", full["url"], file) as (passed, _):
            list(measured(((passed["url"], listen.pid),), keys, folder, 1))
        with running(*_OURS, "constant", "READY", file) as (plain, server):
            sides = (full["url"], listen.pid), (plain["url"], server.pid)
            rounds = list(measured(sides, keys, folder, runs + 1))[1:]  # the first warms up
        size = Path(file).stat().st_size
    print(f"{what}: {size / 1e6:.2f} MB of answers; seconds by the clock and of CPU of both sides, medians:")
    for name, costs in zip(("listen", "constant"), zip(*rounds, strict=True), strict=True):
        wall, cpu = (statistics.median(each) for each in zip(*costs, strict=True))
        print(f"  {name}: {wall:.3f}, {cpu:.3f}")
    clock, busy = ([ours[part] / base[part] for ours, base in rounds] for part in (0, 1))
    print(f"  listen / constant: CPU {spread(busy)}, clock {spread(clock)}; {BOUND} asked", flush=True)


def judging(count: int, runs: int) -> None:
    """CPU seconds of requests with a market, without, of a constant, of a commit that had none: ratios of one run.

    A run takes ``SLICES`` turns, so that what else the machine does falls on all alike.
    """
    runs_seen: list[tuple[float, ...]] = []
    without = (*LISTEN, "--market", "none")
    plain = (str(Path(__file__).with_name("listen.py")), "--constant", "READY")
    before = running(*LISTEN, python=python_of())
    with running(*plain) as constant, running(*LISTEN) as full, running(*without) as bare, before as older:
        servers = constant, full, bare, older
        for _ in range(runs + 1):
            seconds = [0.0] * len(servers)
            for turn in range(SLICES):
                for place in range(len(servers)):
                    at = (turn + place) % len(servers)
                    seconds[at] += cost(*servers[at], count // SLICES)[1]
            runs_seen.append(tuple(seconds))
    base, market, none, earlier = zip(*runs_seen[1:], strict=True)  # the first warms up
    for name, over, under in (
        ("with the market / constant", base, market),
        ("--market none / constant", base, none),
        ("with the market / without", none, market),
        (f"with the market / {BEFORE}", earlier, market),
    ):
        print(f"judging {name}, requests for each second of CPU: {spread(list(map(truediv, over, under)))}", flush=True)


def exchange_of_steps(ready: str) -> None:
    """An exchange whose clock goes on by a second for each line on standard input."""
    held = [float(int(time.time()))]
    with Exchange(
        Plan(accounts=(generate(),), websocket=True, market_seed=1, remembered=0), lambda: held[0]
    ) as exchange:
        Path(ready).write_text(json.dumps({"url": exchange.sites[0].websocket, "began": held[0]}), "utf-8")
        for _ in sys.stdin:
            held[0] += 1
            exchange.on_market(lambda market: market.wake())
        assert not exchange.crashes, exchange.crashes


@contextmanager
def stepped() -> Iterator[tuple[dict[str, str], subprocess.Popen[bytes]]]:
    with tempfile.TemporaryDirectory() as place:
        ready = Path(place, "ready")
        process = subprocess.Popen([sys.executable, *_OURS, "steps", str(ready)], stdin=subprocess.PIPE)
        try:
            while not ready.exists() or not ready.stat().st_size:
                time.sleep(0.01)
            yield json.loads(ready.read_text("utf-8")), process
        finally:
            process.kill()
            process.wait()


def subscribed(now: float) -> list[list[dict[str, str]]]:
    """The channels, shared out to sockets: candles are those of another path, so of their own."""
    ids = [one.id for one in listed(int(now // 86_400)).values()]
    asked = [
        {"channel": CHANNELS[number % len(CHANNELS)], "instId": ids[number // 2 % len(ids)]}
        for number in range(SUBSCRIPTIONS)
    ]
    business = [each for each in asked if each["channel"].startswith("candle")]
    public = [each for each in asked if each not in business]
    return [business, *(public[part :: SOCKETS - 1] for part in range(SOCKETS - 1))]


async def an_hour(seconds: int) -> None:
    with stepped() as (found, process):
        assert process.stdin is not None
        open_sockets: list[ClientConnection] = []
        last: list[str] = []
        for number, channels in enumerate(subscribed(float(found["began"]))):
            path = "/ws/v5/business" if number == 0 else "/ws/v5/public"
            connection = await connect(f"{found['url']}{path}", max_size=None, proxy=None, ping_interval=None)
            await connection.send(json.dumps({"op": "subscribe", "args": channels}))
            open_sockets.append(connection)
            last.append(json.dumps(channels[-1], separators=(",", ":")))
            await _until(connection, last[-1])
        pushes, marks, began = 0, [], time.perf_counter()
        for second in range(1, seconds + 1):
            process.stdin.write(b"\n")
            process.stdin.flush()
            pushes += sum(await asyncio.gather(*map(_until, open_sockets, last)))
            if second % max(1, seconds // STEPS) == 0:
                marks.append(resident(process))
        took = time.perf_counter() - began
        for connection in open_sockets:
            await connection.close()
    print(
        f"hour: {SUBSCRIPTIONS} channels, {pushes:,} pushes in {seconds} s of the exchange, {took:.0f} s by the clock"
    )
    print(
        f"hour: MiB {', '.join(f'{mark:.1f}' for mark in marks)}: last / first {marks[-1] / marks[0]:.3f}", flush=True
    )


async def _until(connection: ClientConnection, ending: str) -> int:
    """How many pushes came, up to that of the channel which is the last in its turn."""
    count = 0
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            text = await connection.recv()
            assert isinstance(text, str)
            if '"event"' in text[:40]:
                continue
            count += 1
            if text.startswith(f'{{"arg":{ending},'):
                return count


def spread(values: Sequence[float]) -> str:
    return f"{statistics.median(values):.2f} (min {min(values):.2f}, max {max(values):.2f}, of {len(values)})"


def main() -> None:
    inner: dict[str, Callable[..., None]] = {
        "record": record, "constant": constant, "ccxt": ccxt_bot, "steps": exchange_of_steps,
    }  # fmt: skip
    if sys.argv[1:2] and sys.argv[1] in inner:
        inner[sys.argv[1]](*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    everything = ["markets", "freqtrade", "judging", "hour"]
    parser.add_argument("what", nargs="*", default=EVERY, choices=[*everything, EVERY])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=3600)
    asked = parser.parse_args()
    what = everything if EVERY in asked.what else asked.what
    if "markets" in what:
        against_constants("load_markets", load_markets, asked.runs)
    if "freqtrade" in what:
        if find_spec("freqtrade"):
            against_constants("start of freqtrade", start_freqtrade, asked.runs)
        else:
            print("start of freqtrade: skipped: needs freqtrade", flush=True)
    if "judging" in what:
        judging(asked.requests, asked.runs)
    if "hour" in what:
        asyncio.run(an_hour(asked.seconds))


if __name__ == "__main__":
    main()
