"""Assignments in text of any language, and which of them hold OKX credentials.

A key is a UUID and a secret 32 hexadecimal digits; both are everywhere in code, so a value counts only under a name
that fits it, and a name that is not plainly OKX's only near OKX. A key, a secret and a passphrase together are OKX's
whatever they are called: no other large exchange gives out these three forms.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from okx_doctor.leaks.names import Named, named
from okx_doctor.leaks.values import decoded, given_out, like_a_passphrase, of_many_kinds
from okx_doctor.observations import SLOTS, Slot

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
_NEAR: Final = 12
"""Lines between OKX's name and a value of its form under a name that fits any exchange."""
_TOGETHER: Final = 6
"""Lines over which three values are one set."""
_BARE_VALUES: Final = re.compile(
    r"(?:^|[/\\])(?:\.?env[^/\\]*|dockerfile[^/\\]*|[^./\\]+)$"
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
    """A value under a name of a credential's. ``certain`` needs nothing around it."""

    line: int
    variable: str
    name: Named
    value: str
    bare: bool


def leaks(text: str, path: str = "", first_line: int = 1) -> tuple[Leak, ...]:
    """The OKX credentials in a text. ``path`` tells what kind of file it is and may itself name OKX."""
    starts = [0, *(found.end() for found in re.finditer("\n", text))]
    lines = text.split("\n")
    allowed = {number for number, line in enumerate(lines) if ALLOW in line}
    found = {
        (leak.line, leak.slot): leak
        for leak in (
            *(_assigned(text, path, starts) if _WORTH_READING.search(text) else ()),
            *_positional(text, starts),
        )
        if not {leak.line, leak.line - 1} & allowed
    }
    ordered = sorted(found.values(), key=lambda leak: (leak.line, SLOTS.index(leak.slot)))
    return tuple(Leak(line=leak.line + first_line, slot=leak.slot, variable=leak.variable) for leak in ordered)


def _assigned(text: str, path: str, starts: list[int]) -> Iterator[Leak]:
    candidates = tuple(_candidates(text, starts))
    near = _near(text, path, starts)
    formed = [one for one in candidates if given_out(one.value, one.name.slot)]
    sets = {line for line, others in _sets(formed, candidates, path) if others}
    certain = [one for one in formed if one.name.plainly_okx or one.line in near or one.line in sets]
    for one in certain:
        yield Leak(line=one.line, slot=one.name.slot, variable=one.variable)
    for one in candidates:
        if one.name.slot == "passphrase" and _literal(one, path) and like_a_passphrase(one.value):
            beside = any(abs(other.line - one.line) <= _TOGETHER for other in certain)
            if beside or (one.name.plainly_okx and of_many_kinds(one.value)):
                yield Leak(line=one.line, slot="passphrase", variable=one.variable)


def _candidates(text: str, starts: list[int]) -> Iterator[_Candidate]:
    at = 0
    while match := _ASSIGNMENT.search(text, at):
        at = match.end("name")
        name = named(match["name"])
        if name is None:
            continue
        form = next(group for group in ("double", "single", "back", "bare") if match[group] is not None)
        line = bisect_right(starts, match.start(form)) - 1
        for value in dict.fromkeys((match[form], decoded(match[form]) if name.plainly_okx else "")):
            if value:
                yield _Candidate(line=line, variable=match["name"], name=name, value=value, bare=form == "bare")


def _near(text: str, path: str, starts: list[int]) -> frozenset[int]:
    """The lines that stand near OKX's name; all where the file's own name holds it."""
    if _OKX.search(path):
        return frozenset(range(len(starts)))
    named_at = {bisect_right(starts, found.start()) - 1 for found in _OKX.finditer(text)}
    return frozenset(line for at in named_at for line in range(at - _NEAR, at + _NEAR + 1))


def _sets(formed: Iterable[_Candidate], candidates: Iterable[_Candidate], path: str) -> Iterator[tuple[int, bool]]:
    """For each value of OKX's form: whether the other one and a passphrase stand with it."""
    known = list(formed)
    phrases = [
        one.line
        for one in candidates
        if one.name.slot == "passphrase" and _literal(one, path) and like_a_passphrase(one.value)
    ]
    for one in known:
        other = any(abs(two.line - one.line) <= _TOGETHER and two.name.slot != one.name.slot for two in known)
        yield one.line, other and any(abs(line - one.line) <= _TOGETHER for line in phrases)


def _literal(one: _Candidate, path: str) -> bool:
    """Whether a value is text and not an expression that yields it."""
    return not one.bare or _BARE_VALUES.search(path) is not None


def _positional(text: str, starts: list[int]) -> Iterator[Leak]:
    """Key, secret and passphrase as arguments of a call, in the order in which OKX's own client takes them."""
    for match in _ARGUMENTS.finditer(text):
        if not (given_out(match["key"], "api_key") and given_out(match["secret"], "secret")):
            continue
        groups: tuple[tuple[str, Slot], ...] = (("key", "api_key"), ("secret", "secret"), ("passphrase", "passphrase"))
        for group, slot in groups:
            if slot != "passphrase" or like_a_passphrase(match[group]):
                yield Leak(line=bisect_right(starts, match.start(group)) - 1, slot=slot, variable="an argument")
