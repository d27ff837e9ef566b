"""``okx-doctor inspect``."""

from __future__ import annotations

import os
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Final, Protocol, TextIO

import click

from okx_doctor import __version__
from okx_doctor.causes import catalogue
from okx_doctor.checking import redactor
from okx_doctor.cli import one_line
from okx_doctor.cli.env_files import env_files
from okx_doctor.cli.output import FORMATS
from okx_doctor.credentials.env_file import UnusableFile
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.forensics.captures.capture import FORMS, Capture, Form, Unreadable
from okx_doctor.forensics.captures.detect import pieces
from okx_doctor.forensics.inspecting import Inspector
from okx_doctor.forensics.subject import keys
from okx_doctor.forensics.tally import Tally
from okx_doctor.forensics.verdict import Inspection, Validity, Vocabulary
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.report import inspection as report
from okx_doctor.secret import Redactor, Secret, derived_forms

_COMPLAINTS: Final = 10
_MOST_JOBS: Final = 64
_SHOWN_AGAIN: Final = 4
_HELD: Final = 1000
_FROM_OUTSIDE: Final = (
    "No secret key was loaded, so this is only what shows from outside. With OKX_SECRET_KEY set, or with --env-file, "
    "the signature is computed again under every known mistake: inspect then names the one that was made and shows "
    "what was signed beside what OKX expects. The secret stays on this machine."
)

VOCABULARY: Final = Vocabulary(
    title=lambda cause: catalogue.entry(cause).title,
    severity=lambda cause: catalogue.entry(cause).severity,
    absorbs=catalogue.ABSORBS,
)


@click.command("inspect", short_help="Say what a captured, refused request signed wrongly.")
@click.argument("file", metavar="FILE|-", type=click.Path())
@click.option("--as", "as_form", type=click.Choice(FORMS), help="The form of the capture (default: by its look).")
@click.option(
    "--jobs", type=click.IntRange(1, _MOST_JOBS), default=1, show_default=True, help="Processes to search with."
)
@click.option("--deep", is_flag=True, help="Search further: four mistakes, wider times, every request in full.")
@click.option("--env-file", type=click.Path(), help="Read credentials from this env file as well.")
@click.option("--no-env-file", is_flag=True, help="Do not read ./.env.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@click.pass_context
def command(
    ctx: click.Context,
    file: str,
    as_form: Form | None,
    jobs: int,
    deep: bool,
    env_file: str | None,
    no_env_file: bool,
    form: str,
    output: str | None,
) -> None:
    """Take captured requests apart: a curl command, HAR, raw HTTP, JSON, or a client's verbose log.

    Names what is wrong with each, proven where the wrong signature is made again byte for byte. Nothing is sent
    anywhere and nothing of the capture is run. Exit status: 0 all valid, 1 a cause is named or a signature stays
    unexplained, 2 nothing to inspect.
    """
    try:
        credentials = load_credentials(os.environ, env_files(env_file, no_env_file))
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(file))
        runner = None
        if jobs > 1:
            from okx_doctor.forensics.workers import Workers

            runner = stack.enter_context(Workers(jobs)).run
        inspector = Inspector(keys(credentials), VOCABULARY, deep=deep, runner=runner)
        run = _Run(file=file, output=output, masks=_Masks(credentials))
        writer: _Writer = _Json(run) if form == "json" else _Text(run)
        stack.callback(run.close)
        for piece in pieces(stream, as_form, Path.cwd()):
            if isinstance(piece, Unreadable):
                run.complain(f"{piece.place} {piece.why}")
            else:
                inspected = inspector.inspect(piece)
                run.tally.add(inspected)
                writer.add(inspected)
        run.settle()
        writer.end()
    ctx.exit(run.status())


class _Run:
    """What one run has seen, and where its report goes."""

    def __init__(self, *, file: str, output: str | None, masks: _Masks) -> None:
        self.tally = Tally()
        self.masks = masks
        self._file, self._output = file, output
        self._complaints: list[str] = []
        self._silent = 0
        self._to: TextIO | None = None

    def complain(self, text: str) -> None:
        """Something that cannot be read: said at the end, the first ones in full."""
        if len(self._complaints) < _COMPLAINTS:
            self._complaints.append(text)
        else:
            self._silent += 1

    def settle(self) -> None:
        """Say what could not be read. Raises ``click.UsageError`` where nothing was inspected."""
        judged = self.tally.total - self.tally.verdicts[Validity.UNSIGNED] or self.tally.convicted
        name = "standard input" if self._file == "-" else self._file
        if not judged:
            said = self._complaints[0] if self._complaints else "no request in it is signed for OKX"
            more = len(self._complaints) + self._silent - 1
            raise click.UsageError(f"{name}: {said}{f' (and {more} more like this)' if more > 0 else ''}")
        for text in self._complaints:
            click.echo(f"okx-doctor: {one_line(f'{name}: {text}')}", err=True)
        if self._silent:
            click.echo(f"okx-doctor: {name}: and {self._silent} more that cannot be read", err=True)

    def status(self) -> int:
        """1 where a request is convicted or unexplained, 2 where some could not be read, else 0."""
        if self.tally.convicted:
            return 1
        return 2 if self._complaints else 0

    def write(self, text: str) -> None:
        """Write a piece of the report. Raises ``click.UsageError`` for an output that cannot be written."""
        if self._output is None:
            sys.stdout.buffer.write(text.encode("utf-8", "replace"))
            return
        try:
            if self._to is None:
                self._to = _private(self._output)
            self._to.write(text)
        except OSError as error:
            raise click.UsageError(f"cannot write {self._output}: {error.strerror}") from None

    def close(self) -> None:
        if self._to is not None:
            self._to.close()
        else:
            sys.stdout.flush()

    @property
    def to_terminal(self) -> bool:
        return self._output is None and sys.stdout.isatty()


