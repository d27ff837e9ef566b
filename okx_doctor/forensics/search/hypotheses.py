"""All that is tried for one request: the options of each axis, and the texts that they make, ready to be hashed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import Final, NamedTuple, cast, get_args

from msgspec import Struct

from okx_doctor.forensics.mistakes import SWEEPS, TABLE
from okx_doctor.forensics.search.hashing import Hasher, Keyed, digest_size, hasher
from okx_doctor.forensics.search.parts import (
    OKX_LAYOUT,
    SLOTS,
    Axis,
    Choice,
    HmacVariant,
    Keys,
    Layout,
    Mistake,
    Separator,
    Slot,
    Subject,
    Sweep,
    Value,
    Variant,
    Where,
    utf8,
)
from okx_doctor.forensics.variants.layouts import arranged, gaps, spaced
from okx_doctor.protocol.keyed import key_block
from okx_doctor.protocol.scheme import OKX
from okx_doctor.secrets.secret import Secret, shows_only

TEXT_AXES: Final[tuple[Axis, ...]] = (*SLOTS, "order", "separator")
KEY_AXES: Final[tuple[Axis, ...]] = ("key", "hash", "arguments")


@shows_only("choice", "rank", "short")
class Option(NamedTuple):
    """One wrong value of an axis, how usual it is, and whether it is on the short list. ``keyed`` is a wrong key, ready
    to hash as OKX does.
    """

    choice: Choice
    rank: int
    short: bool
    keyed: Keyed | None = None


class Keying(NamedTuple):
    """A way to hash, with the mistakes in it."""

    choices: tuple[Choice, ...]
    hasher: Hasher


Last = Callable[[int], tuple[Choice, ...]]
"""The choices of a text by its place among the tails."""


@shows_only("fixed")
class Block(NamedTuple):
    """Texts with a common beginning. ``last(at)`` are the choices that make the tail at this place."""

    fixed: tuple[Choice, ...]
    prefix: bytes
    tails: Sequence[bytes]
    last: Last


class Options:
    """The wrong values of one axis, each once, made as far as they are asked for. Of two that mean the same the earlier
    one counts, and is as usual as the more usual of them.
    """

    __slots__ = ("_known", "_left")

    def __init__(self, made: Iterable[tuple[object, Option]]) -> None:
        self._left = iter(made)
        self._known: dict[object, Option] = {}

    def every(self) -> Collection[Option]:
        """All of them, in the order of the table."""
        for _ in self._more():
            pass
        return self._known.values()

    def meaning(self, identity: object, rank: int) -> Option | None:
        """The one with this identity, if it is at least this usual."""
        found = self._known.get(identity)
        if found is None or found.rank < rank:
            found = next((one for known, one in self._more() if known == identity and one.rank >= rank), None)
        return found

    def _more(self) -> Iterator[tuple[object, Option]]:
        """Those that are not made yet, one after the other."""
        known = self._known
        for identity, option in self._left:
            earlier = known.get(identity)
            if earlier is None:
                known[identity] = option
            elif option.rank > earlier.rank or option.short > earlier.short:
                rank, short = max(option.rank, earlier.rank), option.short or earlier.short
                known[identity] = earlier._replace(rank=rank, short=short)
            yield identity, known[identity]


@shows_only("subject", "sizes")
class SearchSpace(Struct, frozen=True, kw_only=True):
    """The options of one request. ``sizes`` are the digest sizes that its signature can have."""

    subject: Subject
    sizes: frozenset[int]
    options: Mapping[Axis, Options]
    secret: bytes

    def usual(self, axis: Axis, rank: int) -> list[Option]:
        """The options of an axis that are at least this usual."""
        return [one for one in self.options[axis].every() if one.rank >= rank]

    def ranked(self, rank: int) -> Chosen:
        """Those of each axis."""
        return {axis: self.usual(axis, rank) for axis in self.options}

    def short(self) -> Chosen:
        """The short list."""
        return {
            axis: [one for one in found.every() if one.short and one.rank == 3] for axis, found in self.options.items()
        }


Chosen = Mapping[Axis, Sequence[Option]]
"""Options that are combined with each other."""


def search_space(subject: Subject, sizes: frozenset[int], table: Sequence[Mistake] = TABLE) -> SearchSpace:
    """Every option that the table has for this request; none of them is made before it is asked for."""
    secret = utf8(subject.keys.secret)
    options = {axis: Options(_wrong(axis, table, subject, secret)) for axis in {mistake.axis for mistake in table}}
    return SearchSpace(subject=subject, sizes=sizes, options=options, secret=secret)


def _wrong(axis: Axis, table: Sequence[Mistake], subject: Subject, secret: bytes) -> Iterator[tuple[object, Option]]:
    """The values that the mistakes about an axis make of a request, the right one left out."""
    right = _right(axis, subject, secret)
    owner = subject.keys.closed(), Secret(subject.sent_key), Secret(subject.sent_passphrase)
    for mistake in table:
        if mistake.axis == axis:
            made = _wrong_keys(mistake, *owner) if axis == "key" else _options(mistake, subject)
            yield from (one for one in made if one[0] != right)


def _options(mistake: Mistake, subject: Subject) -> list[tuple[object, Option]]:
    """The options that a mistake makes of a request, each with its identity."""
    axis, cause, short = mistake.axis, (mistake.cause,), mistake.short
    return [
        (
            value if axis not in _DERIVED else _identity(axis, value, subject),
            Option(Choice(mistake.id, axis, value, note, causes or cause, mistake.done), rank, short),
        )
        for value, note, rank, causes in variants(mistake, subject)
    ]


@lru_cache(maxsize=128)
def _wrong_keys(mistake: Mistake, keys: Keys, sent_key: Secret, sent_passphrase: Secret) -> list[tuple[object, Option]]:
    """The same for a mistake about the key, which is one for all requests of a client."""
    client = Subject(
        timestamp=b"",
        method=b"",
        path=b"",
        query=b"",
        body=b"",
        signature="",
        keys=keys.opened(),
        sent_key=sent_key.reveal(),
        sent_passphrase=sent_passphrase.reveal(),
    )
    return [
        (identity, option._replace(keyed=Keyed(cast(bytes, option.choice.value), OKX.digest)))
        for identity, option in _options(mistake, client)
    ]


def variants(mistake: Mistake, subject: Subject) -> list[Variant]:
    """The variants that a mistake makes of a request. Bytes that are not text end it: nobody can have written them."""
    made: list[Variant] = []
    try:
        for variant in mistake.rebuild(subject):
            made.append(variant)
    except (UnicodeError, OverflowError):
        pass
    return made


_DERIVED: Final = frozenset({"key", "order", "separator"})
"""The axes on which two values may mean the same."""


def _identity(axis: Axis, value: Value, subject: Subject) -> object:
    """The identity of a value: for a key its block, for a layout the text that it makes."""
    if axis == "key":
        return key_block(cast(bytes, value), OKX.digest)
    if axis == "order":
        return _text(cast(Layout, value), _parts(subject))
    if axis == "separator":
        return _text(arranged(OKX_LAYOUT, cast(Separator, value), subject), _parts(subject))
    return value


def _right(axis: Axis, subject: Subject, secret: bytes) -> object:
    if axis == "key":
        return key_block(secret, OKX.digest)
    if axis in ("order", "separator"):
        return subject.prehash
    return subject.part(axis) if axis in SLOTS else None


Parts = Mapping[Slot, bytes]
"""The bytes that OKX puts into each slot."""


def _parts(subject: Subject) -> Parts:
    return {slot: subject.part(slot) for slot in SLOTS}


def _text(layout: Layout, parts: Parts) -> bytes:
    return b"".join([item if isinstance(item, bytes) else parts[item] for item in layout])


def keyings(space: SearchSpace, axes: Sequence[Axis], options: Chosen) -> list[Keying]:
    """Every way to hash with a mistake on each of these axes, as far as its digest has a size that is sought."""
    made: list[Keying] = []
    is_sought = digest_size(OKX.digest) in space.sizes
    for chosen in product(*(options.get(axis, ()) for axis in axes)):
        if len(chosen) == 1 and (keyed := chosen[0].keyed) is not None:
            if is_sought:
                made.append(Keying((chosen[0].choice,), keyed))
            continue
        values: dict[Axis, Value] = {option.choice.axis: option.choice.value for option in chosen}
        algorithm = cast(str, values.get("hash", OKX.digest))
        manner = cast(HmacVariant, values.get("arguments", "hmac"))
        if digest_size(algorithm) in space.sizes and not (manner == "plain" and "key" in values):
            key = cast(bytes, values.get("key", space.secret))
            made.append(Keying(tuple(option.choice for option in chosen), hasher(manner, key, algorithm)))
    return made


def blocks(subject: Subject, axes: Sequence[Axis], options: Chosen) -> Iterator[Block]:
    """Every text with a mistake on each of these axes, grouped by what the texts share, as far as many share it."""
    whole: list[bytes] = []
    made: list[tuple[Choice, ...]] = []
    orders = _orders(axes, options.get("order", ()))
    for choices, slots, between in _frames(subject, axes, orders, options.get("separator", ())):
        if not slots:
            whole += between
            made.append(choices)
            continue
        *earlier, last = slots
        tails, ends = _ends(options.get(last, ()), [between[-1]], lambda at: ())
        while earlier and len(tails) < _FEW:
            segment = between[len(earlier)]
            tails, ends = _ends(options.get(earlier.pop(), ()), [segment + tail for tail in tails], ends)
        beginnings = [
            [(cast(bytes, option.choice.value) + segment, option.choice) for option in options.get(slot, ())]
            for slot, segment in zip(earlier, between[1:], strict=False)
        ]
        for chosen in product(*beginnings) if tails else ():
            prefix = between[0] + b"".join([text for text, _ in chosen])
            yield Block((*choices, *[choice for _, choice in chosen]), prefix, tails, ends)
    if whole:
        yield Block((), b"", whole, made.__getitem__)


_FEW: Final = 32
"""Fewer tails than these cost more to prepare for than a common beginning saves."""


def _ends(options: Sequence[Option], behind: Sequence[bytes], last: Last) -> tuple[list[bytes], Last]:
    """Each value of a slot with each of the texts behind it; the choices that make one of them, as ``last`` has them
    for what is behind.
    """
    values = cast(list[bytes], [option.choice.value for option in options])
    tails = [value + tail for value in values for tail in behind] if any(behind) else values
    count = len(behind)
    return tails, lambda at: (options[at // count].choice, *last(at % count))


def making(space: SearchSpace, text: bytes, axes: Sequence[Axis], rank: int) -> Iterator[tuple[Choice, ...]]:
    """The choices on each of these axes, at least this usual, that make this text: nothing is hashed for it."""
    subject = space.subject
    orders = [
        (layout, choices)
        for layout, choices in _orders(axes, space.usual("order", rank) if "order" in axes else ())
        if all(item in axes or (item if isinstance(item, bytes) else subject.part(item)) in text for item in layout)
    ]
    separators = space.usual("separator", rank) if orders and "separator" in axes else ()
    for choices, slots, between in _frames(subject, axes, orders, separators):
        if text.startswith(between[0]) and text.endswith(between[-1]):
            for filled in _filling(space, text.removeprefix(between[0]), slots, between[1:], rank):
                yield choices + filled


def _filling(
    space: SearchSpace, text: bytes, slots: Sequence[Slot], behind: Sequence[bytes], rank: int
) -> Iterator[tuple[Choice, ...]]:
    """Choices for these slots, with these bytes behind each, that make this text."""
    if not slots:
        yield from () if text else ((),)
        return
    first, *later = slots
    if not later:
        found = space.options[first].meaning(text.removesuffix(behind[0]), rank) if text.endswith(behind[0]) else None
        yield from ((found.choice,),) if found else ()
    elif behind[0] in text:
        for option in space.usual(first, rank):
            start = cast(bytes, option.choice.value) + behind[0]
            if text.startswith(start):
                for rest in _filling(space, text.removeprefix(start), later, behind[1:], rank):
                    yield (option.choice, *rest)


def surroundings(
    subject: Subject, slot: Slot, axis: Axis, options: Chosen
) -> Iterator[tuple[tuple[Choice, ...], bytes, bytes]]:
    """The texts before and behind a slot under each mistake on an axis that arranges."""
    axes = (slot, axis)
    orders = _orders(axes, options.get("order", ()))
    for choices, _, (before, behind) in _frames(subject, axes, orders, options.get("separator", ())):
        yield choices, before, behind


Ordered = tuple[Layout, tuple[Choice, ...]]
"""A layout, with the choice of it where it is not OKX's."""


