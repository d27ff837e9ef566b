"""How long ``okx-doctor check`` takes as a whole process, as ratios within one interleaved run.

Run by hand: ``python benchmarks/check.py [ROUNDS]``. Everything talks to one embedded exchange on loopback, with a
time server that answers, from an empty folder, so that no ``pyproject.toml`` of the place it is started in is read.
Compared are whole processes: a bare httpx script making one signed call, ccxt's single call, ``check`` (with and
without 200 ms added to every answer), ``--version``, and ``python -c "import click"``.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.serve.exchange import Exchange, Plan

HTTPX_SCRIPT = """
import base64, hashlib, hmac, os
from datetime import datetime, timezone
import httpx
base = os.environ["OKX_API_BASE_URL"]
path = "/api/v5/account/config"
stamp = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
digest = hmac.new(os.environ["OKX_SECRET_KEY"].encode(), (stamp + "GET" + path).encode(), hashlib.sha256).digest()
answer = httpx.get(base + path, headers={
    "OK-ACCESS-KEY": os.environ["OKX_API_KEY"], "OK-ACCESS-SIGN": base64.b64encode(digest).decode(),
    "OK-ACCESS-TIMESTAMP": stamp, "OK-ACCESS-PASSPHRASE": os.environ["OKX_PASSPHRASE"]})
assert answer.json()["code"] == "0", answer.text
"""

CCXT_SCRIPT = """
import os
import ccxt
okx = ccxt.okx({"apiKey": os.environ["OKX_API_KEY"], "secret": os.environ["OKX_SECRET_KEY"],
                "password": os.environ["OKX_PASSPHRASE"]})
okx.urls["api"]["rest"] = os.environ["OKX_API_BASE_URL"]
assert okx.private_get_account_config()["code"] == "0"
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    account = generate(ip_allowlist=("127.0.0.1",))
    near = Plan(accounts=(account,), ntp="answers")
    far = Plan(accounts=(account,), ntp="answers", delay=0.2)
    with Exchange(near) as prompt, Exchange(far) as slow, tempfile.TemporaryDirectory() as folder:
        here, there = _environment(account, prompt), _environment(account, slow)
        check = [sys.executable, "-m", "okx_doctor", "check", "--no-env-file"]
        commands: dict[str, tuple[list[str], Mapping[str, str]]] = {
            "httpx, one signed call": ([sys.executable, "-c", HTTPX_SCRIPT], here),
            "okx-doctor check": (check, here),
            "okx-doctor check, 200 ms away": (check, there),
            "import click": ([sys.executable, "-c", "import click"], here),
            "okx-doctor --version": ([str(Path(sys.executable).with_name("okx-doctor")), "--version"], here),
        }
        if find_spec("ccxt"):
            commands["ccxt, one signed call"] = ([sys.executable, "-c", CCXT_SCRIPT], here)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            for name, (command, environment) in commands.items():
                began = time.perf_counter()
                ended = subprocess.run(command, env=dict(environment), cwd=folder, capture_output=True, check=False)
                if ended.returncode:
                    sys.exit(f"{name} failed: {ended.stderr.decode()[-500:]}{ended.stdout.decode()[-500:]}")
                if turn:  # the first round warms the caches
                    times[name].append(time.perf_counter() - began)
    _print(times)


def _environment(account: Account, exchange: Exchange) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ.get("HOME", ""),
        "OKX_API_KEY": account.api_key,
        "OKX_SECRET_KEY": account.secret.reveal(),
        "OKX_PASSPHRASE": account.passphrase.reveal(),
        "OKX_API_BASE_URL": exchange.sites[0].rest[0],
        "OKX_DOCTOR_SITES": ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites),
        "OKX_DOCTOR_NTP": exchange.ntp,
    }


def _print(times: Mapping[str, list[float]]) -> None:
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name:<32} {median[name] * 1000:7.1f} ms  (min {min(values) * 1000:.1f})")
    print()
    base = "httpx, one signed call"
    print(f"check / bare httpx       {_ratio(times, 'okx-doctor check', base)}   (at most 1.05)")
    if "ccxt, one signed call" in times:
        print(f"check / ccxt             {_ratio(times, 'okx-doctor check', 'ccxt, one signed call')}   (below 1)")
    print(f"--version / import click {_ratio(times, 'okx-doctor --version', 'import click')}   (at most 0.9)")
    grown = median["okx-doctor check, 200 ms away"] - median["okx-doctor check"]
    print(f"growth at 200 ms        {grown / 0.2:5.2f} x 200 ms   (at most 2.2)")


def _ratio(times: Mapping[str, list[float]], one: str, other: str) -> str:
    """The pairwise ratios: both ran in the same round, so a slow moment hits both."""
    ratios = [a / b for a, b in zip(times[one], times[other], strict=True)]
    return f"min {min(ratios):.2f}, median {statistics.median(ratios):.2f}, max {max(ratios):.2f}"


if __name__ == "__main__":
    main()
