"""From an environment and files to three values, each with its source and what could be put right in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.credentials import shapes
from okx_doctor.credentials.documents.home import Found, Home, Source
from okx_doctor.credentials.env_file import EnvFile, assignments
from okx_doctor.credentials.mangling import LoaderChange, made_by_another_loader, mangling, unfilled
from okx_doctor.credentials.names import near_slot
from okx_doctor.credentials.places import Place
from okx_doctor.credentials.references import Reference, reference
from okx_doctor.credentials.spelling import line_for
from okx_doctor.credentials.variables import FREQTRADE_EXCHANGE, FREQTRADE_PREFIX, SLOT_TITLES, VARIABLES
from okx_doctor.observations import SLOTS, FileMangled, Slot
from okx_doctor.secrets.secret import Secret

if TYPE_CHECKING:
    from okx_doctor.credentials.comparing import Compared


_MAX_NAMES: Final = 1_000
_MAX_NEAR: Final = 4


class Alternative(Struct, frozen=True, kw_only=True):
    """Another value for a slot, and the causes that it would convict if OKX takes it."""

    value: Secret
    causes: tuple[str, ...]
    what: str
    source: Source


class LoadedValue(Struct, frozen=True, kw_only=True):
    """One slot. ``value`` is ``None`` when no source names it; ``alternatives`` are in the order to try.

    ``shadowed`` are the sources that hold another value than the one in force, ``agreeing`` those that hold the same.
    ``near`` are variables and lines of the files looked at whose names may be meant for it, where no source names it.
    ``compared`` says what other loaders make of the line, where it is a line of an env file. ``altered`` are the
    changes of loaders that can hardly be meant, ``meant_perhaps`` those that may well be. ``unfilled`` is a reference
    in place of the value, or one that left it empty.
    """

    slot: Slot
    value: Secret | None
    source: Source | None
    altered: tuple[FileMangled, ...] = ()
    meant_perhaps: tuple[FileMangled, ...] = ()
    shadowed: tuple[Source, ...] = ()
    agreeing: tuple[Source, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    compared: Compared | None = None
    near: tuple[Source, ...] = ()
    unfilled: Reference | None = None

    def reveal(self) -> str:
        """The value's text, for what ``Secret.reveal`` is for; empty where no source names it."""
        return "" if self.value is None else self.value.reveal()

    @property
    def alias(self) -> str:
        """The variable's name where it is not the usual one."""
        variable = self.source.variable if self.source else ""
        return variable if variable and variable != VARIABLES[self.slot][0] else ""


class Credentials(Struct, frozen=True, kw_only=True):
    """The three values. Build it from your own strings with ``Credentials.of``.

    ``same_passphrase`` names the profiles of other keys that share the passphrase in force.
    """

    api_key: LoadedValue
    secret: LoadedValue
    passphrase: LoadedValue
    same_passphrase: tuple[str, ...] = ()

    @classmethod
    def of(cls, api_key: str, secret: str, passphrase: str) -> Credentials:
        """Credentials handed over by the caller's own code."""
        source = Source(kind="argument")
        texts: Mapping[Slot, str] = {"api_key": api_key, "secret": secret, "passphrase": passphrase}
        return cls.from_values(
            {slot: _value(slot, [Found(slot=slot, source=source, value=Secret(texts[slot]))]) for slot in SLOTS}
        )

    @classmethod
    def from_values(cls, values: Mapping[Slot, LoadedValue]) -> Credentials:
        return cls(api_key=values["api_key"], secret=values["secret"], passphrase=values["passphrase"])

    def value(self, slot: Slot) -> LoadedValue:
        return {"api_key": self.api_key, "secret": self.secret, "passphrase": self.passphrase}[slot]

    def values(self) -> tuple[LoadedValue, ...]:
        return tuple(self.value(slot) for slot in SLOTS)

    @property
    def masked_key(self) -> str:
        """The API key as it may be shown, ``…6e17``; empty for a value of another form, which may be another secret."""
        text = self.api_key.reveal().strip()
        return f"…{text[-4:]}" if shapes.is_uuid(text) and shapes.unwrapped(text) == text else ""

    @property
    def places(self) -> tuple[str, ...]:
        """The places that the three values came from."""
        return tuple(dict.fromkeys(value.source.place for value in self.values() if value.source))

    def secrets(self) -> tuple[Secret, ...]:
        """Every secret text that is known, for the redactor."""
        found: list[Secret] = []
        for loaded in self.values():
            found += [loaded.value] if loaded.value else []
            found += [alternative.value for alternative in loaded.alternatives]
        return tuple(found)


def load_credentials(environ: Mapping[str, str], places: Sequence[Place]) -> Credentials:
    """Credentials from the environment, then each place in order; the first that names a slot wins.

    A variable that is set but empty wins too, as with python-dotenv's default.
    """
    found = {slot: _find(slot, environ, places) for slot in SLOTS}
    values = {slot: _value(slot, found[slot], () if found[slot] else _near(slot, environ, places)) for slot in SLOTS}
    compared = _compare(values, [place for place in places if isinstance(place, EnvFile)])
    loaded = Credentials.from_values({**values, **compared})
    source = loaded.passphrase.source
    homes = [place for place in places if isinstance(place, Home) and source and place.label == source.place]
    return replace(loaded, same_passphrase=homes[0].same_passphrase if homes else ())


def _compare(values: Mapping[Slot, LoadedValue], files: Sequence[EnvFile]) -> Mapping[Slot, LoadedValue]:
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


