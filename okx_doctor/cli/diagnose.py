"""``okx-doctor diagnose``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from okx_doctor.checking.assemble import UnusableReport, judge_all_again
from okx_doctor.checking.checks import ALL
from okx_doctor.cli.input_file import piped
from okx_doctor.cli.output import FORMAT_HELP, REPORT_FORMATS, Reading, emit, reading_options
from okx_doctor.model import Report, exit_status
from okx_doctor.secrets.redactor import Redactor

SIZE_LIMIT: Final = 16 * 1024 * 1024


@click.command("diagnose", short_help="Judge a saved report again, without network.")
@click.argument("files", metavar="REPORT.json|-...", type=click.Path(), nargs=-1, required=True)
@click.option("--fail-on", type=click.Choice(("warning",)), help="Exit with 1 on a warning too.")
@click.option(
    "--format", "form", type=click.Choice(REPORT_FORMATS), default="text", show_default=True, help=FORMAT_HELP
)
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@reading_options
@click.pass_context
def command(
    ctx: click.Context, files: tuple[str, ...], fail_on: str | None, form: str, output: str | None, reading: Reading
) -> None:
    """Judge reports that check --format json wrote, with this version's rules and without network.

    Several are one document with one line per key. The exit status is the worst of them.
    """
    reports: list[Report] = []
    for file in files:
        try:
            reports += judge_all_again(_read(file), ALL)
        except UnusableReport as error:
            raise click.UsageError(f"{file} {error}") from None
    emit(reports, form, output, Redactor(()), reading=reading)
    ctx.exit(exit_status(reports, fail_on_warning=fail_on == "warning"))


def _read(file: str) -> str:
    if file == "-":
        raw = piped(SIZE_LIMIT)
    else:
        path = Path(file)
        try:
            if not path.is_file():
                raise click.UsageError(f"{file} is no file; name a report that check --format json wrote")
            with path.open("rb") as stream:
                raw = stream.read(SIZE_LIMIT + 1)
        except OSError as error:
            raise click.UsageError(f"cannot read {file}: {error.strerror}") from None
    if len(raw) > SIZE_LIMIT:
        raise click.UsageError(f"{file} is larger than {SIZE_LIMIT} bytes; a report is far smaller")
    return raw.decode("utf-8", "replace")
