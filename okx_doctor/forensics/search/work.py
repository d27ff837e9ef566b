"""The work of each stage of a search: texts and the ways to hash them, a block at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from okx_doctor.forensics.mistakes import SWEEPS
from okx_doctor.forensics.search.hashing import Keyed, digest_size, hasher
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
from okx_doctor.forensics.search.parts import SLOTS, Axis, Choice, Extent, Group, HmacVariant, Recipe, Subject, Sweep
from okx_doctor.protocol.scheme import OKX

RANKS: Final = {1: 0, 2: 1, 3: 2, 4: 3}
"""By number of mistakes combined: the lowest rank of a variant that takes part."""
_ARRANGING: Final[tuple[Axis, ...]] = ("order", "separator")


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
    if digest_size(OKX.digest) not in space.sizes:
        return
    if stage.mistakes == 1:
        for sweep in SWEEPS:
            yield from _alone(space, sweep, "deep" if stage.deep else "full")
    else:
        short = space.short()
        yield from _typed_and_one(space, "deep" if stage.deep else "full", short)
        yield from _moments_and_one(space, "full" if stage.deep else "near", short)


def near(space: SearchSpace, sweep: Sweep) -> Work:
    """The near values of one sweep, all else as it should be."""
    return _alone(space, sweep, "near")


def _alone(space: SearchSpace, sweep: Sweep, extent: Extent) -> Work:
    """Every value of one sweep, all else as it should be."""
    if sweep.axis == "timestamp":
        yield from _moments(space, sweep, extent, keyings(space, (), {}))
        return
    one_text = hasher("swapped", space.subject.prehash, OKX.digest)  # the text stays, and what changes is the key
    for block in _blocks_of(sweep, sweep.groups(space.subject, extent), [(b"", ())]):
        yield block, (Keying((), one_text),)


def _moments(space: SearchSpace, sweep: Sweep, extent: Extent, keyed: Sequence[Keying]) -> Work:
    """The moments of one sweep, the text behind them as it should be."""
    subject = space.subject
    right: Texts = [(subject.prehash[len(subject.timestamp) :], ())]
    for block in _blocks_of(sweep, sweep.groups(subject, extent), right):
        yield block, keyed


Texts = Sequence[tuple[bytes, tuple[Choice, ...]]]
"""Texts, each with the choices that make it."""


def _blocks_of(
    sweep: Sweep, groups: Iterable[Group], behind: Texts, fixed: tuple[Choice, ...] = (), before: bytes = b""
) -> Iterator[Block]:
    """Every value of a sweep with ``before`` in front and each of these texts behind: a block for each group."""
    known: Sequence[bytes] = ()
    tails: Sequence[bytes] = ()
    for start, ends in groups:
        if ends is not known:
            known, tails = ends, [end + text for end in ends for text, _ in behind]
        yield Block(fixed, before + start, tails, _both(sweep, start, ends, behind))


def _both(sweep: Sweep, start: bytes, ends: Sequence[bytes], behind: Texts) -> Last:
    count = len(behind)
    return lambda at: (swept(sweep, start + ends[at // count]), *behind[at % count][1])


def _texts(subject: Subject, axes: Sequence[Axis], short: Chosen) -> Texts:
    """The text under each entry of the short list on these axes."""
    return [
        (block.prefix + tail, (*block.fixed, *block.last(at)))
        for axis in axes
        for block in blocks(subject, [axis], short)
        for at, tail in enumerate(block.tails)
    ]


def _typed_and_one(space: SearchSpace, extent: Extent, short: Chosen) -> Work:
    """Every typing error of the secret over the text under each entry of the short list."""
    made = _texts(space.subject, TEXT_AXES, short)
    texts = Block((), b"", [text for text, _ in made], lambda at: made[at][1])
    for sweep in sweeps("key"):
        for value in sweep.values(space.subject, extent):
            yield texts, (Keying((swept(sweep, value),), Keyed(value, OKX.digest)),)


def _moments_and_one(space: SearchSpace, extent: Extent, short: Chosen) -> Work:
    """Every near moment together with each entry of the short list."""
    subject = space.subject
    keyed = [keying for axis in KEY_AXES for keying in keyings(space, (axis,), short)]
    for sweep in sweeps("timestamp") if keyed else ():
        yield from _moments(space, sweep, extent, keyed)
    right = keyings(space, (), {})
    slots = [slot for slot in SLOTS if slot != "timestamp"]
    behind = [(text[len(subject.timestamp) :], choices) for text, choices in _texts(subject, slots, short)]
    for sweep in sweeps("timestamp"):
        groups = list(sweep.groups(subject, extent))
        for block in _blocks_of(sweep, groups, behind):
            yield block, right
        for axis in _ARRANGING:
            for choices, before, end in surroundings(subject, "timestamp", axis, short) if groups else ():
                for block in _blocks_of(sweep, groups, [(end, ())], choices, before):
                    yield block, right
