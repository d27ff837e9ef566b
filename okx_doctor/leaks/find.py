"""Assignments in text of any language, and which of them hold OKX credentials.

A key is a UUID and a secret 32 hexadecimal digits; both are everywhere in code, so a value counts only under a name
that fits it, and a name that is not plainly OKX's only near OKX. A key, a secret and a passphrase together are OKX's
whatever they are called: no other large exchange gives out these three forms.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.leaks.names import Named
from okx_doctor.leaks.sections import Sections
from okx_doctor.leaks.spellings import names_in, readings, values_of
from okx_doctor.leaks.tables import cells
from okx_doctor.leaks.values import decoded_file, form, is_of_okx_form, like_a_passphrase, of_many_kinds
from okx_doctor.observations import SLOTS, Slot
from okx_doctor.secrets.secret import shows_only

ALLOW: Final = "okx-doctor: allow"
"""In a comment on the line or on the line before it, it lets the line pass."""

_WORTH_READING: Final = re.compile(r"key|secret|pass|pwd|[0-9a-f]{12}\W{1,8}[0-9a-f]{32}", re.IGNORECASE)
_ARGUMENTS: Final = re.compile(
    r"(?P<before>[\"'`])?(?<![0-9a-fA-F-])(?P<key>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"[\"'`]?(?P<between>[\s,:;|/]{1,80}|[ \t]+password[ \t]+)[\"'`]?(?P<secret>[0-9a-fA-F]{32})(?![\w-])"
    r"(?:[\"'`]?[\s,:;|]{1,80}(?:(?P<after>[\"'`])(?P<quoted>[^\"'`\n]{1,64})[\"'`]|(?P<bare>[^\s\"'`,;|]{8,64})))?"
)
"""Key, secret and passphrase one after another, in the order in which OKX's own client takes them."""
_OF_A_PAIR: Final = re.compile(r"^[:/]$|password")
"""Texts that join a key and a secret even if no passphrase follows: a URL, a line of ``.netrc``."""
_OKX: Final = re.compile(r"(?<![A-Za-z])ok(?:x|ex)|ok[-_]access|(?-i:OKX|Okx|OKEx)", re.IGNORECASE)
_MAX_DISTANCE_TO_OKX: Final = (12, 2000)
"""Lines and characters between OKX's name and a value of its form under a name that fits any exchange."""
_MAX_DISTANCE_IN_SET: Final = (6, 1000)
"""Lines and characters over which three values are one set."""
_BARE_VALUES: Final = re.compile(
    r"(?:^|[/\\])(?:\.env[^/\\]*|dockerfile[^/\\]*|[^./\\]+)$"
    r"|\.(?:env|ini|cfg|conf|cnf|properties|ya?ml|sh|bash|zsh|fish|ps1|bat|cmd|service|txt|md|rst|http|log|curl|xml)$",
    re.IGNORECASE,
)
"""Files in which a value needs no quotes; elsewhere an unquoted word is an expression."""


class Leak(Struct, frozen=True, kw_only=True):
    """A credential in a file: its line, counted from 1, which of the three, and the variable's name."""

    line: int
    slot: Slot
    variable: str


@shows_only("at", "variable", "name", "sure")
class _Candidate(Struct, frozen=True, kw_only=True):
    """A value under the name of a credential: where it begins, and which of the three it can be by its form.

    ``sure`` where the value surely belongs to that name, so that it can be a passphrase too.
    """

    at: int
    variable: str
    name: Named
    texts: tuple[str, ...]
    sure: bool

    @property
    def formed(self) -> Slot | None:
        """Key or secret, by the value's form; under a name of the other's only where the name is OKX's own."""
        slots = [slot for text in self.texts if (slot := form(text))]
        return slots[0] if slots and (slots[0] == self.name.slot or self.name.plainly_okx) else None


def leaks(text: str, path: str = "", first_line: int = 1) -> tuple[Leak, ...]:
    """The OKX credentials in a text. ``path`` tells what kind of file it is and may itself name OKX."""
    lines = _Lines(text)
    allowed = {number for number, line in enumerate(text.split("\n")) if ALLOW in line}
    if inside := decoded_file(text):
        return tuple(replace(leak, line=first_line) for leak in leaks(inside, f"{path}.txt"))
    named_here = _find_assigned(text, path, lines) if _WORTH_READING.search(text) else ()
    found: dict[tuple[int, Slot], str] = {}
    for at, slot, variable in (*named_here, *_positional(text, path, lines)):
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
        """Whether one of ``others``, which are sorted, is within these numbers of lines and characters."""
        place = bisect_right(others, at)
        lines, characters = within
        return any(
            abs(other - at) <= characters and abs(self.number(other) - self.number(at)) <= lines
            for other in others[max(0, place - 1) : place + 1]
        )


