"""The last step of every command: render, redact, write to stdout or to a file of one's own."""

from __future__ import annotations

import os
import shutil
import sys
from typing import Final

import click

from okx_doctor.model import Report
from okx_doctor.secret import Redactor

FORMATS: Final = ("text", "json")


def render(report: Report, form: str, *, to_terminal: bool, note: str = "") -> str:
    """The report in a format. Text takes the terminal's width and colour when it goes to one."""
    if form == "json":
        from okx_doctor.report.json import render_json

        return render_json(report)
    from okx_doctor.report.text import render_text

    width = min(100, max(60, shutil.get_terminal_size((80, 24)).columns)) if to_terminal else 80
    colour = to_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    ascii_only = to_terminal and not encoding.startswith("utf")
    return render_text(report, width=width, colour=colour, ascii_only=ascii_only, note=note)


def emit(report: Report, form: str, output: str | None, redactor: Redactor, note: str = "") -> None:
    """Write the report, in text with a ``note`` below it.

    A file is created readable by its owner alone, and never through a symlink.
    """
    to_terminal = output is None and sys.stdout.isatty()
    text = redactor.whole(render(report, form, to_terminal=to_terminal, note=note))
    if output is None:
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    else:
        write_private(output, text)


def write_private(path: str, text: str) -> None:
    """Write a file with mode 0600. Raises ``click.UsageError`` when it cannot be, in one line."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags, 0o600)
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise click.UsageError(f"cannot write {path}: {error.strerror}") from None
