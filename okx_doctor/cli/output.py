"""The last step of every command: render, make sure that nothing secret is in it, write it to stdout or to a file."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Final

import click
from msgspec import Struct

from okx_doctor.cli import say
from okx_doctor.cli.stdout import OutputLost, write_out
from okx_doctor.model import Report
from okx_doctor.report.wording import Detail
from okx_doctor.repository import please_report
from okx_doctor.secrets.redactor import Redactor

if TYPE_CHECKING:
    from okx_doctor.report.inspection import Look

FORMATS: Final = ("text", "json")
_MIN_COLUMNS: Final = 30
"""A terminal that says it is narrower is laid out for this many columns."""
REPORT_FORMATS: Final[Mapping[str, str]] = {
    "text": "okx_doctor.report.text:render_text",
    "json": "okx_doctor.report.json:render_json",
    "github": "okx_doctor.report.github:render_github",
    "junit": "okx_doctor.report.junit:render_junit",
    "markdown": "okx_doctor.report.markdown:render_markdown",
    "html": "okx_doctor.report.html:render_html",
}
"""The formats of a report on checks, each with its renderer. All except text and json are for other programs."""

SEVERAL_FORMATS: Final[Mapping[str, str]] = {
    form: f"okx_doctor.report.several:several_as_{form}" for form in REPORT_FORMATS if form != "html"
}
"""The formats that hold reports on several keys as one document. A page shows one report."""

*_MOST, _LAST = (name for name in REPORT_FORMATS if name not in FORMATS)
FORMAT_HELP: Final = (
    f"{' and '.join(FORMATS)} are for you; {', '.join(_MOST)} and {_LAST} cut IP addresses short. github prints "
    "annotations and appends a summary to the file that GITHUB_STEP_SUMMARY names, up to GitHub's limit of 1 MiB; "
    "where that cannot be written a line on stderr says so, and the exit status stays."
)


class Reading(Struct, frozen=True, kw_only=True):
    """How a person wants to read a report as text: how much of it, and whether words stand for signs."""

    detail: Detail = "usual"
    plain: bool = False


def reading_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say how its text is read; it is called with them as one ``reading``."""

    @click.option("-v", "--verbose", is_flag=True, help="In text: every check, and what was not judged.")
    @click.option("-q", "--quiet", is_flag=True, help="In text: the answer alone, the last lines.")
    @click.option("--plain", is_flag=True, help="In text: words for signs, for screen readers and logs.")
    @wraps(function)
    def reading(*args: object, verbose: bool, quiet: bool, plain: bool, **others: object) -> None:
        if verbose and quiet:
            raise click.UsageError("--verbose shows everything, --quiet the answer alone; leave one of them out")
        detail: Detail = "all" if verbose else "answer" if quiet else "usual"
        function(*args, reading=Reading(detail=detail, plain=plain), **others)

    return reading


def render(
    reports: Sequence[Report], form: str, output: str | None, note: str = "", reading: Reading | None = None
) -> str:
    """One report, or several as one document. Text takes the terminal's width and colour when it goes to one.

    Raises ``click.UsageError`` for several reports in a format that shows one.
    """
    reading = reading or Reading()
    several = len(reports) != 1
    if several and form not in SEVERAL_FORMATS:
        raise click.UsageError(f"--format {form} shows one report; for several choose {', '.join(SEVERAL_FORMATS)}")
    module, _, function = (SEVERAL_FORMATS if several else REPORT_FORMATS)[form].partition(":")
    render_form: Callable[..., str] = getattr(import_module(module), function)
    shown = reports if several else reports[0]
    if form != "text":
        return render_form(shown, note=note)
    return render_form(shown, note=note, detail=reading.detail, plain=reading.plain, **look(output))


