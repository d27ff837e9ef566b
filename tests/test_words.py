"""Phrases of the package's docstrings and comments that a reader has to decipher: their number may only fall.

A count that has fallen is lowered here too, by ``--update``; at nought its row keeps the phrase out for good.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

import okx_doctor

ROOT: Final = Path(okx_doctor.__file__).parent
COUNTS: Final = Path(__file__).parent / "golden" / "words.json"

PHRASES: Final[Mapping[str, str]] = {
    "a text that begins with What": r"\A#?\s*What\b",
    "that is none": r"\bthat (?:is|are) none\b",
    "of whom": r"\bof whom\b",
    "otherwise than": r"\botherwise than\b",
    "stands for is": r"\b(?:stands?|stood)\b(?! for\b| in for\b|-in)",
    "comes to for becomes": r"\b(?:comes?|came) to\b(?! an end\b| rest\b)",
    "is told for is reported": r"\b(?:is|are) told\b",
    "what is none": r"\bwhat (?:is|are) (?:none|no)\b",
    "made of it": r"\bmade of it\b",
    "but for": r"\bbut for\b",
    "nought": r"\bnought\b",
    "says of, knows of": r"\b(?:says|knows) of\b",
}
"""By the words for people, a pattern each."""


def prose(source: str) -> Iterator[str]:
    """Every docstring and comment of a module, and the strings below constants and fields that say what they are."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield " ".join(node.value.value.split())
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def uses(texts: list[str]) -> dict[str, int]:
    """How often each phrase is in the texts."""
    return {name: sum(len(re.findall(pattern, text)) for text in texts) for name, pattern in PHRASES.items()}


def test_hard_words_become_fewer(is_kept: Callable[[Path, str], None], update: bool) -> None:
    texts = [text for path in sorted(ROOT.rglob("*.py")) for text in prose(path.read_text("utf-8"))]
    found, allowed = uses(texts), json.loads(COUNTS.read_text("utf-8"))

    assert {name: count for name, count in found.items() if count > allowed.get(name, 0)} == {}
    if update:
        is_kept(COUNTS, json.dumps(found, indent=1) + "\n")


@pytest.mark.parametrize(
    ("source", "phrase"),
    [
        ('"""What a page is."""', "a text that begins with What"),
        ("def f() -> None:\n    '''A row\n    that is\n    none.'''", "that is none"),
        ("A = 1\n'''The sites of whom it is one.'''", "of whom"),
        ("a = 1  # stands at the edge", "stands for is"),
    ],
)
def test_a_phrase_is_found_in_docstrings_and_comments_and_not_in_code(source: str, phrase: str) -> None:
    assert uses(list(prose(source)))[phrase] == 1
    assert sum(uses(list(prose(f"what = 'What stands'\n{source}"))).values()) == 1
