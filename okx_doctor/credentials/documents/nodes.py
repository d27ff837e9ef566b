"""The scalars of a composed YAML document (or of JSON, which YAML composes too), each with its place in the text.

Nodes are read and no object is built from them: a tag can name no Python class here.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Callable, Iterator
from typing import Final

import yaml

from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.mangling import LoaderChange
from okx_doctor.secrets.secret import Secret

_MAX_NODES: Final = 20_000
"""More than any configuration has. A few aliases to aliases mean millions of values, one to itself endlessly many."""

_MAX_DEPTH: Final = 100
"""Keys on the way to a value; an alias to itself leads down without end."""

_MERGE: Final = "tag:yaml.org,2002:merge"

Reading = tuple[str, LoaderChange | None]
"""A scalar's text as loaded, and how the loader changed it."""


def leaves(
    node: yaml.Node | None, text: str, named: str, read: Callable[[yaml.ScalarNode, str, str], Reading]
) -> list[Leaf]:
    """Every scalar below a node in document order; ``read`` is handed a scalar, its raw text, the rest of its line.

    Raises ``UnusableFile`` that begins with ``named`` for a document of too many values.
    """
    found: list[Leaf] = []
    breaks = [at for at, char in enumerate(text) if char == "\n"]
    left: list[tuple[tuple[str, ...], yaml.Node]] = [((), node)] if node is not None else []
    for _ in range(_MAX_NODES):
        if not left:
            return found
        if len(left) > _MAX_NODES:
            break
        path, at = left.pop()
        if len(path) > _MAX_DEPTH:
            raise UnusableFile(f"{named} is nested too deeply")
        if isinstance(at, yaml.ScalarNode):
            line_end = text.find("\n", at.end_mark.index)
            rest = text[at.end_mark.index : line_end if line_end >= 0 else None]
            value, change = read(at, _raw(at, text), rest)
            line = bisect(breaks, at.start_mark.index) + 1
            found.append(Leaf(path=path, text=Secret(value), line=line, change=change))
        left += reversed(
            [((*path, *key), inner) for key, inner in _below(at, lambda key: read(key, _raw(key, text), "")[0])]
        )
    raise UnusableFile(f"{named} holds more than {_MAX_NODES} values")


def _raw(scalar: yaml.ScalarNode, text: str) -> str:
    return text[scalar.start_mark.index : scalar.end_mark.index]


def _below(node: yaml.Node, name: Callable[[yaml.ScalarNode], str]) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    """The nodes of a node, each with the key that leads to it; what is merged in has none of its own."""
    match node:
        case yaml.SequenceNode():
            for at, inner in enumerate(node.value):
                yield (str(at),), inner
        case yaml.MappingNode():
            for key, inner in node.value:
                if key.tag == _MERGE:  # merged keys first: the keys that override them follow
                    for part in inner.value if isinstance(inner, yaml.SequenceNode) else [inner]:
                        yield (), part
            for key, inner in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                    yield (name(key),), inner
