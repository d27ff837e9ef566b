"""How many keys ``okx-doctor watch`` carries, as ratios within one run.

    python -m benchmarks.watch [scrape round flat] [--profiles 1000] [--rounds 10000] [--runs 5]

Four measurements, against the embedded exchange in a process of its own that answers 50 ms late: one round over
all profiles by the whole command, as a multiple of what OKX's limits and the number of conversations side by side
allow; what a profile adds to the memory of that process; memory over many rounds; a scrape of all profiles, while a
round goes on and when every key was checked since the last scrape. All but the last take long: a thousand keys at
OKX's pace take 18 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from okx_doctor.checking.run import RunInputs
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.gate.accounts import generate, variables
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.model import Health
from okx_doctor.observations import KeyFacts
from okx_doctor.peeling.pace import SECONDS_PER_KEY, Pace
from okx_doctor.protocol.endpoints import Endpoint
from okx_doctor.settings import Options
from okx_doctor.watching.board import Board
from okx_doctor.watching.metrics import Metrics
from okx_doctor.watching.profiles import read_profiles
from okx_doctor.watching.rounds import AT_ONCE, Listener, Rounds
from okx_doctor.watching.standing import Result, State

EVERY: Final = "every"
MEASURES: Final = ("scrape", "round", "flat")
LATENCY_SECONDS: Final = 0.05
CALLS_PER_KEY: Final = 3
KEPT_OF_THE_EXCHANGE: Final = 100
BOUND_OF_A_ROUND: Final = 1.2
BOUND_PER_PROFILE: Final = 100_000
BOUND_OF_A_SCRAPE: Final = 0.05
SCRAPES_APART_SECONDS: Final = 15.0
FORMATS: Final = ("text/plain", "application/openmetrics-text; version=1.0.0")


def serve(folder: Path, count: int, delay: float) -> None:
    """An exchange that knows ``count`` keys; it writes their file and where it is, and serves until it is ended."""
    keys = [generate(ip_allowlist=("127.0.0.1",)) for _ in range(count)]
    rows = []
    for number, key in enumerate(keys):
        held = variables(key)
        rows.append(
            f"[profiles.bot-{number:04}]\napi_key = '{held['OKX_API_KEY']}'\nsecret_key = '{held['OKX_SECRET_KEY']}'\n"
            f"passphrase = {json.dumps(held['OKX_PASSPHRASE'])}\n"
        )
    (folder / "keys.toml").write_text("".join(rows), "utf-8")
    (folder / "keys.toml").chmod(0o600)
    plan = Plan(accounts=tuple(keys), ntp="answers", delay=delay, remembered=KEPT_OF_THE_EXCHANGE)
    with Exchange(plan) as exchange:
        sites = ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites)
        (folder / "ready.new").write_text(json.dumps({"sites": sites, "ntp": exchange.ntp}), "utf-8")
        (folder / "ready.new").replace(folder / "ready.json")
        while True:
            time.sleep(3600)


@contextmanager
def exchange_of(count: int, delay: float) -> Iterator[tuple[Path, dict[str, str]]]:
    """The file of the keys, and the environment in which OKX is that exchange."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        command = [sys.executable, "-m", "benchmarks.watch", "serve", place, str(count), str(delay)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while not (folder / "ready.json").exists():
                time.sleep(0.05)
            ready = json.loads((folder / "ready.json").read_text("utf-8"))
            kept = {name: value for name, value in os.environ.items() if not name.startswith(("OKX", "OKEX"))}
            yield folder / "keys.toml", {**kept, "OKX_DOCTOR_SITES": ready["sites"], "OKX_DOCTOR_NTP": ready["ntp"]}
        finally:
            process.kill()
            process.wait()


def resident(pid: int | str) -> int:
    """Bytes of memory that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def one_round(count: int, delay: float) -> tuple[float, int]:
    """Seconds from the start of the whole command to the end of its first round, and its memory then."""
    with exchange_of(count, delay) as (file, environment):
        command = [sys.executable, "-m", "okx_doctor", "watch", "--credentials", str(file), "--all-profiles"]
        began = time.monotonic()
        process = subprocess.Popen(
            [*command, "--no-env-file", "--every", "1d", "--listen", "0", "--timeout", "60"],
            stdout=subprocess.PIPE,
            text=True,
            env={**environment, "PYTHONUNBUFFERED": "1"},
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if "first round over" in line:
                    seconds = time.monotonic() - began
                    assert line.endswith(f"first round over {count}: {count} healthy\n"), line
                    return seconds, resident(process.pid)
        finally:
            process.kill()
            process.wait()
    raise SystemExit("the watch ended without a round")


def bound(count: int) -> float:
    """Seconds that a round takes at the least, by OKX's limits and by the number of conversations side by side."""
    return max((count - 1) * SECONDS_PER_KEY, count * CALLS_PER_KEY * LATENCY_SECONDS / AT_ONCE)


def spread(values: Sequence[float], form: Callable[[float], str]) -> str:
    return f"{form(statistics.median(values))} (min {form(min(values))}, max {form(max(values))}, of {len(values)})"


