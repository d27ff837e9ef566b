"""All that is tried for one request: the options of each axis, and the texts that they make, ready to be hashed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, product
from typing import Final, NamedTuple, cast

from msgspec import Struct

from okx_doctor.forensics.mistakes import SWEEPS, TABLE
from okx_doctor.forensics.search.hashing import Hasher, Keyed, digest_size, hasher, key_block
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
    Subject,
    Sweep,
    Value,
    Variant,
    utf8,
)
from okx_doctor.forensics.variants.layouts import arranged
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


@shows_only("fixed")
class Block(NamedTuple):
    """Texts with a common beginning. ``last(at)`` are the choices that make the tail at this place."""

    fixed: tuple[Choice, ...]
    prefix: bytes
    tails: Sequence[bytes]
    last: Callable[[int], tuple[Choice, ...]]


Options = Mapping[Axis, Sequence[Option]]


@shows_only("subject", "sizes")
class SearchSpace(Struct, frozen=True, kw_only=True):
    """The options of one request. ``sizes`` are the digest sizes that its signature can have."""

    subject: Subject
    sizes: frozenset[int]
    options: Options
    secret: bytes

    def ranked(self, rank: int) -> Options:
        """The options that are at least this usual."""
        return {axis: [one for one in found if one.rank >= rank] for axis, found in self.options.items()}

    def short(self) -> Options:
        """The short list."""
        return {axis: [one for one in found if one.short and one.rank == 3] for axis, found in self.options.items()}


def search_space(subject: Subject, sizes: frozenset[int], table: Sequence[Mistake] = TABLE) -> SearchSpace:
    """Every option that the table has for this request."""
    secret = utf8(subject.keys.secret)
    found: dict[Axis, dict[object, Option]] = {}
    right = {axis: _right(axis, subject, secret) for axis in {mistake.axis for mistake in table}}
    owner = subject.keys.closed(), Secret(subject.sent_key), Secret(subject.sent_passphrase)
    for mistake in table:
        known = found.setdefault(mistake.axis, {})
        made = _wrong_keys(mistake, *owner) if mistake.axis == "key" else _options(mistake, subject)
        for identity, option in made:
            earlier = known.get(identity)
            if identity == right[mistake.axis]:
                continue
            if earlier is None:
                known[identity] = option
            elif option.rank > earlier.rank or option.short > earlier.short:
                rank, short = max(option.rank, earlier.rank), option.short or earlier.short
                known[identity] = earlier._replace(rank=rank, short=short)
    return SearchSpace(
        subject=subject,
        sizes=sizes,
        options={axis: list(options.values()) for axis, options in found.items()},
        secret=secret,
    )


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
        return _text(cast(Layout, value), subject)
    if axis == "separator":
        return _text(arranged(OKX_LAYOUT, cast(Separator, value), subject), subject)
    return value


def _right(axis: Axis, subject: Subject, secret: bytes) -> object:
    if axis == "key":
        return key_block(secret, OKX.digest)
    if axis in ("order", "separator"):
        return subject.prehash
    return subject.part(axis) if axis in SLOTS else None


def _text(layout: Layout, subject: Subject) -> bytes:
    return b"".join(item if isinstance(item, bytes) else subject.part(item) for item in layout)


def keyings(space: SearchSpace, axes: Sequence[Axis], options: Options) -> list[Keying]:
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


def blocks(subject: Subject, axes: Sequence[Axis], options: Options) -> Iterator[Block]:
    """Every text with a mistake on each of these axes, grouped by what the texts share."""
    for layout, choices in _layouts(subject, axes, options):
        places = {item: at for at, item in reversed(list(enumerate(layout))) if not isinstance(item, bytes)}
        slots = [axis for axis in axes if axis in SLOTS]
        if any(slot not in places for slot in slots):
            continue  # a part that is not signed cannot be signed wrongly
        slots.sort(key=lambda slot: places[slot])
        if not slots:
            yield Block(choices, b"", (_text(layout, subject),), lambda at: ())
            continue
        *earlier, last = slots
        between = _segments(layout, [places[slot] for slot in slots], subject)
        final = [option.choice for option in options.get(last, ())]
        end, values = between[-1], cast(list[bytes], [choice.value for choice in final])
        tails = [value + end for value in values] if end else values
        for chosen in product(*(options.get(slot, ()) for slot in earlier)) if tails else ():
            prefix = between[0]
            for option, segment in zip(chosen, between[1:], strict=False):
                prefix += cast(bytes, option.choice.value) + segment
            fixed = choices + tuple(option.choice for option in chosen)
            yield Block(fixed, prefix, tails, _one_of(final))


def _one_of(choices: Sequence[Choice]) -> Callable[[int], tuple[Choice, ...]]:
    return lambda at: (choices[at],)


def _layouts(subject: Subject, axes: Sequence[Axis], options: Options) -> Iterator[tuple[Layout, tuple[Choice, ...]]]:
    orders = [(cast(Layout, one.choice.value), (one.choice,)) for one in options.get("order", ())]
    ordered: Sequence[tuple[Layout, tuple[Choice, ...]]] = orders if "order" in axes else [(OKX_LAYOUT, ())]
    if "separator" not in axes:
        yield from ordered
        return
    for layout, choices in ordered:
        for one in options.get("separator", ()):
            yield arranged(layout, cast(Separator, one.choice.value), subject), (*choices, one.choice)


def _segments(layout: Layout, places: Sequence[int], subject: Subject) -> list[bytes]:
    """The text before, between and after the parts at these places."""
    bounds = [-1, *places, len(layout)]
    return [_text(layout[start + 1 : end], subject) for start, end in pairwise(bounds)]


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
