"""Assignments in text of any language, and which of them hold OKX credentials.

A key is a UUID and a secret 32 hexadecimal digits; both are everywhere in code, so a value counts only under a name
that fits it, and a name that is not plainly OKX's only near OKX. A key, a secret and a passphrase together are OKX's
whatever they are called: no other large exchange gives out these three forms.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from okx_doctor.leaks.names import Named, named
from okx_doctor.leaks.values import decoded, given_out, like_a_passphrase, of_many_kinds
from okx_doctor.observations import SLOTS, Slot
from okx_doctor.secret import safe_repr

ALLOW: Final = "okx-doctor: allow"
"""In a comment on the line or on the line before it: this is no credential."""

_NAME: Final = r"[A-Za-z_$][\w$.-]{1,60}+"
_QUOTED: Final = r"\"(?P<double>[^\"\n]{1,120})\"|'(?P<single>[^'\n]{1,120})'|`(?P<back>[^`\n]{1,120})`"
_BARE: Final = r"(?P<bare>[^\s\"'`,;(){}<>\[\]=:][^\s\"'`,;(){}<>]{6,120})"
_TYPE: Final = r"[ \t]{0,4}:[ \t]{0,4}[&\w'<>\[\]. |?]{1,30}=(?!=)"
_BETWEEN: Final = (
    r"[\"'`]?[\])]{0,2}[ \t]{0,20}(?:"
    r",?\s{1,40}[\"']?(?i:value)[\"']?[ \t]{0,4}[:=]"  # name: …, value: … of headers and of Kubernetes
    r"|,[ \t]{0,4}[\"']?(?i:value)[\"']?[ \t]{0,4}[:=]"
    rf"|{_TYPE}|:=|=>|=(?![=>~])|:(?![:=])|>(?=[^<>\n]{{6,80}}</)|,|[ \t](?=[\"'\w$]))[ \t]{{0,20}}"
)
_WRAPPED: Final = r"(?:new String\(|Secret\(|SecretStr\()?(?:[frbuFRBU@]{1,2}(?=[\"'`]))?"
_ASSIGNMENT: Final = re.compile(rf"(?<![\w$])(?P<name>{_NAME})(?:{_BETWEEN}){_WRAPPED}(?:{_QUOTED}|{_BARE})")
_WORTH_READING: Final = re.compile(r"key|secret|pass", re.IGNORECASE)
_ARGUMENTS: Final = re.compile(
    r"[\"'](?P<key>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})[\"'][ \t]*,\s{0,80}"
    r"[\"'](?P<secret>[0-9a-fA-F]{32})[\"'][ \t]*,\s{0,80}[\"'](?P<passphrase>[^\"'\n]{1,64})[\"']"
)
_OKX: Final = re.compile(r"(?<![A-Za-z])ok(?:x|ex)|ok[-_]access|(?-i:OKX|Okx|OKEx)", re.IGNORECASE)
_NEAR: Final = (12, 2000)
"""Lines and characters between OKX's name and a value of its form under a name that fits any exchange."""
_TOGETHER: Final = (6, 1000)
"""Lines and characters over which three values are one set."""
_BARE_VALUES: Final = re.compile(
    r"(?:^|[/\\])(?:\.env[^/\\]*|dockerfile[^/\\]*|[^./\\]+)$"
    r"|\.(?:env|ini|cfg|conf|cnf|properties|ya?ml|sh|bash|zsh|fish|ps1|bat|cmd|service|txt|md|rst|http|log|curl|xml)$",
    re.IGNORECASE,
)
"""Files in which a value may stand without quotes; elsewhere what has none is an expression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A credential in a file: its line, counted from 1, which of the three, and the name it stands under."""

    line: int
    slot: Slot
    variable: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A value under a name of a credential's, and where in the text it begins."""

    at: int
    variable: str
    name: Named
    value: str
    bare: bool

    def __repr__(self) -> str:
        return safe_repr(self, "at", "variable", "name", "bare")


