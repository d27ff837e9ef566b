"""Command lines written for cmd.exe or PowerShell, put into the quotes that bash understands.

What each takes off: https://learn.microsoft.com/en-us/cpp/c-language/parsing-c-command-line-arguments and
https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_quoting_rules.
"""

from __future__ import annotations

import re
import shlex
from typing import Final

CONTINUED: Final = (" ^", " `")
"""How a line ends that goes on in the next one."""
_CARETS: Final = re.compile(r"[\s\\]\^\"")
_DOUBLED: Final = re.compile(r'"[{\[]{1,2}""')
_ESCAPED_JSON: Final = re.compile(r"'[\[{]{1,2}\\\"")
_NAME_ENDS: Final = 200
"""The program's name is within the first 200 characters."""
_CARET: Final = re.compile(r"\^\n?(.?)", re.DOTALL)
_CARET_OUTSIDE: Final = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|' + _CARET.pattern, re.DOTALL)
_IN_DOUBLE_QUOTES: Final = re.compile(r'"((?:[^"\\]++|\\.|"")*+)("|\\?\Z)', re.DOTALL)
_PAIR: Final = re.compile(r'\\.|""', re.DOTALL)
_QUOTED: Final = re.compile(
    r"""(?sx) '(?P<single>(?:[^']++|'')*+)(?:'|(?P<open>\Z))
            | "(?P<double>(?:[^"`]++|`.|"")*+)(?:"|(?P<unclosed>`?\Z))
            | `(?:\n|(?P<bare>.)) """
)
"""An open quote reaches to the end, so that any text is scanned only once."""
_ESCAPED: Final = re.compile(r"`(.)|\"\"", re.DOTALL)
_SIGNS: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}


def for_bash(text: str) -> str | None:
    """The command as bash would have to be given it; ``None`` for one that reads like bash's already."""
    if _CARETS.search(text):
        return _of_cmd(_CARET.sub(r"\1", text))
    if " ^\n" in text or _DOUBLED.search(text):
        return _of_cmd(_CARET_OUTSIDE.sub(lambda hit: hit[1] or hit[2] or "", text))
    in_powershell = "curl.exe" in text[:_NAME_ENDS].lower() and _ESCAPED_JSON.search(text)
    if " `\n" in text or in_powershell:
        return _QUOTED.sub(_of_powershell, text)
    return None


def _of_cmd(text: str) -> str:
    """Two double quotes inside of double quotes are one."""
    return _IN_DOUBLE_QUOTES.sub(lambda hit: f'"{_PAIR.sub(_single, hit[1])}{hit[2]}', text)


def _single(pair: re.Match[str]) -> str:
    return '\\"' if pair[0] == '""' else pair[0]


def _of_powershell(hit: re.Match[str]) -> str:
    """A quoted piece or an escaped character; a backslash before a quote is taken off by the program that starts."""
    if hit["open"] is not None or hit["unclosed"] is not None:
        return hit[0]
    if hit["single"] is not None:
        inner = hit["single"].replace("''", "'")
    elif hit["double"] is not None:
        inner = _ESCAPED.sub(lambda part: _SIGNS.get(part[1], part[1]) if part[1] else '"', hit["double"])
    else:
        return shlex.quote(hit["bare"]) if hit["bare"] else " "
    return shlex.quote(inner.replace('\\"', '"'))
