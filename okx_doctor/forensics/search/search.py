"""The search for the mistakes that make a wrong signature, fewest first. Every hit is rebuilt before it is believed.

Theory of operation
-------------------

A signature is a digest in some encoding, over a text put together from five slots, under some key. Each entry of
``mistakes.TABLE`` belongs to one *axis*: a slot of the text, the order or the separator of the slots, the key, the
hash, the way both meet, a whole foreign recipe. A *hypothesis* chooses at most one wrong value on each axis.

- ``wanted`` turns the signature that was sent around: it lists every digest that it can stand for, in every encoding
  (``encodings.py``). The search then compares digests and need not encode any.
- ``hypotheses.py`` lists the options of each axis for this request, and combines those of the text axes into *blocks*
  of texts that share a beginning. ``work.py`` pairs blocks with keys and hashes for a stage.
- ``hashing.py`` prepares the HMAC of a key once and the state after a block's beginning once, so that a hypothesis
  costs the hashing of its ending: this is where the speed comes from.
- ``stages`` orders the work: every single mistake, with all moments around the timestamp and all typing errors of the
  secret; then pairs; then three at once. The first stage with a hit ends the search, so an explanation never needs
  more mistakes than necessary. Very long texts get fewer stages, since each digest costs more.
- A digest that matches is only a candidate. ``rebuild.py`` makes its signature again from the hypothesis in the plain
  way, without any of the shortcuts above. What does not come out byte for byte is not a hit.

Bounds: every single mistake with the whole sweep of moments and every typing error; every pair, where moments within
two seconds and typing errors meet the short list; every three without either. ``deep`` goes one step further. Mistakes
found in earlier requests of the same client are tried first, which makes the thousandth refusal cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial
from typing import Final, NamedTuple

from msgspec import Struct

from okx_doctor.forensics.mistakes import NEIGHBOUR, SWEEPS, TABLE
from okx_doctor.forensics.search import encodings, rebuild
from okx_doctor.forensics.search.encodings import TextForm
from okx_doctor.forensics.search.hits import Hit, Wanted, ranked, verified
from okx_doctor.forensics.search.hypotheses import (
    KEY_AXES,
    TEXT_AXES,
    Block,
    Keying,
    Option,
    SearchSpace,
    blocks,
    keyings,
    search_space,
    swept,
)
from okx_doctor.forensics.search.parts import SLOTS, Axis, Subject, utf8
from okx_doctor.forensics.search.work import Stage, Work, near, work
from okx_doctor.protocol.scheme import OKX

DEPTH: Final = 3
_LONG: Final = 8 * 1024
_VERY_LONG: Final = 16 * 1024
"""Bytes of signed text beyond which pairs, and beyond which single named mistakes, are all that is tried."""
TOO_LONG: Final = 256 * 1024
"""Bytes beyond which only the short list is tried; OKX takes no such request."""
_FOR_TOO_LONG: Final = tuple(entry for entry in TABLE if entry.short and entry.axis in SLOTS)

Names = tuple[str, ...]
"""Ids of mistakes made together."""


class Outcome(Struct, frozen=True, kw_only=True):
    """The result of a search. ``hits`` all have the fewest mistakes, the usual ones first; ``tried`` counts digests."""

    hits: tuple[Hit, ...]
    tried: int

    @property
    def best(self) -> Hit | None:
        return self.hits[0] if self.hits else None


class Share(NamedTuple):
    """One worker's part of a stage: every ``of``-th block, beginning with ``number``."""

    number: int = 0
    of: int = 1


Runner = Callable[[SearchSpace, Wanted, Stage], tuple[list["Hit"], int]]


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
        foreign, tried = _known_alone(subject, sought, {NEIGHBOUR}) if right else ([], 0)
        return Outcome(hits=ranked(subject, foreign) if foreign else right, tried=len(sought) + tried)
    sizes = frozenset(map(len, sought))
    if len(subject.prehash) > TOO_LONG:
        hits, tried = run(search_space(subject, sizes, _FOR_TOO_LONG), sought, Stage(1, False, False))
        return Outcome(hits=ranked(subject, hits) if hits else (), tried=tried + 1)
    hits, tried = _known_alone(subject, sought, {names[0] for names in known if len(names) == 1})
    if hits:
        return Outcome(hits=ranked(subject, hits), tried=tried + 1)
    space = search_space(subject, sizes)
    for step in _steps(space, sought, stages(subject, max(depth, 1), deep=deep)[: None if depth else 1], known, runner):
        hits, count = step()
        tried += count
        if hits:
            break
    return Outcome(hits=ranked(subject, hits) if hits else (), tried=tried + 1)


