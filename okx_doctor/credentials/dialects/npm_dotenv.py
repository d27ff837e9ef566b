"""The npm package ``dotenv``: comments anywhere outside quotes, three kinds of quotes, no expansion.

Source of the facts: its README and what ``dotenv.parse`` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from okx_doctor.credentials.dialects.reading import Act, Lines, Loaded, Reading
from okx_doctor.secrets.secret import Secret

_SPACE: Final = r"[\t\n\v\f\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]"
"""JavaScript's ``\\s``."""

_INLINE: Final = _SPACE.replace(r"\n", "")

_NAME: Final = re.compile(
    rf"^{_INLINE}*+(?:export{_SPACE}++(?=[\w.-]))?(?P<name>[\w.-]++)(?:{_SPACE}*+=|:{_SPACE})",
    re.MULTILINE | re.ASCII,
)
_QUOTED: Final = re.compile(rf"{_SPACE}*+(?P<quote>['\"`])")
_END: Final = re.compile(rf"{_SPACE}*(?:#.*)?$", re.MULTILINE)
_BARE: Final = re.compile(r"[^#\r\n]*")


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as ``dotenv.parse`` does. The last assignment of a name wins."""
    readings: dict[str, Reading] = {}
    windows = "\r\n" in text
    text = re.sub(r"\r\n?", "\n", text)
    lines = Lines(text)  # as many as before
    at = 0
    while found := _NAME.search(text, at):
        start, after = found.start("name"), found.end()
        raw, acts, at = _value(text, after)
        if windows:
            acts.append(Act("carriage-return", "\r"))
        line, last = lines.span(start, after + len(raw.rstrip()))
        value = raw.strip(_JAVASCRIPT_BLANK)
        quote = value[:1]
        if len(value) > 1 and quote in ("'", '"', "`") and value.endswith(quote):
            value = value[1:-1]
            acts.append(Act("quotes", quote))
        if quote == '"' and re.search(r"\\[nr]", value):
            value = value.replace("\\n", "\n").replace("\\r", "\r")
            acts.append(Act("escape", "\\"))
        readings[found.group("name")] = Reading(line=line, last_line=last, value=Secret(value), acts=tuple(acts))
    return Loaded(readings=readings)


_JAVASCRIPT_BLANK: Final = "\t\n\v\f\r \xa0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def _value(text: str, after: int) -> tuple[str, list[Act], int]:
    """The text of a value before its quotes are taken off, what was done, and where to go on."""
    opened = _QUOTED.match(text, after)
    if opened:
        quote = opened.group("quote")
        closing = _closing(text, opened.end(), quote)
        for end in closing:
            rest = _END.match(text, end + 1)
            if rest:
                raw = text[opened.start("quote") : end + 1]
                acts = [Act("comment", "#")] if "#" in rest.group() else []
                return raw, acts + ([Act("lines", "\n")] if "\n" in raw else []), rest.end()
    bare = _BARE.match(text, after)
    raw = bare.group() if bare else ""
    acts = [Act("blanks", " ")] if raw != raw.strip(_JAVASCRIPT_BLANK) else []
    end = after + len(raw)
    if text[end : end + 1] == "#":
        acts.append(Act("comment", "#"))
        end = text.find("\n", end) if "\n" in text[end:] else len(text)
    return raw, acts, end


def _closing(text: str, start: int, quote: str) -> list[int]:
    """Where a quoted value may end: the first bare closing quote, or before it one after a backslash, last first."""
    ends: list[int] = []
    at = text.find(quote, start)
    while at >= 0:
        ends.append(at)
        if text[at - 1] != "\\" or at == start:
            break
        at = text.find(quote, at + 1)
    return ends[::-1]
