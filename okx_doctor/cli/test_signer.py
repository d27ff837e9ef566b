"""``okx-doctor test-signer``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isfinite
from typing import Final

import click

from okx_doctor import __version__
from okx_doctor.cli.output import FORMATS, checked, look, write
from okx_doctor.cli.signer_process import CannotRun, Ran, run
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.gathering import gather
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.forensics.signers import NoAnswers, answers, conformance_set, judge, request_line, vectors
from okx_doctor.model import Tool
from okx_doctor.protocol.vectors import Vector, all_vectors
from okx_doctor.report.signer_test import render_json, render_text
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.request_masks import Mask

DEFAULT_TIMEOUT: Final = 30.0


@click.command(
    "test-signer",
    short_help="Run published vectors through a signer in any language.",
    context_settings={"allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, metavar="-- COMMAND...", type=click.UNPROCESSED)
@click.option("--each", is_flag=True, help="Run the command once per vector (default: once for all).")
@click.option(
    "--timeout",
    type=click.FloatRange(0, 3600, min_open=True),
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="For one run of the command.",
)
@click.option("--export", metavar="FILE|-", help="Write the vectors as a conformance set; runs nothing.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@click.pass_context
def command(
    ctx: click.Context,
    words: tuple[str, ...],
    each: bool,
    timeout: float,
    export: str | None,
    form: str,
    output: str | None,
) -> None:
    """Run published signatures through your own signing code, in any language, and say what it does wrong.

    COMMAND reads one JSON object per line (timestamp, method, path, body, secret: published ones, never yours) and
    prints one signature per line. It is run without a shell, and without your credentials in its environment.
    Exit status: 0 all right, 1 a signature is wrong, 2 the command cannot be run or prints something else.
    """
    if export is not None:
        if words or output is not None:
            raise click.UsageError("--export writes the vectors and runs no command; leave COMMAND and --output out")
        write(conformance_set(all_vectors(), __version__), None if export == "-" else export)
        return
    if not isfinite(timeout):
        raise click.UsageError(f"--timeout {timeout} is no number of seconds")
    if not words or not words[0]:
        raise click.UsageError("name the command that signs, as in: okx-doctor test-signer -- python sign.py")
    try:
        masks = redactor_of(gather(CredentialSources(), os.environ, timeout).credentials.secrets())
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    given = vectors()
    returned, notes = _each(words, given, timeout) if each else _at_once(words, given, timeout)
    mask = Mask(value=masks.foreign, sentence=masks.told)
    verdict = judge(given, returned, words[0])
    if form == "json":
        printed = render_json(
            verdict, Tool(version=__version__), mask=mask, mode="each" if each else "lines", notes=notes
        )
    else:
        printed = render_text(verdict, mask=mask, notes=notes, **look(output))
    write(checked(printed, masks), output)
    ctx.exit(0 if verdict.all_right else 1)


def _at_once(words: Sequence[str], given: Sequence[Vector], timeout: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The answers of one run over all vectors, and what is to be said of it."""
    ran = _ran(words, given, timeout)
    return _answers(words, ran, len(given)), _status_note(ran)


def _each(words: Sequence[str], given: Sequence[Vector], timeout: float) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The same with one run per vector."""
    returned: list[str] = []
    notes: dict[str, None] = {}
    for vector in given:
        ran = _ran(words, (vector,), timeout)
        returned += _answers(words, ran, 1, vector.id)
        notes |= dict.fromkeys(_status_note(ran))
    return tuple(returned), tuple(notes)


def _ran(words: Sequence[str], given: Sequence[Vector], timeout: float) -> Ran:
    try:
        return run(words, "".join(map(request_line, given)).encode(), os.environ, timeout)
    except CannotRun as error:
        raise click.UsageError(str(error)) from None


def _answers(words: Sequence[str], ran: Ran, count: int, vector: str = "") -> tuple[str, ...]:
    try:
        return answers(ran.out, count)
    except NoAnswers as error:
        place = f" ({vector})" if vector else ""
        ended = f", and ended {_end(ran)}" if ran.status else ""
        said = f"; its last words: {ran.last_words}" if ran.last_words else ""
        raise click.UsageError(f"{words[0]}{place}: {error}{ended}{said}") from None


def _status_note(ran: Ran) -> tuple[str, ...]:
    return (f"The command printed its signatures and ended {_end(ran)}.",) if ran.status else ()


def _end(ran: Ran) -> str:
    return f"with status {ran.status}" if ran.status > 0 else f"by signal {-ran.status}"
