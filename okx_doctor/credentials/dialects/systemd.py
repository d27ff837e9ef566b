"""systemd's ``EnvironmentFile=``: quotes as in a shell, no expansion, comments only on lines of their own.

Source of the facts: systemd.exec(5) and what systemd's ``load_env_file`` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from okx_doctor.credentials.dialects.reading import Act, Lines, Loaded, Reading, distinct
from okx_doctor.secrets.secret import Secret

_BLANK: Final = " \t\n\r"
_LINE_END: Final = "\n\r"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ESCAPED_IN_QUOTES: Final = '"\\`$'


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as systemd does; nothing is expanded. The last assignment of a name wins."""
    readings: dict[str, Reading] = {}
    text = text.partition("\0")[0]
    lines = Lines(text)
    at = 0
    while at < len(text):
        if text[at] in _BLANK:
            at += 1
            continue
        end = _line_end(text, at)
        equals = text.find("=", at + 1, end)  # the first character is a name's, whatever it is
        if text[at] in "#;" or equals < 0:
            at = end
            continue
        name, line = text[at:equals].rstrip(" \t"), lines.at(at)
        value, acts, at = _value(text, equals + 1)
        last = lines.at(max(equals, at - 1))
        if _NAME.fullmatch(name):
            readings[name] = Reading(line=line, last_line=last, value=Secret(value), acts=acts)
        elif name.split()[-1:] and _NAME.fullmatch(bare := name.split()[-1].lstrip("\ufeff")):
            what = {"export": "`export`", "": "a byte order mark"}.get(name.removesuffix(bare).strip(" \t\ufeff"))
            refusal = f"drops the line: {what or 'other text'} before the name"
            readings.setdefault(bare, Reading(line=line, value=None, refusal=refusal, character=name[0]))
    return Loaded(readings=readings)


def _line_end(text: str, at: int) -> int:
    while at < len(text) and text[at] not in _LINE_END:
        at += 1
    return at


def _value(text: str, at: int) -> tuple[str, tuple[Act, ...], int]:
    """The value from ``at`` on, what was done, and where its line ends.

    Quoted parts may follow one another; once a bare character has come, quotes are plain characters.
    """
    parts: list[str] = []
    acts: list[Act] = []
    while at < len(text) and text[at] not in _LINE_END:
        char = text[at]
        if char in ("'", '"'):
            part, at = _quoted(text, at, acts)
            parts.append(part)
        elif char in _BLANK:
            at += 1
            acts.append(Act("blanks", " "))
        else:
            part, at = _bare(text, at, acts)
            parts.append(part)
    if text[at : at + 1] == "\r":
        acts.append(Act("carriage-return", "\r"))
    return "".join(parts), distinct(acts), at


def _quoted(text: str, at: int, acts: list[Act]) -> tuple[str, int]:
    """A quoted part; one that is never closed goes to the end of the file."""
    quote = text[at]
    acts.append(Act("quotes", quote))
    part: list[str] = []
    at += 1
    while at < len(text) and text[at] != quote:
        if quote == '"' and text[at] == "\\":
            following = text[at + 1 : at + 2]
            if following and following in _ESCAPED_IN_QUOTES:
                part.append(following)
                acts.append(Act("escape", "\\"))
            elif following == "\n":
                acts.append(Act("lines", "\n"))
            elif following:
                part.append("\\" + following)
            at += 2
            continue
        if text[at] == "\n":
            acts.append(Act("lines", "\n"))
        part.append(text[at])
        at += 1
    return "".join(part), at + 1


def _bare(text: str, at: int, acts: list[Act]) -> tuple[str, int]:
    """The rest of the line; a backslash escapes any character, blanks at the end are dropped."""
    part: list[str] = []
    kept = 0
    while at < len(text) and text[at] not in _LINE_END:
        if text[at] == "\\":
            following = text[at + 1 : at + 2]
            acts.append(Act("lines", "\n") if following in ("\n", "\r") else Act("escape", "\\"))
            part.append("" if following in ("\n", "\r") else following)
            at += 2
            kept = len(part)
            continue
        part.append(text[at])
        if text[at] not in _BLANK:
            kept = len(part)
        at += 1
    if kept < len(part):
        acts.append(Act("blanks", " "))
    return "".join(part[:kept]), min(at, len(text))
