"""python-dotenv: the library itself, and what it did on the way.

Source of the facts: python-dotenv's own parser, which is what runs here.
"""

from __future__ import annotations

import io
import re
from collections import ChainMap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from okx_doctor.credentials.dialects.reading import (
    BYTE_ORDER_MARK,
    SIZE_LIMIT,
    TOO_LARGE,
    Act,
    Lines,
    Loaded,
    Reading,
    Refused,
)
from okx_doctor.secrets.secret import Secret

if TYPE_CHECKING:
    from dotenv.parser import Binding

_BLANKS: Final = re.compile(r"[^\S\r\n]++")
_MAX_BLANKS: Final = 2000
"""In a row: the time that the library needs for them grows with the square of their number."""


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as python-dotenv does; in ``${NAME}`` a name in the file wins over ``environ``.

    The last assignment of a name wins, unless it cannot be read.
    """
    from dotenv.parser import parse_stream  # loaded only where there is a file

    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = Lines(text)
    for blanks in _BLANKS.finditer(text):
        if len(blanks.group()) > _MAX_BLANKS:
            line = lines.at(blanks.start())
            return Loaded(refusal="takes too long over so many blanks", character=" ", line=line)
    readings: dict[str, Reading] = {}
    values: dict[str, str] = {}
    names = ChainMap(values, dict(environ))
    bindings = tuple(parse_stream(io.StringIO(text)))
    end = len(text) - sum(len(binding.original.string) for binding in bindings)  # without a gap between them
    for binding in bindings:
        start, end = end, end + len(binding.original.string)
        line, last = _span(binding, lines, start)
        if binding.error:
            found = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(['\"]?)", binding.original.string)
            if found:
                readings.setdefault(found.group(1), _drop(line, found.group(2), binding.original.string[found.end() :]))
            continue
        if binding.key is None:
            continue
        value = None
        if binding.value is not None:
            try:
                value = values[binding.key] = interpolate(binding.value, names, line)
            except Refused as refused:
                return Loaded(refusal=refused.what, character=refused.character, line=refused.line)
        written = binding.original.string.partition("=")[2]
        readings[binding.key] = Reading(
            line=line,
            last_line=last,
            value=None if value is None else Secret(value),
            acts=() if value is None else tuple(_acts(written, binding.value or "", value)),
            refusal="finds no `=` on the line" if value is None else "",
            character="=" if value is None else "",
        )
    return Loaded(readings=readings)


def interpolate(value: str, names: Mapping[str, str], line: int) -> str:
    """``${NAME}`` and ``${NAME:-default}`` replaced as python-dotenv does; raises ``Refused`` beyond all bounds.

    The library's own pattern takes time that grows with the square of the length where braces are not closed.
    """
    parts: list[str] = []
    size = done = 0
    start = value.find("${")
    while start >= 0 and (end := value.find("}", start)) >= 0:
        name, colon, rest = value[start + 2 : end].partition(":")
        if colon and not rest.startswith("-"):
            start = value.find("${", start + 2)
            continue
        parts += [value[done:start], names.get(name, rest[1:])]
        size += len(parts[-2]) + len(parts[-1])
        if size > SIZE_LIMIT:
            raise Refused(TOO_LARGE, "$", line)
        done = end + 1
        start = value.find("${", done)
    return "".join((*parts, value[done:]))


def _span(binding: Binding, lines: Lines, start: int) -> tuple[int, int]:
    """The first and the last line of a binding, without the blanks around it.

    The library's own number counts twice a line's end that two of its patterns share.
    """
    original = binding.original.string
    blank = len(original) - len(original.lstrip())
    return lines.span(start + blank, start + len(original.rstrip()))


def _drop(line: int, quote: str, rest: str) -> Reading:
    if not quote:
        why = "drops the line"
    elif quote in rest:
        why = f"drops the line: text follows the closing `{quote}`"
    else:
        why = f"drops the line: its `{quote}` is never closed"
    return Reading(line=line, value=None, refusal=why, character=quote or "=")


def _acts(written: str, parsed: str, value: str) -> list[Act]:
    """Tell what was done to the text after the ``=``, from both of its ends."""
    text = written.strip()
    acts: list[Act] = []
    quoted = re.match(r"'((?:\\.|[^'\\])*+)'|\"((?:\\.|[^\"\\])*+)\"", text, re.DOTALL)
    if quoted:
        inner = quoted.group(1) if text[0] == "'" else quoted.group(2)
        acts.append(Act("quotes", text[0]))
        acts += [Act("escape", "\\")] if parsed != inner else []
        acts += [Act("lines", "\n")] if "\n" in inner else []
        acts += [Act("comment", "#")] if quoted.end() < len(text) else []
    else:
        acts += [Act("comment", "#")] if parsed != text else []
        acts += [Act("blanks", " ")] if written.strip("\r\n") != text else []
    if "\r" in written:
        acts.append(Act("carriage-return", "\r"))
    if value != parsed:
        acts.append(Act("expansion", "${…}"))
    return acts
