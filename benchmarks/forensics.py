"""How fast ``inspect`` searches and reads, as ratios and bounds within one run.

Run by hand: ``python -m benchmarks.forensics [--before] [--million] [--pairs N]``. Measured are a request that nothing
explains (the whole search), its stages against a bare loop of ``hashlib`` over the same texts, two processes against
one, a thousand refused requests of one client, and 100,000 valid ones through the command. ``--before`` runs valid
and refused requests in turn with an older commit. ``--million`` puts a
million random signatures against everything that is tried; ``--pairs`` tries random pairs of mistakes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from benchmarks.baseline import BEFORE, python_of
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.search import search
from okx_doctor.forensics.search.hits import Wanted, compared
from okx_doctor.forensics.search.hypotheses import SearchSpace, search_space
from okx_doctor.forensics.search.parts import OpenKeys, Subject
from okx_doctor.forensics.search.search import stages, wanted
from okx_doctor.forensics.search.subject import subject as subject_of
from okx_doctor.forensics.search.work import Stage, Work, work
from okx_doctor.forensics.search.workers import Workers
from okx_doctor.protocol.wire import WireRequest

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
OPEN_KEYS = OpenKeys(secret=SECRET, api_key="37c541a1-91d4-4f0e-a1b3-10fe7a038418", passphrase="Sunny-Day7")
KEYS = OPEN_KEYS.closed()
STAMP = "2026-11-20T09:08:57.715Z"
ORDER = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "clOrdId": "b15",
    "side": "buy",
    "ordType": "limit",
    "px": "2.15",
    "sz": "2",
}
COMPACT = json.dumps(ORDER, separators=(",", ":"))
REQUESTS = {
    "GET with a query": ("GET", "/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP", ""),
    "POST of an order": ("POST", "/api/v5/trade/order", COMPACT),
}
ROUNDS = 3
SEARCH_ROUNDS = 9
PIECE_DIGESTS = 4_000


def sign(text: str, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.digest(secret.encode(), text.encode(), "sha256")).decode()


def capture(method: str, target: str, body: str, signature: str, stamp: str = STAMP) -> Capture:
    headers = (
        ("OK-ACCESS-KEY", OPEN_KEYS.api_key),
        ("OK-ACCESS-SIGN", signature),
        ("OK-ACCESS-TIMESTAMP", stamp),
        ("OK-ACCESS-PASSPHRASE", OPEN_KEYS.passphrase),
        ("Content-Type", "application/json"),
    )
    request = WireRequest(method=method, target=target, headers=headers, body=body.encode())
    return Capture(request=request, form="json", place="line 1", origin="https://www.okx.com")


def unexplained(name: str) -> Subject:
    return subject_of(capture(*REQUESTS[name], sign("something else")), OPEN_KEYS)


def fastest(work: Callable[..., object], *arguments: object) -> float:
    """The least seconds of some rounds."""
    return min(timed(work, *arguments) for _ in range(ROUNDS))


def timed(work: Callable[..., object], *arguments: object) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


def in_pieces(space: SearchSpace, sought: Wanted, stage: Stage, made: Sequence[bytes]) -> tuple[float, float]:
    """The CPU seconds of a stage and of a bare loop over its texts. A few thousand digests of each are made in turn, so
    that what slows a busy machine slows both.
    """
    parts = work(space, stage)
    ours = theirs = 0.0
    done = 0
    while done < len(made):
        began = time.process_time()
        _, tried = compared(space, sought, _some(parts), at_most_one=stage.sweep)
        ours += time.process_time() - began
        theirs += _cpu_spent(partial(bare, made[done : done + tried]))
        done += tried
    return ours, theirs


def _some(parts: Work) -> Work:
    """The next parts of a stage, as many as have a few thousand digests."""
    digests = 0
    for block, keyed in parts:
        yield block, keyed
        digests += len(block.tails) * len(keyed)
        if digests >= PIECE_DIGESTS:
            return


def _cpu_spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def texts(space: SearchSpace, stage: Stage) -> list[bytes]:
    """Every text that a stage hashes, as often as it hashes it."""
    return [block.prefix + tail for block, keyed in work(space, stage) for tail in block.tails for _ in keyed]


def bare(made: Sequence[bytes]) -> None:
    """HMAC with prepared states and nothing around it."""
    block = SECRET.encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block)).copy
    for text in made:
        state = inner()
        state.update(text)
        last = outer()
        last.update(state.digest())
        last.digest()


def _all_options(subject: Subject) -> None:
    search_space(subject, frozenset({32})).ranked(0)


def search_speed() -> None:
    print("one request that nothing explains, one process, CPU time; of a bare loop: min, median, max of the rounds")
    bounds = {(1, True): 0.5, (2, True): 1.5, (3, False): 6.0}
    for name in REQUESTS:
        subject = unexplained(name)
        sought = wanted(subject.signature)
        space = search_space(subject, frozenset(map(len, sought)))
        spent = min(_cpu_spent(partial(_all_options, subject)) for _ in range(SEARCH_ROUNDS))
        whole = [(0.0, 0.0)] * SEARCH_ROUNDS
        for stage in stages(subject):
            made = texts(space, stage)
            rounds = [in_pieces(space, sought, stage, made) for _ in range(SEARCH_ROUNDS)]
            whole = [(ours + more, theirs + bare) for (ours, theirs), (more, bare) in zip(whole, rounds, strict=True)]
            fast = min(ours for ours, _ in rounds)
            spent += fast
            bound = bounds.get((stage.mistakes, stage.sweep))
            what = f"{stage.mistakes} mistakes{', sweeps' if stage.sweep else ''}"
            print(
                f"  {name:<17} {what:<20} {len(made):>9,} digests {fast:6.3f} s {len(made) / fast:>10,.0f}/s"
                f"   {_shares(rounds)}" + (f"   so far {spent:5.2f} s (below {bound})" if bound else "")
            )
        print(f"  {name:<17} all of it: {_shares(whole)} of a bare loop (at least 80%)")


def _shares(rounds: Sequence[tuple[float, ...]]) -> str:
    ratios = [theirs / ours for ours, theirs in rounds]
    return f"{min(ratios):.0%} {statistics.median(ratios):.0%} {max(ratios):.0%}"


def jobs() -> None:
    subject = unexplained("POST of an order")
    alone = fastest(search.search, subject)
    with Workers(2) as workers:

        def work() -> None:
            search.search(subject, runner=workers.run)

        work()
        together = fastest(work)
    print(f"two processes: {alone:.2f} s alone, {together:.2f} s together, {alone / together:.2f} times as fast")


def refused(count: int) -> Iterator[Capture]:
    """Refused requests of one client: a query unsigned, JSON written anew, a pair, a moment off by some ms."""
    dice = random.Random(1)
    for number in range(count):
        kind = number % 4
        stamp = f"2026-11-20T09:{number // 60 % 60:02d}:{number % 60:02d}.{number % 1000:03d}Z"
        if kind == 1:
            body = {**ORDER, "clOrdId": f"b{number}"}
            signed = f"{stamp}POST/api/v5/trade/order{json.dumps(body)}"
            yield capture("POST", "/api/v5/trade/order", json.dumps(body, separators=(",", ":")), sign(signed), stamp)
            continue
        path, query = "/api/v5/account/positions", f"?instType=SWAP&posId={number}"
        other = f"{stamp[:-4]}{(number + dice.randint(1, 400)) % 1000:03d}Z"
        signed = {0: f"{stamp}GET{path}", 2: f"{stamp}get{path[7:]}{query}", 3: f"{other}GET{path}{query}"}[kind]
        yield capture("GET", path + query, "", sign(signed), stamp)


def thousand() -> None:
    made = list(refused(1000))
    inspector = Inspector(KEYS)
    found = [0]

    def work() -> None:
        found[0] = sum(inspector.inspect(one).verdict == "invalid" for one in made)

    spent = timed(work)
    print(f"a thousand refused requests of one client: {spent:.2f} s, {found[0]} explained (below 10)")


def valid() -> None:
    with tempfile.TemporaryDirectory() as folder:
        peaks = {}
        for count in (10_000, 100_000):
            path = Path(folder, f"{count}.jsonl")
            with path.open("w") as file:
                for number in range(count):
                    target = f"/api/v5/account/positions?instType=SWAP&posId={number}"
                    made = capture("GET", target, "", sign(f"{STAMP}GET{target}")).request
                    row = {"method": "GET", "url": "https://www.okx.com" + target, "headers": dict(made.headers)}
                    file.write(json.dumps(row) + "\n")
            for form in ("text", "json"):
                spent, peaks[count, form] = _command(path, form)
                print(f"{count:>7,} valid requests as {form}: {count / spent:>8,.0f}/s, {peaks[count, form]:.1f} MB")
        grown = max(peaks[100_000, form] - peaks[10_000, form] for form in ("text", "json"))
        print(f"memory grows by {grown:.1f} MB from 10,000 to 100,000 (at least 10,000/s, flat)")


def against_before(rounds: int = 5) -> None:
    """The CPU seconds of valid and of refused requests, those of an older commit's in turn with ours."""
    before = python_of()
    with tempfile.TemporaryDirectory() as folder:
        made = {
            "10,000 valid requests": list(_valid(10_000)),
            "1,000 refused requests of one client": [_row(one) for one in refused(1000)],
        }
        for name, rows in made.items():
            path = Path(folder, "requests.jsonl")
            path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
            ratios = []
            for python in (before, Path(sys.executable)):
                _cpu_seconds(python, path, folder)  # so that both have their bytecode, as an installed program has
            for _ in range(rounds):
                old, new = (_cpu_seconds(python, path, folder) for python in (before, Path(sys.executable)))
                ratios.append(new / old)
            told = f"min {min(ratios):.2f}, median {statistics.median(ratios):.2f}, max {max(ratios):.2f}"
            print(f"{name}, new / {BEFORE}: {told}")


