"""Describes a value without telling it. Pure functions over text."""

from __future__ import annotations

import re
import string
import unicodedata
from typing import Final, Literal

from okx_doctor.credentials.references import reference

Shape = Literal["absent", "empty", "uuid", "hex32", "placeholder", "reference", "pem", "other"]
LetterCase = Literal["mixed", "lower", "upper", "none"]

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_HEX32: Final = re.compile(r"[0-9a-fA-F]{32}")
_PLACEHOLDER: Final = re.compile(
    r"""(?ix)
      .*\byour[-_ ]?(?:okx|okex|exchange|api|secret|pass|key|demo|live|real|actual).*
    | my[-_ ]?(?:okx[-_ ]?|okex[-_ ]?)?(?:api[-_ ]?)?(?:secret[-_ ]?)?(?:key|secret|pass(?:phrase|word))(?:[-_ ]?here)?
    | .*(?:placeholder|change[-_ ]?me|replace[-_ ]?(?:me|this|with)).* | (?:paste|insert|put|enter)[-_ ].*here
    | (?:okx[-_ ]?)?(?:api|secret|access)[-_ ]?(?:api)?[-_ ]?(?:key|secret)
    | -1 | none | null | nil | undefined | nan | todo | tbd
    | <[^%>][^>]*> | <> | \[[^\]]*\]
    | [x*.?_-]{3,} | 0{8}-0{4}-0{4}-0{4}-0{12} | x{8}-x{4}-x{4}-x{4}-x{12}
    """
)
_PEM: Final = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}KEY-----")
_WRAPPERS: Final = {'"': "double quotes", "'": "single quotes", "`": "backticks"}
_CURLY: Final = "\u201c\u201d\u2018\u2019\u00ab\u00bb"
_AROUND: Final = string.whitespace + "\u00a0" + "".join(_WRAPPERS)
_LOOK_ALIKES: Final = str.maketrans(
    {
        **dict(zip("АВЕКМНОРСТХаеорсухі", "ABEKMHOPCTXaeopcyxi", strict=True)),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"),
        **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a\u202c", ""),
        **dict.fromkeys("\u201c\u201d", '"'),
        **dict.fromkeys("\u2018\u2019", "'"),
        "\u00a0": " ",
    }
)
FOR_HEX: Final = str.maketrans({"O": "0", "o": "0", "l": "1", "I": "1"})
"""Letters that stand for a digit where a value is hexadecimal."""


def shape(value: str | None) -> Shape:
    """The kind of value this is, leaving aside whitespace and quotes around it."""
    if value is None:
        return "absent"
    core = unwrapped(value)
    if not core:
        return "empty"
    if _PLACEHOLDER.fullmatch(core):
        return "placeholder"
    if reference(core):
        return "reference"
    if _UUID.fullmatch(core):
        return "uuid"
    if _HEX32.fullmatch(core):
        return "hex32"
    return "pem" if _PEM.match(core) else "other"


def is_uuid(value: str) -> bool:
    """Whether a value is a UUID, 8-4-4-4-12, ignoring quotes and blanks around it and look-alikes in it."""
    return _UUID.fullmatch(unwrapped(cleaned(value))) is not None


def edges(value: str) -> tuple[str, ...]:
    """Whitespace at the ends, in words: ``trailing newline``, ``leading space``."""
    found: list[str] = []
    head = value[: len(value) - len(value.lstrip())]
    tail = value[len(value.rstrip()) :] if value.strip() else ""
    for where, part in (("leading", head), ("trailing", tail)):
        if "\n" in part:
            found.append(f"{where} newline" if "\r" not in part else f"{where} CR and newline")
        elif "\r" in part:
            found.append(f"{where} carriage return")
        elif "\t" in part:
            found.append(f"{where} tab")
        elif part:
            found.append(f"{where} space")
    return tuple(found)


def wrapped(value: str) -> tuple[str, ...]:
    """Quotes, backticks or a stray equals sign around the value, in words."""
    core = value.strip()
    found: list[str] = []
    if core.startswith("="):
        found.append("a leading equals sign")
        core = core.lstrip("=").strip()
    if core[:1] in _WRAPPERS and len(core) > 1 and core[-1:] in _WRAPPERS:
        found.append(_WRAPPERS[core[0]])
    elif core[:1] in _WRAPPERS:
        found.append(f"one of a pair of {_WRAPPERS[core[0]]}, at the start")
    elif core[-1:] in _WRAPPERS:
        found.append(f"one of a pair of {_WRAPPERS[core[-1]]}, at the end")
    return tuple(found)


def unwrapped(value: str) -> str:
    """The value without whitespace, quotes and equals signs around it, however many."""
    return value.lstrip(_AROUND + "=").rstrip(_AROUND)


def odd_characters(value: str) -> tuple[str, ...]:
    """Characters in the value that are not printable ASCII, and letters that no hexadecimal value of OKX's has."""
    core = value.strip()
    start = len(value) - len(value.lstrip())
    odd = [(start + at, char) for at, char in enumerate(core, 1) if not 32 <= ord(char) < 127]
    if len(odd) > 3:
        found = [f"{len(odd)} characters that are not printable ASCII"]  # naming each would tell the value
    else:
        found = [f"{name_of(char)} at {at}" for at, char in odd]
    bare = unwrapped(value)
    if shape(bare) == "other" and shape(bare.translate(FOR_HEX)) in ("hex32", "uuid"):
        wrong = sorted({char for char in bare if char in "OolI"})
        found += [f"the letter {char} in a hexadecimal value" for char in wrong]
    return tuple(found)


def plain(value: str) -> str:
    """The value with look-alikes replaced by what they stand for and invisible characters removed."""
    return unicodedata.normalize("NFKC", value.translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES)


def cleaned(value: str) -> str:
    """The value in plain characters, without curly quotes around it and letters in place of hexadecimal digits."""
    text = plain(value.strip().strip(_CURLY) if value.strip()[:1] in tuple(_CURLY) else value)
    bare = unwrapped(text)
    if shape(bare) == "other" and shape(bare.translate(FOR_HEX)) in ("hex32", "uuid"):
        return bare.translate(FOR_HEX)
    return text


def letter_case(value: str) -> LetterCase:
    """Whether the letters are of both cases, of one, or there are none."""
    lower = any(char.islower() for char in value)
    upper = any(char.isupper() for char in value)
    if lower and upper:
        return "mixed"
    return "lower" if lower else "upper" if upper else "none"


PASSPHRASE_LENGTHS: Final = range(8, 33)
"""Characters of a passphrase that OKX's form for a new key takes."""


def missing_kinds(value: str) -> tuple[str, ...]:
    """The kinds of characters that OKX asks a new passphrase for, and that this value has none of."""
    kinds = {
        "digit": str.isdigit,
        "small letter": str.islower,
        "capital letter": str.isupper,
        "sign": lambda char: not char.isalnum() and not char.isspace(),
    }
    return tuple(name for name, is_one in kinds.items() if not any(map(is_one, value)))


def case_variants(value: str) -> tuple[str, ...]:
    """At most four other spellings of a passphrase in case only: swapped, lower, upper, first letter flipped."""
    variants = (value.swapcase(), value.lower(), value.upper(), value[:1].swapcase() + value[1:])
    return tuple(dict.fromkeys(variant for variant in variants if variant != value))[:4]


def name_of(char: str) -> str:
    """A character by its number and its name."""
    return f"U+{ord(char):04X} {unicodedata.name(char, 'control character').lower()}"
