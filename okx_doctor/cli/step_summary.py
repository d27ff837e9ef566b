"""The summary of a GitHub Actions step: the file that ``GITHUB_STEP_SUMMARY`` names."""

from __future__ import annotations

import os
import stat
from typing import Final

from okx_doctor.cli import say

VARIABLE: Final = "GITHUB_STEP_SUMMARY"
SIZE_LIMIT: Final = 1024 * 1024
"""Bytes of one step's summary; GitHub shows none of a larger one.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions#adding-a-job-summary
"""


def write_step_summary(markdown: str) -> None:
    """Append to the step's summary, where there is one to append to.

    Whatever hinders it is one line on stderr and changes no exit status: the log and its annotations say it all.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    try:
        _append(path, markdown.encode("utf-8", "replace"))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        say(f"okx-doctor: no step summary was written: the file that {VARIABLE} names: {why}")


def _append(path: str, text: bytes) -> None:
    """Raises ``OSError``, and ``ValueError`` where the path is not a file or the file would outgrow the limit."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a regular file")
        if status.st_size + len(text) > SIZE_LIMIT:
            raise ValueError(f"with this report it would exceed {SIZE_LIMIT} bytes, and GitHub would show nothing")
        while text:
            text = text[os.write(descriptor, text) :]
    finally:
        os.close(descriptor)
