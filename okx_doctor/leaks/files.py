"""Files read for leaks: piece by piece, whatever their size, and only regular ones."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.leaks.find import Leak, leaks
from okx_doctor.observations import Slot

_PIECE: Final = 4 * 1024 * 1024
"""Bytes read at once."""
_OVERLAP: Final = 16 * 1024
"""Bytes that are read again with the next piece, so that nothing is lost where two pieces meet."""
_LOOKED_AT: Final = 8 * 1024
_MIN_SHARE: Final = 0.6
"""The smallest share of Latin characters by which a text without a byte order mark is taken to be UTF-16."""

Known = Mapping[bytes, tuple[Slot, str]]
"""Values that are loaded right now, as bytes, each with its slot and its variable."""


class Unreadable(Exception):
    """A file that cannot be read; the text says why."""


def leaks_in_file(path: str, known: Known) -> tuple[Leak, ...]:
    """The OKX credentials in a file; none in a symbolic link, which holds a name only.

    A binary file is searched for the ``known`` values alone. Raises ``Unreadable``.
    """
    try:
        if stat.S_ISLNK(os.lstat(path).st_mode):
            return ()
        found = {(leak.line, leak.slot): leak for leak in _leaks(path, known)}
    except (OSError, ValueError) as error:
        raise Unreadable(getattr(error, "strerror", None) or "no file can be called so") from None
    return tuple(sorted(found.values(), key=lambda leak: leak.line))


def _leaks(path: str, known: Known) -> Iterator[Leak]:
    line = 1
    text = True
    for number, (piece, overlap) in enumerate(_pieces(path)):
        text = b"\0" not in piece[:_LOOKED_AT] if number == 0 else text
        yield from _find_loaded(piece, known, line)
        if text:
            yield from leaks(piece.decode("utf-8", "replace"), path, line)
        line += piece.count(b"\n", 0, len(piece) - overlap)


def _pieces(path: str) -> Iterator[tuple[bytes, int]]:
    """The file in pieces that end with a line where they can, and how many bytes of each come again.

    UTF-16, which PowerShell's ``>`` writes, comes as UTF-8, with a byte order mark or without.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is not a regular file")
        wide = _utf_16(file.peek(_LOOKED_AT)[:_LOOKED_AT])
        source = codecs.EncodedFile(file, "utf-8", wide, "replace") if wide else file
        kept = b""
        while read := source.read(_PIECE):
            piece = kept + read
            tail = piece[-_OVERLAP:]
            overlap = len(tail) - tail.find(b"\n") - 1
            yield piece, overlap
            kept = piece[len(piece) - overlap :]


def _utf_16(begun: bytes) -> str | None:
    """The form of UTF-16 in which a file begins. Without a mark: where most text is Latin, every other byte is zero."""
    if begun.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = len(begun) // 2
    high, low = begun[0 : 2 * pairs : 2].count(0), begun[1 : 2 * pairs : 2].count(0)
    if pairs and max(high, low) > _MIN_SHARE * pairs and min(high, low) < (1 - _MIN_SHARE) / 4 * pairs:
        return "utf-16-le" if low > high else "utf-16-be"
    return None


def _find_loaded(piece: bytes, known: Known, first_line: int) -> Iterator[Leak]:
    for value, (slot, variable) in known.items():
        line, counted = first_line, 0
        at = piece.find(value)
        while at >= 0:
            line, counted = line + piece.count(b"\n", counted, at), at
            yield Leak(line=line, slot=slot, variable=variable)
            at = piece.find(value, at + len(value))
