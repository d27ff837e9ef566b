"""Bodies that may have been signed in place of the one sent."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

from msgspec.structs import replace

from okx_doctor.forensics.search.parts import Subject, Variant, utf8
from okx_doctor.forensics.variants import queries
from okx_doctor.forensics.writers import numbers, styles, trees
from okx_doctor.forensics.writers.styles import COMPACT, PYTHON, Style
from okx_doctor.forensics.writers.trees import ORDERS, Number, Pairs, Tree

_MOST_FIELDS: Final = 16
_PAIRED: Final = 10
_REWRITTEN: Final = (PYTHON, COMPACT, next(style for style in styles.STYLES if style.id == "python-repr"))
_NUMBER_FORMS: Final[tuple[tuple[str, Callable[[Tree], Tree]], ...]] = (
    ("numbers in quotes", trees.numbers_as_texts),
    ("numbers without their quotes", trees.texts_as_numbers),
    ("numbers as JavaScript writes them", lambda tree: trees.changed_numbers(tree, numbers.js_number)),
    ("numbers as floats", lambda tree: trees.changed_numbers(tree, lambda text: repr(float(text)))),
    (
        "numbers without their quotes, as floats",
        lambda tree: trees.changed_numbers(trees.texts_as_numbers(tree), lambda text: repr(float(text))),
    ),
    (
        "numbers without their quotes, as JavaScript writes them",
        lambda tree: trees.changed_numbers(trees.texts_as_numbers(tree), numbers.js_number),
    ),
)


def tree_of(subject: Subject) -> Tree | None:
    """The body's JSON object or list; ``None`` for every other body."""
    if subject.body[:1] not in (b"{", b"["):
        return None
    try:
        return trees.read(subject.body)
    except ValueError:
        return None


def unsigned(subject: Subject) -> Iterator[Variant]:
    """No body."""
    if subject.body:
        yield Variant(b"")


def written_as(style: Style) -> Callable[[Subject], Iterator[Variant]]:
    """The same JSON as one library writes it, with its keys in the given order and in others."""
    usual = style in _REWRITTEN
    as_sent = replace(style, number=numbers.as_sent)

    def rebuild(subject: Subject) -> Iterator[Variant]:
        tree = tree_of(subject)
        if tree is None:
            return
        for words, order in ORDERS:
            rank = 3 if not words or (usual and words == "keys sorted") else 1
            yield Variant(utf8(styles.text_of(tree, style, order)), words, rank)
            if trees.has_fractions(tree):
                kept = f"{words}, numbers as they were sent" if words else "numbers as they were sent"
                yield Variant(utf8(styles.text_of(tree, as_sent, order)), kept, rank)

    return rebuild


def number_forms(subject: Subject) -> Iterator[Variant]:
    """The same JSON with its numbers spelled in other ways."""
    tree = tree_of(subject)
    if tree is None:
        return
    own = styles.style_of(subject.body, tree)
    for words, change in _NUMBER_FORMS:
        for style in dict.fromkeys((own, *_REWRITTEN)):
            rank = 3 if style is own else 2
            yield Variant(utf8(styles.text_of(change(tree), style)), f"{words}, as {style.words}", rank)


def edges(subject: Subject) -> Iterator[Variant]:
    """The body as it was sent, with another end or beginning."""
    body = subject.body
    if not body:
        return
    for tail, words in ((b"\n", "a newline"), (b"\r\n", "CR and newline"), (b" ", "a blank"), (b"\0", "a zero byte")):
        yield Variant(body + tail, f"with {words} at the end", 2)
        yield Variant(body.removesuffix(tail), f"without {words} at the end", 2)
    yield Variant(body.strip(), "without blanks at its ends", 2)
    yield Variant(b"\xef\xbb\xbf" + body, "with a byte order mark", 1)
    yield Variant(b"\n" + body, "with a newline in front", 1)
    yield Variant(bytes(byte for byte in body if byte not in b" \t\r\n"), "with all blanks taken out", 2)
    yield Variant(body.lower(), "in lower case", 2)
    yield Variant(body.upper(), "in upper case", 1)
    yield Variant(body.replace(b'"', b"'"), "with single quotes", 2)
    yield Variant(body.replace(b'"', b""), "without its quotes", 2)
    yield Variant(body.replace(b'"', b'\\"'), "with escaped quotes", 2)
    yield Variant(body.replace(b"\n", b"\r\n"), "with CR before each newline", 1)


def percent_encoded(subject: Subject) -> Iterator[Variant]:
    """The body percent-encoded or decoded, in base64, or its hash."""
    text = subject.body.decode("utf-8", "surrogateescape")
    if not text:
        return
    yield Variant(quote(text, safe="", errors="surrogateescape").encode(), "percent-encoded", 2)
    yield Variant(quote_plus(text, errors="surrogateescape").encode(), "percent-encoded with + for blanks", 2)
    yield Variant(unquote_plus(text).encode("utf-8", "surrogateescape"), "percent-decoded", 2)
    yield Variant(base64.b64encode(subject.body), "in base64", 1)
    for name in ("md5", "sha256", "sha512"):
        digest = hashlib.new(name, subject.body, usedforsecurity=False)
        yield Variant(digest.hexdigest().encode(), f"its {name} in hexadecimal", 1)
        yield Variant(base64.b64encode(digest.digest()), f"its {name} in base64", 1)


