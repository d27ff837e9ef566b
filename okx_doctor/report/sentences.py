"""Plain sentences as lines, without what lays out a whole report where they fit on one each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from okx_doctor.secrets.foreign_text import visible

if TYPE_CHECKING:
    from okx_doctor.report.inspection import Look


def as_lines(sentences: Sequence[str], look: Look) -> str:
    """Each sentence as a paragraph, as ``render_paragraphs`` writes it."""
    shown = [visible(sentence) for sentence in sentences]
    if all(_fits(text, look["width"]) for text in shown):
        return "".join(f"{text}\n" for text in shown)
    from okx_doctor.report.text import Paragraph, render_paragraphs  # and with it rich

    return render_paragraphs([Paragraph(text=sentence) for sentence in sentences], **look)


def _fits(text: str, width: int) -> bool:
    """Whether it is one line as it is: each character of ASCII takes one column in every terminal."""
    return text.isascii() and text.isprintable() and 0 < len(text.strip()) == len(text) <= width
