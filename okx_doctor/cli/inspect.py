"""``okx-doctor inspect``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import click

from okx_doctor import __version__
from okx_doctor.catalogue.clients.table import USUAL
from okx_doctor.catalogue.clients.words import capture_line
from okx_doctor.cli import say
from okx_doctor.cli.complaint import one_line
from okx_doctor.cli.credential_options import credential_options, places
from okx_doctor.cli.input_file import open_input, standard_input
from okx_doctor.cli.output import FORMATS, checked, look
from okx_doctor.cli.sink import Sink
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import load_credentials
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.decoding.beside import failures_beside
from okx_doctor.forensics.captures.capture import Piece, Unreadable
from okx_doctor.forensics.captures.detect import FORMS, pieces
from okx_doctor.forensics.inspector import Inspector, inspect_each
from okx_doctor.forensics.search.search import Runner
from okx_doctor.forensics.search.subject import keys
from okx_doctor.forensics.stand_ins import all_resolved
from okx_doctor.forensics.tally import Tally
from okx_doctor.forensics.verdict import Validity
from okx_doctor.model import Tool
from okx_doctor.report.inspection import JsonDocument, TextDocument
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import Redactor
from okx_doctor.secrets.request_masks import Mask, Masks

_COMPLAINTS: Final = 10
_MOST_JOBS: Final = 64
_WRITTEN_AT_ONCE: Final = 1 << 16


@click.command("inspect", short_help="Say what a captured, refused request signed wrongly.")
@click.argument("file", metavar="FILE|-", type=click.Path(), required=False)
@click.option("--as", "as_form", type=click.Choice(FORMS), help="The form of the capture (default: by its look).")
@click.option(
    "--jobs", type=click.IntRange(1, _MOST_JOBS), default=1, show_default=True, help="Processes to search with."
)
@click.option("--read-files", is_flag=True, help="Read a body that a curl command takes from a file in this folder.")
@click.option("--deep", is_flag=True, help="Search further: four mistakes, wider times, every request in full.")
@credential_options
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@click.pass_context
def command(
    ctx: click.Context,
    file: str | None,
    as_form: str | None,
    jobs: int,
    read_files: bool,
    deep: bool,
    asked: CredentialSources,
    form: str,
    output: str | None,
) -> None:
    """Take captured requests apart: a curl command, HAR, raw HTTP, JSON, or a client's verbose log.

    Names what is wrong with each, proven where the wrong signature is made again byte for byte. Nothing is sent
    anywhere, nothing of the capture is run, and no file that it names is read unless --read-files is given. How a
    request failed that got no answer is read in the text beside it. Exit status: 0 all valid, 1 a cause is named or a
    signature stays unexplained, 2 nothing to inspect.
    """
    if file is None:
        if not sys.stdin.isatty():
            raise click.UsageError("name a file with a captured request, or - for standard input")
        click.echo(_how_to_capture())
        ctx.exit(2)
    if file == "-" and asked.from_standard_input:
        raise click.UsageError("standard input holds the capture or the credentials, not both; put one into a file")
    try:
        credentials = load_credentials(os.environ, places(asked))
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    masks, tally = Masks(credentials.secrets()), Tally()
    document = JsonDocument(Tool(version=__version__)) if form == "json" else TextDocument(**look(output))
    failed = False
    with ExitStack() as stack:
        stream = stack.enter_context(_opened(file))
        runner = stack.enter_context(_workers(jobs)) if jobs > 1 else None
        loaded = keys(credentials)
        complaints = _Complaints(file, masks.loaded)
        to = _Report(stack.enter_context(Sink.to(output, lambda: False)), masks.redactor)
        given = all_resolved(_read(stream, complaints.name, as_form, Path.cwd() if read_files else None), loaded)
        for found in inspect_each(given, Inspector(loaded, deep=deep, runner=runner)):
            if isinstance(found, Unreadable):
                complaints.add(found)
                continue
            tally.add(found)
            failures = failures_beside(found.capture)
            failed = failed or bool(failures)
            if document.tells_of(found, failures):
                to.write(document.add(found, masks.carried(found.capture.request), failures))
        complaints.say(tally, failed=failed)
        to.write(document.end(tally, masks.loaded))
        to.flush()
    ctx.exit(1 if tally.convicted or failed else 2 if complaints else 0)


def _how_to_capture() -> str:
    """The line that makes each of the three most used clients print a request."""
    words = [(client.name, capture_line(client).lines) for client in USUAL]
    shown = "\n".join(f"  {name}:\n" + "\n".join(f"    {line}" for line in lines) for name, lines in words)
    return (
        "Give a file with a request that was refused: okx-doctor inspect FILE, or - for standard input.\n"
        f"To make a bot print it:\n{shown}\nFor every other client: docs/capture.md"
    )


class _Complaints:
    """Pieces that cannot be read: reported at the end, the first ones in full."""

    def __init__(self, file: str, mask: Mask) -> None:
        self.name, self._mask = "standard input" if file == "-" else visible_name(mask.sentence(file)), mask
        self._found: list[str] = []
        self._more = 0

    def add(self, piece: Unreadable) -> None:
        """Take one."""
        if len(self._found) < _COMPLAINTS:
            self._found.append(self._mask.sentence(f"{piece.place} {piece.why}"))
        else:
            self._more += 1

    def __bool__(self) -> bool:
        return bool(self._found)

    def say(self, tally: Tally, *, failed: bool) -> None:
        """Say them on stderr. Raises ``click.UsageError`` with the first where nothing was inspected."""
        if tally.total == tally.verdicts[Validity.UNSIGNED] and not (tally.convicted or failed):
            said = self._found[0] if self._found else "no request in it is signed for OKX"
            more = len(self._found) + self._more - 1
            raise click.UsageError(f"{self.name}: {said}{f' (and {more} more like this)' if more > 0 else ''}")
        lines = [*self._found, *((f"and {self._more} more that cannot be read",) if self._more else ())]
        for line in lines:
            say(f"okx-doctor: {one_line(f'{self.name}: {line}')}")


class _Report:
    """The report on its way to a sink, in large pieces."""

    def __init__(self, sink: Sink, redactor: Redactor) -> None:
        self._sink, self._redactor = sink, redactor
        self._held: list[str] = []
        self._size = 0

    def write(self, text: str) -> None:
        """Write a piece. Raises ``Withheld`` for a secret in it, and as the sink does."""
        self._held.append(checked(text, self._redactor))
        self._size += len(text)
        if self._size > _WRITTEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        self._sink.write("".join(self._held))
        self._held, self._size = [], 0


@contextmanager
def _workers(jobs: int) -> Iterator[Runner]:
    from okx_doctor.forensics.search.workers import Workers

    with Workers(jobs) as workers:
        yield workers.run


def _read(stream: BinaryIO, name: str, form: str | None, directory: Path | None) -> Iterator[Piece]:
    """The requests in the input. Raises ``click.UsageError`` where it cannot be read to its end."""
    try:
        yield from pieces(stream, form, directory)
    except OSError as error:
        raise click.UsageError(f"cannot read {name}: {error.strerror}") from None


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    """The input. Raises ``click.UsageError`` for a file that cannot be read."""
    if file == "-":
        yield standard_input()
        return
    try:
        if Path(file).is_dir():
            raise click.UsageError(f"{file} is a folder; name a file with a captured request, or - for standard input")
        stream = open_input(file)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot read {file}: {getattr(error, 'strerror', None) or 'no such file'}") from None
    with stream:
        yield stream
