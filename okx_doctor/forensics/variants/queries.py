"""Queries that may have been signed in place of the one sent. A query begins with its question mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations, permutations
from typing import Final
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from okx_doctor.forensics.search.parts import Subject, Variant, utf8
from okx_doctor.forensics.writers import styles, trees

_UNSET: Final = ("None", "undefined", "null", "", "nil")
_USUAL: Final = (
    *("after", "before", "limit", "begin", "end", "instType", "instId", "ccy", "state", "type", "uly", "instFamily"),
    *("ordType", "ordId", "clOrdId", "mgnMode", "subType", "algoId", "posId", "category"),
)
"""Optional parameters of OKX's GET endpoints, those of most endpoints first."""
_MOST_PERMUTED: Final = 5
_MOST_DROPPED: Final = 8


def parameters(query: bytes) -> list[str]:
    """``name=value`` for each parameter, unchanged."""
    text = query.decode("utf-8", "surrogateescape").removeprefix("?")
    return text.split("&") if text else []


def joined(found: list[str] | tuple[str, ...]) -> bytes:
    return f"?{'&'.join(found)}".encode("utf-8", "surrogateescape") if found else b""


def unsigned(subject: Subject) -> Iterator[Variant]:
    """No query, or its question mark alone."""
    if len(subject.query) > 1:
        yield Variant(b"")
        yield Variant(b"?", "only its question mark was signed", 2)


def trailing_mark(subject: Subject) -> Iterator[Variant]:
    """A question mark with nothing behind it, on one side only."""
    if subject.query == b"":
        yield Variant(b"?", "signed, not sent")
    elif subject.query == b"?":
        yield Variant(b"", "sent, not signed")


def reordered(subject: Subject) -> Iterator[Variant]:
    """The parameters in another order."""
    found = parameters(subject.query)
    if len(found) < 2:
        return
    for words, order in _orders():
        yield Variant(joined(order(found)), words)
    if len(found) <= _MOST_PERMUTED:
        for other in permutations(found):
            yield Variant(joined(other), "in another order", 2)


def _orders() -> tuple[tuple[str, Callable[[list[str]], list[str]]], ...]:
    def hashed(found: list[str]) -> list[str]:
        items = [(one.partition("=")[0], one) for one in found]
        return [str(one) for _, one in trees.as_java_hash_map(items)]

    return (
        ("sorted by name", lambda found: sorted(found, key=lambda one: one.partition("=")[0])),
        ("sorted", sorted),
        ("in reverse", lambda found: found[::-1]),
        ("sorted without regard to case", lambda found: sorted(found, key=str.lower)),
        ("as Java's HashMap has them", hashed),
    )


