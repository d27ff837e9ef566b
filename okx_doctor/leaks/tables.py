"""Rows of names over rows of values: CSV, tables of Markdown, SQL's INSERT, and names on the left of one sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from okx_doctor.leaks.names import Named, named
from okx_doctor.leaks.spellings import Name
from okx_doctor.secrets.secret import shows_only

_INSERT: Final = re.compile(r"\(([^()]{5,2000})\)\s{0,40}(?:OUTPUT[^()]{0,100})?values?\s{0,40}(?=\()", re.IGNORECASE)
_TUPLE: Final = re.compile(r"\s{0,40},?\s{0,40}\(([^()]{5,4000})\)")
_DRESSING: Final = " \t\r\"'`*[](){}"
_MAX_ROW_LENGTH: Final = 2000


@shows_only("at", "name", "says")
class Cell(Struct, frozen=True):
    """A value and the name of its column; where in the text it begins."""

    at: int
    name: str
    says: Named
    value: str


def cells(text: str, names: Sequence[Name]) -> Iterator[Cell]:
    """Every value in a column of a credential's name, and every one on the right for a name on the left."""
    yield from _rows(text, names)
    for insert in _INSERT.finditer(text):
        columns = _columns(_split(insert[1].replace("\n", " "), ",", insert.start(1)))
        at = insert.end()
        while len(columns) > 1 and (row := _TUPLE.match(text, at)):
            yield from _under(columns, _split(row[1].replace("\n", " "), ",", row.start(1)))
            at = row.end()


def _rows(text: str, names: Sequence[Name]) -> Iterator[Cell]:
    headers = _lines_of_several(text, names)
    for (start, end), (following, _) in pairwise([*headers, (len(text), len(text))]):
        left, sign, right = text[start:end].partition("=")
        for mark in ",|;\t":
            columns = _columns(_split(left, mark, start))
            if len({says.slot for _, says in columns.values()}) < 2:
                continue
            if sign:
                yield from _under(columns, _split(right, mark, start + len(left) + 1))
            yield from _below(text, columns, mark, end + 1, following)
            break


def _below(text: str, columns: Mapping[int, tuple[str, Named]], separator: str, at: int, limit: int) -> Iterator[Cell]:
    """The values in the rows that follow on one another."""
    while at < limit:
        end = text.find("\n", at, limit)
        end = limit if end < 0 else end
        row = text[at:end]
        if separator not in row or len(row) > _MAX_ROW_LENGTH:
            return
        yield from _under(columns, _split(row, separator, at))
        at = end + 1


def _lines_of_several(text: str, names: Sequence[Name]) -> list[tuple[int, int]]:
    """From where to where the lines go that hold names of more than one of the three."""
    found: list[tuple[int, int]] = []
    for one, other in pairwise(names):
        if found and one.start < found[-1][1]:
            continue
        if one.says.slot == other.says.slot or other.start - one.end > _MAX_ROW_LENGTH:
            continue
        if text.find("\n", one.end, other.start) >= 0:
            continue
        start = text.rfind("\n", max(0, one.start - _MAX_ROW_LENGTH), one.start) + 1
        end = text.find("\n", other.end, other.end + _MAX_ROW_LENGTH)
        end = len(text) if end < 0 else end
        if end - start <= _MAX_ROW_LENGTH:
            found.append((start, end))
    return found


def _split(line: str, separator: str, start: int) -> list[tuple[int, str]]:
    """The cells of a row without their dressing, and where each begins."""
    found = []
    at = start
    for cell in line.split(separator):
        bare = cell.strip(_DRESSING)
        found.append((at + (cell.index(bare) if bare else 0), bare))
        at += len(cell) + 1
    return found


def _columns(header: list[tuple[int, str]]) -> Mapping[int, tuple[str, Named]]:
    found = {}
    for place, (_, cell) in enumerate(header):
        name = re.sub(r"^(?:const|let|var|local|my)\b[ \t\[({]*", "", cell)
        says = named(name.replace(" ", "_")) if re.fullmatch(r"[\w$. -]{3,60}", name) else None
        if says:
            found[place] = name, says
    return found


def _under(columns: Mapping[int, tuple[str, Named]], row: list[tuple[int, str]]) -> Iterator[Cell]:
    for place, (name, says) in columns.items():
        if place < len(row) and row[place][1]:
            yield Cell(row[place][0], name, says, row[place][1])
