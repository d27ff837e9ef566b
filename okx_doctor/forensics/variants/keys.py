"""Values that may have been used in place of the secret key."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import string
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, unquote

from okx_doctor.credentials import shapes
from okx_doctor.forensics.search.parts import Extent, Group, Subject, Variant, utf8

_ALPHABET: Final = string.digits + string.ascii_uppercase + string.ascii_lowercase
_MORE: Final = "-_+/=.@#$!%&*"
_LOOK_ALIKE: Final = (("0", "O"), ("O", "0"), ("1", "l"), ("1", "I"), ("l", "1"), ("I", "1"), ("5", "S"), ("8", "B"))


def passphrase(subject: Subject) -> Iterator[Variant]:
    """The passphrase, as it was loaded and as the request carries it; a filler is another mistake's."""
    return _other_values(subject.keys.passphrase, subject.sent_passphrase)


def api_key(subject: Subject) -> Iterator[Variant]:
    """The API key, as it was loaded and as the request carries it; a filler is another mistake's."""
    return _other_values(subject.keys.api_key, subject.sent_key)


def _other_values(*texts: str) -> Iterator[Variant]:
    return (Variant(utf8(text)) for text in texts if text and shapes.shape(text) not in ("placeholder", "reference"))


def empty(subject: Subject) -> Iterator[Variant]:
    """No key."""
    yield Variant(b"")


def placeholder(subject: Subject) -> Iterator[Variant]:
    """Values in examples, and texts that languages print for a variable without a value."""
    words = (
        "undefined",
        "None",
        "null",
        "nil",
        "-1",
        "secret",
        "your-secret-key",
        "YOUR_SECRET_KEY",
        "your_secret_key",
    )
    for word in (*words, "your-api-secret", "YOUR_API_SECRET", "YOUR_SECRET", "xxx", "changeme", "test", "false"):
        yield Variant(word.encode(), word, 2 if word in words[:3] else 1)


def edges(subject: Subject) -> Iterator[Variant]:
    """Whitespace around the secret, or none where it was loaded with some."""
    secret = subject.keys.secret
    yield Variant(utf8(secret + "\n"), "a newline at the end")
    yield Variant(utf8(secret + "\r\n"), "CR and newline at the end")
    yield Variant(utf8(secret + " "), "a blank at the end")
    yield Variant(utf8(" " + secret), "a blank in front")
    yield Variant(utf8(secret + "\r"), "a CR at the end", 2)
    yield Variant(utf8(secret + "\t"), "a tab at the end", 1)
    yield Variant(utf8(f" {secret} "), "a blank at either end", 1)
    yield Variant(utf8(secret.strip()), "without the whitespace at its ends")
    yield Variant(utf8("\ufeff" + secret), "a byte order mark in front", 1)
    yield Variant(utf8(secret + "\n\n"), "two newlines at the end", 1)
    yield Variant(utf8(secret + "\\n"), "a backslash and an n at the end", 1)


def quoted(subject: Subject) -> Iterator[Variant]:
    """Quotes or signs around the secret."""
    secret = subject.keys.secret
    for left, right, words in (
        ('"', '"', "in double quotes"),
        ("'", "'", "in single quotes"),
        ("`", "`", "in backticks"),
        ("=", "", "an equals sign in front"),
        ('="', '"', "an equals sign and double quotes"),
        ("b'", "'", "as Python prints bytes"),
        ("<", ">", "in angle brackets"),
        ('"', "", "a double quote in front"),
        ("", '"', "a double quote at the end"),
        ("", "'", "a single quote at the end"),
        ("", ",", "a comma at the end"),
        ("", ";", "a semicolon at the end"),
        ("\u201c", "\u201d", "in curly quotes"),
    ):
        yield Variant(
            utf8(left + secret + right), words, 3 if words.startswith("in d") else 2 if left in ("'", "=", "`") else 1
        )
    yield Variant(utf8(secret.strip("\"'`= \t\r\n")), "without the quotes around it")


def other_case(subject: Subject) -> Iterator[Variant]:
    """The secret in other letters."""
    secret = subject.keys.secret
    yield Variant(utf8(secret.lower()), "in lower case")
    yield Variant(utf8(secret.upper()), "in upper case")
    yield Variant(utf8(secret.swapcase()), "with upper and lower case swapped", 1)
    yield Variant(utf8(secret.capitalize()), "capitalised", 1)


def confused(subject: Subject) -> Iterator[Variant]:
    """Look-alike characters, one of them or all."""
    secret = subject.keys.secret
    for right, wrong in _LOOK_ALIKE:
        yield Variant(utf8(secret.replace(right, wrong)), f"every {right} as {wrong}", 1)
        yield Variant(utf8(secret.replace(right, wrong.lower())), f"every {right} as {wrong.lower()}", 1)
        for at, char in enumerate(secret):
            if char == right:
                yield Variant(
                    utf8(secret[:at] + wrong + secret[at + 1 :]), f"{wrong} for {right}, character {at + 1}", 1
                )


