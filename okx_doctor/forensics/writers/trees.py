"""Documents as trees, and trees made of others."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import parse_qsl

from okx_doctor.secrets.secret import shows_only

SIZE_LIMIT: Final = 64 * 1024
"""Longer bodies are compared as they are, not written anew."""
_DEEPEST: Final = 64
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")


class Number(str):
    """A JSON number as it is spelled."""

    __slots__ = ()


@shows_only()
class Pairs(NamedTuple):
    """A JSON object."""

    items: tuple[tuple[str, Tree], ...]


Tree = str | Number | bool | None | Pairs | list["Tree"]
Order = Callable[[Sequence[tuple[str, Tree]]], Iterable[tuple[str, Tree]]]


def read(body: bytes) -> Tree:
    """The tree of a JSON document. Raises ``ValueError`` where it is not JSON, too long or nested too deep."""
    if len(body) > SIZE_LIMIT:
        raise ValueError("too long to be written anew")
    try:
        found: Tree = json.loads(body, parse_float=Number, parse_int=Number, object_pairs_hook=_pairs)
    except RecursionError:
        raise ValueError("nests too deep") from None
    _bounded(found, _DEEPEST)
    return found


def _bounded(tree: Tree, left: int) -> None:
    if not left:
        raise ValueError("nests too deep")
    for child in (
        (pair[1] for pair in tree.items) if isinstance(tree, Pairs) else tree if isinstance(tree, list) else ()
    ):
        _bounded(child, left - 1)


def _pairs(items: list[tuple[str, Tree]]) -> Pairs:
    return Pairs(tuple(items))


def by_name(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return sorted(items, key=lambda item: item[0])


def by_name_without_case(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return sorted(items, key=lambda item: item[0].lower())


def backwards(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    return list(reversed(items))


def as_java_hash_map(items: Sequence[tuple[str, Tree]]) -> list[tuple[str, Tree]]:
    """The order in which java.util.HashMap with default capacity iterates over String keys."""
    size = 16
    while len(items) > size * 3 // 4:
        size *= 2
    return sorted(items, key=lambda item: _java_bucket(item[0], size))


def _java_bucket(name: str, size: int) -> int:
    value = 0
    raw = name.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(raw), 2):
        value = (31 * value + int.from_bytes(raw[at : at + 2])) & 0xFFFFFFFF
    return (value ^ value >> 16) & (size - 1)


ORDERS: Final[tuple[tuple[str, Order | None], ...]] = (
    ("", None),
    ("keys sorted", by_name),
    ("keys as Java's HashMap has them", as_java_hash_map),
    ("keys sorted without regard to case", by_name_without_case),
    ("keys in reverse", backwards),
)


def from_form(text: str) -> Pairs:
    """The parameters of a query or a form, all of them text. Raises ``ValueError`` for none."""
    found = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    return Pairs(tuple(found))


def _with_leaves(tree: Tree, change: Callable[[Tree], Tree]) -> Tree:
    """A tree of the same shape, each of its leaves changed."""
    if isinstance(tree, Pairs):
        return Pairs(tuple((name, _with_leaves(child, change)) for name, child in tree.items))
    return [_with_leaves(child, change) for child in tree] if isinstance(tree, list) else change(tree)


def numbers_as_texts(tree: Tree) -> Tree:
    """Numbers and truth values in quotes."""

    def quoted(leaf: Tree) -> Tree:
        if isinstance(leaf, bool):
            return "true" if leaf else "false"
        return str(leaf) if isinstance(leaf, Number) else leaf

    return _with_leaves(tree, quoted)


def texts_as_numbers(tree: Tree) -> Tree:
    """Texts that read as numbers without their quotes, spelled as they were."""
    return _with_leaves(tree, lambda leaf: Number(leaf) if isinstance(leaf, str) and _NUMBER.fullmatch(leaf) else leaf)


def has_fractions(tree: Tree) -> bool:
    """Whether a number in it has a fraction or an exponent: languages spell only those differently."""
    if isinstance(tree, Pairs):
        return any(has_fractions(child) for _, child in tree.items)
    if isinstance(tree, list):
        return any(map(has_fractions, tree))
    return isinstance(tree, Number) and not set(tree).isdisjoint(".eE")


def changed_numbers(tree: Tree, change: Callable[[str], str]) -> Tree:
    """Every number spelled anew."""
    return _with_leaves(tree, lambda leaf: Number(change(leaf)) if isinstance(leaf, Number) else leaf)
