"""A page of the catalogue on a terminal: its lines no longer than the screen, its answer again at the end."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import Final

from okx_doctor.report.text import Paragraph, render_paragraphs
from okx_doctor.report.wording import first_sentence, held_together, unbroken, with_blanks

PAGE_COLUMNS: Final = 80
"""The width that pages are written for."""
_FIX: Final = re.compile(r"^## Fix\n(.*?)(?:\n\n|```|\n- |\Z)", re.DOTALL | re.MULTILINE)
_CHECKED_BY: Final = re.compile(
    r"^## Check the fix\n.*?(okx-doctor (?!check --simulate)[a-z-]+(?: --?[^\s`]+(?: [a-z][\w.]*)?)*)",
    re.DOTALL | re.MULTILINE,
)
_CODE: Final = re.compile(r"`[^`]*`")
_REMARK: Final = re.compile(r" {2,}# ")
_BULLET: Final = "- "
_NEEDS_A_FILE: Final = "okx-doctor inspect"


def render_page(page: str, title: str, *, width: int, colour: bool = False, ascii_only: bool = False) -> str:
    """The page, and then what a cause is called, the first thing to do about it, and the command that checks it."""
    text = page if width >= PAGE_COLUMNS else _laid_out(page, width)
    last = render_paragraphs(_last_lines(page, title), width=width, colour=colour, ascii_only=ascii_only)
    return f"{text.rstrip()}\n\n{last}"


def _last_lines(page: str, title: str) -> Iterator[Paragraph]:
    yield Paragraph(text=title, style="bold")
    fix = _FIX.search(page)
    if fix and fix[1]:
        said = first_sentence(" ".join(fix[1].replace("`", "").split()))
        yield Paragraph(text=f"Fix: {said.removesuffix(':')}{'.' * said.endswith(':')}", indent=2)
    checked_by = _CHECKED_BY.search(page)
    if checked_by:
        command = checked_by[1]
        yield Paragraph(text=command + " CAPTURE" * (command == _NEEDS_A_FILE), indent=2, command="then")


def _laid_out(page: str, width: int) -> str:
    """The page for a narrow screen: sentences and bullets are broken anew, code and headings are left as they are."""
    lines: list[str] = []
    sentence: list[str] = []
    fenced = False
    for line in [*page.splitlines(), ""]:
        mark = line.startswith("```")
        as_it_is = fenced or mark or not line or line.startswith(("#", "|"))
        if sentence and (as_it_is or line.startswith(_BULLET)):
            lines += wrapped(" ".join(sentence), width)
            sentence = []
        if as_it_is:
            lines.append(_REMARK.sub("  # ", line) if len(line) > width else line)
        else:
            sentence.append(line.strip())
        fenced ^= mark
    return "\n".join(lines)


def wrapped(text: str, width: int, indent: str = "", further: str = "") -> list[str]:
    """The lines of a text, those after the first indented by ``further``; code in backquotes is not broken."""
    held = unbroken(_CODE.sub(lambda code: held_together(code.group()), text))
    further = further or (" " * len(_BULLET) if text.startswith(_BULLET) else "")
    broken = textwrap.wrap(
        held, width, initial_indent=indent, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return [with_blanks(line) for line in broken]
