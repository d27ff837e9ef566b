"""Which values hold an OKX secret and so must never be sent in a header or a login. Pure functions over text.

The rule, for the API key and the passphrase, the two values that travel in clear. A value holds a secret when

1. it equals the value of the secret slot, or contains it (from 8 characters on), or, where that is 31 to 33
   hexadecimal digits, contains 24 of them in a row; likewise any value that another source has for that slot,
   unless it is a UUID by form, which is a key. Both sides are compared as letters and digits alone, in one case;
2. it has 31 or more hexadecimal digits in a row, once everything between them that is neither letter nor digit is
   taken away. Forms that have more digits are of this kind: a secret twice, beside a key, with digits before or
   behind, as the hexadecimal form of its text, percent-encoded;
3. base64 in it, in whatever alphabet, padded or not, wherever it begins, stands for a text as under 1 or 2;
4. words in a row in it, or one, are together base64 of sixteen bytes: 22 characters, with or without ``==``.

Under each, what the escapes of URLs, HTML and string literals stand for counts as the characters themselves, and
so do look-alikes, digits of other scripts, and O, l and I for digits.

Excepted from 2 to 4 is what an API key should be: a UUID, 8-4-4-4-12, in the key's slot, with or without blanks and
quotes around it. Excepted from 4 is a passphrase without padding while the secret slot holds a good secret:
such a passphrase is what many a generator makes. An OKX passphrase has 8 to 32 characters, so that 2 and 3 stop
one only if it consists of nothing else. Whoever chose 32 random hexadecimal digits, or 16 bytes in padded base64,
gets the answer that such a passphrase cannot be distinguished from a secret.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal
from urllib.parse import unquote

from okx_doctor.credentials import shapes
from okx_doctor.observations import Held

MIN_SECRET_DIGITS: Final = 31
MAX_SECRET_DIGITS: Final = 33
"""An OKX secret is 32 hexadecimal digits; one too few or too many is still nearly all of it."""

_DIGITS_IN_COMMON: Final = 24
_MIN_CONTAINED_LENGTH: Final = 8
"""Shorter texts are contained in others by chance, and are not secret keys."""

_BYTES_IN_BASE64: Final = 22
_LAST_OF_SIXTEEN_BYTES: Final = "AQgw"
"""The last character of sixteen bytes in base64 carries two bits; the four below them are zero."""

_ESCAPES_WITHIN_ESCAPES: Final = 3
_BASE64_WITHIN_BASE64: Final = 2

_ESCAPE: Final = re.compile(r"(?:\\x|\\u|%u)\{?([0-9a-f]{2,4})\}?|\\([0-7]{3})", re.IGNORECASE)
_BYTE_MARK: Final = re.compile(r"0x|\\x", re.IGNORECASE)
_HEX_RUN: Final = re.compile(r"[0-9a-f]+")
_ASSIGNED: Final = re.compile(r"\s*(?:export\s+)?[\"']?[A-Za-z_][\w.-]*[\"']?\s*[=:](.+)", re.DOTALL)
_SOME_TEXT: Final = re.compile(r"[!-~]{20}")
"""Base64 of a secret has such a run of characters; a text decoded by mistake has none."""
_SIGNS_IN_BASE64: Final = ("+/_-", "+/", "_-", "+", "/", "_", "-", "")
"""A sign of its alphabet may be a joiner too, so that base64 is read with and without each."""
_NOT_IN_BASE64: Final = tuple(re.compile(f"[^A-Za-z0-9{signs}]") for signs in _SIGNS_IN_BASE64)
_BASE64_WORD: Final = tuple(re.compile(f"[A-Za-z0-9{signs}]+") for signs in _SIGNS_IN_BASE64)
_PADDING: Final = re.compile(r"[^A-Za-z0-9=]*=[^A-Za-z0-9=]*=")


def held_secret(value: str, slot: Literal["api_key", "passphrase"], secret: str, others: Iterable[str] = ()) -> Held:
    """Say why a value must not be sent; ``""`` where it may be.

    ``secret`` is the value of the secret slot, ``others`` are the values that further sources have for it.
    """
    spelled = _spelled_out(value)
    undone = _undone(spelled)
    compared = {form for text in spelled for form in _comparable(text)}
    decoded = {form for text in undone for form in _comparable(text)} | set(_as_bytes(spelled))
    compared |= {form for form in decoded if len(form) >= _MIN_CONTAINED_LENGTH}
    if _shows(compared, secret):
        return "secret-slot"
    if any(_shows(compared, other) for other in others if not shapes.is_uuid(other)):
        return "another-source"
    if slot == "api_key" and shapes.is_uuid(value):
        return ""
    if any(_most_digits(text) >= MIN_SECRET_DIGITS for text in spelled):
        return "digits"
    if any(_most_digits(text) >= MIN_SECRET_DIGITS for text in undone):
        return "base64"
    padded_only = slot == "passphrase" and looks_like_one(secret)
    if any(_is_sixteen_bytes(text, padded_only=padded_only) for text in (*spelled, *undone)):
        return "base64"
    return ""


def looks_like_one(value: str) -> bool:
    """Whether a value has as many digits as an OKX secret, whatever is around and between them, and is not a UUID."""
    return MIN_SECRET_DIGITS <= digits_in(value) <= MAX_SECRET_DIGITS and not shapes.is_uuid(value)


def digits_in(value: str) -> int:
    """The length of the longest run of hexadecimal digits, ignoring the signs and blanks between them."""
    return max(_most_digits(text) for text in _spelled_out(value))


def alike(one: str, other: str) -> bool:
    """Whether two values are the same letters and digits, leaving case, signs and blanks aside."""
    return bool(_bare(shapes.plain(one))) and _bare(shapes.plain(one)) == _bare(shapes.plain(other))


def _shows(compared: set[str], secret: str) -> bool:
    """Whether any of these texts contains the secret, or nearly all of it."""
    for text in _spelled_out(secret):
        assigned = _ASSIGNED.fullmatch(text)
        for form in {*_comparable(text), *(_comparable(assigned[1]) if assigned else ())}:
            if form in compared:
                return True
            if len(form) >= _MIN_CONTAINED_LENGTH and any(form in other for other in compared):
                return True
            if MIN_SECRET_DIGITS <= len(form) <= MAX_SECRET_DIGITS and _HEX_RUN.fullmatch(form):
                pieces = [form[at : at + _DIGITS_IN_COMMON] for at in range(len(form) - _DIGITS_IN_COMMON + 1)]
                if any(piece in other for piece in pieces for other in compared):
                    return True
    return False


def _spelled_out(value: str) -> tuple[str, ...]:
    """The value in plain characters, as written and with its escapes undone."""
    found = [value]
    for _ in range(_ESCAPES_WITHIN_ESCAPES):
        found.append(unquote(html.unescape(_ESCAPE.sub(_character, found[-1]))))
    return tuple(dict.fromkeys(_ascii_digits(shapes.plain(text)) for text in found))


def _character(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else chr(int(escape[2], 8))


def _ascii_digits(text: str) -> str:
    """The text with the digits of every script as ASCII's."""
    if text.isascii():
        return text
    return "".join(char if (digit := unicodedata.digit(char, None)) is None else str(digit) for char in text)


