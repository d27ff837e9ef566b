"""``okx-doctor watch``."""

from __future__ import annotations

import errno
import gc
import os
import random
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import Final

import click

from okx_doctor.checking.run import RunInputs, in_bounds
from okx_doctor.cli import say
from okx_doctor.cli.credential_options import credential_options
from okx_doctor.cli.output import FORMATS, OutputLost, checked, write_out
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.model import Health
from okx_doctor.protocol.sites import SITE_IDS, is_loopback
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.settings import DEFAULT_TIMEOUT, PERMISSIONS, Options, UsageError, settle
from okx_doctor.watching import telling, textfile
from okx_doctor.watching.board import Board
from okx_doctor.watching.profiles import (
    Profile,
    Reading,
    Shard,
    fingerprint,
    of_shard,
    read_profiles,
    without_credentials,
)
from okx_doctor.watching.program import Program, environment
from okx_doctor.watching.rounds import Rounds
from okx_doctor.watching.standing import Change, Event
from okx_doctor.watching.watch import Around, Waiting, Watch, Wishes

LEAST_SECONDS: Final = 10.0
MOST_SECONDS: Final = 7 * 86_400.0
_UNITS: Final[Mapping[str, float]] = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PATIENCE_FOR_THE_PROGRAM: Final = 10.0
_SILENT_INTERVALS: Final = 3.0
"""Intervals without a sign of life after which ``/healthz`` says so; the loop gives one every few seconds."""


