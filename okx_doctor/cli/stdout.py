"""Writing to stdout in one piece, and the absence of it: all of the output that ``--version`` needs."""

from __future__ import annotations

import sys
from typing import TextIO

import click

from okx_doctor.cli import BROKEN_PIPE


class OutputLost(click.ClickException):
    """The report could not be written to where it belongs: nothing was concluded from it."""

    exit_code = 3


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
