"""Keeps the text beside a request: the lines from where it begins to where the next one does.

There its client says how the request failed where no answer came. The text is left as it is, for whoever can read it.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, cast

from msgspec.structs import replace

from okx_doctor.forensics.captures import prefixes
from okx_doctor.forensics.captures.capture import Beside, Capture, Malformed, Piece

_HELD: Final = 4 * 1024 * 1024
"""Bytes of the last lines: a request and all that its client prints of its failure."""
_OF_A_LINE: Final = 64 * 1024
_OF_A_REQUEST: Final = 256 * 1024
"""Bytes of one request with the text beside it."""
_PLACE: Final = re.compile(r"line (\d+)\b")
_OF_OBJECTS: Final = "json"
_FRAME: Final = re.compile(r"\s+at \S|\s+\.\.\. \d+ lines|Caused by: ")
"""A line of a stack as Node prints it, above the object of the error that it is of."""


class Heard(io.BufferedReader):
    """A file whose last lines are still known after they were read."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        super().__init__(cast(Any, stream), size)
        self._lines: deque[bytes] = deque()
        self._size = 0
        self._first = 1
        self._goes_on = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """Read a line, or as much of it as asked for, and remember it."""
        line = super().readline(size)
        if line and not self._goes_on:
            self._remember(line[:_OF_A_LINE])
        self._goes_on = bool(line) and not line.endswith(b"\n")
        return line

    def _remember(self, line: bytes) -> None:
        self._lines.append(line)
        self._size += len(line)
        while self._size > _HELD:
            self._size -= len(self._lines.popleft())
            self._first += 1

    def text(self, first: int, end: int) -> str:
        """The lines from this number to the one before ``end``; nothing where the first is no longer known."""
        if first < self._first:
            return ""
        lines: list[bytes] = []
        size = 0
        for number in range(first, min(end, self.end)):
            line = self._lines[number - self._first]  # not islice, which would pass all that are before
            lines.append(line.rstrip(b"\r\n"))
            size += len(line)
            if size > _OF_A_REQUEST:
                break
        return b"\n".join(lines).decode("utf-8", "replace")

    @property
    def end(self) -> int:
        """The number behind the last line that was read."""
        return self._first + len(self._lines)

    def start(self, number: int) -> int:
        """Where the text of the request in this line begins: at the error whose object it is."""
        at = number
        while at >= self._first and _FRAME.match(self._bare(at)):
            at -= 1
        return max(self._first, at)

    def _bare(self, number: int) -> str:
        line = self._lines[number - self._first][:_OF_A_LINE].decode("utf-8", "replace")
        return line[prefixes.length(line) :]


def with_text_beside(pieces: Iterator[Piece], heard: Heard) -> Iterator[Piece]:
    """The pieces, each unanswered request with the text beside it: the whole text where there is only one request,
    since some programs print the error first. Raises ``Malformed`` as the pieces do, behind the last good one.
    """
    waiting: Piece | None = None
    at: int | None = None
    is_first = True
    broken: Malformed | None = None
    try:
        for piece in pieces:
            following = _line(piece)
            if waiting is not None:
                yield _with_text(waiting, at, heard, following, is_alone=False)
                is_first = False
            waiting, at = piece, following
    except Malformed as error:
        broken = error
    if waiting is not None:
        yield _with_text(waiting, at, heard, None, is_alone=is_first)
    if broken is not None:
        raise broken


def _line(piece: Piece) -> int | None:
    found = _PLACE.match(piece.place)
    return int(found[1]) if found else None


def _with_text(piece: Piece, number: int | None, heard: Heard, following: int | None, *, is_alone: bool) -> Piece:
    if not isinstance(piece, Capture) or piece.is_answered or number is None:
        return piece
    if piece.form == _OF_OBJECTS and piece.beside is None and following == number + 1:
        return piece  # there is no line between the two
    end = heard.end if following is None else heard.start(following)
    if piece.form == _OF_OBJECTS:  # its reader has added its own line
        own = piece.beside.text if piece.beside else ""
        return _beside(piece, f"{own}\n{heard.text(number + 1, end)}", number)
    whole = heard.text(1, end) if is_alone else ""
    first = 1 if whole else heard.start(number)
    return _beside(piece, whole or heard.text(first, end), first)


def _beside(piece: Capture, text: str, line: int) -> Capture:
    return replace(piece, beside=Beside(text=text, line=line)) if text.strip() else piece
