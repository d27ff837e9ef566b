"""``okx-doctor guard``: what the pre-commit hook runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from okx_doctor.cli import say
from okx_doctor.cli.complaint import one_line
from okx_doctor.cli.output import checked
from okx_doctor.cli.stdout import write_out
from okx_doctor.credentials.files import is_folder
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.shapes import shape
from okx_doctor.credentials.variables import SLOT_TITLES
from okx_doctor.leaks.files import Known, Unreadable, leaks_in_file
from okx_doctor.leaks.find import ALLOW
from okx_doctor.observations import Slot
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import derived_forms, redactor_of

_SHORTEST_LOADED: Final = 8
_LEFT_OUT: Final = {".git", ".hg", ".svn", "node_modules", "__pycache__"}


@click.command("guard", short_help="Find OKX credentials in files, before they are committed.")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Find OKX credentials in files, before they are committed. Folders are searched to their ends.

    Looks for keys, secrets and passphrases under the names that people give them, and for the values that are loaded
    in this environment, wherever they stand. Prints file, line and variable, never a value. A comment with
    "okx-doctor: allow" on a line or on the one before it lets the line pass, unless it holds a loaded value.

    Exit status: 0 nothing found, 1 a credential is there, 2 a file could not be read.
    """
    credentials = load_credentials(os.environ, ())
    known, masks = _known(credentials), redactor_of(credentials.secrets())

    def name(text: str) -> str:
        return visible_name(masks.told(text))

    found: list[str] = []
    concerned: set[str] = set()
    unread: list[str] = []
    for path in _every(files, unread):
        try:
            for leak in leaks_in_file(path, known):
                concerned.add(path)
                found.append(f"{name(path)}:{leak.line}: OKX {SLOT_TITLES[leak.slot]} in {name(leak.variable)}\n")
        except Unreadable as error:
            unread.append(f"cannot read {name(path)}: {error}")
    for line in unread:
        say(f"okx-doctor: {one_line(masks.told(line))}")
    write_out(checked("".join(found), masks))
    if found:
        say(_advice(len(found), len(concerned)))
    elif not unread and sys.stderr is not None and sys.stderr.isatty():  # a hook stays silent
        say("okx-doctor: no OKX credentials were found")
    ctx.exit(1 if found else 2 if unread else 0)


def _advice(credentials: int, files: int) -> str:
    count = f"{credentials} credential{'s' * (credentials > 1)} in {files} file{'s' * (files > 1)}"
    return (
        f"okx-doctor: {count}. Keep them in the environment or in a file that git ignores. If one was ever pushed, "
        f"delete that key on OKX and make a new one. For a sample value: a comment with {ALLOW!r} on its line."
    )


def _every(files: tuple[str, ...], unread: list[str]) -> Iterator[str]:
    """The files named, and every file in the folders named; a folder that cannot be listed is added to ``unread``."""

    def complain(error: OSError) -> None:
        unread.append(f"cannot read {visible_name(str(error.filename))}: {error.strerror}")

    for name in files:
        if not is_folder(Path(name)) or Path(name).is_symlink():
            yield name
            continue
        for folder, folders, names in os.walk(name, onerror=complain):
            folders[:] = sorted(set(folders) - _LEFT_OUT)
            yield from (str(Path(folder, each)) for each in sorted(names))


def _known(credentials: Credentials) -> Known:
    """The loaded values in every spelling in which they could have got into a file. Mere words are left out."""
    known: dict[bytes, tuple[Slot, str]] = {}
    for loaded in credentials.values():
        text = loaded.reveal().strip()
        if len(text) < _SHORTEST_LOADED or text.isalpha() or shape(text) in ("placeholder", "reference", "empty"):
            continue
        variable = loaded.source.variable if loaded.source else ""
        for form in derived_forms(text):
            if len(form) >= _SHORTEST_LOADED:
                known[form.encode("utf-8", "surrogatepass")] = (loaded.slot, f"a copy of {variable}")
    return known
