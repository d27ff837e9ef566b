"""Finds what a loader did to a line that its writer can hardly have meant."""

from __future__ import annotations

import re

from msgspec import Struct

from okx_doctor.credentials.dialects import DIALECTS, Dialect
from okx_doctor.credentials.dialects.reading import Act, Reading
from okx_doctor.credentials.env_file import Line
from okx_doctor.credentials.references import Reference, left_empty, reference
from okx_doctor.credentials.shapes import shape
from okx_doctor.secrets.secret import Secret


class LoaderChange(Struct, frozen=True, kw_only=True):
    """A loader's change to a line: the character at fault, a sentence, and the value as it was meant.

    Not ``suspected``: it may well be meant, and is tried only where OKX refuses what was loaded. ``loader`` is the
    other loader that a value in force came through.
    """

    character: str
    what: str
    meant: Secret
    suspected: bool = True
    loader: Dialect | None = None


def mangling(line: Line) -> LoaderChange | None:
    """Find a change that the line's writer can hardly have meant; ``None`` without one."""
    text = line.written.reveal().strip()
    if text.startswith("="):
        return LoaderChange(
            character="==",
            what="is written with two equals signs, so the value begins with the second",
            meant=Secret(_bare(text.lstrip("="))),
        )
    if line.value is None and text:
        character = text[0] if text[0] in "\"'" else "quote"
        meant = Secret(text.strip("\"'"))
        return LoaderChange(character=character, what=f"is lost: the loader {line.refusal}", meant=meant)
    loaded = line.value.reveal() if line.value else ""
    done = {act.kind for act in line.acts}
    raw = _bare(text)
    if "expansion" in done and reference(raw):
        return None  # what is one reference and nothing else is written to be filled in
    if "comment" in done and "quotes" not in done and not _complete(loaded):
        return LoaderChange(
            character="#",
            what="is not quoted, so the loader takes everything from # on for a comment",
            meant=Secret(text),
            suspected=re.search(r"\s#(?![\s#])", text) is not None,
        )
    if "expansion" in done and loaded != raw:
        return LoaderChange(character="$", what="holds a $ that the loader expands", meant=Secret(raw))
    if "escape" in done and not text.startswith("'") and loaded != raw:
        where = "is in double quotes" if text.startswith('"') else "is not quoted"
        return LoaderChange(character="\\", what=f"{where}, and the loader replaces \\ escapes", meant=Secret(raw))
    return None


def unfilled(line: Line) -> Reference | None:
    """The reference that a loader made an empty value of; ``None`` for any other line."""
    return left_empty(line.written.reveal(), line.value.reveal()) if line.value is not None else None


def made_by_another_loader(line: Line, loaded: Secret) -> LoaderChange | None:
    """Find the change of a shell or another loader that reads this line, or its value retyped, as ``loaded``."""
    made = mangling(line)
    if made is not None and loaded == line.value:
        return made
    whole = line.value if line.value is not None else line.written.changed(_bare)
    if not loaded or loaded == whole or (not whole and reference(loaded.reveal())):
        return None
    meant = made.meant if made is not None and made.suspected else whole  # both loaders may have altered it
    for written in dict.fromkeys((line.written, whole, whole.changed('"{}"'.format))):
        for dialect in DIALECTS:
            reading = dialect.load(f"{line.name}={written.reveal()}\n", {}).readings.get(line.name)
            if reading is not None and reading.value == loaded:
                return _blame(reading, line, dialect, meant)
    return None


def find_escape(raw: str, text: str) -> LoaderChange | None:
    """Find the escapes in a text in double quotes, of whatever form, that its writer can hardly have meant.

    ``raw`` is what is written, quotes included. An escaped quote or backslash is as it should be; an escape that
    makes a control character (``\\n``, ``\\t``, ``\\b``) is not, since no header can carry one.
    """
    inner = raw[1:-1]
    if not raw.startswith('"') or "\\" not in inner or all(char >= " " and char != "\x7f" for char in text):
        return None
    what = "is in double quotes, where the loader replaces \\ escapes"
    return LoaderChange(character="\\", what=what, meant=Secret(inner))


def _blame(reading: Reading, line: Line, dialect: Dialect, meant: Secret) -> LoaderChange:
    """The act that explains why a value is not the file's."""
    theirs = [act for act in reading.acts if act.kind != "quotes"]
    new = [act for act in theirs if act not in line.acts] or theirs
    if new:
        act, how = new[0], new[0].done
    else:
        act = next((act for act in line.acts if act.kind == "quotes"), Act("blanks", " "))
        how = act.left
    character = act.character[:1]
    what = f"came through a loader that {how}, as {dialect.title} does"
    return LoaderChange(character=character, what=what, meant=meant, loader=dialect)


def _complete(value: str) -> bool:
    """Whether a value is a whole key or secret by its shape, so that what follows it is a comment indeed."""
    return shape(value) in ("uuid", "hex32")


def _bare(text: str) -> str:
    """The text between the quotes that it begins with, or all of it."""
    text = text.strip()
    found = re.match(r"""(["'])((?:\\.|(?!\1).)*)\1""", text, re.DOTALL)
    return found.group(2) if found else text
