"""Timestamps that may have been signed in place of the one sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice
from typing import Final

from okx_doctor.forensics.search import moments
from okx_doctor.forensics.search.parts import Extent, Subject, Variant
from okx_doctor.protocol.scheme import OKX

Moments = Callable[[Subject, Extent, bytes], Iterable[bytes]]

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


def own_form(subject: Subject, extent: Extent, behind: bytes) -> Iterable[bytes]:
    """Moments around the one sent, in the form that was sent, nearest first."""
    name = moments.form_of(subject.timestamp.decode("utf-8", "replace")) or OKX.timestamp
    return _around(subject, name, _SECONDS[extent], behind)


def form_around(name: str) -> Moments:
    """Moments within two seconds of the one sent, in this form."""

    def values(subject: Subject, extent: Extent, behind: bytes) -> Iterable[bytes]:
        own = moments.form_of(subject.timestamp.decode("utf-8", "replace")) or OKX.timestamp
        return _around(subject, name, 60 if extent == "deep" else 2, behind) if own != name else []

    return values


def seconds_around(subject: Subject, extent: Extent, behind: bytes) -> list[bytes]:
    """Whole seconds around the one sent, as a date and since 1970."""
    own = moments.form_of(subject.timestamp.decode("utf-8", "replace")) or OKX.timestamp
    names = [name for name in ("iso-s", "epoch-s") if name != own]
    return [value for name in names for value in _around(subject, name, _SECONDS[extent], behind)]


def _around(subject: Subject, name: str, seconds: int, behind: bytes) -> Iterable[bytes]:
    if subject.moment is None:
        return []
    centre = subject.moment // 1000
    if name == "iso-ms":
        return _iso_around(centre, seconds, behind)
    if name == "epoch-ms":
        return (str(centre + step).encode() + behind for step in _steps(seconds * 1000))
    write = next(form for known, _, form in moments.FORMS if known == name)
    fine = len({write(centre * 1000 + step) for step in (0, 1000, 2000, 3000)}) > 1
    unit, most = (1000, seconds * 1000) if fine else (moments.SECOND, seconds)
    return dict.fromkeys(write(subject.moment + step * unit).encode() + behind for step in _steps(most))


def _steps(count: int) -> Iterable[int]:
    """1, -1, 2, -2 and so on up to ``count``."""
    return (step for size in range(1, count + 1) for step in (size, -size))


_MILLISECONDS: Final = tuple(b".%03dZ" % step for step in range(1000))


def _iso_around(centre: int, seconds: int, behind: bytes) -> Iterator[bytes]:
    """The milliseconds around one, as ISO dates: each second is formatted once."""
    second, millisecond = divmod(centre, 1000)
    tails = [tail + behind for tail in _MILLISECONDS]
    after = islice(_iso_seconds(second, 1, tails), millisecond + 1, None)
    before = islice(_iso_seconds(second, -1, tails[::-1]), 1000 - millisecond, None)
    return islice(chain.from_iterable(zip(after, before, strict=False)), 2 * seconds * 1000)


def _iso_seconds(start: int, step: int, tails: Sequence[bytes]) -> Iterator[bytes]:
    """This second and those beyond it, each with every tail."""
    heads = (moments.iso(second * moments.SECOND, 0, "").encode() for second in count(start, step))
    return chain.from_iterable([head + tail for tail in tails] for head in heads)


def shift(subject: Subject, value: bytes) -> str:
    """How far a swept value lies from the one sent, in words."""
    found = moments.read(value.decode())
    if found is None or subject.moment is None:
        return ""
    return moments.shift_words(found - subject.moment // 1000 * 1000)
