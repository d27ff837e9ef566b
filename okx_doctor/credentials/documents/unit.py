"""systemd units: what a service gets from ``Environment=``, ``EnvironmentFile=`` and ``UnsetEnvironment=``.

Source of the facts: systemd.exec(5), systemd.unit(5), systemd.syntax(7), and ``extract_first_word`` of libsystemd 252.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from okx_doctor.credentials.beside import is_setting
from okx_doctor.credentials.dialects import dialect as dialect_of
from okx_doctor.credentials.dialects.reading import SIZE_LIMIT
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.env_file import parse_env_file
from okx_doctor.credentials.files import UnusableFile, read_text
from okx_doctor.credentials.mangling import LoaderChange, mangling, unfilled
from okx_doctor.secrets.secret import Secret, shows_only

_BLANK: Final = " \t\n\r"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SECTION: Final = re.compile(r"\[([^\]]*)\]\s*")
_ESCAPES: Final[Mapping[str, str]] = {
    **dict(zip("abfnrtvs", "\a\b\f\n\r\t\v ", strict=True)),
    **{sign: sign for sign in "\\\"'"},
}
_NUMBERED: Final = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})")
_SPECIFIERS: Final = "aAbBcCdDEfgGhHiIjJlLmMnNopPqsStTuUvVwWyY"
"""Signs that systemd replaces behind a ``%``; any other stays as it is, with its ``%``."""

_FILES_IN_ALL: Final = 100
_ROWS: Final = 20_000


class NoWord(ValueError):
    """A text that systemd does not split: a quote without its pair, an escape that it does not know."""


@shows_only("file", "line", "key")
class Directive(Struct, frozen=True, kw_only=True):
    """A line ``key=value`` of the section ``[Service]``."""

    file: str
    line: int
    key: str
    value: str


def directives(text: str, file: str) -> list[Directive]:
    """The lines of ``[Service]``; one that ends in a backslash goes on in the next one, comments left out."""
    found: list[Directive] = []
    section, kept, first = "", "", 0
    for number, raw in enumerate(text.split("\n"), 1):
        row = raw.removesuffix("\r")
        if (not kept and not row.strip()) or row.lstrip(_BLANK).startswith(("#", ";")):
            continue
        first = first if kept else number
        backslashes = len(row) - len(row.rstrip("\\"))
        if backslashes % 2:
            kept += row[:-1] + " "
            continue
        whole, kept = (kept + row).strip(_BLANK), ""
        if heading := _SECTION.fullmatch(whole):
            section = heading.group(1)
            continue
        key, equals, value = whole.partition("=")
        if equals and section == "Service":
            found.append(Directive(file=file, line=first, key=key.strip(_BLANK), value=value.strip(_BLANK)))
        if len(found) > _ROWS:
            raise UnusableFile(f"{file} holds more than {_ROWS} lines")
    return found


def words(text: str) -> list[str]:
    """The words of a value, unquoted and unescaped. Raises ``NoWord``."""
    found: list[str] = []
    at = 0
    while at < len(text):
        if text[at] in _BLANK:
            at += 1
            continue
        word, at = _word(text, at)
        found.append(word)
    return found


def _word(text: str, at: int) -> tuple[str, int]:
    """A word from ``at`` on, and where it ends; quotes may be anywhere in it."""
    parts: list[str] = []
    quote = ""
    while at < len(text):
        char = text[at]
        if char == "\\":
            part, at = _unescaped(text, at + 1)
            parts.append(part)
            continue
        at += 1
        if quote:
            if char == quote:
                quote = ""
            else:
                parts.append(char)
        elif char in "\"'":
            quote = char
        elif char in _BLANK:
            return "".join(parts), at
        else:
            parts.append(char)
    if quote:
        raise NoWord("has a quote without its pair")
    return "".join(parts), at


def _unescaped(text: str, at: int) -> tuple[str, int]:
    sign = text[at : at + 1]
    if sign and sign in _ESCAPES:
        return _ESCAPES[sign], at + 1
    found = _NUMBERED.match(text, at)
    if not found:
        raise NoWord("has a \\ before a sign that systemd does not unescape")
    code = int(found.group(4), 8) if found.group(4) else int(found.group(1) or found.group(2) or found.group(3), 16)
    if code == 0 or code > 0x10FFFF or 0xD800 <= code < 0xE000 or (found.group(4) and code > 255):
        raise NoWord("has an escape that is no character")
    return chr(code), found.end()


def specified(text: str) -> tuple[str, str]:
    """A text with its ``%`` specifiers replaced, and the first one whose meaning only the machine of the unit knows.

    What that stands for is left out.
    """
    unknown = ""
    parts: list[str] = []
    for found in re.finditer(r"%(.?)|[^%]+", text, re.DOTALL):
        sign = found.group(1)
        if sign is None:
            parts.append(found.group())
        elif sign == "%":
            parts.append("%")
        elif sign and sign in _SPECIFIERS:
            unknown = unknown or f"%{sign}"
        else:
            parts.append(found.group())
    return "".join(parts), unknown


def leaves(rows: Sequence[Directive], named: str, folder: Path, environ: Mapping[str, str]) -> list[Leaf]:
    """The variables of OKX's that the unit sets, in the order to win: ``Environment=``, then each ``EnvironmentFile=``.

    Raises ``UnusableFile`` that begins with ``named`` for a unit that gives its credentials in another way.
    """
    own: list[Leaf] = []
    files: list[str] = []
    unset: set[str] = set()
    for row in rows:
        if row.key == "Environment":
            own = [] if not row.value else own + list(_assigned(row, named))
        elif row.key == "EnvironmentFile":
            files = [] if not row.value else [*files, row.value]
        elif row.key == "UnsetEnvironment":
            unset |= set(row.value.split())
    found = [*own]
    for path in files[:_FILES_IN_ALL]:
        found += _of_file(path, named, folder, environ)
    found = list({leaf.path[-1]: leaf for leaf in found if leaf.path[-1] not in unset}.values())
    if not any(slot_of(leaf.path[-1]) for leaf in found):
        _say_where_else(rows, named)
    return found


def _ours(name: str) -> bool:
    return slot_of(name) is not None or is_setting(name)


def quoted(key: str) -> str:
    """A variable's line as it keeps every character."""
    return f"Environment='{key}=…', with %% for each % and \\\\ for each \\"


