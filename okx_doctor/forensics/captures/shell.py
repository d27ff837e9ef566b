"""Command lines split into words as bash does it; nothing is expanded and nothing is run."""

from __future__ import annotations

import re
from typing import Final

from okx_doctor.forensics.captures.capture import Malformed

_WORDS: Final = re.compile(
    r"""(?sx)
      (?P<ansi>\$'(?:[^'\\]++|\\.)*+')
    | (?P<single>'[^']*')
    | (?P<double>"(?:[^"\\]++|\\.)*+")
    | (?P<joined>\\\r?\n)
    | (?P<escaped>\\.)
    | (?P<open>\$?['"])
    | (?P<redirect>(?<!\S)\d?>>?(?:&\d)?)
    | (?P<operator>[;|&])
    | (?P<blank>\s+)
    | (?P<bare>\$|\\|[^\s'"\\;|&$]+)
    """
)
UNCLOSED: Final = "opens a quote that is never closed"
_MARKS: Final = {
    "": re.compile(r"\\.|\$?'|\""),
    "'": re.compile(r"'"),
    '"': re.compile(r'\\.|"'),
    "$'": re.compile(r"\\.|'"),
}
"""The next characters that matter on a line, by the quote that is open."""
_ANSI: Final = re.compile(r"\\(?:x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})|(.))", re.S)
_HALF: Final = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Half a character, which bash writes in three bytes; the others between stand for bytes that are not UTF-8."""
_ANSI_CHARS: Final = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "e": "\x1b",
    "f": "\f",
    "v": "\v",
    "0": "\0",
}


def words(text: str) -> list[str]:
    """The words of a command line as bash splits them, ``$'…'`` included, up to a pipe or the like; where its output
    goes to is left out.

    Nothing is expanded. shlex does the same character by character, which takes seconds for a long body.
    Raises ``Malformed`` for an open quote.
    """
    found: list[str] = []
    parts: list[str] | None = None
    to_file = False
    for hit in _WORDS.finditer(text):
        kind, part = hit.lastgroup, hit.group()
        if kind == "open":
            raise Malformed(UNCLOSED)
        if kind in ("blank", "operator"):
            if parts is not None and not to_file:
                found.append("".join(parts))
            to_file = to_file and parts is None
            parts = None
            if kind == "operator":
                return found
            continue
        if kind == "joined":
            continue
        if kind == "redirect":
            to_file = not part[-1].isdigit()
            continue
        parts = [] if parts is None else parts
        parts.append(_unquoted(kind, part))
    return found if parts is None or to_file else [*found, "".join(parts)]


def _unquoted(kind: str | None, part: str) -> str:
    match kind:
        case "ansi":
            return _ansi(part[2:-1])
        case "single":
            return part[1:-1]
        case "double":
            return re.sub(r'\\(?:\r?\n|([$`"\\]))', lambda hit: hit[1] or "", part[1:-1])
        case "escaped":
            return part[1:]
    return part


def _ansi(text: str) -> str:
    """The text of ``$'…'``: https://www.gnu.org/software/bash/manual/html_node/ANSI_002dC-Quoting.html."""

    def one(hit: re.Match[str]) -> str:
        small, short, long, octal, char = hit.groups()
        if small:
            return bytes([int(small, 16)]).decode("latin-1" if int(small, 16) < 128 else "utf-8", "surrogateescape")
        if short or long:
            code = int(short or long, 16)
            return chr(code) if code < 0x110000 else "\ufffd"
        if octal:
            return chr(int(octal, 8) & 255)
        return _ANSI_CHARS.get(char, char if char in "\\'\"?" else f"\\{char}")

    decoded = _ANSI.sub(one, text)
    # UTF-16 halves written one by one are one character; bytes written one by one may make up UTF-8
    paired = decoded.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    escaped = _HALF.sub(lambda hit: hit[0].encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"), paired)
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def quote_after(line: str, quote: str) -> str:
    """The quote that is open after a line, given the one that was open before it; ``""`` for none."""
    at = 0
    while True:
        found = _MARKS[quote].search(line, at)
        if found is None:
            return quote
        at = found.end()
        if not found.group().startswith("\\"):
            quote = "" if quote else found.group()


def open_quote(text: str) -> int | None:
    """Where a quote is opened and not closed."""
    return next((found.start() for found in _WORDS.finditer(text) if found.lastgroup == "open"), None)