@click.command(
    "watch",
    short_help="Check many keys again and again; metrics for Prometheus.",
    context_settings={"allow_interspersed_args": False},
)
@credential_options
@click.option("--all-profiles", is_flag=True, help="Watch every profile of the credentials file or directory.")
@click.option("--shard", "part", metavar="I/N", help="Watch part I of N, from 0; one process for each watches all.")
@click.option("--every", default="10m", show_default=True, metavar="TIME", help="The interval: 90s, 10m, 6h, 1d.")
@click.option("--rounds", "most", type=click.IntRange(1), metavar="N", help="End after so many rounds.")
@click.option("--site", type=click.Choice(SITE_IDS), help="The OKX site the accounts are registered on.")
@click.option("--base-url", metavar="URL", help="Another address of the API; it gets your credentials.")
@click.option("--demo/--live", default=None, help="Demo trading, or live (default: live).")
@click.option("--ntp", multiple=True, metavar="HOST[:PORT]", help="A time server; may be repeated.")
@click.option("--require", multiple=True, type=click.Choice(PERMISSIONS), help="A permission the keys must have.")
@click.option("--forbid", multiple=True, type=click.Choice(("withdraw",)), help="A permission they must not have.")
@click.option("--timeout", type=float, default=DEFAULT_TIMEOUT, show_default=True, metavar="SECONDS", help="Per key.")
@click.option(
    "--listen",
    "listening",
    metavar="[HOST:]PORT",
    help="Serve /metrics and /healthz; on loopback, the default host, /status too.",
)
@click.option(
    "--textfile", "folder", type=click.Path(), metavar="DIR", help="Write the metrics for node_exporter here."
)
@click.option("--exec", "runs", is_flag=True, help="Start PROGRAM for each change, with it as JSON on its stdin.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.argument("program", nargs=-1, type=click.UNPROCESSED, metavar="[PROGRAM [ARG]...]")
def command(
    asked: CredentialSources,
    all_profiles: bool,
    part: str | None,
    every: str,
    most: int | None,
    site: str | None,
    base_url: str | None,
    demo: bool | None,
    ntp: tuple[str, ...],
    require: tuple[str, ...],
    forbid: tuple[str, ...],
    timeout: float,
    listening: str | None,
    folder: str | None,
    runs: bool,
    form: str,
    program: tuple[str, ...],
) -> None:
    """Check keys again and again, say what changed and since when, and serve the last result as metrics.

    Clock, name, TLS and site are measured once for all keys, and OKX's limits hold over all of them. The credentials
    are read anew when their files change, and on SIGHUP. Ctrl-C or SIGTERM ends. Exit status: 0 ended as asked,
    2 wrong usage, 3 the output was lost.
    """
    gc.freeze()
    gc.enable()  # off for the short commands; this one runs for days
    if runs != bool(program):
        raise click.UsageError("--exec is followed by PROGRAM and its arguments, at the end of the command line")
    if (listening or folder) and find_spec("prometheus_client") is None:
        raise click.UsageError("--listen and --textfile need prometheus_client: pip install 'okx-doctor[watch]'")
    if asked.from_standard_input:
        raise click.UsageError("--credentials - can be read but once; name a file or a directory to watch")
    if all_profiles and (asked.profile is not None or asked.env_file is not None):
        raise click.UsageError("--all-profiles takes the profiles of --credentials; leave --profile and --env-file out")
    if part is not None and not all_profiles:
        raise click.UsageError("--shard parts the profiles of --credentials; add --all-profiles")
    shard = None if part is None else _shard(part)
    options = Options(site=site, base_url=base_url, demo=demo, ntp=ntp, require=require, forbid=forbid, timeout=timeout)
    try:
        in_bounds(timeout)
        settle(options, os.environ, ())
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    rest_timestamp(time.time())  # nothing can be signed at a time that has no date
    interval = _seconds(every)
    wishes = Wishes()
    with ExitStack() as stack:
        stack.enter_context(_signals(wishes))
        watch = _Session(asked, options, all_profiles, shard, interval, form, wishes)
        watch.load()
        if folder is not None:
            watch.write_to(_folder(folder))
        if listening is not None:
            watch.serve(*_address(listening), stack)
        if program:
            watch.start(program, stack)
        watch.run(most)
    if watch.lost is not None:
        raise watch.lost


class _Session:
    """One run of the command: the loop with everything that it tells its changes to."""

    def __init__(
        self,
        asked: CredentialSources,
        options: Options,
        everyone: bool,
        shard: Shard | None,
        every: float,
        form: str,
        wishes: Wishes,
    ) -> None:
        self.lost: OutputLost | None = None
        self._every, self._shard, self._wishes = every, shard, wishes
        self._told = telling.json_line if form == "json" else telling.line
        self._lock = threading.Lock()
        self._program: Program | None = None
        self._folder: Path | None = None
        self._unwritten = ""
        self._environment: tuple[tuple[Profile, ...], Mapping[str, str]] = ((), {})
        self._board = Board(self._tell, time.monotonic)
        waiting = Waiting(wishes, time.monotonic)
        around = RunInputs(environ=without_credentials(os.environ))
        self._watch = Watch(
            every=every,
            read=lambda: _read(asked, shard, everyone=everyone),
            fingerprint=lambda: fingerprint(asked),
            rounds=Rounds(options, around, waiting.for_a_key),
            board=self._board,
            tell=self._tell,
            after_round=self._after_round,
            around=Around(
                now=time.time, monotonic=time.monotonic, chance=random.SystemRandom().random, wait=waiting.for_a_round
            ),
            wishes=wishes,
        )

    def load(self) -> None:
        """Raises ``click.UsageError`` where there is no key to watch."""
        try:
            self._watch.load()
        except UnusableFile as error:
            raise click.UsageError(str(error)) from None
        if not self._watch.profiles and self._shard is not None:
            self._watch.notice(f"no key is in shard {self._shard.index}/{self._shard.number} yet")
        elif not self._watch.profiles:
            raise click.UsageError("there is no key to watch; name a file of credentials with --credentials")

    def serve(self, host: str, port: int, stack: ExitStack) -> None:
        """Raises ``click.UsageError`` where the port cannot be had."""
        from okx_doctor.watching.metrics import Metrics
        from okx_doctor.watching.serve import Pages, Server

        metrics = Metrics(self._board.snapshot)
        self._board.follow(metrics.write_ahead)
        pages = Pages(
            snapshot=self._board.snapshot,
            metrics=metrics.exposition,
            now=time.time,
            monotonic=time.monotonic,
            patience=_SILENT_INTERVALS * self._every,
            on_loopback=is_loopback(host),
        )
        try:
            server = stack.enter_context(Server(host, port, pages))
        except PermissionError:
            raise click.UsageError(f"no permission to listen on {host}, port {port}; choose one above 1023") from None
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise click.UsageError(f"{host}, port {port} is taken; name another with --listen") from None
            raise click.UsageError(f"cannot listen on {host}, port {port}: {error.strerror or error}") from None
        shown = f"[{host}]" if ":" in host else host
        self._watch.notice(f"metrics at http://{shown}:{server.port}/metrics")

    def write_to(self, folder: Path) -> None:
        """Write the metrics there after each round."""
        self._folder = folder

    def start(self, program: Sequence[str], stack: ExitStack) -> None:
        """Have a program started for each change."""
        self._program = Program(program, self._environment_for_it, self._watch.notice)
        stack.callback(self._program.close, _PATIENCE_FOR_THE_PROGRAM)

    def run(self, most: int | None) -> None:
        """Until it is to end."""
        self._watch.run(most)

    def _tell(self, event: Event) -> None:
        """One line on stdout, and to the program. A reader that has left ends the watching, a full disk does not."""
        text = self._told(event)
        if isinstance(event, Change):
            own = [each for each in self._watch.profiles if each.name == event.name]
            text = checked(text, redactor_of(secret for each in own for secret in each.credentials.secrets()))
        with self._lock:
            try:
                write_out(text)
            except click.exceptions.Exit:
                self._wishes.end = True
            except OutputLost as error:
                if self.lost is None:
                    say(f"okx-doctor: {error.format_message()}; watching goes on")
                self.lost = error
        if self._program is not None and isinstance(event, Change):
            self._program.hand(telling.json_line(event))

    def _after_round(self) -> None:
        snapshot = self._board.snapshot()
        if snapshot.rounds == 1:
            found = [each.latest.state.health for each in snapshot.standings.values() if each.latest]
            said = ", ".join(f"{found.count(health)} {health.value}" for health in Health if health in found)
            self._watch.notice(f"first round over {len(snapshot.standings)}: {said or 'none was checked'}")
        self._write_text()

    def _write_text(self) -> None:
        if self._folder is None:
            return
        from okx_doctor.watching.metrics import Metrics

        try:
            textfile.write(self._folder, Metrics(self._board.snapshot).text())
        except OSError as error:
            why = error.strerror or "no room"
            if why != self._unwritten:
                self._watch.notice(f"cannot write {self._folder / textfile.NAME}: {why}; the last one stays")
            self._unwritten = why
        else:
            self._unwritten = ""

    def _environment_for_it(self) -> Mapping[str, str]:
        """Made once for the keys that are watched."""
        profiles, made = self._environment
        if profiles is not self._watch.profiles:
            profiles = self._watch.profiles
            made = environment(os.environ, (each.credentials.secrets() for each in profiles))
            self._environment = (profiles, made)
        return made


def _read(asked: CredentialSources, shard: Shard | None, *, everyone: bool) -> Reading:
    read = read_profiles(asked, os.environ, everyone=everyone)
    return read if shard is None else of_shard(read, shard)


def _shard(text: str) -> Shard:
    """A part of the keys. Raises ``click.UsageError``."""
    found = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text, re.ASCII)
    if not found or not int(found[1]) < int(found[2]):
        raise click.UsageError(f"--shard {text!r} is no part; with three of them write 0/3, 1/3 or 2/3")
    return Shard(index=int(found[1]), number=int(found[2]))