def _say_where_else(rows: Sequence[Directive], named: str) -> None:
    for row in rows:
        if row.key.startswith(("LoadCredential", "SetCredential")):
            raise UnusableFile(
                f"{named} line {row.line} gives a credential as a file ({row.key}=): the bot reads it in "
                "$CREDENTIALS_DIRECTORY; check the file that it is made of with --credentials"
            )
        if row.key == "PassEnvironment":
            raise UnusableFile(
                f"{named} line {row.line} hands on variables of systemd itself (PassEnvironment=); see them with "
                "systemctl show-environment"
            )


def _assigned(row: Directive, named: str) -> Iterator[Leaf]:
    """The assignments of one ``Environment=``. What is no assignment is dropped, and so are all with a bad escape."""
    try:
        found = words(row.value)
    except NoWord as error:
        name = row.value.lstrip("\"'").partition("=")[0]
        if slot_of(name):
            meant = row.value.partition("=")[2].strip("\"'")
            change = LoaderChange(
                character="", what=f"is lost: systemd drops the line, which {error}", meant=Secret(meant)
            )
            yield _leaf(row, named, name, "", change)
        return
    for place, word in enumerate(found):
        name, equals, value = word.partition("=")
        if not equals or not _NAME.fullmatch(name) or not _ours(name):
            continue
        text, unknown = specified(value)
        yield _leaf(row, named, name, text, _changed(row.value, name, text, unknown, found[place + 1 :]))


def _leaf(row: Directive, named: str, name: str, text: str, change: LoaderChange | None) -> Leaf:
    elsewhere = row.file if row.file != named else ""
    return Leaf(
        path=("Service", name),
        text=Secret(text),
        line=row.line,
        change=change,
        key=f"Environment={name}" if not elsewhere else "",
        file=elsewhere,
        corrected=quoted(name),
    )


def _changed(written: str, name: str, value: str, unknown: str, behind: Sequence[str]) -> LoaderChange | None:
    raw = written[written.find(f"{name}=") + len(name) + 1 :]
    dropped = [word for word in behind if not _NAME.fullmatch(word.partition("=")[0]) or "=" not in word]
    if behind and len(dropped) == len(behind) and not raw.startswith(("'", '"')):
        what = "is not quoted, so systemd takes what follows the blank for another assignment and drops it"
        return LoaderChange(character=" ", what=what, meant=Secret(raw))
    if unknown:
        what = "holds a % that systemd replaces; %% stands for one"
        return LoaderChange(character=unknown, what=what, meant=Secret(_until_blank(raw)))
    bare = _until_blank(raw)
    if "\\" in bare and bare != value:
        what = "holds a \\ that systemd takes for an escape; \\\\ stands for one"
        return LoaderChange(character="\\", what=what, meant=Secret(bare), suspected=any(char < " " for char in value))
    if "%%" in bare:
        what = "holds %%, which systemd makes one % of"
        return LoaderChange(character="%%", what=what, meant=Secret(bare), suspected=False)
    return None


def _until_blank(raw: str) -> str:
    """A word as it is written, without the quotes around it or what follows them."""
    if found := re.match(r"""(["'])(.*?)\1""", raw):
        return found.group(2)
    return re.split(r"[ \t]", raw)[0].rstrip("\"'")


def _of_file(written: str, named: str, folder: Path, environ: Mapping[str, str]) -> list[Leaf]:
    path, unknown = specified(written.removeprefix("-"))
    if unknown or any(sign in path for sign in "*?["):
        raise UnusableFile(f"{named} names its EnvironmentFile= by a pattern; name the file with --env-file")
    there = folder / path
    if written.startswith("-") and not there.exists():
        return []
    text = read_text(there, f"EnvironmentFile= that {named} names,", SIZE_LIMIT, keep_mark=True)
    file = parse_env_file(text, str(there), environ, dialect_of("systemd"))
    return [
        Leaf(
            path=("Service", line.name),
            text=line.value or Secret(""),
            line=line.number,
            change=mangling(line),
            unfilled=unfilled(line),
            file=str(there),
            corrected=f"{line.name}='…'",
        )
        for line in file.lines.values()
        if _ours(line.name)
    ]
