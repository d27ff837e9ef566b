"""TOML, as OKX's own command line keeps its profiles in ``~/.okx/config.toml``.

The keys (``default_profile``, ``profiles.NAME.api_key`` and so on) are those of the npm package
``@okx_ai/okx-trade-cli`` 1.2.4.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import islice
from typing import Final

from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange, find_escape
from okx_doctor.secrets.secret import Secret

_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")
_SPELLINGS: Final = "in double quotes \\ is written \\\\; '…' keeps every character as it is, '''…''' keeps a ' as well"
_MAX_DOTS_IN_LINE: Final = 100
"""In one line: tomllib's need of memory grows with the square of a dotted key's parts."""

_MAX_CANDIDATE_LINES: Final = 20
"""Candidate lines for a key. With more, its line is not looked for: each costs a parse of everything before it."""


def leaves(text: str, named: str) -> list[Leaf]:
    """Every scalar of the document. Raises ``UnusableFile`` that begins with ``named``."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)  # no other sign ends a line of TOML
    if any(line.count(".") > _MAX_DOTS_IN_LINE for line in lines):
        raise UnusableFile(f"{named} is nested too deeply")
    return [_leaf(path, value, lines) for path, value in _scalars(_parsed(text, named), ())]


def quoted(key: str) -> str:
    """A key's line as it keeps every character."""
    return f"{key} = '…'"


def _parsed(text: str, named: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise UnusableFile(f"{named} is nested too deeply") from None
    except ValueError as error:  # its text may quote the line; only the place is taken from it
        found = _PLACE.search(str(error))
        where = f"line {found[1]}, column {found[2]}" if found else "its end"
        twice = ": the key stands twice" if "overwrite" in str(error) or "twice" in str(error) else ""
        row = text.split("\n")[int(found[1]) - 1] if found else ""
        spelling = _SPELLINGS if "\\" in row else "a text stands in single quotes"
        raise UnusableFile(f"{named} is not TOML at {where}{twice or f'; {spelling}'}") from None


def _scalars(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _scalars(inner, (*path, key))
        case list():
            for at, inner in enumerate(value):
                yield from _scalars(inner, (*path, str(at)))
        case _:
            yield path, value


def _leaf(path: tuple[str, ...], value: object, lines: list[str]) -> Leaf:
    if not slot_of(path[-1]):
        return Leaf(path=path, text=Secret(str(value)), line=0)
    line = _line(path, lines)
    text = str(value)
    raw = re.sub(r"^.*?=\s*", "", lines[line - 1].strip(), count=1) if line else ""
    change = None
    if isinstance(value, str):
        written = re.match(r'"(?:\\.|[^"\\])*"', raw)
        change = find_escape(written.group(), text) if written and not raw.startswith('"""') else None
    elif raw and (bare := re.split(r"\s*#", raw)[0]) != text and bare.lower() != text.lower():
        what = "is not quoted, so TOML reads a number or a date and not text"
        change = LoaderChange(character="", what=what, meant=Secret(bare))
    corrected = f"{path[-1]} = '''…'''" if change is not None and "'" in change.meant.reveal() else ""
    return Leaf(path=path, text=Secret(text), line=line, change=change, corrected=corrected)


def _line(path: tuple[str, ...], lines: list[str]) -> int:
    """The line on which a key gets its value, counted from 1; 0 where that is not clear.

    tomllib gives no line numbers. The key's line is the first that names it and with which, parsed together with
    all lines above, the document has the key.
    """
    at = list(islice((number for number, line in enumerate(lines) if path[-1] in line), _MAX_CANDIDATE_LINES + 1))
    if len(at) > _MAX_CANDIDATE_LINES:
        return 0
    for number, following in zip(at, [*at[1:], len(lines)], strict=True):
        try:
            held: object = tomllib.loads("".join(lines[:following]))
        except (ValueError, RecursionError):
            continue
        for key in path:
            held = held.get(key) if isinstance(held, dict) else None
        if held is not None:
            return number + 1
    return 0