def rounds_and_memory(count: int, runs: int) -> None:
    small = max(count // 20, 2)
    few = [one_round(small, LATENCY_SECONDS) for _ in range(runs)]
    ratios = [seconds / bound(small) for seconds, _ in few]
    print(f"round of {small}: {spread(ratios, '{:.3f}'.format)} x bound, {BOUND_OF_A_ROUND} asked", flush=True)
    seconds, held = one_round(count, LATENCY_SECONDS)
    print(f"round of {count}: {seconds:.0f} s, {seconds / bound(count):.3f} x bound, {BOUND_OF_A_ROUND} asked")
    each = [(held - other) / (count - max(count // 20, 2)) for _, other in few]
    print(
        f"memory: {held / 1e6:.1f} MB with {count} profiles; {spread(each, '{:,.0f}'.format)} bytes for each profile,"
    )
    print(f"        {BOUND_PER_PROFILE:,} asked", flush=True)


class Unhurried(Pace):
    """Lets every call go at once: what grows with rounds does not depend on how far apart they are."""

    def turn(self, base_url: str, endpoint: Endpoint, now: float, patience: float) -> float | None:
        super().turn(f"{base_url} {now}", endpoint, now, patience)
        self._left.clear()
        return 0.0


def flat(rounds: int) -> None:
    """The memory of this process over rounds of two keys, each with a scrape in both formats."""
    with exchange_of(2, 0.0) as (file, environment):
        asked = CredentialSources(credentials=str(file), no_env_file=True)
        profiles = read_profiles(asked, {}, everyone=True).profiles
        board = Board(lambda event: None, time.monotonic)
        board.keep(profile.name for profile in profiles)
        metrics = Metrics(board.snapshot)
        board.follow(metrics.write_ahead)
        around = RunInputs(environ=environment, pace=Unhurried())
        made = Rounds(Options(ntp=(environment["OKX_DOCTOR_NTP"],), timeout=60), around, lambda seconds: False)
        listener = Listener(
            address=lambda found: board.note_address(found, time.time()),
            key=board.note_key,
            complaint=lambda text: print(f"complaint: {text}"),
        )
        marks: dict[int, int] = {}
        for number in range(1, rounds + 1):
            made.make(profiles, listener)
            board.note_round()
            for accept in FORMATS:
                metrics.exposition(accept)
            if number % max(rounds // 10, 1) == 0:
                marks[number] = resident("self")
        checks = board.snapshot().checks
    assert checks[Health.HEALTHY] == 2 * rounds, checks
    told = ", ".join(f"{number}: {held / 1e6:.1f}" for number, held in marks.items())
    first, last = next(iter(marks.values())), list(marks.values())[-1]
    print(f"flat: MB after so many rounds: {told}")
    print(f"flat: {last / first:.3f} x the memory after a tenth of {rounds} rounds", flush=True)


def scrape(count: int, runs: int) -> None:
    """CPU and wall seconds of a scrape, in turn while a round goes on and with every key checked anew."""
    board = Board(lambda event: None, time.monotonic)
    names = [f"bot-{number:04}" for number in range(count)]
    board.keep(names)
    facts = KeyFacts(permissions=("read_only", "trade"), bound_addresses=1, sub_account=False, demo=False)
    result = Result(
        at=time.time(),
        seconds=0.25,
        asked=True,
        site="global",
        environment="live",
        state=State(health=Health.HEALTHY),
        facts=facts,
    )
    going_on = int(SCRAPES_APART_SECONDS / SECONDS_PER_KEY) + 1
    for accept in FORMATS:
        metrics = Metrics(board.snapshot)
        board.follow(metrics.write_ahead)
        for said, changed in (
            (f"{going_on} keys checked since the last", going_on),
            ("every key checked since", count),
        ):
            for name in names:
                board.note_key(name, result)
            metrics.exposition(accept)
            wall, cpu = [], []
            for _ in range(runs * 5):
                for name in names[:changed]:
                    board.note_key(name, result)
                began = time.perf_counter(), time.process_time()
                body, _ = metrics.exposition(accept)
                wall.append(time.perf_counter() - began[0])
                cpu.append(time.process_time() - began[1])
            assert body.count(b"okx_doctor_healthy{") == count
            print(f"scrape of {count}, {accept.partition(';')[0]}, {said}:")
            print(f"  {spread(wall, _milliseconds)} by the clock, {spread(cpu, _milliseconds)} of CPU,")
            print(f"  {_milliseconds(BOUND_OF_A_SCRAPE)} asked", flush=True)


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"


def main() -> None:
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=EVERY, choices=[*MEASURES, EVERY])
    parser.add_argument("--profiles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    what = MEASURES if EVERY in given.what else given.what
    if "scrape" in what:
        scrape(given.profiles, given.runs)
    if "round" in what:
        rounds_and_memory(given.profiles, given.runs)
    if "flat" in what:
        flat(given.rounds)


if __name__ == "__main__":
    main()
