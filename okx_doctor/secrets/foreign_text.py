"""Text that someone else chose, shown so that it drives no terminal, no log and no page."""

from __future__ import annotations

import re
from typing import Final

_COMMAND: Final = re.compile(r"^:|:(?=:|$)|#(?=#\[)")


def visible(text: str) -> str:
    """Control and formatting characters shown as escapes, so that foreign text drives no terminal, log or page."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def inert(line: str) -> str:
    """A line of the log that the runner does not take for a command, whatever it says.

    The runner reads ``::name::`` where a line begins with it, blanks aside, and ``##[name]`` anywhere.
    """
    start = len(line) - len(line.lstrip())
    guarded = f"{line[:start]}:\\:{line[start + 2 :]}" if line.startswith("::", start) else line
    return guarded.replace("##[", "##\\[")


def visible_name(name: str) -> str:
    """A name that someone else chose (a file's, a variable's) as part of a line: on that one line and visible.

    Signs that make a command of a line in a CI log, ``::`` and ``##[``, are escaped, and so is a colon that would make
    one together with the text around the name: wherever the line is broken, no part begins with such a sign.
    """
    return _COMMAND.sub(lambda found: f"\\x{ord(found.group()):02x}", visible(name))
