"""Mistakes that are known of a client, tried on its next request before anything else is made.

Where they make the signature, it is known which text was signed and how. Nothing else can have given the same digest:
whatever explains the signature as simply, or more simply, makes that very text. So the rest of the search compares
texts and hashes none of them, makes only the options that can be in the text, and ends in what it would have ended in
without knowing anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from okx_doctor.forensics.mistakes import SWEEPS, TABLE
from okx_doctor.forensics.search import rebuild
from okx_doctor.forensics.search.hits import Hit, Wanted, compared, verified
from okx_doctor.forensics.search.hypotheses import (
    KEY_AXES,
    TEXT_AXES,
    Option,
    SearchSpace,
    blocks,
    keyings,
    making,
    search_space,
    swept,
)
from okx_doctor.forensics.search.parts import Axis, Choice, HmacVariant, Hypothesis, Subject
from okx_doctor.forensics.search.work import RANKS, Stage, near, recipes, work
from okx_doctor.protocol.keyed import key_block
from okx_doctor.protocol.scheme import OKX

Names = tuple[str, ...]
"""Ids of mistakes made together."""

_SWEEPS: Final = frozenset(sweep.id for sweep in SWEEPS)


def recalled(
    subject: Subject, sought: Wanted, known: Sequence[Names], planned: Sequence[Stage]
) -> tuple[list[Hit], int]:
    """The hits of a whole search, if one of the known conjunctions makes the signature; how many hypotheses were tried.

    ``planned`` are the stages of that search.
    """
    tried = 0
    for names in sorted(known, key=_is_swept):
        hits, count = again(subject, sought, names)
        tried += count
        if hits:
            found, count = _simplest(subject, sought, hits, planned)
            return found, tried + count
    return [], tried


def _is_swept(names: Names) -> bool:
    return not _SWEEPS.isdisjoint(names)


def again(subject: Subject, sought: Wanted, names: Names) -> tuple[list[Hit], int]:
    """The same mistakes on another request, moments near the one that was sent."""
    space = search_space(subject, frozenset(map(len, sought)), [entry for entry in TABLE if entry.id in names])
    sweeps = [sweep for sweep in SWEEPS if sweep.id in names]
    if len(names) == 1 and sweeps:
        return compared(space, sought, near(space, sweeps[0]), at_most_one=True)
    options: dict[Axis, Sequence[Option]] = dict(space.ranked(0))
    if found := options.get("recipe"):
        return compared(space, sought, recipes(space, found), at_most_one=False)
    for sweep in sweeps:
        options[sweep.axis] = [Option(swept(sweep, value), 3, False) for value in sweep.values(subject, "near")]
    axes = [axis for axis in (*TEXT_AXES, *KEY_AXES) if options.get(axis)]
    if len(axes) != len(names):
        return [], 0
    keyed = keyings(space, [axis for axis in axes if axis in KEY_AXES], options)
    made = blocks(subject, [axis for axis in axes if axis in TEXT_AXES], options)
    return compared(space, sought, ((block, keyed) for block in made), at_most_one=True)


def _simplest(subject: Subject, sought: Wanted, hits: list[Hit], planned: Sequence[Stage]) -> tuple[list[Hit], int]:
    """The hits of the first planned stage that explains the signature as these hits do; else these hits."""
    hypothesis, tried = hits[0].hypothesis, 0
    space = search_space(subject, frozenset(map(len, sought)))
    for stage in planned:
        found: list[Hit] = []
        count = 0
        if stage.mistakes > len(hypothesis):
            break
        if not stage.sweep:
            found, count = _alike(space, sought, hypothesis, stage)
        elif stage.mistakes == len(hypothesis) and _is_swept(tuple(choice.mistake for choice in hypothesis)):
            break
        elif stage.mistakes == 1 and _may_be_a_moment(subject, hypothesis):
            found, count = compared(space, sought, work(space, stage), at_most_one=True)
        tried += count
        if found:
            return found, tried
    return hits, tried


def _may_be_a_moment(subject: Subject, hypothesis: Hypothesis) -> bool:
    """Whether the text that was signed differs from the right one in its beginning only."""
    return rebuild.message(subject, hypothesis).endswith(subject.prehash.removeprefix(subject.timestamp))


def _alike(space: SearchSpace, sought: Wanted, hypothesis: Hypothesis, stage: Stage) -> tuple[list[Hit], int]:
    """Named mistakes that sign what this hypothesis signs, and how many hypotheses were tried."""
    subject, count, rank = space.subject, stage.mistakes, RANKS[stage.mistakes]
    key, algorithm, manner = rebuild.way(subject, hypothesis)
    if manner != "hmac" and len(hypothesis) > 1:  # without HMAC two texts may be hashed as one: secret and text, joined
        return compared(space, sought, work(space, stage), at_most_one=False) if count == 1 else ([], 0)
    text = rebuild.message(subject, hypothesis)
    found: list[Hit] = []
    tried = 0
    if count == 1:
        foreign = recipes(space, space.usual("recipe", rank))
        same = ((block, keyed) for block, keyed in foreign if text in block.tails)
        found, tried = compared(space, sought, same, at_most_one=False)
    keyed = _keyed(space, key, algorithm, manner, rank)
    if keyed is not None:
        for chosen in _texts(space, text, count - len(keyed), rank):
            found += verified(subject, chosen + keyed, sought)
    return found, tried


def _keyed(space: SearchSpace, key: bytes, algorithm: str, manner: HmacVariant, rank: int) -> Hypothesis | None:
    """The mistakes in this way to hash; ``None`` where one of them is less usual."""
    wrong: dict[Axis, object] = {"key": key_block(key, OKX.digest), "hash": algorithm, "arguments": manner}
    right: dict[Axis, object] = {"key": key_block(space.secret, OKX.digest), "hash": OKX.digest, "arguments": "hmac"}
    made: list[Choice] = []
    for axis in KEY_AXES:
        if wrong[axis] != right[axis]:
            found = space.options[axis].meaning(wrong[axis], rank)
            if found is None:
                return None
            made.append(found.choice)
    return tuple(made)


def _texts(space: SearchSpace, text: bytes, count: int, rank: int) -> Iterator[Hypothesis]:
    """Mistakes in the text, ``count`` of them and each at least this usual, that make it."""
    if count == 0 and text == space.subject.prehash:
        yield ()
    for axes in combinations(TEXT_AXES, count) if count > 0 else ():
        yield from making(space, text, axes, rank)
