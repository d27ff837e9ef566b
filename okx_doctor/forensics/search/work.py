"""The work of each stage of a search: texts and the ways to hash them, a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from okx_doctor.forensics.search.hashing import Keyed, hasher
from okx_doctor.forensics.search.hypotheses import (
    KEY_AXES,
    TEXT_AXES,
    Block,
    Keying,
    Option,
    Options,
    Space,
    blocks,
    keyings,
    sweeps,
    swept,
)
from okx_doctor.forensics.search.parts import SLOTS, Choice, Extent, Recipe, Sweep

_RANKS: Final = {1: 1, 2: 1, 3: 2, 4: 3}
"""How usual a variant must be to be combined into so many mistakes."""
_CHUNK: Final = 4096


class Stage(NamedTuple):
    """One step of the search: so many mistakes, named ones only or a sweep among them."""

    mistakes: int
    sweep: bool
    deep: bool


Work = Iterator[tuple[Block, Sequence[Keying]]]


def work(room: Space, stage: Stage) -> Work:
    """All of a stage, the usual first within a sweep."""
    return _swept(room, stage) if stage.sweep else _named(room, stage)


def _named(room: Space, stage: Stage) -> Work:
    """Every conjunction of so many named mistakes, one on each axis."""
    options = room.ranked(_RANKS[stage.mistakes])
    if stage.mistakes == 1:
        yield from _recipes(room)
    for axes in combinations((*TEXT_AXES, *KEY_AXES), stage.mistakes):
        if any(not options.get(axis) for axis in axes):
            continue
        keyed = keyings(room, [axis for axis in axes if axis in KEY_AXES], options)
        if not keyed:
            continue
        for block in blocks(room.subject, [axis for axis in axes if axis in TEXT_AXES], options):
            yield block, keyed


def _recipes(room: Space) -> Work:
    for option in room.options.get("recipe", ()):
        recipe = option.choice.value
        if isinstance(recipe, Recipe):
            key = room.secret if recipe.key is None else recipe.key
            text = b"".join(item for item in recipe.layout if isinstance(item, bytes))
            keying = Keying((), hasher(recipe.manner, key, recipe.algorithm))
            yield Block((option.choice,), b"", (text,), lambda at: ()), (keying,)


def _swept(room: Space, stage: Stage) -> Work:
    if 32 not in room.sizes:
        return
    if stage.mistakes == 1:
        extent: Extent = "deep" if stage.deep else "full"
        yield from _typed(room, extent, _right_text(room))
        yield from _moments(room, extent, keyings(room, (), {}))
    else:
        short = room.short()
        yield from _typed(room, "deep" if stage.deep else "full", _short_texts(room, short))
        yield from _moments_and_one(room, "full" if stage.deep else "near", short)


def _right_text(room: Space) -> Block:
    return Block((), b"", (room.subject.prehash,), lambda at: ())


def _short_texts(room: Space, short: Options) -> Block:
    """The text under each entry of the short list, as one block."""
    made = [
        (block.prefix + tail, (*block.fixed, *block.last(at)))
        for axis in TEXT_AXES
        for block in blocks(room.subject, [axis], short)
        for at, tail in enumerate(block.tails)
    ]
    return Block((), b"", [text for text, _ in made], lambda at: made[at][1])


def _typed(room: Space, extent: Extent, block: Block) -> Work:
    """Every typing error of the secret over the texts of a block."""
    for sweep in sweeps("key"):
        for value in sweep.values(room.subject, extent):
            yield block, (Keying((swept(sweep, value),), Keyed(value, "sha256")),)


def _moments(room: Space, extent: Extent, keyed: Sequence[Keying]) -> Work:
    """Every moment around the timestamp, all else as it should be."""
    rest = room.subject.prehash[len(room.subject.timestamp) :]
    for sweep in sweeps("timestamp"):
        values = sweep.values(room.subject, extent)
        for start in range(0, len(values), _CHUNK):
            chunk = values[start : start + _CHUNK]
            yield Block((), b"", [value + rest for value in chunk], _choice_of(sweep, chunk)), keyed


def _choice_of(sweep: Sweep, values: Sequence[bytes]) -> Callable[[int], tuple[Choice, ...]]:
    return lambda at: (swept(sweep, values[at]),)


def _moments_and_one(room: Space, extent: Extent, short: Options) -> Work:
    """Every near moment together with each entry of the short list."""
    subject, key_axes = room.subject, KEY_AXES
    keyed = [keying for axis in key_axes for keying in keyings(room, (axis,), short)]
    if keyed:
        yield from _moments(room, extent, keyed)
    right = keyings(room, (), {})
    behind = [
        (block.prefix[len(subject.timestamp) :] + tail, (*block.fixed, *block.last(at)))
        for axis in SLOTS
        if axis != "timestamp"
        for block in blocks(subject, [axis], short)
        for at, tail in enumerate(block.tails)
    ]
    tails = [text for text, _ in behind]
    for sweep in sweeps("timestamp"):
        values = sweep.values(subject, extent)
        for value in values if tails else ():
            yield Block((swept(sweep, value),), value, tails, lambda at: behind[at][1]), right
        options = {**short, "timestamp": [Option(swept(sweep, value), 3, True) for value in values]}
        for axis in ("order", "separator"):
            for block in blocks(subject, ["timestamp", axis], options):
                yield block, right
