"""Phrases that a reader has to decipher: none of them may be in the package's docstrings and comments."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

import okx_doctor

pytestmark = pytest.mark.slow

ROOT: Final = Path(okx_doctor.__file__).parent

PHRASES: Final[Mapping[str, str]] = {
    "a text that begins with What": r"\A#?\s*What\b",
    "that is none": r"\b(?:that|what) (?:is|are) none\b",
    "that is no": r"\b(?:that|this|what|which|it|they|and) (?:is|are|was|were) no\b",
    "of whom": r"\bof whom\b",
    "otherwise for differently or else": r"\botherwise\b",
    "stands for is": r"\b(?:stands?|stood)\b(?! for\b| in for\b|-in)",
    "comes to for becomes": r"\b(?:comes?|came) to\b(?! an end\b| rest\b)",
    "as it came for unchanged": r"\bas (?:it|they) came\b",
    "told for reported or known": r"\btold\b",
    "made of it": r"\bmade of it\b",
    "nothing but for only": r"\b(?:[Nn]obody but|[Nn]othing\b[^.]{0,40}\bbut)\b",
    "by the book": r"\bby the book\b",
    "hears of": r"\bhears (?:of|why|nobody)\b",
    "for want of": r"\bwant of\b",
    "but for": r"\bbut for\b",
    "so many without a number": r"\b[Ss]o many\b",
    "nought": r"\bnought\b",
    "says of, knows of": r"\b(?:says|knows) of\b",
}
"""By the words for people, a pattern each."""


def prose(source: str) -> Iterator[str]:
    """Every docstring and comment of a module, and the strings below constants and fields that say what they are.

    Without the docstrings of commands: they are the help that a user reads.
    """
    tree = ast.parse(source)
    helps = {id(node.body[0]) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and is_command(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Expr(ast.Constant(str() as text)) if id(node) not in helps:
                yield " ".join(text.split())
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


def is_command(function: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator).startswith("click.command(") for decorator in function.decorator_list)


def uses(texts: list[str]) -> list[str]:
    """The forbidden phrases in texts, each with the text it is in."""
    return [f"{name}: {text}" for text in texts for name, pattern in PHRASES.items() if re.search(pattern, text)]


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_docstrings_and_comments_have_no_hard_phrases(path: Path) -> None:
    assert uses(list(prose(path.read_text("utf-8")))) == []


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
    assert [found.partition(":")[0] for found in uses(list(prose(source)))] == [phrase]
    assert len(uses(list(prose(f"what = 'What stands'\n{source}")))) == 1


def test_the_help_of_a_command_is_not_a_docstring() -> None:
    source = '@click.command("x")\ndef command() -> None:\n    """It stands."""'

    assert uses(list(prose(source))) == []
    assert len(uses(list(prose(source.replace("click.command", "cache"))))) == 1
