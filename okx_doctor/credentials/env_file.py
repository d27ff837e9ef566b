"""An env file as it is written, beside what python-dotenv makes of it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from okx_doctor.credentials.files import UnusableFile, read_text
from okx_doctor.credentials.shapes import shape

SIZE_LIMIT: Final = 64 * 1024
"""Bytes; python-dotenv takes time that grows with the square of a line's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One assignment. ``written`` is everything after the first ``=``, without the line end."""

    name: str
    number: int
    written: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """A parsed env file: its label for people and its assignments, the last of a name winning."""

    label: str
    lines: Mapping[str, Line]

    def setting(self, name: str) -> str:
        """What the file sets a variable to; empty where it does not."""
        line = self.lines.get(name)
        return (line.value or "") if line else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mangling:
    """What the loader did to a line: the character at fault, a sentence, and the value as it was meant.

    Not ``suspected``: it may well be meant, and is tried only where OKX refuses what was loaded.
    """

    character: str
    what: str
    meant: str
    suspected: bool = True


def read_env_file(path: Path, environ: Mapping[str, str] = os.environ) -> EnvFile:
    """Read and parse an env file.

    Raises ``UnusableFile`` for one that is missing, unreadable, no regular file, over 64 KiB, binary, or UTF-16.
    """
    return parse_env_file(read_text(path, "env file", SIZE_LIMIT), str(path), environ)


def parse_env_file(text: str, label: str, environ: Mapping[str, str] = os.environ) -> EnvFile:
    """Parse env-file text as python-dotenv does, keeping each line as it was written.

    ``environ`` is what ``${NAME}`` is taken from where the file itself does not set it. Raises ``UnusableFile`` where
    such references multiply a value beyond all use.
    """
    from dotenv.parser import parse_stream  # loaded only where there is a file

    lines: dict[str, Line] = {}
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        original = binding.original.string
        name = binding.key
        if name is None and binding.error:
            found = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=", original)
            name = found.group(1) if found else None
        if name is None or (binding.error and name in lines):
            continue
        value = None
        if not binding.error and binding.value is not None:
            value = values[name] = _interpolated(binding.value, {**environ, **values}, label)
        blank = len(original) - len(original.lstrip())
        lines[name] = Line(
            name=name,
            number=binding.original.line + original[:blank].count("\n"),
            written=original.partition("=")[2].strip("\r\n"),
            value=value,
        )
    return EnvFile(label=label, lines=lines)


def _interpolated(value: str, names: Mapping[str, str], label: str) -> str:
    """``${NAME}`` and ``${NAME:-default}`` replaced as python-dotenv does, within bounds."""
    if "${" not in value:
        return value
    from dotenv.variables import parse_variables

    parts: list[str] = []
    size = 0
    for atom in parse_variables(value):
        parts.append(atom.resolve(names))
        size += len(parts[-1])
        if size > SIZE_LIMIT:
            raise UnusableFile(f"the env file {label} grows beyond {SIZE_LIMIT} bytes when its ${{…}} are replaced")
    return "".join(parts)


def mangling(line: Line) -> Mangling | None:
    """What python-dotenv made of a line that its writer can hardly have meant; ``None`` where nothing."""
    text = line.written.strip()
    if text.startswith("="):
        return Mangling(
            character="==",
            what="is written with two equals signs, so the value begins with the second",
            meant=_bare(text.lstrip("=")),
        )
    if line.value is None and text:
        return Mangling(
            character=text[0] if text[0] in "\"'" else "quote",
            what="has a quote that is never closed, so the loader drops the line",
            meant=text.strip("\"'"),
        )
    loaded = line.value or ""
    if text[:1] not in ("'", '"') and "#" in text and loaded != text and not _complete(loaded):
        return Mangling(
            character="#",
            what="is not quoted, so the loader takes everything from # on for a comment",
            meant=text,
            suspected=re.search(r"\s#(?![\s#])", text) is not None,
        )
    raw = _bare(text)
    if "${" in raw and loaded != raw:  # python-dotenv replaces it in single quotes too
        return Mangling(character="$", what="holds ${…}, which the loader replaces", meant=raw)
    if text.startswith('"') and "\\" in raw and loaded != raw:
        return Mangling(character="\\", what="is in double quotes, where the loader replaces \\ escapes", meant=raw)
    return None


def made_by_another_loader(line: Line, loaded: str) -> Mangling | None:
    """What a shell or another loader did, if ``loaded`` is what one makes of this line."""
    text = line.written.strip()
    whole = line.value if line.value is not None else _bare(text)
    made = mangling(line)
    if made is not None and loaded == line.value:
        return made
    if not loaded or loaded == whole:
        return None
    if "#" in whole and loaded == whole.partition("#")[0].rstrip():
        return Mangling(character="#", what="is cut at the # on its way into the environment", meant=whole)
    if "$" in whole and loaded == re.sub(r"\$(?:\{[^}]*\}|[A-Za-z_]\w*|[0-9@*#?$!-])", "", whole):
        return Mangling(character="$", what="has lost what follows a $, which a shell replaces", meant=whole)
    if text[:1] in ("'", '"') and loaded == text:
        what = "still has the quotes of the file around it: its loader keeps them"
        return Mangling(character=text[0], what=what, meant=whole)
    if "\\" in whole and loaded == re.sub(r"\\(.)", r"\1", whole):
        return Mangling(character="\\", what="has lost its backslashes, which a shell removes", meant=whole)
    if made is not None and made.character == "==" and loaded == text:
        return made
    return None


def _complete(value: str) -> bool:
    """Whether a value is a whole key or secret by its shape, so that what follows it is a comment indeed."""
    return shape(value) in ("uuid", "hex32")


def _bare(text: str) -> str:
    """The text between the quotes that it begins with, or all of it."""
    text = text.strip()
    found = re.match(r"""(["'])((?:\\.|(?!\1).)*)\1""", text, re.DOTALL)
    return found.group(2) if found else text