def look(output: str | None, on_stderr: bool = False) -> Look:
    """Width, colour and whether only ASCII can be shown, where the text goes to a file, to stdout or to stderr."""
    stream = sys.stderr if on_stderr else sys.stdout
    if output is not None or stream is None:
        return {"width": 80, "colour": False, "ascii_only": False}  # a file is always written as UTF-8
    encoding = (stream.encoding or "ascii").lower().replace("-", "")
    ascii_only = not encoding.startswith("utf")  # what reads a pipe on Windows takes it for the system's code page
    if not stream.isatty():
        return {"width": 80, "colour": False, "ascii_only": ascii_only}
    return {
        "width": min(100, max(_MIN_COLUMNS, shutil.get_terminal_size((80, 24)).columns)),
        "colour": not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        "ascii_only": ascii_only,
    }


class Withheld(click.ClickException):
    """A finished document holds a credential: none of it is written."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__(f"the output is withheld: it would have shown a credential. That is a bug; {please_report()}")


def emit(
    reports: Sequence[Report],
    form: str,
    output: str | None,
    redactor: Redactor,
    note: str = "",
    reading: Reading | None = None,
) -> None:
    """Write the report, for people with a ``note`` in it. Raises ``OutputLost`` and ``Withheld``.

    Secrets were taken out of its values before it was judged, since a format escapes or breaks what it shows.
    ``github`` also writes the summary of the step that runs. A file is created readable by its owner alone, and
    never through a symlink.
    """
    text = checked(render(reports, form, output, note, reading), redactor)
    if form == "github":
        from okx_doctor.cli.step_summary import write_step_summary

        write_step_summary(checked(render(reports, "markdown", None, note), redactor))
    write(text, output)
    if output is not None and sys.stderr is not None and sys.stderr.isatty():  # chatter goes to a terminal alone
        say(f"okx-doctor: {', '.join(_result(report) for report in reports)}; the report is in {output}")


def _result(report: Report) -> str:
    """A report's status in a few words, for whoever sees only that it went to a file."""
    name = report.target.label or report.target.profile or ""
    causes = ", ".join(cause.id for cause in report.verdict.causes)
    return f"{name}{': ' if name else ''}{report.status.value}{f' ({causes})' if causes else ''}"


def checked(text: str, redactor: Redactor) -> str:
    """A finished text as it is. Raises ``Withheld`` where it holds a credential: it is never rewritten."""
    if redactor.finds(text):
        raise Withheld
    return text


def write(text: str, output: str | None) -> None:
    """Write to a file of one's own, or to stdout without one. Raises as ``write_private`` and ``write_out`` do."""
    if output is None:
        write_out(text)
    else:
        write_private(output, text)


def claim(path: str | None) -> bool:
    """Make sure before a run that a file can be written; whether it was created for that.

    Raises ``click.UsageError`` in one line.
    """
    if path is None:
        return False
    existed = os.path.lexists(path)
    os.close(open_private(path))
    return not existed


def write_private(path: str, text: str) -> None:
    """Write a file with mode 0600.

    Raises ``click.UsageError`` where no such file can be, and ``OutputLost`` where it does not take the text.
    """
    try:
        with os.fdopen(open_private(path), "w", encoding="utf-8", errors="backslashreplace") as file:
            empty(file.fileno())
            file.write(text)
    except OSError as error:
        raise OutputLost(f"cannot write {path}: {error.strerror}") from None


def empty(descriptor: int) -> None:
    """Take out of a file what it held; a device or a pipe holds nothing."""
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.ftruncate(descriptor, 0)


def open_private(path: str) -> int:
    """A descriptor to write a file that only its owner may read, with what it held.

    Never through a symlink, and never a file that has another name as well: both would write somewhere else. A device
    keeps its mode. Raises ``click.UsageError`` in one line.
    """
    flags = os.O_WRONLY | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
    except (OSError, ValueError) as error:
        raise click.UsageError(f"cannot write {path}: {getattr(error, 'strerror', None) or 'no such file'}") from None
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        return descriptor
    try:
        if found.st_nlink > 1:
            raise click.UsageError(f"cannot write {path}: the same file has another name as well")
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
    except OSError as error:
        os.close(descriptor)
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None
    except click.UsageError:
        os.close(descriptor)
        raise
    return descriptor
