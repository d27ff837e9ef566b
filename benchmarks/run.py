"""What sealing a bot off costs, as ratios within one run.

    python benchmarks/run.py [--requests 1500] [--flat 100000]

Three measurements: a signed request over one TLS connection inside the seal against the same at ``listen --tls``, in
turn; ``run -- true`` from start to end against ``listen`` until its port is open, without and with ``--tls`` (``run``
always has a certificate to make); the memory of ``run`` over many requests.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from okx_doctor.protocol.signing import prehash, sign

ROUNDS = 5
STARTS = 7
PIPELINED = 16
STEP = 5_000
TARGET = "/api/v5/account/balance?ccy=BTC"
DOCTOR = (sys.executable, "-m", "okx_doctor")


def environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("OKX_")}


def request(host: str) -> bytes:
    stamp = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    lines = [
        f"GET {TARGET} HTTP/1.1",
        f"Host: {host}",
        "Accept: */*",
        "User-Agent: benchmark",
        f"OK-ACCESS-KEY: {os.environ['OKX_API_KEY']}",
        f"OK-ACCESS-SIGN: {sign(os.environ['OKX_SECRET_KEY'], prehash(stamp, 'GET', TARGET, b''))}",
        f"OK-ACCESS-TIMESTAMP: {stamp}",
        f"OK-ACCESS-PASSPHRASE: {os.environ['OKX_PASSPHRASE']}",
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def bot(url: str, count: int, at_once: int) -> None:
    """Send so many requests a few at a time; print the median milliseconds of a batch, and a line at each step."""
    address = urlsplit(url)
    context = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE"))
    times: list[float] = []
    with socket.create_connection((address.hostname or "", address.port or 443)) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with context.wrap_socket(plain, server_hostname=address.hostname) as connection:
            for done in range(0, count, at_once):
                data, seen, tail = request(address.netloc) * at_once, 0, b""
                began = time.perf_counter()
                connection.sendall(data)
                while seen < at_once:
                    got = connection.recv(1 << 16)
                    if not got:
                        raise SystemExit("the exchange hung up")
                    text = tail + got
                    seen += text.count(b'"code":"0"') - tail.count(b'"code":"0"')
                    tail = text[-9:]
                times.append(time.perf_counter() - began)
                if (done + at_once) % STEP < at_once:
                    print(f"done {done + at_once}", flush=True)
    print(f"median {statistics.median(times) * 1000:.4f}", flush=True)


def told(output: str) -> float:
    return float(output.rpartition("median ")[2])


def sealed(count: int) -> float:
    command = [*DOCTOR, "run", "--generate", "--", sys.executable, __file__, "--bot", "https://www.okx.com"]
    done = subprocess.run(
        [*command, "--requests", str(count)], capture_output=True, text=True, check=True, env=environment()
    )
    return told(done.stdout)


def listened(url: str, given: dict[str, str], ca_file: str, count: int) -> float:
    command = [sys.executable, __file__, "--bot", url, "--requests", str(count)]
    found = {**environment(), **given, "SSL_CERT_FILE": ca_file}
    return told(subprocess.run(command, capture_output=True, text=True, check=True, env=found).stdout)


def latency(count: int) -> None:
    """Ratios of pairs, each pair measured one right after the other."""
    with tempfile.TemporaryDirectory() as folder:
        ready, trusted = Path(folder, "ready.json"), Path(folder, "ca.pem")
        command = [*DOCTOR, "listen", "--generate", "--port", "0", "--ready-file", str(ready), "--tls", str(trusted)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())
        while not ready.exists():
            time.sleep(0.01)
        found = json.loads(ready.read_text("utf-8"))
        given = {name: value for name, value in found.items() if name.startswith("OKX_")}
        pairs = [(sealed(count), listened(found["url"], given, str(trusted), count)) for _ in range(ROUNDS)]
        process.terminate()
        process.wait(20)
    ratios = [ours / plain for ours, plain in pairs]
    print(f"sealed: {statistics.median(pair[0] for pair in pairs):.2f} ms a request")
    print(f"listen --tls: {statistics.median(pair[1] for pair in pairs):.2f} ms a request")
    print(f"sealed / listen --tls: {statistics.median(ratios):.2f} (bound 1.1), {min(ratios):.2f}-{max(ratios):.2f}")


def starting() -> None:
    """Ratios of pairs again."""
    ours: list[float] = []
    others: dict[str, list[float]] = {"listen": [], "listen --tls": []}
    for _ in range(STARTS):
        began = time.perf_counter()
        subprocess.run([*DOCTOR, "run", "--generate", "--", "true"], capture_output=True, env=environment())
        ours.append(time.perf_counter() - began)
        for name, seconds in others.items():
            seconds.append(port_open("--tls" in name))
    print(f"run -- true: {statistics.median(ours) * 1000:.0f} ms")
    for name, seconds in others.items():
        ratios = [one / other for one, other in zip(ours, seconds, strict=True)]
        told = f"{statistics.median(ratios):.2f} (bound 1.2), {min(ratios):.2f}-{max(ratios):.2f}"
        print(f"run -- true / {name}: {told}; {name}: {statistics.median(seconds) * 1000:.0f} ms")


def port_open(tls: bool) -> float:
    """Seconds until ``listen`` has its port open."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder, "ready.json")
        command = [*DOCTOR, "listen", "--generate", "--port", "0", "--ready-file", str(ready)]
        command += ["--tls", str(Path(folder, "ca.pem"))] if tls else []
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())
        while not ready.exists():
            time.sleep(0.001)
        seconds = time.perf_counter() - began
        process.kill()
        process.wait(20)
    return seconds


def memory(count: int) -> None:
    """Resident memory of okx-doctor itself, after a tenth and after all."""
    command = [*DOCTOR, "run", "--generate", "--output", os.devnull, "--", sys.executable, __file__]
    command += ["--bot", "https://www.okx.com", "--requests", str(count), "--at-once", str(PIPELINED)]
    seen: list[tuple[int, float]] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment()
    ) as process:
        for line in process.stdout or ():
            if line.startswith("done "):
                text = Path(f"/proc/{process.pid}/status").read_text("utf-8")
                seen.append((int(line.split()[1]), int(text.partition("VmRSS:")[2].split()[0]) / 1024))
    first, last = seen[max(0, len(seen) // 10 - 1)], seen[-1]
    print(f"memory: {first[1]:.1f} MiB after {first[0]:,} requests, {last[1]:.1f} MiB after {last[0]:,}")
    print(f"status {process.returncode}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_500)
    parser.add_argument("--flat", type=int, default=100_000)
    parser.add_argument("--bot", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument("--at-once", type=int, default=1, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bot:
        bot(asked.bot, asked.requests, asked.at_once)
        return
    starting()
    latency(asked.requests)
    memory(asked.flat)


if __name__ == "__main__":
    main()
