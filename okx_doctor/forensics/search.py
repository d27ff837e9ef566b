"""Which mistakes make the signature that was sent: fewest first, every one of them rebuilt before it is believed.

The bounds: every single mistake with the whole sweep of moments and every typing error; every pair, where moments
within two seconds and typing errors meet the short list; every three without either. ``deep`` goes one step further.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Final, NamedTuple

from okx_doctor.forensics import encodings, rebuild
from okx_doctor.forensics.encodings import TextForm
from okx_doctor.forensics.hashing import Keyed, hasher
from okx_doctor.forensics.hits import Hit, Wanted, ranked, verified
from okx_doctor.forensics.mistakes import SWEEPS, TABLE
from okx_doctor.forensics.parts import SLOTS, Axis, Choice, Extent, Recipe, Subject, Sweep
from okx_doctor.forensics.space import (
    KEY_AXES,
    TEXT_AXES,
    Block,
    Keying,
    Option,
    Options,
    Space,
    blocks,
    keyings,
    space,
    sweeps,
    swept,
)

DEPTH: Final = 3
_RANKS: Final = {1: 1, 2: 1, 3: 2, 4: 3}
"""How usual a variant must be to be combined into so many mistakes."""
_CHUNK: Final = 4096
_LONG: Final = 8 * 1024
_VERY_LONG: Final = 64 * 1024
"""Bytes of signed text beyond which pairs, and beyond which single mistakes, are all that is tried."""

Names = tuple[str, ...]
"""Ids of mistakes made together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a search came to. ``hits`` all have the fewest mistakes, the usual ones first; ``tried`` counts digests."""

    hits: tuple[Hit, ...]
    tried: int

    @property
    def best(self) -> Hit | None:
        return self.hits[0] if self.hits else None


class Share(NamedTuple):
    """One worker's part of a stage: every ``of``-th block, beginning with ``number``."""

    number: int = 0
    of: int = 1


class Stage(NamedTuple):
    """One step of the search: so many mistakes, named ones only or a sweep among them."""

    mistakes: int
    sweep: bool
    deep: bool


Runner = Callable[[Space, Wanted, Stage], tuple[list["Hit"], int]]


def stages(subject: Subject, depth: int = DEPTH, *, deep: bool = False) -> tuple[Stage, ...]:
    """The steps in their order, cheap ones first; a very long text allows fewer."""
    size = len(subject.prehash)
    most = 1 if size > _VERY_LONG else 2 if size > _LONG else depth + deep
    found = []
    for count in range(1, min(depth + deep, most) + 1):
        found.append(Stage(count, False, deep))
        if (count == 1 and size <= _VERY_LONG) or (count == 2 and size <= _LONG):
            found.append(Stage(count, True, deep))
    return tuple(found)


def wanted(signature: str) -> Wanted:
    """The digests that the signature may stand for."""
    found: dict[bytes, list[TextForm]] = {}
    for digest, form in encodings.readings(signature):
        found.setdefault(digest, []).append(form)
    return found


def search(
    subject: Subject,
    *,
    depth: int = DEPTH,
    deep: bool = False,
    known: Sequence[Names] = (),
    runner: Runner | None = None,
) -> Outcome:
    """The fewest mistakes that make this signature; no hit where nothing within the bounds does.

    ``known`` are mistakes found before in requests of the same client: single ones are tried before anything else is
    even made, others as soon as no single named mistake explains this one. ``depth`` 0 stops there. ``runner`` runs
    a stage elsewhere.
    """
    sought = wanted(subject.signature)
    right = _right(subject, sought)
    if right or not sought:
        return Outcome(hits=right, tried=len(sought))
    hits, tried = _known_alone(subject, sought, {names[0] for names in known if len(names) == 1})
    if hits:
        return Outcome(hits=ranked(subject, hits), tried=tried + 1)
    room = space(subject, frozenset(map(len, sought)))
    for step in _steps(room, sought, stages(subject, max(depth, 1), deep=deep)[: None if depth else 1], known, runner):
        hits, count = step()
        tried += count
        if hits:
            break
    return Outcome(hits=ranked(subject, hits) if hits else (), tried=tried + 1)