def _bare(text: str) -> str:
    """Letters and digits alone, in one case."""
    return "".join(filter(str.isalnum, text)).casefold()


def _comparable(text: str) -> set[str]:
    """The forms in which a text is compared: bare, without the marks of bytes, with letters for digits put right."""
    texts = (text, _BYTE_MARK.sub("", text))
    return {_bare(form) for one in texts for form in (one, one.translate(shapes.FOR_HEX))} - {""}


def _most_digits(text: str) -> int:
    return max((len(run) for form in _comparable(text) for run in _HEX_RUN.findall(form)), default=0)


def _undone(texts: Iterable[str]) -> tuple[str, ...]:
    """Decode base64 and hexadecimal in these texts, read as text."""
    found: dict[str, None] = {}
    layer = list(texts)
    for _ in range(_BASE64_WITHIN_BASE64):
        raw = [piece for text in layer for piece in (*_from_base64(text), *_from_hex(text))]
        layer = [text for piece in raw for part in _texts(piece) for text in _spelled_out(part)]
        found |= dict.fromkeys(layer)
        layer = [text for text in layer if _SOME_TEXT.search(text)]
    return tuple(found)


def _texts(raw: bytes) -> Iterator[str]:
    """The texts in bytes, without those too short to judge; UTF-16 of ASCII has a zero byte beside each character.

    Bytes that are not UTF-8 end a text: base64 decoded by mistake is full of them, and digits do not continue there.
    """
    for text in raw.replace(b"\0", b"").decode("utf-8", "replace").split("\ufffd"):
        if len(text) >= _MIN_CONTAINED_LENGTH:
            yield text


def _from_base64(text: str) -> Iterator[bytes]:
    """Decode base64 from each of the four places where it may begin."""
    for kept in dict.fromkeys(signs.sub("", text) for signs in _NOT_IN_BASE64):
        for start in range(min(4, len(kept))):
            yield _decoded(kept[start:])


def _decoded(text: str) -> bytes:
    whole = text if len(text) % 4 != 1 else text[:-1]
    try:
        return base64.b64decode(whole + "=" * (-len(whole) % 4), altchars=b"-_" if set(whole) & set("-_") else None)
    except binascii.Error:
        return b""


def _from_hex(text: str) -> Iterator[bytes]:
    for run in _HEX_RUN.findall(_bare(_BYTE_MARK.sub("", text))):
        if len(run) >= 2 * _MIN_CONTAINED_LENGTH:
            yield bytes.fromhex(run[: len(run) // 2 * 2])


def _as_bytes(texts: Iterable[str]) -> Iterator[str]:
    """The digits of the bytes that base64 in these texts stands for; to be compared with a known secret only."""
    for text in texts:
        for raw in _from_base64(text):
            yield raw.hex()


def _is_sixteen_bytes(text: str, *, padded_only: bool) -> bool:
    """Whether words in a row, of which each may be a group, are together base64 of sixteen bytes."""
    return any(
        word[0][-1] in _LAST_OF_SIXTEEN_BYTES and (not padded_only or _PADDING.match(text, word.end()))
        for pattern in _BASE64_WORD
        for word in _last_words_at(_BYTES_IN_BASE64, list(pattern.finditer(text)))
    )


def _last_words_at(length: int, words: Sequence[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Each word that ends a row of words, or is alone, with this many characters together."""
    ends = list(accumulate((len(word[0]) for word in words), initial=0))
    starts = set(ends[:-1])
    return (word for word, end in zip(words, ends[1:], strict=True) if end - length in starts)
