"""Docker Compose's ``env_file`` and ``.env``: quotes, escapes, and ``$`` expanded outside single quotes.

Source of the facts: Docker's page on env files for Compose, and the package ``dotenv`` of compose-go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from okx_doctor.credentials.dialects.docker import GO_SPACE
from okx_doctor.credentials.dialects.reading import (
    BYTE_ORDER_MARK,
    SIZE_LIMIT,
    TOO_LARGE,
    Act,
    Lines,
    Loaded,
    Reading,
    Refused,
    distinct,
    line_end,
    reference,
)
from okx_doctor.secrets.secret import Secret

_INLINE: Final = "\t\v\f\r \x85\xa0"
_NAME_END: Final = re.compile(r"[=:\n]")
_ESCAPE: Final = re.compile(r"\\([abcfnrtv$\"\\]|0[0-9]{0,3})")
_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "$": "$$"}
_ESCAPES_KEPT: Final = {'"': '"', "\\": "\\"}
_REFERENCE: Final = re.compile(
    r"\$(?:(?P<dollar>\$)|(?P<named>[_a-zA-Z]\w*)|\{(?P<braced>[_a-zA-Z]\w*(?P<rest>:?[-?+].*)?)\}|(?P<invalid>\{))",
    re.ASCII,
)

_MAX_NESTING: Final = 50
"""References within the default of references; Compose itself sets no bound."""

NOTHING: Final[Mapping[str, str]] = {}

Lookup = Callable[[str], str | None]


def load(text: str, environ: Mapping[str, str], earlier: Mapping[str, str] = NOTHING) -> Loaded:
    """Read an env file's text as Compose does; in ``${NAME}`` ``environ`` wins over the file, which wins over
    ``earlier`` files of the same service.

    One bad line refuses the whole file; the last assignment of a name wins.
    """
    readings: dict[str, Reading] = {}
    values = dict(earlier)

    def lookup(name: str) -> str | None:
        return environ.get(name, values.get(name))

    text = text.removeprefix(BYTE_ORDER_MARK)
    lines = Lines(text)
    at, line = 0, 1
    try:
        while True:
            at = _statement(text, at)
            line = lines.at(at)
            if at >= len(text):
                return Loaded(readings=readings)
            name, start, inherited = _name(text, at, line)
            if inherited:
                if name in environ:
                    values[name] = environ[name]
                    readings[name] = Reading(line=line, value=Secret(environ[name]))
                at = start
                continue
            value, acts, at = _value(text, start, lookup, line)
            if len(value) > SIZE_LIMIT:
                raise Refused(TOO_LARGE, "$", line)
            values[name] = value
            last = lines.at(max(start, at - 1))
            readings[name] = Reading(line=line, last_line=last, value=Secret(value), acts=acts)
    except Refused as refused:
        what = refused.what if refused.what == TOO_LARGE else f"refuses the file: {refused.what}"
        return Loaded(refusal=what, character=refused.character, line=refused.line)


def _statement(text: str, at: int) -> int:
    """Where the next statement begins; a statement may begin in the middle of a line, after a closing quote."""
    while True:
        while at < len(text) and text[at] in GO_SPACE:
            at += 1
        if text[at : at + 1] != "#":
            return at
        at = line_end(text, at)


def _name(text: str, at: int, line: int) -> tuple[str, int, bool]:
    """The name, where its value begins, and whether it is a bare name, whose value comes from the environment."""
    if text.startswith("export", at) and text[at + 6 : at + 7] and text[at + 6] in "\t\n\f\r ":
        at = _inline(text, at + 6)
    found = _NAME_END.search(text, at)
    end = found.start() if found else len(text)
    for char in text[at:end]:
        if not (char in _INLINE or char in "_.-[]" or char.isalpha() or char.isnumeric()):
            raise Refused("a sign in a name", char if char.isprintable() else "", line)
    if not found:
        return "", at, False
    name = text[at:end].rstrip(GO_SPACE)
    if " " in name:
        raise Refused("a blank in a name", " ", line)
    return name, _inline(text, end + 1), found.group() == "\n"


def _inline(text: str, at: int) -> int:
    while at < len(text) and text[at] in _INLINE:
        at += 1
    return at


def _value(text: str, start: int, lookup: Lookup, line: int) -> tuple[str, tuple[Act, ...], int]:
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        end = line_end(text, start)
        raw, comment, _ = text[start:end].partition(" #")
        value = raw.rstrip(GO_SPACE)
        acts = [Act("comment", "#")] if comment else []
        if not comment and value != raw.removesuffix("\r"):
            acts.append(Act("blanks", " "))
        if text[start:end].endswith("\r"):
            acts.append(Act("carriage-return", "\r"))
        value = expand(value, lookup, line, acts)
        return value, distinct(acts), min(end + 1, len(text))
    body, end = _quoted(text, start, line)
    acts = [Act("quotes", quote)]
    if f"\\{quote}" in text[start + 1 : end]:
        acts.append(Act("escape", "\\"))
    if "\n" in body:
        acts.append(Act("lines", "\n"))
    rest = text[end + 1 : line_end(text, end)]
    if rest.lstrip(_INLINE).startswith("#"):
        acts.append(Act("comment", "#"))
    if quote == '"':
        body = _ESCAPE.sub(lambda found: _unescape(found, acts), body)
        body = expand(body, lookup, line, acts)
    return body, distinct(acts), end + 1


def _quoted(text: str, start: int, line: int) -> tuple[str, int]:
    """The text between the quotes, an escaped quote without its backslash, and where the closing one is."""
    quote = text[start]
    parts: list[str] = []
    at = start + 1
    while at < len(text):
        char = text[at]
        if char == "\\" and text[at + 1 : at + 2]:
            following = text[at + 1]
            parts.append(following if following == quote else char + following)
            at += 2
            continue
        if char == quote:
            return "".join(parts), at
        parts.append(char)
        at += 1
    raise Refused("a quote without its pair", quote, line)


def _unescape(found: re.Match[str], acts: list[Act]) -> str:
    sign = found.group(1)
    acts.append(Act("escape", "\\"))
    if sign in _ESCAPES_KEPT:
        return _ESCAPES_KEPT[sign]
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    digits = sign[1:]
    if sign[0] == "0" and re.fullmatch(r"[0-3][0-7]{2}", digits):
        return chr(int(digits, 8))
    return found.group()


def expand(value: str, lookup: Lookup, line: int, acts: list[Act], depth: int = 0) -> str:
    """``$NAME``, ``${NAME}`` with its operators, and ``$$``, which stands for one ``$``."""
    size = len(value)

    def replaced(found: re.Match[str]) -> str:
        nonlocal size
        put = replacement(found)
        size += len(put)
        if size > 2 * SIZE_LIMIT:
            raise Refused(TOO_LARGE, "$", line)
        return put

    def replacement(found: re.Match[str]) -> str:
        if found.group("dollar"):
            acts.append(Act("expansion", "$$"))
            return "$"
        if found.group("invalid"):
            raise Refused("a `${` that is no reference", "$", line)
        name = found.group("named")
        if name is not None:
            acts.append(Act("expansion", reference(name)))
            return lookup(name) or ""
        acts.append(Act("expansion", "${…}"))
        return _braced(found.group(), lookup, line, acts, depth + 1)

    if depth > _MAX_NESTING:
        raise Refused(TOO_LARGE, "$", line)
    return _REFERENCE.sub(replaced, value)


def _braced(text: str, lookup: Lookup, line: int, acts: list[Act], depth: int) -> str:
    """``${NAME…}`` and whatever was taken with it up to the last brace of the line."""
    end = _closing_brace(text)
    inner, rest = text[2:end], text[end + 1 :]
    found = re.match(r"(\w+)(:?[-?+])?", inner, re.ASCII)
    name, operator = (found.group(1), found.group(2)) if found else (inner, None)
    given = lookup(name)
    if operator is None:
        return given or ""
    default = inner[len(name) + len(operator) :]
    present = given is not None and (given != "" or not operator.startswith(":"))
    if operator.endswith("?") and not present:
        raise Refused("a required reference that is not set", "$", line)
    if operator.endswith("-"):
        value = given or "" if present else expand(default, lookup, line, acts, depth)
    elif operator.endswith("+"):
        value = expand(default, lookup, line, acts, depth) if present else given or ""
    else:
        value = given or ""
    return value + expand(rest, lookup, line, acts, depth)


def _closing_brace(text: str) -> int:
    """The brace that closes the first; Compose does not look at the character after an opening one."""
    depth = at = 0
    while at < len(text):
        if text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
        elif text[at] == "{":
            depth += 1
            at += 1
        at += 1
    return len(text) - 1