def _steps(
    room: Space, sought: Wanted, planned: Sequence[Stage], known: Sequence[Names], runner: Runner | None
) -> Iterator[Callable[[], tuple[list[Hit], int]]]:
    """What is done one after the other until something hits: the known conjunctions right after the single ones."""
    for at, stage in enumerate(planned):
        yield partial(run if at == 0 or runner is None else runner, room, sought, stage)
        if at == 0:
            yield from (partial(recalled, room, sought, names) for names in known if len(names) > 1)


def _known_alone(subject: Subject, sought: Wanted, names: Set[str]) -> tuple[list[Hit], int]:
    """The single mistakes among these, near moments included."""
    if not names:
        return [], 0
    table = [entry for entry in TABLE if entry.id in names]
    room = space(subject, frozenset(map(len, sought)), table)
    hits, tried = run(room, sought, Stage(1, False, False))
    for sweep in SWEEPS:
        if sweep.id in names and not hits:
            hits, count = recalled(room, sought, (sweep.id,))
            tried += count
    return hits, tried


def _right(subject: Subject, sought: Wanted) -> tuple[Hit, ...]:
    """The right signature, perhaps in a wrong form."""
    forms = sought.get(rebuild.digest(subject.prehash, _secret(subject), "sha256", "hmac"), ())
    return tuple(Hit((), form) for form in forms if rebuild.reproduces(subject, (), form))[:1]


def _secret(subject: Subject) -> bytes:
    return subject.keys.secret.encode("utf-8", "surrogatepass")


def run(room: Space, sought: Wanted, stage: Stage, share: Share = Share()) -> tuple[list[Hit], int]:  # noqa: B008
    """One stage: the hits, and how many digests were compared."""
    hits: list[Hit] = []
    tried = 0
    work = _swept(room, stage) if stage.sweep else _named(room, stage)
    for at, (block, keyed) in enumerate(work):
        if at % share.of != share.number:
            continue
        found, count = _scanned(room, block, keyed, sought)
        hits, tried = hits + found, tried + count
        if hits and stage.sweep:
            break  # of so many moments and typing errors no two make one signature
    return hits, tried


def recalled(room: Space, sought: Wanted, names: Names) -> tuple[list[Hit], int]:
    """Mistakes that are already known of this client, tried on another of its requests."""
    options: dict[Axis, list[Option]] = {
        axis: [option for option in known if option.choice.mistake in names] for axis, known in room.options.items()
    }
    for sweep in SWEEPS:
        if sweep.id in names:
            values = sweep.values(room.subject, "near")
            options[sweep.axis] = [Option(swept(sweep, value), 3, False) for value in values]
    axes = [axis for axis in (*TEXT_AXES, *KEY_AXES) if options.get(axis)]
    if len(axes) != len(names):
        return [], 0
    keyed = keyings(room, [axis for axis in axes if axis in KEY_AXES], options)
    hits: list[Hit] = []
    tried = 0
    for block in blocks(room.subject, [axis for axis in axes if axis in TEXT_AXES], options):
        found, count = _scanned(room, block, keyed, sought)
        hits, tried = hits + found, tried + count
    return hits, tried


def _scanned(room: Space, block: Block, keyed: Sequence[Keying], sought: Wanted) -> tuple[list[Hit], int]:
    hits: list[Hit] = []
    for keying in keyed:
        for place in keying.hasher.scan(block.prefix, block.tails, sought):
            hypothesis = (*block.fixed, *block.last(place), *keying.choices)
            hits += verified(room.subject, hypothesis, sought)
    return hits, len(block.tails) * len(keyed)


Work = Iterator[tuple[Block, Sequence[Keying]]]


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