def _frames(
    subject: Subject, axes: Sequence[Axis], orders: Sequence[Ordered], separators: Sequence[Option]
) -> Iterator[tuple[tuple[Choice, ...], list[Slot], list[bytes]]]:
    """Every arrangement with a mistake on those of the axes that arrange, with the other axes, which are slots, in its
    order, and the bytes before, between and after them.
    """
    slots: list[Slot] = [axis for axis in axes if axis in SLOTS]
    parts = _parts(subject)
    for layout, choices in _arrangements(subject, axes, orders, separators):
        if all(slot in layout for slot in slots):  # a part that is not signed cannot be signed wrongly
            slots = sorted(slots, key=layout.index)
            yield choices, slots, _segments(layout, [layout.index(slot) for slot in slots], parts)


def _orders(axes: Sequence[Axis], options: Sequence[Option]) -> list[Ordered]:
    if "order" not in axes:
        return [(OKX_LAYOUT, ())]
    return [(cast(Layout, one.choice.value), (one.choice,)) for one in options]


def _arrangements(
    subject: Subject, axes: Sequence[Axis], orders: Sequence[Ordered], separators: Sequence[Option]
) -> Iterator[Ordered]:
    if "separator" not in axes:
        yield from orders
        return
    for layout, choices in orders:
        places = {where: gaps(layout, where, subject) for where in get_args(Where)}
        for one in separators:
            text, where = cast(Separator, one.choice.value)
            yield spaced(layout, text, places[where]), (*choices, one.choice)


def _segments(layout: Layout, places: Sequence[int], parts: Parts) -> list[bytes]:
    """The text before, between and after the parts at these places."""
    bounds = [-1, *places, len(layout)]
    return [_text(layout[start + 1 : end], parts) for start, end in pairwise(bounds)]


def swept(sweep: Sweep, value: bytes) -> Choice:
    """One value of a sweep as a choice, without its note: ``with_note`` adds that once the choice has hit."""
    return Choice(sweep.id, sweep.axis, value, "", (sweep.cause,), sweep.done)


def with_note(choice: Choice, subject: Subject) -> Choice:
    """A sweep's choice with its note."""
    for sweep in SWEEPS:
        if sweep.id == choice.mistake:
            return choice._replace(note=sweep.note(subject, cast(bytes, choice.value)))
    return choice


def sweeps(axis: Axis) -> tuple[Sweep, ...]:
    """The sweeps of an axis."""
    return tuple(sweep for sweep in SWEEPS if sweep.axis == axis)