def _every(change: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    """Apply a change to names and values, not to the signs between them."""

    def apply(found: list[str]) -> list[str]:
        return ["=".join(change(part) for part in one.split("=", 1)) for one in found]

    return apply


def _lower_escapes(text: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}", lambda hit: hit.group().lower(), text)


def _upper_escapes(text: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}", lambda hit: hit.group().upper(), text)


def _recoded(safe: str, *, plus: bool = False) -> Callable[[list[str]], list[str]]:
    """Decode, and encode again leaving these characters as they are. ``plus``: a + stood for a blank."""
    decode = unquote_plus if plus else unquote
    return _every(lambda text: quote(decode(text), safe=safe))


_SAFE: Final = (
    ("as encodeURIComponent does it", "!'()*"),
    ("as quote does it", "/"),
    ("as encodeURI does it", ";,/:@&+$-_.!~*'()#"),
    ("except for commas", ","),
    ("except for commas and colons, as axios does it", ",:$[]"),
    ("in full", ""),
)
_ENCODINGS: Final[tuple[tuple[str, Callable[[list[str]], list[str]]], ...]] = (
    ("not percent-encoded", _every(unquote)),
    ("percent-encoded, as Python's urlencode does it", _every(lambda text: quote_plus(unquote_plus(text)))),
    *((f"percent-encoded {words}", _recoded(safe)) for words, safe in _SAFE),
    ("not encoded, with + decoded to a blank", _every(unquote_plus)),
    *((f"percent-encoded {words}, blanks too", _recoded(safe, plus=True)) for words, safe in _SAFE),
    ("percent-encoded twice", _every(lambda text: quote(text, safe=""))),
    ("percent-encoded with small letters", _every(lambda text: _lower_escapes(quote(unquote(text), safe="")))),
    ("its escapes in small letters", _every(_lower_escapes)),
    ("its escapes in capitals", _every(_upper_escapes)),
)


def encoded(subject: Subject) -> Iterator[Variant]:
    """The same parameters in another encoding."""
    found = parameters(subject.query)
    for words, change in _ENCODINGS if found else ():
        yield Variant(joined(change(found)), words)
    if found:
        text = subject.query.decode("utf-8", "surrogateescape")
        yield Variant(quote(text, safe="").encode(), "percent-encoded with its question mark and signs", 2)
        yield Variant(subject.query + b"&", "with an & at the end", 2)
        yield Variant(b"&" + subject.query[1:], "with & for its question mark", 2)
        yield Variant(subject.query.removesuffix(b"&"), "without the & at the end", 2)


def reordered_and_encoded(subject: Subject) -> Iterator[Variant]:
    """Another order and another encoding at once."""
    found = parameters(subject.query)
    if len(found) < 2:
        return
    both = ("query-reordered", "query-encoding")
    for order_words, order in _orders()[:3]:
        for words, change in _ENCODINGS[:8]:
            ordered = order(found)
            recoded = change(ordered)
            if ordered != found and recoded != ordered:
                yield Variant(joined(recoded), f"{order_words}, {words}", 2, both)


def other_parameters(subject: Subject) -> Iterator[Variant]:
    """Parameters dropped, added without a value, or changed in case."""
    found = parameters(subject.query)
    yield from _dropped(found)
    yield from _emptied(found)
    for name in _USUAL:
        if not any(one.partition("=")[0] == name for one in found):
            for place, word in enumerate(_UNSET):
                yield Variant(joined([*found, f"{name}={word}"]), f"with {name}={word}", 2 if place < 1 else 1)
    for words, change in (("in lower case", str.lower), ("in upper case", str.upper)):
        yield Variant(joined(_values(found, change)), f"values {words}", 2)
    yield Variant(joined([one.replace("-USDT", "USDT").replace("-", "/") for one in found]), "another symbol", 1)


def _dropped(found: list[str]) -> Iterator[Variant]:
    full = [one for one in found if one.partition("=")[2] not in _UNSET]
    if full and full != found:
        yield Variant(joined(full), "without the parameters that have no value")
    if 1 < len(found) <= _MOST_DROPPED:
        for count in (1, 2):
            for left_out in combinations(range(len(found)), count):
                kept = [one for at, one in enumerate(found) if at not in left_out]
                names = " and ".join(found[at].partition("=")[0] for at in left_out)
                if kept:
                    yield Variant(joined(kept), f"without {names}", 3 if count == 1 else 2)


def _emptied(found: list[str]) -> Iterator[Variant]:
    empty = [one for one in found if one.endswith("=")]
    for word in _UNSET if empty else ():
        filled = [f"{one}{word}" if one in empty else one for one in found]
        yield Variant(joined(filled), f"with {word} for each value that is empty", 2)
    yield Variant(joined([one.removesuffix("=") for one in found]), "without the = of empty values", 2)


def _values(found: list[str], change: Callable[[str], str]) -> list[str]:
    return [f"{name}{sign}{change(value)}" for name, sign, value in (one.partition("=") for one in found)]


def as_body(subject: Subject) -> Iterator[Variant]:
    """The parameters of a GET signed as a text behind the path, in place of the query or behind it."""
    if subject.method != b"GET":
        return
    for place, (text, words) in enumerate(_as_text(subject.query)):
        rank = 3 if place < 4 else 2
        yield Variant(text, words, rank)
        if subject.query:
            yield Variant(subject.query + text, f"{words}, and the query too", min(rank, 2))


def _as_text(query: bytes) -> Iterator[tuple[bytes, str]]:
    found = parameters(query)
    if not found or found == [""]:
        for word in ("{}", "undefined", "None", "null", '""', "[]", "[object Object]", "{ }"):
            yield word.encode(), f"{word}, although there are none"
        return
    try:
        tree = trees.from_form("&".join(found))
    except ValueError:
        return
    numeric = trees.texts_as_numbers(tree)
    chosen = sorted(styles.STYLES, key=lambda style: style.id not in ("python", "compact", "python-repr"))
    for style in chosen:
        yield utf8(styles.text_of(tree, style)), f"as {style.words}"
        yield utf8(styles.text_of(numeric, style)), f"as {style.words}, numbers unquoted"
    yield query[1:], "without the question mark"
    for text in (styles.form(tree), styles.form(trees.Pairs(tuple(trees.by_name(tree.items))))):
        yield utf8(text), "form-encoded"
    for word in ("{}", "undefined", "None", "null", '""'):
        yield query + word.encode(), f"{word} behind the query"
