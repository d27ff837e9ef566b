"""The work of each stage of a search: texts and the ways to hash them, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Final, NamedTuple

from okx_doctor.forensics.search.hashing import Keyed, hasher
from okx_doctor.forensics.search.hypotheses import (
    KEY_AXES,
    TEXT_AXES,
    Block,
    Chosen,
    Keying,
    Last,
    Option,
    SearchSpace,
    blocks,
    keyings,
    surroundings,
    sweeps,
    swept,
)
from okx_doctor.forensics.search.parts import SLOTS, Axis, Choice, Extent, HmacVariant, Recipe, Sweep

RANKS: Final = {1: 0, 2: 1, 3: 2, 4: 3}
"""By number of mistakes combined: the lowest rank of a variant that takes part."""
_ARRANGING: Final[tuple[Axis, ...]] = ("order", "separator")
_CHUNK: Final = 4096
_NEAR_CHUNK: Final = 256


class Stage(NamedTuple):
    """One step of the search: the number of mistakes, and whether one of them is a sweep."""

    mistakes: int
    sweep: bool
    deep: bool


Work = Iterator[tuple[Block, Sequence[Keying]]]


def work(space: SearchSpace, stage: Stage) -> Work:
    """All of a stage, the usual first within a sweep."""
    return _swept(space, stage) if stage.sweep else _named(space, stage)


def _named(space: SearchSpace, stage: Stage) -> Work:
    """Every combination of as many named mistakes as the stage asks for, at most one on each axis."""
    options = space.ranked(RANKS[stage.mistakes])
    ways: dict[tuple[Axis, ...], Sequence[Keying]] = {}
    if stage.mistakes == 1:
        yield from recipes(space, options.get("recipe", ()))
    for axes in combinations((*TEXT_AXES, *KEY_AXES), stage.mistakes):
        if any(not options.get(axis) for axis in axes):
            continue
        text_axes = [axis for axis in axes if axis in TEXT_AXES]
        key_axes = axes[len(text_axes) :]
        if key_axes not in ways:
            ways[key_axes] = keyings(space, key_axes, options)
        if ways[key_axes]:
            for block in blocks(space.subject, text_axes, options):
                yield block, ways[key_axes]


def recipes(space: SearchSpace, found: Sequence[Option]) -> Work:
    """The texts of whole foreign recipes."""
    made: dict[tuple[HmacVariant, bytes, str], tuple[Keying]] = {}  # most recipes hash as another does
    for option in found:
        recipe = option.choice.value
        if isinstance(recipe, Recipe):
            way = recipe.manner, space.secret if recipe.key is None else recipe.key, recipe.algorithm
            text = b"".join([item for item in recipe.layout if isinstance(item, bytes)])
            if way not in made:
                made[way] = (Keying((), hasher(*way)),)
            yield Block((option.choice,), b"", (text,), lambda at: ()), made[way]


def _swept(space: SearchSpace, stage: Stage) -> Work:
    if 32 not in space.sizes:
        return
    if stage.mistakes == 1:
        extent: Extent = "deep" if stage.deep else "full"
        yield from _typed(space, extent, _right_text(space))
        yield from _moments(space, extent, keyings(space, (), {}))
    else:
        short = space.short()
        yield from _typed(space, "deep" if stage.deep else "full", _short_texts(space, short))
        yield from _moments_and_one(space, "full" if stage.deep else "near", short)


def _right_text(space: SearchSpace) -> Block:
    return Block((), b"", (space.subject.prehash,), lambda at: ())


def _short_texts(space: SearchSpace, short: Chosen) -> Block:
    """The text under each entry of the short list, as one block."""
    made = [
        (block.prefix + tail, (*block.fixed, *block.last(at)))
        for axis in TEXT_AXES
        for block in blocks(space.subject, [axis], short)
        for at, tail in enumerate(block.tails)
    ]
    return Block((), b"", [text for text, _ in made], lambda at: made[at][1])


def _typed(space: SearchSpace, extent: Extent, block: Block) -> Work:
    """Every typing error of the secret over the texts of a block."""
    for sweep in sweeps("key"):
        yield from _mistyped(space, sweep, extent, block)


def _mistyped(space: SearchSpace, sweep: Sweep, extent: Extent, block: Block) -> Work:
    """Every typing error of one sweep."""
    for value in sweep.values(space.subject, extent, b""):
        yield block, (Keying((swept(sweep, value),), Keyed(value, "sha256")),)


def near(space: SearchSpace, sweep: Sweep) -> Work:
    """The near values of one sweep, all else as it should be, the nearest first."""
    if sweep.axis == "timestamp":
        yield from _around(space, sweep, "near", keyings(space, (), {}), _NEAR_CHUNK)
    else:
        yield from _mistyped(space, sweep, "near", _right_text(space))


def _moments(space: SearchSpace, extent: Extent, keyed: Sequence[Keying]) -> Work:
    """Every moment around the timestamp, all else as it should be."""
    for sweep in sweeps("timestamp"):
        yield from _around(space, sweep, extent, keyed, _CHUNK)


def _around(space: SearchSpace, sweep: Sweep, extent: Extent, keyed: Sequence[Keying], size: int) -> Work:
    """The moments of one sweep, ``size`` at a time."""
    rest = space.subject.prehash[len(space.subject.timestamp) :]
    texts = iter(sweep.values(space.subject, extent, rest))
    while chunk := list(islice(texts, size)):
        yield Block((), b"", chunk, _before(rest, sweep, chunk)), keyed


def _before(behind: bytes, sweep: Sweep, texts: Sequence[bytes]) -> Last:
    return lambda at: (swept(sweep, texts[at].removesuffix(behind)),)


def _both(sweep: Sweep, values: Sequence[bytes], behind: Sequence[tuple[bytes, tuple[Choice, ...]]]) -> Last:
    return lambda at: (swept(sweep, values[at // len(behind)]), *behind[at % len(behind)][1])


def _moments_and_one(space: SearchSpace, extent: Extent, short: Chosen) -> Work:
    """Every near moment together with each entry of the short list."""
    subject, key_axes = space.subject, KEY_AXES
    keyed = [keying for axis in key_axes for keying in keyings(space, (axis,), short)]
    if keyed:
        yield from _moments(space, extent, keyed)
    right = keyings(space, (), {})
    behind = [
        (block.prefix[len(subject.timestamp) :] + tail, (*block.fixed, *block.last(at)))
        for axis in SLOTS
        if axis != "timestamp"
        for block in blocks(subject, [axis], short)
        for at, tail in enumerate(block.tails)
    ]
    tails = [text for text, _ in behind]
    for sweep in sweeps("timestamp"):
        values = list(sweep.values(subject, extent, b""))
        for start in range(0, len(values), _NEAR_CHUNK) if tails else ():
            chunk = values[start : start + _NEAR_CHUNK]
            texts = [value + tail for value in chunk for tail in tails]
            yield Block((), b"", texts, _both(sweep, chunk, behind)), right
        for axis in _ARRANGING:
            for choices, before, end in surroundings(subject, "timestamp", axis, short) if values else ():
                texts = [value + end for value in values]
                yield Block(choices, before, texts, _before(end, sweep, texts)), right
