"""From an environment and env files to three values, each with its source and what could be put right in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from okx_doctor.credentials import shapes
from okx_doctor.credentials.env_file import EnvFile, Line, assignments
from okx_doctor.credentials.mangling import made_by_another_loader, mangling
from okx_doctor.names import SLOT_TITLES, VARIABLES
from okx_doctor.observations import SLOTS, Slot
from okx_doctor.secret import Secret

if TYPE_CHECKING:
    from okx_doctor.credentials.comparing import Compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value came from: a variable of the environment, a line of a file, or the caller's own code."""

    kind: Literal["environment", "env-file", "argument"]
    variable: str = ""
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The source as a whole, the same for all values that came from it."""
        return {"environment": "the environment", "env-file": self.file, "argument": "the caller"}[self.kind]

    def __str__(self) -> str:
        match self.kind:
            case "environment":
                return f"{self.variable} in the environment"
            case "env-file":
                return f"{self.variable} in {self.file} line {self.line}"
            case "argument":
                return "the caller's own value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another value for a slot, and the causes that it would convict if OKX takes it."""

    value: Secret
    causes: tuple[str, ...]
    what: str
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    """A file line that a loader altered: the character that did it and a sentence."""

    file: str
    line: int
    character: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedValue:
    """One slot. ``value`` is ``None`` when no source names it; ``alternatives`` are in the order to try.

    ``compared`` says what other loaders make of the line, where it is a line of an env file.
    """

    slot: Slot
    value: Secret | None
    source: Source | None
    altered: tuple[Altered, ...] = ()
    shadowed: tuple[Source, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    compared: Compared | None = None

    @property
    def text(self) -> str | None:
        return None if self.value is None else self.value.reveal()

    @property
    def alias(self) -> str:
        """The variable's name where it is not the usual one."""
        variable = self.source.variable if self.source else ""
        return variable if variable and variable != VARIABLES[self.slot][0] else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three values. Build it from your own strings with ``Credentials.of``."""

    api_key: LoadedValue
    secret: LoadedValue
    passphrase: LoadedValue

    @classmethod
    def of(cls, api_key: str, secret: str, passphrase: str) -> Credentials:
        """Credentials handed over by the caller's own code."""
        source = Source(kind="argument")
        texts: Mapping[Slot, str] = {"api_key": api_key, "secret": secret, "passphrase": passphrase}
        return cls.from_values({slot: _value(slot, [(source, texts[slot], None)]) for slot in SLOTS})

    @classmethod
    def from_values(cls, values: Mapping[Slot, LoadedValue]) -> Credentials:
        return cls(api_key=values["api_key"], secret=values["secret"], passphrase=values["passphrase"])

    def value(self, slot: Slot) -> LoadedValue:
        match slot:
            case "api_key":
                return self.api_key
            case "secret":
                return self.secret
            case "passphrase":
                return self.passphrase

    def values(self) -> tuple[LoadedValue, ...]:
        return tuple(self.value(slot) for slot in SLOTS)

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret text that is known, for the redactor."""
        found: list[Secret] = []
        for loaded in self.values():
            found += [loaded.value] if loaded.value else []
            found += [alternative.value for alternative in loaded.alternatives]
        return tuple(found)


Found = tuple[Source, str, Line | None]


def load_credentials(environ: Mapping[str, str], files: Sequence[EnvFile]) -> Credentials:
    """Credentials from the environment, then each file in order; the first that names a slot wins.

    A variable that is set but empty wins too, as with python-dotenv's default.
    """
    values = {slot: _value(slot, _found(slot, environ, files)) for slot in SLOTS}
    return Credentials.from_values({**values, **_compared(values, files)})


def _compared(values: Mapping[Slot, LoadedValue], files: Sequence[EnvFile]) -> Mapping[Slot, LoadedValue]:
    """The values that come from a file, each with what other loaders make of its line."""
    if not files:
        return {}
    from okx_doctor.credentials.comparing import compare  # loaded only where there is a file

    found: dict[Slot, LoadedValue] = {}
    for file in files:
        here = {
            value.source.variable: value
            for value in values.values()
            if value.source is not None
            and value.source.kind == "env-file"
            and (value.source.file, value.source.variable in file.lines) == (file.label, True)
        }
        rows = compare(file, here) if here else {}
        found |= {value.slot: replace(value, compared=rows[name]) for name, value in here.items()}
    return found


def _found(slot: Slot, environ: Mapping[str, str], files: Sequence[EnvFile]) -> list[Found]:
    found: list[Found] = [
        (Source(kind="environment", variable=name), environ[name], None) for name in VARIABLES[slot] if name in environ
    ]
    for file in files:
        for name in VARIABLES[slot]:
            for line in assignments(file, name):
                source = Source(kind="env-file", variable=name, file=file.label, line=line.number)
                found.append((source, line.value or "", line))
    return found


def _value(slot: Slot, found: Sequence[Found]) -> LoadedValue:
    if not found:
        return LoadedValue(slot=slot, value=None, source=None)
    source, text, line = found[0]
    altered: list[Altered] = []
    alternatives: list[Alternative] = []
    if line is not None and (change := mangling(line)):
        if change.suspected:
            altered.append(Altered(file=source.file, line=source.line, character=change.character, what=change.what))
        alternatives.append(
            Alternative(
                value=Secret(change.meant),
                causes=("env-file-mangled",),
                what=f"the {SLOT_TITLES[slot]} as {source.file} line {source.line} has it",
                source=source,
            )
        )
    for other, _, other_line in found[1:]:
        made = made_by_another_loader(other_line, text) if other_line else None
        if made:
            altered.append(Altered(file=other.file, line=other.line, character=made.character, what=made.what))
            alternatives.append(
                Alternative(
                    value=Secret(made.meant),
                    causes=("env-file-mangled",),
                    what=f"the {SLOT_TITLES[slot]} as {other.file} line {other.line} has it",
                    source=other,
                )
            )
    alternatives += _put_right(slot, source, text)
    shadowed = [other for other, other_text, _ in found[1:] if other_text != text]
    alternatives += [
        Alternative(
            value=Secret(other_text),
            causes=("credential-sources-conflict",),
            what=f"the {SLOT_TITLES[slot]} from {other}",
            source=other,
        )
        for other, other_text, _ in found[1:]
        if other_text != text
    ]
    return LoadedValue(
        slot=slot,
        value=Secret(text),
        source=source,
        altered=tuple(altered),
        shadowed=tuple(shadowed) if not altered else (),
        alternatives=_distinct(text, alternatives),
    )


def _put_right(slot: Slot, source: Source, text: str) -> list[Alternative]:
    blank = ("credential-whitespace",) if shapes.edges(text) else ()
    signs = ("credential-quoted",) if shapes.wrapped(text) else ()
    steps: list[tuple[tuple[str, ...], str, str]] = []
    if signs:
        steps.append(((*blank, *signs), shapes.unwrapped(text), "without what stands around it"))
    if blank and not signs:
        steps.append((blank, text.strip(), "without the whitespace at its edges"))
    elif blank and any("one of a pair" in found for found in shapes.wrapped(text)):
        # A single quote at one end may well belong to the value.
        steps.insert(0, (blank, text.strip(), "without the whitespace at its edges"))
    if shapes.odd_characters(text):
        clean = shapes.unwrapped(shapes.cleaned(text)) if blank or signs else shapes.cleaned(text)
        steps.append(((*blank, *signs, "credential-characters"), clean, "in plain characters"))
    return [
        Alternative(value=Secret(value), causes=named, what=f"the {SLOT_TITLES[slot]} {how}", source=source)
        for named, value, how in steps
    ]


def _distinct(text: str, alternatives: Sequence[Alternative]) -> tuple[Alternative, ...]:
    kept: dict[str, Alternative] = {}
    for alternative in alternatives:
        value = alternative.value.reveal()
        if value and value != text:
            kept.setdefault(value, alternative)
    return tuple(kept.values())
