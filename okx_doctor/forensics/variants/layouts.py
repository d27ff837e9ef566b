"""Other ways to put the parts together: their order, separators between them, other hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Final
from urllib.parse import quote

from okx_doctor.forensics.search.parts import (
    OKX_LAYOUT,
    HmacVariant,
    Layout,
    Separator,
    Slot,
    Subject,
    Value,
    Variant,
    Where,
    utf8,
)

_NAMES: Final[dict[str, tuple[Slot, ...]]] = {
    "timestamp": ("timestamp",),
    "method": ("method",),
    "path": ("path", "query"),
    "body": ("body",),
}
_SEPARATORS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\n", "newlines"),
    (b" ", "blanks"),
    (b"&", "&"),
    (b"|", "|"),
    (b",", "commas"),
    (b":", "colons"),
    (b"\r\n", "CR and newline"),
    (b"-", "dashes"),
    (b"_", "underscores"),
    (b".", "dots"),
    (b";", "semicolons"),
    (b"+", "+"),
    (b"\\n", "a backslash and an n"),
    (b", ", "commas and blanks"),
    (b"\t", "tabs"),
    (b"/", "slashes"),
    (b"\0", "zero bytes"),
    (b"#", "#"),
    (b"::", "double colons"),
)
_ENCODINGS: Final[tuple[tuple[str, str], ...]] = (
    ("utf-16-le", "as UTF-16, as C#'s Encoding.Unicode has it"),
    ("utf-16-be", "as UTF-16, big end first"),
    ("ascii", "as ASCII, with ? for every letter beyond it"),
    ("cp1252", "as Windows-1252"),
    ("latin-1", "as ISO 8859-1"),
    ("gb18030", "as GB 18030"),
)
HASH_NAMES: Final = {
    "sha512": "SHA-512",
    "sha1": "SHA-1",
    "md5": "MD5",
    "sha384": "SHA-384",
    "sha3_256": "SHA3-256",
    "sha224": "SHA-224",
    "sha512_256": "SHA-512/256",
    "blake2s": "BLAKE2s",
    "sha3_512": "SHA3-512",
    "blake2b": "BLAKE2b",
}
"""Hashes that programs use by mistake, the usual ones first; not every OpenSSL has all of them."""


def other_order(subject: Subject) -> Iterator[Variant]:
    """Every other order of timestamp, method, path with query, and body."""
    for names in permutations(_NAMES):
        layout: Layout = tuple(slot for name in names for slot in _NAMES[name])
        if layout != OKX_LAYOUT:
            yield Variant(
                layout, ", ".join(names), 3 if names.index("timestamp") == 1 else 2 if names[0] == "method" else 1
            )
    yield Variant(("timestamp", "method", "path", "body", "query"), "the query behind the body", 2)
    yield Variant(("timestamp", "method", "query", "path", "body"), "the query before the path", 1)


def twice(subject: Subject) -> Iterator[Variant]:
    """One part signed two times."""
    for slot in ("timestamp", "method", "path", "query", "body"):
        at = OKX_LAYOUT.index(slot)
        layout: Layout = (*OKX_LAYOUT[: at + 1], subject.part(slot), *OKX_LAYOUT[at + 1 :])
        yield Variant(layout, f"the {slot} twice", 1)
    yield Variant((*OKX_LAYOUT, subject.timestamp), "the timestamp again at the end", 1)
    yield Variant((*OKX_LAYOUT, *OKX_LAYOUT), "the whole text twice", 0)


def with_passphrase(subject: Subject) -> Iterator[Variant]:
    """The passphrase added to the text."""
    for text in dict.fromkeys((subject.keys.passphrase, subject.sent_passphrase)):
        if text:
            yield from _added(utf8(text))


def with_api_key(subject: Subject) -> Iterator[Variant]:
    """The API key added to the text, as other exchanges want it."""
    for text in dict.fromkeys((subject.keys.api_key, subject.sent_key)):
        if text:
            yield from _added(utf8(text))


def with_secret(subject: Subject) -> Iterator[Variant]:
    """The secret added to the text."""
    yield from _added(utf8(subject.keys.secret))


def _added(text: bytes) -> Iterator[Variant]:
    places = ("in front", "behind the timestamp", "behind the method", "behind the path", "", "at the end")
    for at, words in enumerate(places):
        if words:
            yield Variant((*OKX_LAYOUT[:at], text, *OKX_LAYOUT[at:]), words, 3 if at == 5 else 2 if at == 0 else 1)
    yield Variant((*OKX_LAYOUT[:4], text, "body"), "behind the query", 1)


def in_another_encoding(subject: Subject) -> Iterator[Variant]:
    """The whole text in another character encoding than UTF-8."""
    text = subject.prehash.decode()
    for name, words in _ENCODINGS:
        yield Variant((text.encode(name, "replace"),), words, 2)
    yield Variant((b"\xff\xfe" + text.encode("utf-16-le"),), "as UTF-16 with its mark", 1)
    yield Variant((b"\xef\xbb\xbf" + subject.prehash,), "as UTF-8 with a byte order mark", 1)


def encoded(subject: Subject) -> Iterator[Variant]:
    """Path and query percent-encoded together."""
    target = subject.target.decode("utf-8", "surrogateescape")
    for safe, words in (
        ("", "percent-encoded, slashes too"),
        ("/", "percent-encoded"),
        ("/?=", "its values percent-encoded"),
    ):
        escaped = quote(target, safe=safe, errors="surrogateescape").encode()
        yield Variant(("timestamp", "method", escaped, "body"), words, 2)


def separated(subject: Subject) -> Iterator[Variant]:
    """Something between the parts."""
    for place, (text, words) in enumerate(_SEPARATORS):
        rank = 3 if place < 2 else 2 if place < 5 else 1
        yield Variant(Separator(text, "between"), f"{words} between the parts", rank)
        yield Variant(Separator(text, "always"), f"{words} between the parts, before the empty body too", rank)


def ended(subject: Subject) -> Iterator[Variant]:
    """Something behind the last part, as echo adds a newline."""
    ends = ((b"\n", "a newline", 3), (b"\r\n", "CR and newline", 2), (b" ", "a blank", 2), (b"\0", "a zero byte", 1))
    for text, words, rank in ends:
        yield Variant(Separator(text, "end"), f"{words} behind the last part", rank)


def arranged(layout: Layout, separator: Separator, subject: Subject) -> Layout:
    """The layout with a separator in it: path and query are one part, added texts are parts too."""
    return spaced(layout, separator.text, gaps(layout, separator.where, subject))


def spaced(layout: Layout, text: bytes, places: Sequence[int]) -> Layout:
    """The layout with a text before each of these places, which come from the last to the first."""
    items = list(layout)
    for at in places:
        items.insert(at, text)
    return tuple(items)


def gaps(layout: Layout, where: Where, subject: Subject) -> list[int]:
    """The places before which a separator is put, from the last to the first."""
    if where == "end":
        return [len(layout)]
    return [
        at
        for at, item in reversed(list(enumerate(layout)))
        if at and item != "query" and (where == "always" or (item if isinstance(item, bytes) else subject.part(item)))
    ]


def hashes(subject: Subject) -> Iterator[Variant]:
    """HMAC with another hash."""
    for place, (name, words) in enumerate(HASH_NAMES.items()):
        if name in hashlib.algorithms_available:
            yield Variant(name, words, 3 if place < 3 else 2)


def _manner(manner: HmacVariant, note: str, rank: int = 3) -> Variant:
    value: Value = manner
    return Variant(value, note, rank)


def swapped(subject: Subject) -> Iterator[Variant]:
    """Key and message have changed places."""
    yield _manner("swapped", "")


def unkeyed(subject: Subject) -> Iterator[Variant]:
    """A hash without HMAC."""
    yield _manner("plain", "the text alone")
    yield _manner("secret first", "the secret in front of the text")
    yield _manner("secret last", "the secret behind the text")


def hashed_first(subject: Subject) -> Iterator[Variant]:
    """HMAC over the hash of the text."""
    yield _manner("hex digest first", "over the hexadecimal SHA-256 of the text", 2)
    yield _manner("digest first", "over the SHA-256 of the text", 2)
