"""Completion as a user gets it: a shell on a terminal, the line of the manual, a few letters and the tab key."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import PATIENCE, clean
from tests.needs import needs, program

pty = pytest.importorskip("pty")

MANUAL = Path(__file__).parents[2] / "docs/check.md"
SHELLS = {
    "bash": (("--norc", "--noprofile", "-i"), ""),
    "zsh": (("-f", "-i"), "autoload -U compinit; compinit -u; "),
    "fish": (("--no-config", "-i"), ""),
}
"""How each starts without anybody's settings, and what a user of it has in them anyway."""
TYPED = (
    ("diagn", "diagnose"),
    ("check --simulate=clock-ti", "--simulate=clock-timezone"),
    ("explain passphrase-w", "passphrase-wrong"),
    ("explain 5011", "50113"),
    ("check --only clock.e", "clock.exchange"),
    ("check --format mark", "markdown"),
    ("check --format=mark", "--format=markdown"),
    ("check --ignore facts", "facts-old"),
    ("check --forb", "--forbid"),
)


def line_of_the_manual(shell: str) -> str:
    """The line that the manual tells the user to write."""
    found = re.search(rf"^.*{shell}_source okx-doctor.*?(?= +#)", MANUAL.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[0]


class Terminal:
    """A terminal with a shell on it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._seen = b""

    def type(self, text: str) -> None:
        self._seen = b""
        os.write(self._descriptor, text.encode())

    def shows(self, text: str) -> bool:
        """Whether a text comes before the test has waited too long."""
        until = time.monotonic() + PATIENCE
        while text.encode() not in self._plain() and time.monotonic() < until:
            if select.select([self._descriptor], [], [], 0.2)[0]:
                self._seen += os.read(self._descriptor, 65536)
        return text.encode() in self._plain()

    def _plain(self) -> bytes:
        """What was written, without colours and movements."""
        return re.sub(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()].|.)", b"", self._seen).replace(b"\x08", b"")


@contextmanager
def on_a_terminal(command: Sequence[str], folder: Path) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    env = clean(HOME=str(folder), TERM="xterm", PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    with subprocess.Popen(
        [program("setsid"), "--ctty", *command], stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=folder
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(ours)
        finally:
            process.kill()
            os.close(ours)


@pytest.mark.machine
@pytest.mark.parametrize("shell", [pytest.param(name, marks=needs(name, "setsid")) for name in SHELLS])
def test_a_shell_completes_commands_options_causes_codes_and_checks(shell: str, tmp_path: Path) -> None:
    options, before = SHELLS[shell]
    with on_a_terminal((program(shell), *options), tmp_path) as terminal:
        terminal.type(f"{before}{line_of_the_manual(shell)}; echo set''tled\n")
        assert terminal.shows("settled\r\n")
        for typed, completed in TYPED:
            terminal.type(f"okx-doctor {typed}\t\t")
            assert terminal.shows(completed), typed
            terminal.type("\x15")  # Ctrl-U
