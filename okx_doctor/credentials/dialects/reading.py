"""A loader's reading of an env file: a value for each name, and what was done to the text to get it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from msgspec import Struct, field

from okx_doctor.secrets.secret import Secret

ActKind = Literal["quotes", "comment", "expansion", "escape", "blanks", "lines", "carriage-return", "syntax"]

SIZE_LIMIT: Final = 64 * 1024
"""Bytes of an env file, and characters of a value once its references are replaced."""

TOO_LARGE: Final = f"grows beyond {SIZE_LIMIT} bytes when its ${{…}} are replaced"

BYTE_ORDER_MARK: Final = "\ufeff"

LINE_END: Final = re.compile(r"\r\n|\n|\r")
"""The ends of lines as editors count them, whatever a loader takes for one."""


class Lines:
    """On which line of a text a place in it is, counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text))]

    def at(self, place: int) -> int:
        """The line of the character at this place; a line's end belongs to it."""
        return bisect_right(self._starts, place)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The lines of the first and of the last character of ``text[start:end]``."""
        return self.at(start), self.at(max(start, end - 1))


_WORDS: Final[Mapping[ActKind, tuple[str, str]]] = {
    "quotes": ("takes the quotes off", "keeps the quotes"),
    "comment": ("cuts at `#`", "keeps `#` and what follows it"),
    "expansion": ("expands …", "leaves … as it is"),
    "escape": ("replaces …", "keeps … as it is"),
    "blanks": ("drops the blanks at the edge", "keeps the blanks at the edge"),
    "lines": ("reads on over the end of the line", "stops at the end of the line"),
    "carriage-return": (
        "drops the carriage return of a Windows line end",
        "keeps the carriage return of a Windows line end",
    ),
    "syntax": ("ends the value at …", "keeps … and what follows it"),
}
"""Descriptions of a loader that does an act, and of one that does not; ``…`` is the character."""


class Act(Struct, frozen=True):
    """One thing that a loader did to a value's text. ``character`` is what it did it to, never more of the value."""

    kind: ActKind
    character: str

    @property
    def done(self) -> str:
        """How a loader that does this is described, in words that follow its name."""
        return _WORDS[self.kind][0].replace("…", self._shown)

    @property
    def left(self) -> str:
        """How a loader that does not do this is described."""
        return _WORDS[self.kind][1].replace("…", self._shown)

    @property
    def _shown(self) -> str:
        return f"`{self.character}`"


class Reading(Struct, frozen=True, kw_only=True):
    """The value that a loader gives to one name.

    ``value`` is ``None`` where it gives none, or one that cannot be known from the file; ``refusal`` then says why, in
    words that follow the loader's name, and ``character`` what is at fault. ``line`` is counted from 1;
    ``last_line`` is where a value of several lines ends.
    """

    line: int
    value: Secret | None
    acts: tuple[Act, ...] = ()
    refusal: str = ""
    character: str = ""
    last_line: int = 0


class Loaded(Struct, frozen=True, kw_only=True):
    """A loader's reading of a file. With a ``refusal`` it stopped at that line and has only what it read before."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    refusal: str = ""
    character: str = ""
    line: int = 0

    def of(self, name: str, line: int) -> Reading:
        """The reading of a name; where there is none, why, for the ``line`` on which another loader finds it."""
        found = self.readings.get(name)
        if found is not None:
            return found
        if self.refusal:
            at = f" (line {self.line})" if self.line != line else ""
            return Reading(line=line, value=None, refusal=self.refusal + at, character=self.character)
        return Reading(line=line, value=None, refusal="does not find the name")


class Refused(Exception):
    """Raised inside a model where a loader gives up: what it does, in words that follow its name."""

    def __init__(self, what: str, character: str, line: int) -> None:
        super().__init__(what)
        self.what = what
        self.character = character
        self.line = line


def line_end(text: str, at: int) -> int:
    """The place of the next newline, or the end of the text."""
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def distinct(acts: Iterable[Act]) -> tuple[Act, ...]:
    """Each act once, in the order of the first."""
    return tuple(dict.fromkeys(acts))


def reference(name: str) -> str:
    """How a reference is shown: a name may be part of a passphrase and is not repeated, one sign may be."""
    return f"${name}" if len(name) == 1 else "$…"
