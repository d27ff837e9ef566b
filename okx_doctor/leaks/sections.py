"""Names below a section or a key that is OKX's: ``[okx]`` and ``passphrase = …``, ``okx:`` and ``  passphrase: …``."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import Final

from okx_doctor.leaks.names import Named, named
from okx_doctor.leaks.spellings import Name

_OKX: Final = re.compile(r"ok(?:x|ex)", re.IGNORECASE)
_HEADER: Final = re.compile(r"^[ \t]*\[{1,2}[ \t]*([\w.\"' :/-]{1,80})\]{1,2}[ \t]*(?:[#;].*)?\r?$", re.MULTILINE)
_PARENT: Final = re.compile(r"(?:- )?[\"']?([\w.-]{1,60})[\"']?[ \t]*(?:[:=][ \t]*[{(]?|\{)[ \t]*(?:#.*)?\r?")
_REACH: Final = 4000
"""Characters between a section's header and a name in it."""
_LINES_ABOVE: Final = 30
"""Lines above a name among which the keys that hold it are looked for."""
_LONGEST_LINE: Final = 400


class Sections:
    """The sections and the keys of a text, looked for only where OKX is named in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _headers(self) -> tuple[list[int], list[str]]:
        """Where each section's header ends, and its name."""
        found = list(_HEADER.finditer(self._text))
        return [header.end() for header in found], [header[1].strip(" \"'") for header in found]

    @cached_property
    def _has_okx(self) -> bool:
        return _OKX.search(self._text) is not None

    def named(self, name: Name) -> Named:
        """The meaning of a name together with the section and the keys that hold it."""
        if name.says.plainly_okx or name.says.slot != "passphrase" or not self._has_okx:
            return name.says
        above = self._above(name.start)
        whole = named(f"{above}.{name.text}") if _OKX.search(above) else None
        return whole if whole is not None and whole.plainly_okx and whole.slot == name.says.slot else name.says

    def _above(self, at: int) -> str:
        """The names of the section and of the keys that are indented less: ``exchanges.okx``."""
        start = self._text.rfind("\n", max(0, at - _LONGEST_LINE), at) + 1
        before = self._text[start:at]
        if before.strip(" \t\"'-"):
            return ""  # a name within a line, behind something else
        ends, names = self._headers
        place = bisect_right(ends, at) - 1
        section = [names[place]] if place >= 0 and at - ends[place] <= _REACH else []
        return ".".join((*section, *self._keys(start, len(before) - len(before.lstrip(" \t")))))

    def _keys(self, start: int, indent: int) -> list[str]:
        """The keys above a line, the outermost first."""
        keys: list[str] = []
        for _ in range(_LINES_ABOVE):
            if start <= 0 or indent == 0:
                break
            end, start = start - 1, self._text.rfind("\n", max(0, start - _LONGEST_LINE), start - 1) + 1
            line = self._text[start:end]
            bare = line.lstrip(" \t")
            if len(line) - len(bare) < indent and (parent := _PARENT.fullmatch(bare)):
                indent = len(line) - len(bare)
                keys.insert(0, parent[1])
        return keys
