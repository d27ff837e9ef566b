"""An env file as it is written, beside what a loader makes of it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.dialects.reading import LINE_END, SIZE_LIMIT, TOO_LARGE, Act, Loaded
from okx_doctor.credentials.files import UnusableFile, read_text
from okx_doctor.observations import Slot
from okx_doctor.secrets.secret import Secret, shows_only

_MAX_REPETITIONS: Final = 4
_EXPORT: Final = re.compile(r"[ \t]*export[ \t]")


class Line(Struct, frozen=True, kw_only=True):
    """One assignment. ``written`` is everything after the first ``=``, without the line end.

    ``value`` is what the file's loader gives, ``acts`` what it did on the way there, ``refusal`` why it gives none.
    ``exported``: ``export`` is written before the name.
    """

    name: str
    number: int
    written: Secret
    value: Secret | None
    acts: tuple[Act, ...] = ()
    refusal: str = ""
    exported: bool = False


@shows_only("label", "lines", "dialect", "profile")
class EnvFile(Struct, frozen=True, kw_only=True):
    """A parsed env file: its label for people and its assignments, as ``dialect`` reads them.

    ``text`` is the file unchanged and ``environ`` the environment that its references were resolved from: a caller
    can read both again as another loader would. ``names`` are the variables of slots that are not called as usual;
    ``profile`` is the word that those have in their names, where one was asked for or found.
    """

    label: str
    lines: Mapping[str, Line]
    dialect: Dialect = DEFAULT
    text: Secret = Secret("")
    environ: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[Slot, str] = field(default_factory=dict)
    profile: str = ""

    def setting(self, name: str) -> str:
        """The value that the file sets a variable to; empty where it does not."""
        line = self.lines.get(name)
        return line.value.reveal() if line and line.value else ""

    def read_by(self, dialect: Dialect) -> Loaded:
        """The readings of all loaders."""
        return dialect.load(self.text.reveal(), self.environ)


def read_env_file(path: Path, environ: Mapping[str, str] = os.environ, dialect: Dialect = DEFAULT) -> EnvFile:
    """Read and parse an env file.

    Raises ``UnusableFile`` for one that is missing, unreadable, no regular file, over 64 KiB, binary, or UTF-16, and
    where ``parse_env_file`` does.
    """
    return parse_env_file(_text(path), str(path), environ, dialect)


def open_env_file(path: Path, environ: Mapping[str, str] = os.environ) -> EnvFile:
    """An env file to compare loaders over, whatever they make of it. Raises ``UnusableFile`` for one without text."""
    return open_text(_text(path), str(path), environ)


def open_text(text: str, label: str = "", environ: Mapping[str, str] = os.environ) -> EnvFile:
    """The same from its text."""
    lines = _lines(text, DEFAULT.load(text, environ))
    return EnvFile(label=label, lines=lines, text=Secret(text), environ=environ)


def _text(path: Path) -> str:
    return read_text(path, "env file", SIZE_LIMIT, keep_mark=True)  # loaders differ over a byte order mark


def parse_env_file(
    text: str, label: str, environ: Mapping[str, str] = os.environ, dialect: Dialect = DEFAULT
) -> EnvFile:
    """Parse env-file text as a dialect's loader does, keeping each line as it was written.

    ``environ`` is what ``${NAME}`` is taken from where the file itself does not set it. Raises ``UnusableFile`` where
    such references multiply a value beyond all use, and where the loader refuses the whole file.
    """
    loaded = dialect.load(text, environ)
    if loaded.refusal == TOO_LARGE:
        raise UnusableFile(f"the env file {label} {loaded.refusal}")
    if loaded.refusal and not loaded.readings:
        raise UnusableFile(f"the env file {label}, line {loaded.line}: {dialect.title} {loaded.refusal}")
    return EnvFile(label=label, lines=_lines(text, loaded), dialect=dialect, text=Secret(text), environ=environ)


def assignments(file: EnvFile, name: str) -> tuple[Line, ...]:
    """Every line of the file that sets a name, the one that counts first, then those before it that it hides."""
    found: list[Line] = []
    rows = _rows(file.text.reveal())
    line = file.lines.get(name)
    while line is not None and len(found) < _MAX_REPETITIONS:
        found.append(line)
        before = "".join(rows[: line.number - 1])
        repeated = re.search(rf"^[ \t]*(?:export[ \t]+)?{re.escape(name)}[ \t]*=", before, re.MULTILINE)
        line = _lines(before, file.dialect.load(before, file.environ)).get(name) if repeated else None
    return tuple(found)


def _rows(text: str) -> list[str]:
    """The lines of a text, each with its end, as the loaders' readings number them."""
    ends = [0, *(found.end() for found in LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(ends)]


def _without_end(row: str) -> str:
    return re.sub(r"(?:\r\n|\n|\r)\Z", "", row)


def _lines(text: str, loaded: Loaded) -> dict[str, Line]:
    rows = _rows(text)
    lines: dict[str, Line] = {}
    for name, reading in loaded.readings.items():
        last = max(reading.line, reading.last_line)
        lines[name] = Line(
            name=name,
            number=reading.line,
            written=Secret(_without_end("".join(rows[reading.line - 1 : last])).partition("=")[2]),
            value=reading.value,
            acts=reading.acts,
            refusal=reading.refusal,
            exported=_EXPORT.match(rows[reading.line - 1]) is not None,
        )
    return lines
