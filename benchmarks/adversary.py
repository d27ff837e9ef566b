"""Runs of ``check`` against exchanges that answer as they like, each judged by the exchange's own log.

Run by hand: ``python -m benchmarks.adversary [--runs 100000] [--seed 0] [--jobs 2] [--kind KIND]...``. Prints how many
runs broke an invariant and which, how many causes were called proven, and how many of them wrongly. A case is made
again by its kind and number, as in ``tests/adversary``. Exit status 1 where anything was broken.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

from msgspec import Struct, field

from tests.adversary.cases import KINDS, case
from tests.adversary.invariants import judged, proven

BLOCK = 250
SHARES = {"faithful": 8, "glitch": 4, "table": 4, "script": 2, "chance": 1, "exposing": 1}
SHOWN = 20
TOLD_EVERY = 2_500


class Tally(Struct):
    """What came of some runs. ``examples`` are (kind and number, what was broken)."""

    runs: int = 0
    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    proven: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, str]] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        self.runs += other.runs
        self.calls += other.calls
        self.statuses.update(other.statuses)
        self.proven.update(other.proven)
        self.broken.update(other.broken)
        self.examples += other.examples


def measure(kind: str, first: int, runs: int) -> Tally:
    """Run the cases of a kind from ``first`` on."""
    tally = Tally()
    for number in range(first, first + runs):
        seen, wrong = judged(case(kind, number))
        tally.runs += 1
        tally.calls += len(seen.log)
        tally.statuses[seen.report.status.value] += 1
        tally.proven.update(proven(seen.report))
        tally.broken.update(violation.kind for violation in wrong)
        tally.examples += [(f"{kind} {number}", str(violation)) for violation in wrong]
    return tally


def blocks(kinds: list[str], runs: int, seed: int) -> list[tuple[str, int, int]]:
    """The work in pieces: kind, first number, how many."""
    whole = sum(SHARES[kind] for kind in kinds)
    found: list[tuple[str, int, int]] = []
    for kind in kinds:
        wanted = round(runs * SHARES[kind] / whole)
        start = seed * 10_000_000
        found += [(kind, start + at, min(BLOCK, wanted - at)) for at in range(0, wanted, BLOCK)]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0, help="another seed, other cases")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--kind", action="append", choices=tuple(KINDS), help="only these; may be repeated")
    asked = parser.parse_args()
    began = time.perf_counter()
    total = Tally()
    with ProcessPoolExecutor(asked.jobs) as pool:
        work = [pool.submit(measure, *block) for block in blocks(asked.kind or list(KINDS), asked.runs, asked.seed)]
        for done in as_completed(work):
            total.add(done.result())
            so_far = f"{total.runs} runs, {sum(total.broken.values())} violations"
            if sys.stderr.isatty():
                print(f"\r{so_far}", end="", file=sys.stderr)
            elif total.runs % TOLD_EVERY < BLOCK:
                print(so_far, file=sys.stderr, flush=True)
    took = time.perf_counter() - began
    print(f"runs               {total.runs} ({took:.0f} s, {took / max(total.runs, 1) * 1000:.1f} ms each)")
    print(f"signed calls       {total.calls}")
    print(f"statuses           {_listed(total.statuses)}")
    print(f"proven             {sum(total.proven.values())} ({_listed(total.proven)})")
    print(f"proven wrongly     {total.broken['proven wrongly']}")
    print(f"violations         {sum(total.broken.values())} ({_listed(total.broken) or 'none'})")
    for name, what in sorted(total.examples)[:SHOWN]:
        print(f"  {name}: {what}")
    return 1 if total.broken else 0


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counted.most_common())


if __name__ == "__main__":
    sys.exit(main())