def cut(subject: Subject) -> Iterator[Variant]:
    """Not all of the secret, or more of it."""
    secret = subject.keys.secret
    for count in range(1, min(9, len(secret))):
        yield Variant(utf8(secret[:-count]), f"the last {count} cut off", 2 if count == 1 else 1)
        yield Variant(utf8(secret[count:]), f"the first {count} cut off", 1)
    for size in (8, 16, 20, 24, 30, 31):
        if size < len(secret):
            yield Variant(utf8(secret[:size]), f"only the first {size} characters", 1)
    for mark in "#$&%":
        if mark in secret:
            yield Variant(utf8(secret.partition(mark)[0]), f"cut off at the {mark}", 2)
    yield Variant(utf8(secret * 2), "twice", 2)
    yield Variant(utf8(secret[::-1]), "backwards", 1)
    yield Variant(utf8(secret.replace("-", "")), "without its dashes", 2)


def changed(subject: Subject) -> Iterator[Variant]:
    """The secret hashed, encoded, or joined to another value."""
    secret, keys = subject.keys.secret, subject.keys
    raw = utf8(secret)
    yield Variant(secret.encode("utf-16-le", "surrogatepass"), "as UTF-16, as C#'s Encoding.Unicode has it", 2)
    yield Variant(secret.encode("utf-16-be", "surrogatepass"), "as UTF-16, big end first", 1)
    yield Variant(b"\xff\xfe" + secret.encode("utf-16-le", "surrogatepass"), "as UTF-16 with its mark", 1)
    yield Variant(base64.b64encode(raw), "in base64", 2)
    yield Variant(raw.hex().encode(), "in hexadecimal", 2)
    yield Variant(raw.hex().upper().encode(), "in hexadecimal, capitals", 1)
    yield Variant(quote(secret, safe="", errors="replace").encode(), "percent-encoded", 2)
    yield Variant(utf8(unquote(secret)), "percent-decoded", 2)
    yield Variant(raw + b"&", "an & at the end, as OAuth 1 has it", 2)
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, raw, usedforsecurity=False)
        yield Variant(digest.hexdigest().encode(), f"its {name} in hexadecimal", 1)
        yield Variant(digest.digest(), f"its {name}", 1)
    for other, words in ((keys.passphrase, "passphrase"), (keys.api_key, "API key")):
        if other:
            yield Variant(utf8(secret + other), f"the {words} behind it", 1)
            yield Variant(utf8(other + secret), f"the {words} in front", 1)
            yield Variant(utf8(f"{other}:{secret}"), f"the {words} and a colon in front", 1)


def decoded(subject: Subject) -> Iterator[Variant]:
    """The secret taken for hexadecimal or base64 and decoded."""
    secret = subject.keys.secret.strip()
    with contextlib.suppress(ValueError):
        yield Variant(bytes.fromhex(secret), "from hexadecimal")
    padded = secret + "=" * (-len(secret) % 4)
    for words, altchars in (("from base64", None), ("from URL-safe base64", b"-_")):
        try:
            yield Variant(base64.b64decode(padded, altchars, validate=True), words)
        except ValueError:
            continue
    try:
        yield Variant(base64.b64decode(secret + "==="), "from base64, what is not base64 left out", 2)
        yield Variant(base64.b32decode(secret.upper() + "=" * (-len(secret) % 8)), "from base32", 1)
    except ValueError:
        pass


def loaded_otherwise(subject: Subject) -> Iterator[Variant]:
    """The secret as its source meant it, where its loader altered it or another source hides it."""
    for text, causes, words in subject.keys.others:
        yield Variant(utf8(text), words, 3, causes)


def typing_errors(subject: Subject, extent: Extent) -> list[Group]:
    """One character wrong, missing, doubled, or two changed places; with ``deep`` also one too many."""
    secret = subject.keys.secret
    if not secret or len(secret) > 128:
        return []
    found: list[str] = []
    for at, char in enumerate(secret):
        head, tail = secret[:at], secret[at + 1 :]
        found += [head + other + tail for other in _ALPHABET if other != char]
        found += [head + tail, head + char * 2 + tail]
        if tail:
            found.append(head + tail[0] + char + tail[1:])
        if extent == "deep":
            found += [head + other + char + tail for other in _ALPHABET]
    if not secret.isalnum() or extent == "deep":
        found += [secret[:at] + other + secret[at + 1 :] for at in range(len(secret)) for other in _MORE]
    return [(b"", [utf8(text) for text in dict.fromkeys(found) if text != secret])]


def typed(subject: Subject, value: bytes) -> str:
    """Which typing error this is, without showing a character of the secret."""
    secret, other = subject.keys.secret, value.decode("utf-8", "replace")
    at = next(
        (at for at, (one, two) in enumerate(zip(secret, other, strict=False)) if one != two),
        min(len(secret), len(other)),
    )
    if len(other) < len(secret):
        return f"character {at + 1} is missing"
    if len(other) > len(secret):
        return f"one character too many at {at + 1}"
    if sum(one != two for one, two in zip(secret, other, strict=True)) == 2:
        return f"characters {at + 1} and {at + 2} changed places"
    return f"character {at + 1} is another"
