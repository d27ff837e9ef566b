"""Scalars of YAML as Go's ``yaml.v3`` reads them, which Docker Compose uses: YAML 1.2 with octal numbers of 1.1.

Source of the facts: ``resolve`` of gopkg.in/yaml.v3 and what Compose 2.40 prints.
"""

from __future__ import annotations

import re
from typing import Final

_BASES: Final = {"0x": 16, "0b": 2, "0o": 8}
_WHOLE: Final = re.compile(r"([-+]?)(0[xXbBoO])?([0-9a-fA-F]+)")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_INFINITY: Final = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_DATE: Final = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?.*)?")
_NOTHING: Final = ("", "~", "null", "Null", "NULL")
_SMALLEST, _LARGEST = -(2**63), 2**64
_MAX_DIGITS: Final = 400
"""Beyond it a number is infinite, and so a text."""


class NoScalar(ValueError):
    """A date: Compose refuses it where a text is due."""


def plain(text: str) -> str | None:
    """A plain scalar as text once it was read as number, truth value or text; ``None`` for a null.

    Raises ``NoScalar`` for a date.
    """
    if text in _NOTHING:
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower()
    if found := _INFINITY.fullmatch(text):
        return "-Inf" if found.group(1) == "-" else "+Inf"
    if text in (".nan", ".NaN", ".NAN"):
        return "NaN"
    if _DATE.fullmatch(text):
        raise NoScalar
    if text[0] not in "+-.0123456789":
        return text
    bare = text.replace("_", "") if text[0] != "." else text
    whole = _whole(bare) if text[0] != "." else None
    if whole is not None:
        return str(whole)
    if _FLOAT.fullmatch(bare) and len(bare) < _MAX_DIGITS:
        return _shown(float(bare), text)
    return text


def _whole(text: str) -> int | None:
    found = _WHOLE.fullmatch(text)
    if not found or len(text) > _MAX_DIGITS:
        return None
    sign, prefix, digits = found.groups()
    octal = digits.startswith("0") and len(digits) > 1
    base = _BASES[prefix.lower()] if prefix else 8 if octal else 10
    try:
        value = int(digits, base) * (-1 if sign == "-" else 1)
    except ValueError:
        return None
    unsigned = not sign and value < _LARGEST
    return value if _SMALLEST <= value < -_SMALLEST or unsigned else None


def _shown(value: float, text: str) -> str:
    """As Go's ``%v`` prints a float: the shortest digits, an exponent below 1e-4 and from 1e21 on."""
    if value in (float("inf"), float("-inf")):
        return text
    if value == 0:
        return "-0" if text.startswith("-") else "0"
    mantissa, _, exponent = f"{value!r}".partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    digits, _, fraction = mantissa.lstrip("-").partition(".")
    fraction = "" if fraction == "0" else fraction
    significant = (digits + fraction).lstrip("0")
    point = len(digits) + int(exponent or 0) - (len(digits + fraction) - len(significant))
    significant = significant.rstrip("0")
    if point - 1 < -4 or point - 1 >= 21:
        rest = f".{significant[1:]}" if len(significant) > 1 else ""
        power = point - 1
        return f"{sign}{significant[0]}{rest}e{'-' if power < 0 else '+'}{abs(power):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{significant}"
    if len(significant) <= point:
        return sign + significant.ljust(point, "0")
    return f"{sign}{significant[:point]}.{significant[point:]}"
