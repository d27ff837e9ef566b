"""The scalars of a composed YAML document (or of JSON, which YAML composes too), each with its place in the text.

Nodes are read and no object is built from them: a tag can name no Python class here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import yaml

from okx_doctor.credentials.env_file import Mangling
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.homes.home import Leaf

MOST_NODES: Final = 20_000
"""A few aliases to aliases stand for millions of values, one to itself for no end; no configuration has so many."""

_MERGE: Final = "tag:yaml.org,2002:merge"

Reading = tuple[str, Mangling | None]
"""A scalar's text as loaded, and what the loader made of it."""


def compose(text: str) -> yaml.Node | None:
    """The document's nodes. Raises ``yaml.YAMLError`` and ``RecursionError``."""
    loader = yaml.SafeLoader(text)
    try:
        found = loader.get_single_node()
    finally:
        loader.dispose()
    assert found is None or isinstance(found, yaml.Node)  # noqa: S101  for the type checker: PyYAML's types say less
    return found


def leaves(
    node: yaml.Node | None, text: str, named: str, read: Callable[[yaml.ScalarNode, str, str], Reading]
) -> list[Leaf]:
    """Every scalar below a node in document order; ``read`` is handed a scalar, its raw text, the rest of its line.

    Raises ``UnusableFile`` that begins with ``named`` for a document of too many values.
    """
    found: list[Leaf] = []
    left: list[tuple[tuple[str, ...], yaml.Node]] = [((), node)] if node is not None else []
    for _ in range(MOST_NODES):
        if not left:
            return found
        path, at = left.pop()
        if isinstance(at, yaml.ScalarNode):
            start, end = at.start_mark.index, at.end_mark.index
            line_end = text.find("\n", end)
            value, change = read(at, text[start:end], text[end : line_end if line_end >= 0 else None])
            found.append(Leaf(path=path, text=value, line=at.start_mark.line + 1, change=change))
        left += reversed(list(_below(path, at)))
    raise UnusableFile(f"{named} holds more than {MOST_NODES} values")


def _below(path: tuple[str, ...], node: yaml.Node) -> Iterator[tuple[tuple[str, ...], yaml.Node]]:
    match node:
        case yaml.SequenceNode():
            for at, inner in enumerate(node.value):
                yield (*path, str(at)), inner
        case yaml.MappingNode():
            for key, inner in node.value:
                if key.tag == _MERGE:  # what is merged stands before what overrides it
                    for part in inner.value if isinstance(inner, yaml.SequenceNode) else [inner]:
                        yield path, part
            for key, inner in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                    yield (*path, key.value), inner
