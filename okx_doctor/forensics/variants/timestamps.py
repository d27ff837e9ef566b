"""Timestamps that may have been signed in place of the one sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, count, islice
from typing import Final

from okx_doctor.forensics.search import moments
from okx_doctor.forensics.search.parts import Extent, Group, Subject, Variant
from okx_doctor.protocol.scheme import OKX

Moments = Callable[[Subject, Extent], Iterable[Group]]

_COMMON: Final = 11
_USUAL: Final = 22
_POPULOUS: Final = 10
"""The number of forms, and of zones, at the head of their lists that count as common and usual."""
_SECONDS: Final = {"full": 60, "near": 2, "deep": 600}


def other_form(subject: Subject) -> Iterator[Variant]:
    """The same moment, written in another way."""
    moment = subject.moment
    if moment is None:
        return
    for place, (_, words, write) in enumerate(moments.FORMS):
        yield Variant(write(moment).encode(), words, 3 if place < _COMMON else 2 if place < _USUAL else 1)


def rounded(subject: Subject) -> Iterator[Variant]:
    """The same second, its fraction rounded instead of cut."""
    if subject.moment is not None:
        up = (subject.moment + moments.SECOND // 2) // moments.SECOND * moments.SECOND
        yield Variant(moments.iso(up, 0).encode(), "as a date without a fraction", 1)
        yield Variant(str(up // moments.SECOND).encode(), "in seconds since 1970", 1)
        yield Variant(str(up // 1000).encode(), "in milliseconds since 1970", 1)


def dropped(subject: Subject) -> Iterator[Variant]:
    """No timestamp at all."""
    yield Variant(b"")


def placeholder(subject: Subject) -> Iterator[Variant]:
    """The words that languages print for a variable without a value."""
    for word in ("undefined", "None", "null", "NaN", "0"):
        yield Variant(word.encode(), word, 1)


def local_zone(subject: Subject) -> Iterator[Variant]:
    """The time of day of another zone, labelled as UTC, bare, or with its own offset."""
    if subject.moment is None:
        return
    for place, minutes in enumerate(moments.ZONES):
        shift = int(minutes * 60) * moments.SECOND
        local = subject.moment + shift
        words = moments.zone_words(minutes)
        sign, (hours, rest) = "+" if minutes >= 0 else "-", divmod(abs(int(minutes)), 60)
        micros = moments.iso(local, 6, "").encode()
        millis, whole = micros[:-3], micros[:-7]
        yield Variant(millis + b"Z", words, 2 if place < _POPULOUS else 1)
        yield Variant(whole + b"Z", words, 1)
        yield Variant(millis, f"{words}, without Z", 1)
        yield Variant(micros, f"{words}, six decimals, without Z", 1)
        yield Variant(millis + f"{sign}{hours:02d}:{rest:02d}".encode(), f"{words}, with its offset", 1)
        yield Variant(str(local // 1000).encode(), f"{words}, in milliseconds since 1970", 1)
        yield Variant(str(local // moments.SECOND).encode(), f"{words}, in seconds since 1970", 1)


def own_form(subject: Subject, extent: Extent) -> Iterable[Group]:
    """Moments around the one sent, in the form that was sent."""
    return _around(subject, _form_sent(subject), _SECONDS[extent])


def form_around(name: str) -> Moments:
    """Moments in this form around the one sent, within two seconds; within a minute with ``deep``."""

    def groups(subject: Subject, extent: Extent) -> Iterable[Group]:
        return _around(subject, name, 60 if extent == "deep" else 2) if _form_sent(subject) != name else ()

    return groups


def seconds_around(subject: Subject, extent: Extent) -> Iterator[Group]:
    """Whole seconds around the one sent, as a date and since 1970."""
    for name in ("iso-s", "epoch-s"):
        if name != _form_sent(subject):
            yield from _around(subject, name, _SECONDS[extent])


def _form_sent(subject: Subject) -> str:
    return moments.form_of(subject.timestamp.decode("utf-8", "replace")) or OKX.timestamp


def _around(subject: Subject, name: str, seconds: int) -> Iterator[Group]:
    """Moments in this form around the one sent, without that one; nearer groups come first."""
    moment = subject.moment
    if moment is None:
        return
    if name in _TENTHS:
        yield from _tenths(moment, name, seconds)
        return
    write = partial(moments.written, name)
    second = moment // moments.SECOND * moments.SECOND
    fine = write(second) != write(second + 1000)
    unit, most = (1000, seconds * 1000) if fine else (moments.SECOND, seconds)
    values = iter(dict.fromkeys(write(moment + step * unit).encode() for step in _steps(most)))
    while some := list(islice(values, _TOGETHER)):
        yield b"", some


_TOGETHER: Final = 256
"""Values in a group where they are written one by one."""
_TENTH: Final = moments.SECOND // 10
_TENTHS: Final[dict[str, tuple[moments.Form, tuple[bytes, ...]]]] = {
    "iso-ms": (lambda at: moments.iso(at, 0, "."), tuple(b"%02dZ" % rest for rest in range(100))),
    "epoch-ms": (lambda at: str(at // moments.SECOND), tuple(b"%02d" % rest for rest in range(100))),
}
"""For the forms that tell milliseconds: how a second begins, and what follows the digit of its tenth."""
_DIGITS: Final = tuple(b"%d" % digit for digit in range(10))


def _tenths(moment: int, name: str, seconds: int) -> Iterator[Group]:
    """The tenths of a second around a moment, nearest first. The first is its own, without the moment itself."""
    write, ends = _TENTHS[name]
    sent = moments.written(name, moment).encode()
    second, tenth = divmod(moment // _TENTH, 10)
    own = write(moment).encode() + _DIGITS[tenth]
    yield own, [end for end in ends if own + end != sent]
    after = islice(_each_tenth(write, count(second), _DIGITS), tenth + 1, None)
    before = islice(_each_tenth(write, count(second, -1), _DIGITS[::-1]), 10 - tenth, None)
    for start in islice(chain.from_iterable(zip(after, before, strict=False)), 2 * 10 * seconds):
        yield start, ends


def _each_tenth(write: moments.Form, seconds: Iterable[int], digits: Sequence[bytes]) -> Iterator[bytes]:
    """How each tenth of these seconds begins; a second is written once."""
    starts = (write(second * moments.SECOND).encode() for second in seconds)
    return chain.from_iterable([start + digit for digit in digits] for start in starts)


def _steps(count: int) -> Iterable[int]:
    """1, -1, 2, -2 and so on up to ``count``."""
    return (step for size in range(1, count + 1) for step in (size, -size))


def shift(subject: Subject, value: bytes) -> str:
    """How far a swept value lies from the one sent, in words."""
    found = moments.read(value.decode())
    if found is None or subject.moment is None:
        return ""
    return moments.shift_words(found - subject.moment // 1000 * 1000)