def leaks(text: str, path: str = "", first_line: int = 1) -> tuple[Leak, ...]:
    """The OKX credentials in a text. ``path`` tells what kind of file it is and may itself name OKX."""
    lines = _Lines(text)
    allowed = {number for number, line in enumerate(text.split("\n")) if ALLOW in line}
    named_here = _assigned(text, path, lines) if _WORTH_READING.search(text) else ()
    found: dict[tuple[int, Slot], str] = {}
    for at, slot, variable in (*named_here, *_positional(text)):
        line = lines.number(at)
        if not {line, line - 1} & allowed:
            found.setdefault((line, slot), variable)
    ordered = sorted(found, key=lambda place: (place[0], SLOTS.index(place[1])))
    return tuple(Leak(line=line + first_line, slot=slot, variable=found[line, slot]) for line, slot in ordered)


class _Lines:
    """Which line a place in a text is on, and which places lie close together."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def number(self, at: int) -> int:
        return bisect_right(self._starts, at) - 1

    def close(self, at: int, others: Sequence[int], within: tuple[int, int]) -> bool:
        """Whether one of ``others``, which are in order, lies within so many lines and characters."""
        place = bisect_right(others, at)
        lines, characters = within
        return any(
            abs(other - at) <= characters and abs(self.number(other) - self.number(at)) <= lines
            for other in others[max(0, place - 1) : place + 1]
        )


_Found = tuple[int, Slot, str]


def _assigned(text: str, path: str, lines: _Lines) -> Iterator[_Found]:
    """Where credentials stand under names."""
    candidates = tuple(_candidates(text))
    formed = [one for one in candidates if given_out(one.value, one.name.slot)]
    phrases = [
        one
        for one in candidates
        if one.name.slot == "passphrase" and _literal(one, path) and like_a_passphrase(one.value)
    ]
    at_okx = [found.start() for found in _OKX.finditer(text)]
    at_phrase = [one.at for one in phrases]
    at_other = {
        "api_key": [one.at for one in formed if one.name.slot == "secret"],
        "secret": [one.at for one in formed if one.name.slot == "api_key"],
    }
    okx_file = _OKX.search(PurePath(path).name) is not None  # a folder's name says too little: it is the whole bot
    certain = [
        one
        for one in formed
        if okx_file
        or one.name.plainly_okx
        or lines.close(one.at, at_okx, _NEAR)
        or (lines.close(one.at, at_other[one.name.slot], _TOGETHER) and lines.close(one.at, at_phrase, _TOGETHER))
    ]
    at_certain = [one.at for one in certain]
    told = [
        one
        for one in phrases
        if lines.close(one.at, at_certain, _TOGETHER) or (one.name.plainly_okx and of_many_kinds(one.value))
    ]
    yield from ((one.at, one.name.slot, one.variable) for one in (*certain, *told))


def _candidates(text: str) -> Iterator[_Candidate]:
    at = 0
    while match := _ASSIGNMENT.search(text, at):
        at = match.end("name")
        name = named(match["name"])
        if name is None:
            continue
        form = next(group for group in ("double", "single", "back", "bare") if match[group] is not None)
        for value in dict.fromkeys((match[form], decoded(match[form]) if name.plainly_okx else "")):
            if value:
                yield _Candidate(
                    at=match.start(form), variable=match["name"], name=name, value=value, bare=form == "bare"
                )


def _literal(one: _Candidate, path: str) -> bool:
    """Whether a value is text and not an expression that yields it."""
    return not one.bare or _BARE_VALUES.search(path) is not None


def _positional(text: str) -> Iterator[_Found]:
    """Key, secret and passphrase as arguments of a call, in the order in which OKX's own client takes them."""
    for match in _ARGUMENTS.finditer(text):
        if given_out(match["key"], "api_key") and given_out(match["secret"], "secret"):
            yield match.start("key"), "api_key", "an argument"
            yield match.start("secret"), "secret", "an argument"
            if like_a_passphrase(match["passphrase"]):
                yield match.start("passphrase"), "passphrase", "an argument"