def _seconds(text: str) -> float:
    """An interval in seconds. Raises ``click.UsageError``."""
    found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([smhd]?)", text, re.ASCII)
    seconds = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        raise click.UsageError(f"--every {text!r} is no interval from 10s to 7d; write 90s, 10m, 6h or 1d")
    return seconds


def _address(text: str) -> tuple[str, int]:
    """Host and port. Raises ``click.UsageError``."""
    host, colon, port = text.rpartition(":")
    host = (host.removeprefix("[").removesuffix("]") if colon else "") or "127.0.0.1"
    host = "127.0.0.1" if host == "localhost" else host
    try:
        ip_address(host)
        number = int(port) if re.fullmatch(r"\d{1,5}", port, re.ASCII) else -1
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise click.UsageError(f"--listen {text!r} is no address of this machine; write PORT or IP:PORT")
    return host, number


def _folder(path: str) -> Path:
    """The directory, once it is sure that files can be made in it. Raises ``click.UsageError``."""
    folder = Path(path)
    try:
        textfile.claim(folder)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "no directory can be called so"
        raise click.UsageError(f"cannot write into --textfile {path}: {why}") from None
    return folder


@contextmanager
def _signals(wishes: Wishes) -> Iterator[None]:
    """Ctrl-C and SIGTERM end, the second one at once; SIGHUP has the credentials read anew."""

    def end(number: int, frame: FrameType | None) -> None:
        if wishes.end:
            raise KeyboardInterrupt
        wishes.end = True

    def reload(number: int, frame: FrameType | None) -> None:
        wishes.reload = True

    handlers: dict[int, Callable[[int, FrameType | None], None]] = {signal.SIGINT: end, signal.SIGTERM: end}
    if hasattr(signal, "SIGHUP"):
        handlers[signal.SIGHUP] = reload
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