def double_encoded(subject: Subject) -> Iterator[Variant]:
    """JSON inside a JSON string, on one side only."""
    text = subject.body.decode("utf-8", "replace")
    if not text:
        return
    yield Variant(utf8(json.dumps(text)), "signed twice encoded")
    yield Variant(utf8(json.dumps(text, ensure_ascii=False)), "signed twice encoded", 2)
    yield Variant(utf8(repr(text)), "signed in quotes, as Python prints a text", 2)
    if isinstance(tree_of(subject), Pairs | list):
        for style in _REWRITTEN[:2]:
            tree = trees.read(subject.body)
            yield Variant(utf8(json.dumps(styles.text_of(tree, style))), f"signed twice, as {style.words}", 2)
    if text.startswith('"'):
        yield from _inner(subject.body)


def _inner(body: bytes) -> Iterator[Variant]:
    try:
        inner = json.loads(body)
        if not isinstance(inner, str):
            return
        yield Variant(utf8(inner), "sent twice encoded")
        tree = trees.read(utf8(inner))
    except ValueError:
        return
    for style in _REWRITTEN:
        yield Variant(utf8(styles.text_of(tree, style)), f"sent twice encoded; signed as {style.words}", 2)


def form_encoded(subject: Subject) -> Iterator[Variant]:
    """A form on one side, JSON on the other."""
    tree = tree_of(subject)
    if isinstance(tree, Pairs):
        for words, order in ORDERS:
            ordered = Pairs(tuple(order(tree.items))) if order else tree
            yield Variant(
                utf8(styles.form(ordered)), f"signed as a form{', ' + words if words else ''}", 3 if not words else 2
            )
            raw = "&".join(f"{name}={styles.plain(value)}" for name, value in ordered.items)
            yield Variant(utf8(raw), f"signed as a form without percent-encoding{', ' + words if words else ''}", 2)
            yield Variant(utf8("?" + styles.form(ordered)), "signed as a query", 2)
            yield Variant(utf8("?" + raw), "signed as a query without percent-encoding", 2)
        return
    if not subject.body or b"=" not in subject.body or len(subject.body) > trees.SIZE_LIMIT:
        return
    try:
        sent = trees.from_form(subject.body.decode("utf-8", "replace"))
    except ValueError:
        return
    yield from _as_json(sent, "sent as a form")


def _as_json(sent: Pairs, where: str) -> Iterator[Variant]:
    for tree, words in ((sent, ""), (trees.texts_as_numbers(sent), ", numbers without quotes")):
        for style in styles.STYLES[:12]:
            yield Variant(utf8(styles.text_of(tree, style)), f"{where}, signed as {style.words}{words}", 2)
    for style in _REWRITTEN:
        sorted_text = styles.text_of(sent, style, trees.by_name)
        yield Variant(utf8(sorted_text), f"{where}, signed as {style.words}, keys sorted", 2)


def from_query(subject: Subject) -> Iterator[Variant]:
    """A POST whose parameters went into the query while a body was signed."""
    if subject.method == b"GET" or subject.body or len(subject.query) < 2:
        return
    try:
        tree = trees.from_form("&".join(queries.parameters(subject.query)))
    except ValueError:
        return
    yield from _as_json(tree, "sent as a query")


def other_fields(subject: Subject) -> Iterator[Variant]:
    """Fields dropped or emptied, a list unwrapped or wrapped."""
    tree = tree_of(subject)
    if tree is None:
        return
    own = styles.style_of(subject.body, tree)
    tried = tuple(dict.fromkeys((own, *_REWRITTEN[:2])))
    for other, words, rank in _changed(tree):
        for style in tried:
            yield Variant(utf8(styles.text_of(other, style)), words, rank if style is own else 2)


def _changed(tree: Tree) -> Iterator[tuple[Tree, str, int]]:
    if isinstance(tree, list):
        if len(tree) == 1:
            yield tree[0], "without the list around it", 3
        return
    yield [tree], "with a list around it", 3
    if not isinstance(tree, Pairs) or len(tree.items) > _MOST_FIELDS:
        return
    for at, (name, value) in enumerate(tree.items):
        rest = (*tree.items[:at], *tree.items[at + 1 :])
        yield Pairs(rest), f"without {name}", 3
        if isinstance(value, str) and value and not isinstance(value, Number):
            yield Pairs((*tree.items[:at], (name, ""), *tree.items[at + 1 :])), f"with {name} empty", 1
    full = tuple((name, value) for name, value in tree.items if value not in (None, ""))
    yield Pairs(full), "without the fields that have no value", 3
    if len(tree.items) <= _PAIRED:
        for one, other in combinations(range(len(tree.items)), 2):
            names = " and ".join(tree.items[at][0] for at in (one, other))
            kept = tuple(item for at, item in enumerate(tree.items) if at not in (one, other))
            yield Pairs(kept), f"without {names}", 1


def printed(subject: Subject) -> Iterator[Variant]:
    """Texts that languages print for an object or for a variable without a value."""
    if subject.body:
        for word in ("[object Object]", "undefined", "null", "None", "{}", "[]", "Array", '""'):
            yield Variant(word.encode(), word, 2)
    elif subject.method != b"GET":
        for word in ("{}", "undefined", "null", "None", '""', "[]", "[object Object]"):
            yield Variant(word.encode(), f"{word}, while no body was sent", 3 if word == "{}" else 2)
