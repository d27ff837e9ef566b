"""Two texts below each other with what differs marked: ``~`` under it, ``^`` where something is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from typing import Final

from okx_doctor.report.text import Paragraph
from okx_doctor.secrets.foreign_text import visible

_MAX_COMPARED_LENGTH: Final = 3000
_MAX_TEXT_LENGTH: Final = 1200
_CONTEXT_LENGTH: Final = 60
_HEADING: Final = 2
_INDENT: Final = 4


def verbatim(text: str, width: int, style: str = "") -> Iterator[Paragraph]:
    """A text broken where the line ends, its middle left out where it is long."""
    yield from _lines(_plain(text, width - _INDENT - 1), style)


def compared(one: str, left: str, other: str, right: str, width: int) -> Iterator[Paragraph]:
    """Two texts, each below its heading and with its marks."""
    marked = _mark_differences(left, right)
    for heading, rows, style in ((one, marked[0], "red"), (other, marked[1], "green")):
        yield Paragraph(text=heading, indent=_HEADING, style="bold")
        yield from _lines(_under(*rows, width - _INDENT - 1), style)


def _lines(lines: Iterable[str], style: str) -> Iterator[Paragraph]:
    for line in lines:
        yield Paragraph(text=line, indent=_INDENT, style=style)


def _plain(text: str, width: int) -> list[str]:
    shown = visible(text)
    if len(shown) > _MAX_TEXT_LENGTH:
        shown = f"{shown[: _MAX_TEXT_LENGTH // 2]}…{shown[-_MAX_TEXT_LENGTH // 2 :]}"
    return [shown[at : at + width] for at in range(0, len(shown), width)] or ["(nothing)"]


def _mark_differences(signed: str, expected: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Both texts, each with a row of marks: ``~`` under what differs, ``^`` before which something is missing."""
    sides = (_Side(), _Side())
    for same, left, right in _runs(signed, expected):
        for side, text in zip(sides, (left, right), strict=True):
            side.add(visible(text), same=same)
    return sides[0].rows(), sides[1].rows()


class _Side:
    """One of two texts and its marks, put together run by run."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._marks: list[str] = []
        self._gap = False

    def add(self, text: str, *, same: bool) -> None:
        if same:
            text = _shorten(text)
        if text:
            marks = (" " if same else "~") * len(text)
            self._marks.append("^" + marks[1:] if self._gap else marks)
            self._text.append(text)
        self._gap = not same and not text

    def rows(self) -> tuple[str, str]:
        return ("".join(self._text) + " " * self._gap, "".join(self._marks) + "^" * self._gap)


def _runs(signed: str, expected: str) -> Iterable[tuple[bool, str, str]]:
    """Equal and differing stretches of the two texts in turn; equal ones too short to help the eye are not kept."""
    if len(signed) + len(expected) > 2 * _MAX_COMPARED_LENGTH:
        yield from _ends(signed, expected)
        return
    left = right = 0
    for same in SequenceMatcher(None, signed, expected, autojunk=False).get_matching_blocks():
        if 0 < same.size < 3 and (same.a, same.b) != (0, 0) and same.a + same.size < len(signed):
            continue
        if same.a > left or same.b > right:
            yield False, signed[left : same.a], expected[right : same.b]
        if same.size:
            text = signed[same.a : same.a + same.size]
            yield True, text, text
        left, right = same.a + same.size, same.b + same.size


def _ends(signed: str, expected: str) -> Iterable[tuple[bool, str, str]]:
    """For long texts: the common beginning, the middle, the common end."""
    most = min(len(signed), len(expected))
    head = next((at for at in range(most) if signed[at] != expected[at]), most)
    tail = next((at for at in range(most - head) if signed[-1 - at] != expected[-1 - at]), most - head)
    yield True, signed[:head], signed[:head]
    middles = [text[head : len(text) - tail] for text in (signed, expected)]
    yield False, _shorten(middles[0]), _shorten(middles[1])
    yield True, signed[len(signed) - tail :], signed[len(signed) - tail :]


def _shorten(text: str) -> str:
    return text if len(text) <= 3 * _CONTEXT_LENGTH else f"{text[:_CONTEXT_LENGTH]}…{text[-_CONTEXT_LENGTH:]}"


def _under(text: str, marks: str, width: int) -> list[str]:
    """The text in lines, each with its marks below where it has any."""
    lines: list[str] = []
    for at in range(0, len(text), width):
        lines.append(text[at : at + width])
        if marks[at : at + width].strip():
            lines.append(marks[at : at + width].rstrip())
    return lines