_Found = tuple[int, Slot, str]


def _find_assigned(text: str, path: str, lines: _Lines) -> Iterator[_Found]:
    """The credentials that are assigned to a name."""
    candidates = sorted(_candidates(text, path), key=lambda one: one.at)
    formed = [(one, slot) for one in candidates if (slot := one.formed)]
    phrases = [
        one
        for one in candidates
        if one.name.slot == "passphrase" and one.sure and any(map(like_a_passphrase, one.texts))
    ]
    at_okx = [found.start() for found in _OKX.finditer(text)]
    okx_file = _OKX.search(PurePath(path).name) is not None  # a folder's name says too little: it is the whole bot
    sets = _Sets([*((one, slot) for one, slot in formed), *((one, "passphrase") for one in phrases)], lines)
    certain = [
        (one, slot)
        for one, slot in formed
        if one.name.plainly_okx
        or ((okx_file or lines.close(one.at, at_okx, _MAX_DISTANCE_TO_OKX)) and (not one.name.whose or sets.pair(one)))
        or sets.whole(one)
    ]
    at_certain = [one.at for one, _ in certain]
    told = [
        one
        for one in phrases
        if (
            lines.close(one.at, at_certain, _MAX_DISTANCE_IN_SET)
            and (not one.name.whose or one.name.plainly_okx or sets.pair(one))
        )
        or (one.name.plainly_okx and any(map(of_many_kinds, one.texts)))
    ]
    yield from ((one.at, slot, one.variable) for one, slot in certain)
    yield from ((one.at, "passphrase", one.variable) for one in told)


class _Sets:
    """Values of one account: those whose names say the same of whose they are."""

    def __init__(self, found: Sequence[tuple[_Candidate, Slot]], lines: _Lines) -> None:
        self._lines = lines
        self._at: dict[tuple[frozenset[str], Slot], list[int]] = {}
        for one, slot in found:
            self._at.setdefault((one.name.whose, slot), []).append(one.at)

    def _beside(self, one: _Candidate, slot: Slot) -> bool:
        return self._lines.close(one.at, self._at.get((one.name.whose, slot), ()), _MAX_DISTANCE_IN_SET)

    def pair(self, one: _Candidate) -> bool:
        """Whether a key and a secret of the same account are close by."""
        return self._beside(one, "api_key") and self._beside(one, "secret")

    def whole(self, one: _Candidate) -> bool:
        """Whether all three of the same account are close by."""
        return self.pair(one) and self._beside(one, "passphrase")


def _candidates(text: str, path: str) -> Iterator[_Candidate]:
    bare = _BARE_VALUES.search(path) is not None
    names = tuple(names_in(text))
    sections = Sections(text)
    for name in names:
        for value, sure in values_of(text, name):
            if name.says.slot != "passphrase" and not any(map(form, value.texts)):
                continue
            yield _Candidate(
                at=value.at,
                variable=" ".join(name.text.split()),
                name=sections.named(name),
                texts=value.texts,
                sure=sure and (value.quoted or bare),
            )
    for cell in cells(text, names):
        yield _Candidate(at=cell.at, variable=cell.name, name=cell.says, texts=readings(cell.value), sure=True)


def _positional(text: str, path: str, lines: _Lines) -> Iterator[_Found]:
    """Key, secret and passphrase one after another, as arguments of a call, in a URL, in a line of a table."""
    found = [
        match
        for match in _ARGUMENTS.finditer(text)
        if is_of_okx_form(match["key"], "api_key") and is_of_okx_form(match["secret"], "secret")
    ]
    at_okx = [okx.start() for okx in _OKX.finditer(text)] if found else []
    okx_file = _OKX.search(PurePath(path).name) is not None
    for match in found:
        literals = match["before"] and match["after"]
        phrase = match["bare"] and like_a_passphrase(match["bare"]) and of_many_kinds(match["bare"])
        near = okx_file or lines.close(match.start("key"), at_okx, _MAX_DISTANCE_TO_OKX)
        if not (literals or (near and (phrase or _OF_A_PAIR.search(match["between"])))):
            continue
        yield match.start("key"), "api_key", "an argument"
        yield match.start("secret"), "secret", "an argument"
        if literals and like_a_passphrase(match["quoted"]):
            yield match.start("quoted"), "passphrase", "an argument"
        elif phrase:
            yield match.start("bare"), "passphrase", "an argument"