def _steps(
    space: SearchSpace, sought: Wanted, planned: Sequence[Stage], known: Sequence[Names], runner: Runner | None
) -> Iterator[Callable[[], tuple[list[Hit], int]]]:
    """The stages of a search, one after the other until a hit: known conjunctions right after single mistakes."""
    for at, stage in enumerate(planned):
        yield partial(run if at == 0 or runner is None else runner, space, sought, stage)
        if at == 0:
            yield from (partial(recalled, space, sought, names) for names in known if len(names) > 1)


def _known_alone(subject: Subject, sought: Wanted, names: Set[str]) -> tuple[list[Hit], int]:
    """The single mistakes among these, near moments included."""
    if not names:
        return [], 0
    table = [entry for entry in TABLE if entry.id in names]
    space = search_space(subject, frozenset(map(len, sought)), table)
    hits, tried = run(space, sought, Stage(1, False, False))
    for sweep in SWEEPS:
        if sweep.id in names and not hits:
            hits, count = _compared(space, sought, near(space, sweep), at_most_one=True)
            tried += count
    return hits, tried


def _right(subject: Subject, sought: Wanted) -> tuple[Hit, ...]:
    """The right signature, perhaps in a wrong form."""
    forms = sought.get(rebuild.digest(subject.prehash, utf8(subject.keys.secret), OKX.digest, "hmac"), ())
    return tuple(Hit((), form) for form in forms if rebuild.reproduces(subject, (), form))[:1]


_WHOLE: Final = Share()


def run(space: SearchSpace, sought: Wanted, stage: Stage, share: Share = _WHOLE) -> tuple[list[Hit], int]:
    """One stage: the hits, and how many digests were compared."""
    shared = (part for at, part in enumerate(work(space, stage)) if at % share.of == share.number)
    return _compared(space, sought, shared, at_most_one=stage.sweep)


def _compared(space: SearchSpace, sought: Wanted, parts: Work, *, at_most_one: bool) -> tuple[list[Hit], int]:
    """The hits among these texts. ``at_most_one``: moments or typing errors, of which no two sign alike."""
    hits: list[Hit] = []
    tried = 0
    for block, keyed in parts:
        hits += _scanned(space, block, keyed, sought)
        tried += len(block.tails) * len(keyed)
        if hits and at_most_one:
            break
    return hits, tried


def recalled(space: SearchSpace, sought: Wanted, names: Names) -> tuple[list[Hit], int]:
    """Mistakes that are already known of this client, tried on another of its requests."""
    options: dict[Axis, list[Option]] = {
        axis: [option for option in known if option.choice.mistake in names] for axis, known in space.options.items()
    }
    for sweep in SWEEPS:
        if sweep.id in names:
            values = sweep.values(space.subject, "near")
            options[sweep.axis] = [Option(swept(sweep, value), 3, False) for value in values]
    axes = [axis for axis in (*TEXT_AXES, *KEY_AXES) if options.get(axis)]
    if len(axes) != len(names):
        return [], 0
    keyed = keyings(space, [axis for axis in axes if axis in KEY_AXES], options)
    made = blocks(space.subject, [axis for axis in axes if axis in TEXT_AXES], options)
    return _compared(space, sought, ((block, keyed) for block in made), at_most_one=False)


def _scanned(space: SearchSpace, block: Block, keyed: Sequence[Keying], sought: Wanted) -> Iterator[Hit]:
    _, prefix, tails, _ = block
    for choices, hasher in keyed:
        for place in hasher.scan(prefix, tails, sought):
            yield from verified(space.subject, (*block.fixed, *block.last(place), *choices), sought)