def _find(slot: Slot, environ: Mapping[str, str], places: Sequence[Place]) -> list[Found]:
    names = _names(slot, environ.get(FREQTRADE_EXCHANGE, ""))
    found = [
        Found(slot=slot, source=Source(kind="environment", variable=name), value=Secret(environ[name]))
        for name in names
        if name in environ
    ]
    for place in places:
        found += _in_env_file(slot, place) if isinstance(place, EnvFile) else place.found_for(slot)
    return found


def _names(slot: Slot, freqtrade_exchange: str) -> tuple[str, ...]:
    """The variables of a slot, without freqtrade's where its configuration names another exchange."""
    other = freqtrade_exchange and not re.fullmatch(r"(?:my)?okx(?:us)?", freqtrade_exchange.strip().lower())
    return tuple(name for name in VARIABLES[slot] if not (other and name.startswith(FREQTRADE_PREFIX)))


def _near(slot: Slot, environ: Mapping[str, str], places: Sequence[Place]) -> tuple[Source, ...]:
    found = [
        Source(kind="environment", variable=name)
        for name, text in islice(environ.items(), _MAX_NAMES)
        if text and near_slot(name) == slot
    ]
    in_files = [
        Source(kind="env-file", variable=name, file=place.label, line=line.number)
        for place in places
        if isinstance(place, EnvFile)
        for name, line in islice(place.lines.items(), _MAX_NAMES)
        if line.value and near_slot(name) == slot
    ]
    return (*found[:_MAX_NEAR], *in_files[:_MAX_NEAR])


def _names_in(slot: Slot, file: EnvFile) -> tuple[str, ...]:
    """The variables of a slot in a file: one that was asked for or found, else the usual ones."""
    return (file.names[slot],) if slot in file.names else _names(slot, file.setting(FREQTRADE_EXCHANGE))


def _in_env_file(slot: Slot, file: EnvFile) -> list[Found]:
    return [
        Found(
            slot=slot,
            source=Source(kind="env-file", variable=name, file=file.label, line=line.number),
            value=line.value or Secret(""),
            change=mangling(line),
            unfilled=unfilled(line),
            in_env_file=line,
            loader=file.dialect,
        )
        for name in _names_in(slot, file)
        for line in assignments(file, name)
    ]


def _value(slot: Slot, found: Sequence[Found], near: tuple[Source, ...] = ()) -> LoadedValue:
    if not found:
        return LoadedValue(slot=slot, value=None, source=None, near=near)
    first = found[0]
    source, value = first.source, first.value
    changes = [(first, first.change)] if first.change else []
    changes += [
        (other, made)
        for other in found[1:]
        if other.in_env_file and (made := made_by_another_loader(other.in_env_file, value))
    ]
    reported = [_report_change(file, change, file is not first or change.suspected) for file, change in changes]
    altered = [row for row in reported if row.suspected]
    alternatives = [_as_written(file, change) for file, change in changes]
    alternatives += _corrections_of(slot, source, value)
    shadowed = [other for other in found[1:] if other.value != value]
    told = [file for file, _ in changes]
    alternatives += [
        _as_written(other, other.change)
        for other in shadowed
        if other.in_env_file and other.change and other.change.suspected and other not in told
    ]
    alternatives += [
        Alternative(
            value=other.value,
            causes=("credential-sources-conflict",),
            what=f"the {SLOT_TITLES[slot]} from {other.source}",
            source=other.source,
        )
        for other in shadowed
    ]
    return LoadedValue(
        slot=slot,
        value=value,
        source=source,
        altered=tuple(altered),
        meant_perhaps=tuple(row for row in reported if not row.suspected),
        shadowed=tuple(other.source for other in shadowed) if not altered else (),
        agreeing=tuple(other.source for other in found[1:] if other.value == value),
        alternatives=_distinct(value, alternatives),
        unfilled=first.unfilled or reference(shapes.unwrapped(value.reveal()), source.key),
    )


def _report_change(found: Found, change: LoaderChange, hardly_meant: bool) -> FileMangled:
    return FileMangled(
        slot=found.slot,
        file=found.source.file,
        line=found.source.line,
        character=change.character,
        what=change.what,
        corrected=found.corrected or _env_line(found, change),
        suspected=hardly_meant,
    )


def _env_line(found: Found, change: LoaderChange) -> str:
    loaders = tuple(dict.fromkeys(filter(None, (change.loader, found.loader))))
    if found.in_env_file is None:
        return ""
    said = line_for(found.source.variable, change.meant, loaders)
    return f"export {said}" if found.in_env_file.exported and said.startswith(found.source.variable) else said


def _as_written(found: Found, change: LoaderChange) -> Alternative:
    return Alternative(
        value=change.meant,
        causes=("env-file-mangled",),
        what=f"the {SLOT_TITLES[found.slot]} as {found.source.where} has it",
        source=found.source,
    )


def _corrections_of(slot: Slot, source: Source, value: Secret) -> list[Alternative]:
    text = value.reveal()
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
        Alternative(value=Secret(right), causes=named, what=f"the {SLOT_TITLES[slot]} {how}", source=source)
        for named, right, how in steps
    ]


def _distinct(value: Secret, alternatives: Sequence[Alternative]) -> tuple[Alternative, ...]:
    kept: dict[Secret, Alternative] = {}
    for alternative in alternatives:
        if alternative.value and alternative.value != value:
            kept.setdefault(alternative.value, alternative)
    return tuple(kept.values())
