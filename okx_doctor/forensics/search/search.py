"""The search for the mistakes that make a wrong signature, fewest first. Every hit is rebuilt before it is believed.

Theory of operation
-------------------

A signature is a digest in some encoding, over a text put together from five slots, under some key. Each entry of
``mistakes.TABLE`` belongs to one *axis*: a slot of the text, the order or the separator of the slots, the key, the
hash, the way both meet, a whole foreign recipe. A *hypothesis* chooses at most one wrong value on each axis.

- ``wanted`` turns the signature that was sent around: it lists every digest that it can stand for, in every encoding
  (``encodings.py``). The search then compares digests and need not encode any.
- ``hypotheses.py`` lists the options of each axis for this request, and combines those of the text axes into *blocks*
  of texts that share a beginning. ``work.py`` pairs blocks with keys and hashes for a stage. Moments go by tenths of a
  second, which end alike, so that a hundred endings serve for all of them.
- ``hashing.py`` prepares the HMAC of a key once and the state after a block's beginning once, so that a hypothesis
  costs the hashing of its ending: this is where the speed comes from.
- ``stages`` orders the work: every single mistake, with all moments around the timestamp and all typing errors of the
  secret; then pairs; then three at once. The first stage with a hit ends the search, so an explanation never needs
  more mistakes than necessary. Very long texts get fewer stages, since each digest costs more.
- A digest that matches is only a candidate. ``rebuild.py`` makes its signature again from the hypothesis in the plain
  way, without any of the shortcuts above. What does not come out byte for byte is not a hit.

Bounds: every single mistake with the whole sweep of moments and every typing error; every pair, where moments within
two seconds and typing errors meet the short list; every three without either. ``deep`` goes one step further. Mistakes
found in earlier requests of the same client are tried first (``recall.py``), which makes the thousandth refusal cheap.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, NamedTuple

from msgspec import Struct

from okx_doctor.forensics.mistakes import NEIGHBOUR, TABLE
from okx_doctor.forensics.search import encodings, rebuild
from okx_doctor.forensics.search.encodings import TextForm
from okx_doctor.forensics.search.hits import Hit, Wanted, compared, ranked
from okx_doctor.forensics.search.hypotheses import SearchSpace, search_space
from okx_doctor.forensics.search.parts import SLOTS, Subject, utf8
from okx_doctor.forensics.search.recall import Names, again, recalled
from okx_doctor.forensics.search.work import Stage, work
from okx_doctor.protocol.scheme import OKX

DEPTH: Final = 3
_LONG: Final = 8 * 1024
_VERY_LONG: Final = 16 * 1024
"""Bytes of signed text beyond which pairs, and beyond which single named mistakes, are all that is tried."""
TOO_LONG: Final = 256 * 1024
"""Bytes beyond which only the short list is tried; OKX takes no such request."""
_FOR_TOO_LONG: Final = tuple(entry for entry in TABLE if entry.short and entry.axis in SLOTS)


class Outcome(Struct, frozen=True, kw_only=True):
    """The result of a search, after as many hypotheses as ``tried`` says. ``hits`` all have the fewest mistakes, the
    usual ones first.
    """

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

    ``known`` are mistakes found before in requests of the same client: they are tried before anything else is even
    made, and change nothing of what is found. ``depth`` 0 stops after single named mistakes. ``runner`` runs a stage
    elsewhere.
    """
    sought = wanted(subject.signature)
    right = _right(subject, sought)
    if right or not sought:
        foreign, tried = again(subject, sought, (NEIGHBOUR,)) if right else ([], 0)
        return Outcome(hits=ranked(subject, foreign) if foreign else right, tried=len(sought) + tried)
    sizes = frozenset(map(len, sought))
    if len(subject.prehash) > TOO_LONG:
        hits, tried = run(search_space(subject, sizes, _FOR_TOO_LONG), sought, Stage(1, False, False))
        return Outcome(hits=ranked(subject, hits) if hits else (), tried=tried + 1)
    hits, tried = recalled(subject, sought, known, stages(subject, deep=deep))
    if hits:
        return Outcome(hits=ranked(subject, hits), tried=tried + 1)
    space = search_space(subject, sizes)
    for at, stage in enumerate(stages(subject, max(depth, 1), deep=deep)[: None if depth else 1]):
        hits, count = (run if at == 0 or runner is None else runner)(space, sought, stage)
        tried += count
        if hits:
            break
    return Outcome(hits=ranked(subject, hits) if hits else (), tried=tried + 1)


def _right(subject: Subject, sought: Wanted) -> tuple[Hit, ...]:
    """The right signature, perhaps in a wrong form."""
    forms = sought.get(rebuild.digest(subject.prehash, utf8(subject.keys.secret), OKX.digest, "hmac"), ())
    return tuple(Hit((), form) for form in forms if rebuild.reproduces(subject, (), form))[:1]


_WHOLE: Final = Share()


def run(space: SearchSpace, sought: Wanted, stage: Stage, share: Share = _WHOLE) -> tuple[list[Hit], int]:
    """One stage: the hits, and how many hypotheses were tried."""
    shared = islice(work(space, stage), share.number, None, share.of)
    return compared(space, sought, shared, at_most_one=stage.sweep)
