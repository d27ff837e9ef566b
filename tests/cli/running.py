"""The command line as a user runs it: an environment built from nothing, streams of its own, a hard time bound.

``okx_doctor`` and ``one_by_one`` run it in this process, for what shows in text, status and files. ``in_a_process``
and ``batch`` start others: for streams, signals, limits, whatever is there when Python starts, a fault no argument can
stage, a run that leaves threads behind or would leave this machine, and several that wait at the same time.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from types import FrameType
from typing import IO, Any, Unpack
from unittest.mock import patch

import pytest
from msgspec import Struct

from okx_doctor import cli
from okx_doctor.gate.accounts import Account, Changes, generate
from okx_doctor.gate.serve.exchange import Exchange
from okx_doctor.secrets.secret import Secret

API_KEY = "5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e"
SECRET = "9F3B7C21E8D04A56B1C7F02D93E84A6B"
PASSPHRASE = "Zx$8k#Qw\"Lp'\\Mn%Vb&Tr+Ys=Jd!4"
"""Every character that some encoding escapes, all of them such as a header can carry."""

CREDENTIALS: Mapping[str, str] = {
    "OKX_API_KEY": API_KEY,
    "OKX_SECRET_KEY": SECRET,
    "OKX_PASSPHRASE": PASSPHRASE,
}
NO_NTP = "127.0.0.1:9"
CLOSED = "https://127.0.0.1:9"
CLI = ("-m", "okx_doctor")
PATIENCE = 120.0
"""Seconds after which a run counts as one that never ends. No run needs them, however busy the machine is: how soon one
ends is measured in benchmarks/."""
BATCH = Path(__file__).with_name("batch.py")
STREAMS = (("stdin", "r", "surrogateescape"), ("stdout", "w", "surrogateescape"), ("stderr", "w", "backslashreplace"))
"""What Python makes of descriptors 0, 1 and 2 when it starts in ``clean``."""
Run = tuple[Sequence[str], Mapping[str, str]]
"""Arguments and environment."""


class Outcome(Struct, frozen=True):
    """How a run ended, with everything that it wrote."""

    status: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        return self.out.decode()

    @property
    def flat(self) -> str:
        """stdout with every run of whitespace as one blank: what a wrapped sentence says."""
        return " ".join(self.text.split())

    @property
    def said(self) -> str:
        return self.err.decode()

    @property
    def said_flat(self) -> str:
        """stderr with every run of whitespace as one blank: where a line breaks depends on the paths that it names."""
        return " ".join(self.said.split())

    @property
    def report(self) -> dict[str, Any]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def causes(self) -> dict[str, str]:
        """Cause ids with their confidence, in the report's order."""
        return {cause["id"]: cause["confidence"] for cause in self.report["verdict"]["causes"]}

    @property
    def checks(self) -> dict[str, str]:
        return {check["id"]: check["status"] for check in self.report["checks"]}

    def is_one_line_of_usage(self) -> bool:
        """Status 2, nothing on stdout, exactly one line on stderr."""
        return (
            self.status == 2
            and self.out == b""
            and self.err.count(b"\n") == 1
            and self.err.endswith(b"\n")
            and self.said.rstrip("\n").isprintable()
        )


def account(**changes: Unpack[Changes]) -> Account:
    """The account that ``CREDENTIALS`` belong to, bound to this machine's address."""
    made: Changes = {
        "api_key": API_KEY,
        "secret": Secret(SECRET),
        "passphrase": Secret(PASSPHRASE),
        "ip_allowlist": ("127.0.0.1",),
    }
    return generate(**(made | changes))


def clean(**variables: str) -> dict[str, str]:
    """An environment with what a process needs to start, and nothing of this machine's user."""
    needed = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "COVERAGE_PROCESS_CONFIG")  # the last where coverage measures
    kept = {name: os.environ[name] for name in needed if name in os.environ}
    return {"LC_ALL": "C.UTF-8", "HOME": os.devnull, "OKX_DOCTOR_NTP": NO_NTP, **kept, **variables}


def unmeasured() -> dict[str, str]:
    """This environment for a process that coverage must stay out of: it loads modules, and writes into a folder."""
    return {name: value for name, value in os.environ.items() if name != "COVERAGE_PROCESS_CONFIG"}


def at(exchange: Exchange, **variables: str) -> dict[str, str]:
    """The environment of a user whose OKX is this exchange: its sites, its time server, the credentials."""
    sites = ",".join(f"{site.id}={site.rest[0]}" for site in exchange.sites)
    return clean(
        **{
            **CREDENTIALS,
            "OKX_DOCTOR_SITES": sites,
            "OKX_DOCTOR_NTP": exchange.ntp or NO_NTP,
            **variables,
        }
    )


