"""``node --env-file``, as Node 22 and 24 read it.

Source of the facts: Node's ``src/node_dotenv.cc`` and what ``util.parseEnv``, the parser behind the option, does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.credentials.dialects.reading import Act, Lines, Loaded, Reading, distinct, line_end
from okx_doctor.secrets.secret import Secret

_BLANK: Final = " \t\n"
_QUOTES: Final = ("'", '"', "`")


def load(text: str, environ: Mapping[str, str]) -> Loaded:
    """Read an env file's text as Node does; nothing is expanded. The last assignment of a name wins."""
    readings: dict[str, Reading] = {}
    windows = "\r" in text
    lines = Lines(text)
    places = [place for place, char in enumerate(text) if char != "\r"]
    text = text.replace("\r", "").rstrip(_BLANK)
    at = _skip(text, 0)
    while at < len(text):
        end = line_end(text, at)
        if text[at] in "\n#":
            at = end + 1
            continue
        equals = text.find("=", at, end)
        if equals < 0:
            at = _skip(text, end)
            continue
        named = equals - len(text[at:equals].lstrip(_BLANK))
        name = text[at:equals].strip(_BLANK)
        if not name:
            at = end + 1
            continue
        start = equals + 1
        if start < len(text) and text[start] != "\n":
            start = _skip(text, start)  # over the end of the line too: `A= ` takes the line after it for its value
        value, acts, at = _value(text, start)
        line, last = lines.at(places[named]), lines.at(places[min(max(equals, at - 1), len(text) - 1)])
        if start > equals + 1:
            acts.append(Act("lines", "\n") if "\n" in text[equals:start] else Act("blanks", " "))
        if windows:
            acts.append(Act("carriage-return", "\r"))
        bare = name.removeprefix("\ufeff").removeprefix("export").lstrip(_BLANK)
        empty = text[equals + 1 : equals + 2] in ("", "\n")  # then Node looks for no `export`
        plain = name if empty else name.removeprefix("export ").lstrip(_BLANK)
        if plain != bare:
            what = "a byte order mark" if name.startswith("\ufeff") else "`export`"
            refusal = f"takes {what} for a part of the name"
            readings.setdefault(bare, Reading(line=line, value=None, refusal=refusal, character=name[0]))
        readings[plain] = Reading(line=line, last_line=last, value=Secret(value), acts=distinct(acts))
    return Loaded(readings=readings)


def _value(text: str, start: int) -> tuple[str, list[Act], int]:
    """The value from ``start`` on, what was done, and where to go on."""
    quote = text[start : start + 1]
    end = line_end(text, start)
    if quote in _QUOTES:
        closing = text.find(quote, start + 1)
        if closing < 0:
            return text[start:end], [], end + 1
        value = text[start + 1 : closing]
        acts = [Act("quotes", quote)]
        if "\n" in value:
            acts.append(Act("lines", "\n"))
        if quote == '"' and "\\n" in value:
            value = value.replace("\\n", "\n")
            acts.append(Act("escape", "\\"))
        end = line_end(text, closing)
        rest = text[closing + 1 : end].strip()
        if rest:
            acts.append(Act("comment", "#") if rest.startswith("#") else Act("quotes", f"{quote} within"))
        return value, acts, end + 1
    raw, hash_sign, _ = text[start:end].partition("#")
    acts = [Act("comment", "#")] if hash_sign else []
    value = raw.strip(_BLANK)
    if value != raw:
        acts.append(Act("blanks", " "))
    return value, acts, end + 1


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at