def _valid(count: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        target = f"/api/v5/account/positions?instType=SWAP&posId={number}"
        yield _row(capture("GET", target, "", sign(f"{STAMP}GET{target}")))


def _row(one: Capture) -> dict[str, object]:
    made = one.request
    row: dict[str, object] = {
        "method": made.method,
        "url": "https://www.okx.com" + made.target,
        "headers": dict(made.headers),
    }
    return {**row, "body": made.body.decode()} if made.body else row


def _cpu_seconds(python: Path, path: Path, folder: str) -> float:
    """CPU seconds of ``inspect`` as a whole process."""
    command = [str(python), "-m", "okx_doctor", "inspect", str(path), "--no-env-file"]
    began = _spent_by_children()
    subprocess.run(command, env=_environment(), cwd=folder, stdout=subprocess.DEVNULL, check=False)
    return _spent_by_children() - began


def _spent_by_children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


_OUR_OWN: Final = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")
"""What a baseline must not get from us: other sources than its own, or to be compiled anew at every start."""


def _environment() -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if name not in _OUR_OWN},
        "OKX_SECRET_KEY": SECRET,
        "OKX_PASSPHRASE": OPEN_KEYS.passphrase,
        "OKX_API_KEY": OPEN_KEYS.api_key,
    }


def _command(path: Path, form: str) -> tuple[float, float]:
    """Seconds and peak megabytes of a whole process."""
    script = (
        "import re, sys\nfrom okx_doctor.cli import run\nstatus = run()\n"
        "print(status, *re.findall(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read()), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "inspect", str(path), "--format", form, "--no-env-file"]
    began = time.perf_counter()
    done = subprocess.run(command, env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    spent = time.perf_counter() - began
    status, peak = done.stderr.split()
    assert status == b"0", done.stderr
    return spent, int(peak) / 1024


class AnyOf(bytes):
    """A digest that equals each of some: a search compares with one."""

    digests: frozenset[bytes]

    def __new__(cls, digests: frozenset[bytes]) -> AnyOf:
        made = super().__new__(cls)
        made.digests = digests
        return made

    def __eq__(self, other: object) -> bool:
        return other in self.digests

    __hash__ = bytes.__hash__


def million() -> None:
    """A million random signatures, each against all that is tried for some random requests: none may be made."""
    dice = random.Random(0)
    sought = AnyOf(frozenset(dice.randbytes(32) for _ in range(1_000_000)))
    digests = hits = 0
    for _ in range(5):
        secret = "".join(dice.choices("0123456789ABCDEF", k=32))
        body = json.dumps({dice.randbytes(3).hex(): dice.randbytes(4).hex() for _ in range(dice.randint(0, 5))})
        made = capture("POST", f"/api/v5/trade/{dice.randbytes(4).hex()}", body, sign("x"))
        subject = subject_of(made, OPEN_KEYS._replace(secret=secret))
        space = search_space(subject, frozenset({32}))
        for stage in stages(subject):
            for block, keyed in work(space, stage):
                digests += len(block.tails) * len(keyed)
                hits += sum(len(keying.hasher.scan(block.prefix, block.tails, sought)) for keying in keyed)
    print(f"false proofs: {hits} in {digests:,} digests against 1,000,000 random signatures")


def random_pairs(count: int) -> None:
    from tests.forensics.signing import digest
    from tests.forensics.test_mistakes import BASES, pairs

    explained = 0
    for name, one, other in pairs(11, count):
        value = digest(BASES[name], {one[0].axis: one[1].value, other[0].axis: other[1].value})
        signature = base64.b64encode(value).decode()
        explained += search.search(replace(BASES[name], signature=signature), depth=2).best is not None
    print(f"random pairs of mistakes explained: {explained} of {count} ({explained / count:.1%}; at least 95%)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", action="store_true")
    parser.add_argument("--before", action="store_true", help="only against an older commit, in turn with it")
    parser.add_argument("--pairs", type=int, default=0)
    chosen = parser.parse_args()
    if chosen.before:
        against_before()
        return
    search_speed()
    jobs()
    thousand()
    valid()
    if chosen.million:
        million()
    if chosen.pairs:
        random_pairs(chosen.pairs)


if __name__ == "__main__":
    main()
