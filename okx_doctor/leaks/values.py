"""Classifies values: one that OKX gives out, a sample, a reference, a placeholder."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Final

from okx_doctor.credentials.shapes import shape
from okx_doctor.observations import Slot

_PUBLISHED: Final = frozenset({"22582BD0CFF14C41EDBF1AB98506286D"})
"""Samples of OKX's own documentation."""

_DISTINCT_DIGITS: Final = 9
"""Different hexadecimal digits in a value that was drawn at random: fewer happen to 3 in a million."""

_COUNTED: Final = re.compile(r"01234567|12345678|9876543|abcdef|fedcba", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{12,}={0,2}")
_BASE64_BEGUN: Final = re.compile(r"\s{0,8}[A-Za-z0-9+/_-]{40}")
_ALL_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_URL_SAFE: Final = str.maketrans("-_", "+/")
_LARGEST_BASE64: Final = 1 << 20
_REFERENCE: Final = re.compile(
    r"\$\{.*\}|\$\(.*|\{\{.*\}\}|%\w+%|<.*>|\*+|@\w+@|(?:env|vault|secret|ref|file)[:/].*|!\w+.*"
    r"|(?i:.*(?:example|sample|dummy|fake).*)"
)
_FORMS: Final[Mapping[str, Slot]] = {"uuid": "api_key", "hex32": "secret"}
_MIN_FORM_LENGTH: Final = 32
_MAX_FORM_LENGTH: Final = 40
"""Characters, with quotes and blanks around."""
_BLANK: Final = re.compile(r"\s")
_SENTENCE: Final = re.compile(r"[:.?!,;]$|[=(){}<>]|  |(?i:^(?:passphrase|password)\b)")
"""Marks of a sentence, a label or an expression that a passphrase does not have."""
_WORD_OF_ONE: Final = re.compile(
    r"(?i:\b(?:the|your|you|is|are|was|to|of|for|from|in|with|must|not|no|or|and|if|enter|set|get|use|see|key|api|okx"
    r"|pass\w*|secret|char(?:acter)?s?|missing|required|invalid|wrong|error|failed|default)\b)"
)
"""Words of a sentence on credentials: several make one, while a passphrase may have one of them."""
_MIN_PASSPHRASE_LENGTH: Final = 8
_MAX_PASSPHRASE_LENGTH: Final = 32
"""Characters of a passphrase. Source: OKX's page for making a key asks for 8 to 32, of four kinds."""


def is_of_okx_form(value: str, slot: Slot) -> bool:
    """Whether a value has the form of OKX's own keys or secrets and is not a sample."""
    return form(value) == slot


def form(value: str) -> Slot | None:
    """Which of key and secret a value has the form of; ``None`` for neither and for a sample."""
    if not _MIN_FORM_LENGTH <= len(value) <= _MAX_FORM_LENGTH:
        return None
    slot = _FORMS.get(shape(value))
    digits = value.replace("-", "").lower()
    drawn = value.upper() not in _PUBLISHED and len(set(digits)) >= _DISTINCT_DIGITS and not _COUNTED.search(digits)
    return slot if drawn else None


def like_a_passphrase(value: str) -> bool:
    """Whether a value can be a passphrase that a person chose for OKX: no reference, placeholder or sentence."""
    return (
        _MIN_PASSPHRASE_LENGTH <= len(value) <= _MAX_PASSPHRASE_LENGTH
        and value.isprintable()
        and value == value.strip()
        and (not _BLANK.search(value) or _chosen_with_blanks(value))
        and shape(value) == "other"
        and not _REFERENCE.fullmatch(value)
        and len(set(value)) > 4
    )


def _chosen_with_blanks(value: str) -> bool:
    """Whether a text of several words is a passphrase rather than what is said of one."""
    words = len(_WORD_OF_ONE.findall(value))
    return words <= 1 and of_many_kinds(value, 3 + words) and not _SENTENCE.search(value)


def of_many_kinds(value: str, least: int = 3) -> bool:
    """Whether it mixes kinds of characters as OKX demands of a passphrase: ``least`` of four, digits among them."""
    kinds = (str.islower, str.isupper, str.isdigit)
    found = [any(map(kind, value)) for kind in kinds] + [any(not char.isalnum() for char in value)]
    return found[2] and sum(found) >= least


def decoded_file(text: str) -> str:
    """The text that a file stands for which is one base64 value, on one line or several; ``""`` for any other."""
    if len(text) > _LARGEST_BASE64 or not _BASE64_BEGUN.match(text):
        return ""
    joined = "".join(text.split()).translate(_URL_SAFE)
    if not _ALL_BASE64.fullmatch(joined):
        return ""
    try:
        found = base64.b64decode(joined.rstrip("=") + "=" * (-len(joined.rstrip("=")) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""
    return found if all(char.isprintable() or char in "\t\r\n" for char in found) else ""


def decoded(value: str) -> str:
    """The text that a base64 value stands for, as in a Kubernetes Secret; ``""`` where it stands for none."""
    if len(value) % 4 or not _BASE64.fullmatch(value):
        return ""
    try:
        text = base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return ""
    return text.strip() if text.strip().isprintable() else ""