class _Masks:
    """What takes secrets out: those that were loaded, and those that a request itself carries."""

    def __init__(self, credentials: Credentials) -> None:
        redact = redactor(credentials)
        loaded = frozenset(form for secret in credentials.secrets() for form in derived_forms(secret.reveal()))

        def whole(text: str) -> str:
            return redact.whole(text) if any(form in text for form in loaded) else text

        @lru_cache(maxsize=64)
        def carried(values: tuple[str, ...]) -> Redactor:
            return Redactor(Secret(value) for value in values)

        def foreign(capture: Capture) -> Callable[[str], str]:
            values = (capture.request.header(KEY_HEADER) or "", capture.request.header(PASSPHRASE_HEADER) or "")
            return lambda text: redact.foreign(carried(values).foreign(text))

        self.whole = whole
        self.foreign = foreign


class _Writer(Protocol):
    def add(self, inspected: Inspection) -> None:
        """Take one request."""

    def end(self) -> None:
        """Nothing more comes."""


class _Json:
    """One document, written as the requests come."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._held: list[str] = []
        self._begun = False

    def add(self, inspected: Inspection) -> None:
        row = report.request_json(inspected, self._run.masks.foreign(inspected.capture), self._run.masks.whole)
        if self._begun:
            self._run.write(",\n" + row)
            return
        self._held.append(row)
        if inspected.verdict is not Validity.UNSIGNED or inspected.causes or len(self._held) > _HELD:
            self._begin()

    def _begin(self) -> None:
        start = report.document_start({"name": "okx-doctor", "version": __version__})
        self._run.write(start + ",\n".join(self._held))
        self._held, self._begun = [], True

    def end(self) -> None:
        self._run.write(report.DOCUMENT_END)


class _Text:
    """Every request that is not right; those wrong in the same way are shown once and counted."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._again: dict[tuple[str, ...], list[str]] = {}
        self._more: Counter[tuple[str, ...]] = Counter()
        self._shown = 0
        terminal = run.to_terminal
        width = min(100, max(60, shutil.get_terminal_size((80, 24)).columns)) if terminal else 80
        encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
        self._look: report.Look = {
            "width": width,
            "colour": terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
            "ascii_only": terminal and not encoding.startswith("utf"),
        }

    def add(self, inspected: Inspection) -> None:
        silent = inspected.verdict in (Validity.VALID, Validity.UNSIGNED) or not inspected.checked
        if silent and not inspected.causes:
            return
        kind = (inspected.verdict.value, *(cause.id for cause in inspected.causes))
        if kind in self._again:
            self._again[kind][_SHOWN_AGAIN:] = ()
            self._again[kind].append(inspected.capture.place)
            self._more[kind] += 1
            return
        self._again[kind] = []
        mask = self._run.masks.foreign(inspected.capture)
        text = report.request_text(inspected, mask, self._run.masks.whole, **self._look)
        self._run.write(("\n" if self._shown else "") + text)
        self._shown += 1

    def end(self) -> None:
        remarks = [*self._repeated(), *self._run.tally.remarks()]
        tally = self._run.tally
        if tally.unchecked:
            remarks.append(_FROM_OUTSIDE)
        text = report.remarks_text([*remarks, _count(tally)], **self._look)
        self._run.write(self._run.masks.whole(text if self._shown else text.lstrip("\n")))

    def _repeated(self) -> Iterator[str]:
        for kind, places in self._again.items():
            if places:
                more = self._more[kind] - len(places)
                others = f"{', '.join(places)}{f' and {more:,} more' if more else ''}"
                yield f"The same ({', '.join(kind)}): {others}."


def _count(tally: Tally) -> str:
    """How many of each, in one line."""
    named = [(verdict.value, count) for verdict in Validity if (count := tally.verdicts[verdict])]
    if tally.unchecked:
        named = [("not checked" if name == Validity.UNEXPLAINED else name, count) for name, count in named]
    requests = "1 request" if tally.total == 1 else f"{tally.total:,} requests"
    return f"{requests}: {', '.join(f'{count:,} {name}' for name, count in named)}."


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The input. Raises ``click.UsageError`` for a file that cannot be read."""
    if file == "-":
        yield sys.stdin.buffer
        return
    path = Path(file)
    try:
        if not path.is_file():
            raise click.UsageError(f"{file} is no file; name a captured request, or - for standard input")
        stream = path.open("rb")
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from None
    with stream:
        yield stream


def _private(path: str) -> TextIO:
    """A new file for its owner alone, never through a symlink. Raises ``OSError``."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