def okx_doctor(*arguments: str, env: Mapping[str, str], cwd: Path, stdin: bytes = b"") -> Outcome:
    """Run the command line in this process to its end. The test fails when that takes longer than ``PATIENCE``."""
    with ExitStack() as stack:
        given, out, err = (stack.enter_context(TemporaryFile()) for _ in range(3))
        given.write(stdin)
        given.seek(0)
        stack.enter_context(patch.dict(os.environ, env, clear=True))
        stack.enter_context(chdir(cwd))
        stack.enter_context(patch.object(sys, "argv", ["okx-doctor", *arguments]))
        stack.enter_context(_streams(given, out, err))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore", ResourceWarning)  # a command leaves its input to the end of its process
        stack.enter_context(_ended_in_time())
        status = cli.run()
        sys.stdout.flush()
        sys.stderr.flush()
        return _checked(Outcome(status, _written(out), _written(err)))


def one_by_one(runs: Mapping[str, Run], *, cwd: Path) -> dict[str, Outcome]:
    """Several named runs in this process."""
    return {name: okx_doctor(*arguments, env=env, cwd=cwd) for name, (arguments, env) in runs.items()}


@contextmanager
def _streams(*files: IO[bytes]) -> Iterator[None]:
    """Descriptors 0, 1 and 2 with these files behind them, and what Python makes of them when it starts."""
    with ExitStack() as stack:
        for number, (file, (name, mode, errors)) in enumerate(zip(files, STREAMS, strict=True)):
            kept = os.dup(number)
            stack.callback(os.close, kept)
            stack.callback(os.dup2, kept, number)
            os.dup2(file.fileno(), number)
            stream = os.fdopen(number, mode, encoding="utf-8", errors=errors, closefd=False)
            stack.enter_context(patch.object(sys, name, stream))
        yield


@contextmanager
def _ended_in_time() -> Iterator[None]:
    """Fail the test where this takes longer than ``PATIENCE``."""

    def fail(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"not ended within {PATIENCE} seconds")

    if not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, fail)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _written(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _checked(done: Outcome) -> Outcome:
    """The outcome, once it is sure that it shows no traceback."""
    assert b"Traceback" not in done.err, done.err.decode(errors="replace")
    assert b"Traceback" not in done.out, done.out.decode(errors="replace")
    return done


def in_a_process(
    *arguments: str,
    env: Mapping[str, str],
    cwd: Path,
    seconds: float = PATIENCE,
    stdin: bytes = b"",
    start: Sequence[str] = CLI,
    wrapper: Sequence[str] = (),
) -> Outcome:
    """Run the command line in a process. ``subprocess.TimeoutExpired`` when that takes longer than ``seconds``."""
    done = subprocess.run(
        [*wrapper, sys.executable, *start, *arguments],
        env=dict(env),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        timeout=seconds,
        check=False,
    )
    return _checked(Outcome(done.returncode, done.stdout, done.stderr))


def batch(runs: Mapping[str, Run], *, cwd: Path, side_by_side: int = 3) -> dict[str, Outcome]:
    """Several named runs, each within ``PATIENCE``, in a few processes that run one after the other."""
    names = list(runs)
    shares = [names[start::side_by_side] for start in range(min(side_by_side, len(names)))]
    with ThreadPoolExecutor(side_by_side) as pool:
        ended = list(pool.map(lambda share: _share([runs[name] for name in share], cwd), shares))
    found = {
        name: done
        for share, outcomes in zip(shares, ended, strict=True)
        for name, done in zip(share, outcomes, strict=False)
    }
    late = [share[len(outcomes)] for share, outcomes in zip(shares, ended, strict=True) if len(outcomes) < len(share)]
    assert not late, f"not ended within {PATIENCE} seconds: {late}"
    for name, done in found.items():
        assert b"Traceback" not in done.out + done.err, (name, done.err)
    return {name: found[name] for name in names}


def _share(runs: Sequence[Run], cwd: Path) -> list[Outcome]:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as told:
        try:
            running = subprocess.Popen(
                [sys.executable, "-P", str(BATCH), str(writing), str(PATIENCE)],
                env=clean(),
                cwd=cwd,
                stdin=subprocess.PIPE,
                pass_fds=(writing,),
            )
        finally:
            os.close(writing)
        with running:
            assert running.stdin is not None
            asked = [{"arguments": list(arguments), "env": dict(env)} for arguments, env in runs]
            running.stdin.write(json.dumps(asked).encode())
            running.stdin.close()
            rows = [json.loads(line) for line in told]
    return [Outcome(row["status"], base64.b64decode(row["out"]), base64.b64decode(row["err"])) for row in rows]


def patched(code: str) -> tuple[str, str]:
    """``start`` for a process that runs ``code`` before the command line: a fault no argument can stage."""
    return "-c", f"{code}\nfrom okx_doctor.cli import main\nmain()\n"


def computing(seconds: int) -> tuple[str, str]:
    """``start`` for a process that may compute for so long: a bound that means the same on a busy machine."""
    return patched(f"import resource\nresource.setrlimit(resource.RLIMIT_CPU, ({seconds}, {seconds}))")
