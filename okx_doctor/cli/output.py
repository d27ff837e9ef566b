"""The last step of every command: render, make sure that nothing secret is in it, write it to stdout or to a file."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, TextIO

import click

from okx_doctor.cli import BROKEN_PIPE
from okx_doctor.model import Report
from okx_doctor.repository import please_report
from okx_doctor.secrets.redactor import Redactor

if TYPE_CHECKING:
    from okx_doctor.report.inspection import Look

FORMATS: Final = ("text", "json")
REPORT_FORMATS: Final[Mapping[str, str]] = {
    "text": "okx_doctor.report.text:render_text",
    "json": "okx_doctor.report.json:render_json",
    "github": "okx_doctor.report.github:render_github",
    "junit": "okx_doctor.report.junit:render_junit",
    "markdown": "okx_doctor.report.markdown:render_markdown",
    "html": "okx_doctor.report.html:render_html",
}
"""The formats of a report on checks, each with its renderer. All except text and json are for other programs."""

*_MOST, _LAST = (name for name in REPORT_FORMATS if name not in FORMATS)
FORMAT_HELP: Final = (
    f"{' and '.join(FORMATS)} are for you; {', '.join(_MOST)} and {_LAST} cut IP addresses short. github prints "
    "annotations and appends a summary to the file that GITHUB_STEP_SUMMARY names, up to GitHub's limit of 1 MiB; "
    "where that cannot be written a line on stderr says so, and the exit status stays."
)


def render(report: Report, form: str, output: str | None, note: str = "") -> str:
    """The report in a format. Text takes the terminal's width and colour when it goes to one."""
    module, _, function = REPORT_FORMATS[form].partition(":")
    render_form: Callable[..., str] = getattr(import_module(module), function)
    return render_form(report, note=note, **look(output)) if form == "text" else render_form(report, note=note)


def look(output: str | None) -> Look:
    """Width, colour and whether only ASCII can be shown, where the text goes to a file or to stdout."""
    if output is not None or sys.stdout is None or not sys.stdout.isatty():
        return {"width": 80, "colour": False, "ascii_only": False}
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return {
        "width": min(100, max(60, shutil.get_terminal_size((80, 24)).columns)),
        "colour": not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
        "ascii_only": not encoding.startswith("utf"),
    }


class Withheld(click.ClickException):
    """A finished document holds a credential: none of it is written."""

    exit_code = 3

    def __init__(self) -> None:
        super().__init__(f"the output is withheld: it would have shown a credential. That is a bug; {please_report()}")


class OutputLost(click.ClickException):
    """The report could not be written to where it belongs: nothing was concluded from it."""

    exit_code = 3


def emit(report: Report, form: str, output: str | None, redactor: Redactor, note: str = "") -> None:
    """Write the report, for people with a ``note`` in it. Raises ``OutputLost`` and ``Withheld``.

    Secrets were taken out of its values before it was judged, since a format escapes or breaks what it shows.
    ``github`` also writes the summary of the step that runs. A file is created readable by its owner alone, and
    never through a symlink.
    """
    text = checked(render(report, form, output, note), redactor)
    if form == "github":
        from okx_doctor.cli.step_summary import write_step_summary

        write_step_summary(checked(render(report, "markdown", None, note), redactor))
    write(text, output)


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


def write_out(text: str) -> None:
    """Write to stdout. Raises ``OutputLost``, and ``Exit`` where the reader has left."""
    if not text:
        return
    out = stdout()
    try:
        out.buffer.write(text.encode("utf-8", "replace"))
        out.buffer.flush()
    except BrokenPipeError:
        raise click.exceptions.Exit(BROKEN_PIPE) from None
    except OSError as error:
        raise OutputLost(f"cannot write the report: {error.strerror}") from None


def stdout() -> TextIO:
    """Raises ``OutputLost`` where there is none."""
    if sys.stdout is None:
        raise OutputLost("there is no stdout to write to")
    return sys.stdout


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
