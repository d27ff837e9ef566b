"""Compares loaders on the same line: which agree, what others do, and the spelling that all read alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import PurePath
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.credentials.dialects import DIALECTS, Dialect
from okx_doctor.credentials.dialects.reading import BYTE_ORDER_MARK, Loaded, Reading
from okx_doctor.credentials.documents.forms import form_of
from okx_doctor.credentials.env_file import EnvFile, assignments
from okx_doctor.credentials.mangling import mangling
from okx_doctor.credentials.names import near_slot, sets
from okx_doctor.credentials.spelling import spellings
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.secrets.secret import Secret


class Spelling(Struct, frozen=True, kw_only=True):
    """The way to write a value that most loaders read as it is meant.

    ``advice`` is what to write, in words; ``others`` are the loaders that read even this differently. ``in_place``:
    the file already writes it so, or equally well.
    """

    advice: str
    others: tuple[Dialect, ...]
    in_place: bool


class Column(Struct, frozen=True, kw_only=True):
    """One loader's reading of a name. ``same``: as the reference reads it. ``why`` says how it differs,
    and ``character`` to what.

    ``group`` counts the different values from 0; ``None`` where the loader gives none.
    """

    dialect: Dialect
    same: bool
    group: int | None
    why: str
    character: str


class Compared(Struct, frozen=True, kw_only=True):
    """One name of a file, as every loader reads it.

    ``spelling`` is ``None`` where no loader gives a value, or no way to write it suits more than one. ``note`` says
    what the file's own loader did that can hardly be meant, and which other lines set the name.
    """

    name: str
    line: int
    columns: tuple[Column, ...]
    spelling: Spelling | None
    note: str = ""

    @property
    def agree(self) -> bool:
        return all(column.group == 0 for column in self.columns)


def compare_all(file: EnvFile) -> tuple[Compared, ...]:
    """Every variable for a key, secret or passphrase in the file, in the order of the slots, the usual names first."""
    loaded = _load_with_all(file)
    return tuple(_as_meant(file, name, loaded) for name in _names(loaded))


def values(file: EnvFile) -> tuple[Secret, ...]:
    """Every value that any loader gives to any of these variables, for the redactor."""
    loaded = _load_with_all(file)
    names = set(_names(loaded))
    return tuple(
        reading.value
        for each in loaded.values()
        for name, reading in each.readings.items()
        if name in names and reading.value is not None
    )


def _names(loaded: Mapping[str, Loaded]) -> tuple[str, ...]:
    """The names of credentials that any loader finds: the usual ones, those of a whole set of names with one more word,
    and near misses for a slot that nothing else names."""
    there = dict.fromkeys(name for each in loaded.values() for name in each.readings)
    named = {slot: [name for name in names if name in there] for slot, names in VARIABLES.items()}
    for names in sets(there).values():
        for slot, name in names.items():
            named[slot].append(name)
    for slot in [slot for slot in named if not named[slot]]:
        named[slot] += [name for name in islice(there, _MAX_NAMES) if near_slot(name) == slot]
    return tuple(dict.fromkeys(name for names in named.values() for name in names))


_MAX_NAMES: Final = 1_000
_OTHER_FORMS: Final[Mapping[str, str]] = {
    "compose": "a Compose file",
    "kubernetes": "a manifest of Kubernetes",
    "unit": "a unit of systemd's",
    "plist": "a property list",
    "json": "JSON",
}
_SUFFIXES: Final[Mapping[str, str]] = {".yaml": "YAML", ".yml": "YAML", ".toml": "TOML"}


def other_form(file: EnvFile) -> str:
    """The form of a file that only one program reads, in words; empty for an env file."""
    return _OTHER_FORMS.get(form_of(file.label, file.text.reveal())) or _SUFFIXES.get(PurePath(file.label).suffix, "")


def compare(file: EnvFile, names: Iterable[str]) -> Mapping[str, Compared]:
    """Names of the file's lines; the values that its own loader gives are taken to be the ones that are meant."""
    loaded = _load_with_all(file)
    return {name: _compare_line(file, name, file.lines[name].value, loaded) for name in names}


def _load_with_all(file: EnvFile) -> Mapping[str, Loaded]:
    return {dialect.id: file.read_by(dialect) for dialect in DIALECTS}


def _as_meant(file: EnvFile, name: str, loaded: Mapping[str, Loaded]) -> Compared:
    """Compared with the value that was meant in mind, where the file's own loader can hardly give that one."""
    line = file.lines.get(name)
    change = mangling(line) if line is not None else None
    suspected = change if change is not None and change.suspected else None
    meant = suspected.meant if suspected else line.value if line is not None else None
    notes = [f"the line {suspected.what}"] if suspected else []
    notes += [f"line {other.number} sets it as well, and the last one counts" for other in assignments(file, name)[1:]]
    return replace(_compare_line(file, name, meant, loaded), note="; ".join(notes))


def _compare_line(file: EnvFile, name: str, meant: Secret | None, loaded: Mapping[str, Loaded]) -> Compared:
    line = next(
        each.readings[name].line for each in (loaded[file.dialect.id], *loaded.values()) if name in each.readings
    )
    readings = {dialect.id: loaded[dialect.id].of(name, line) for dialect in DIALECTS}
    reference = readings[file.dialect.id]
    values = [reading.value for reading in readings.values() if reading.value is not None]
    groups = {value: number for number, value in enumerate(dict.fromkeys(values))}
    columns = tuple(_column(dialect, readings[dialect.id], reference, groups) for dialect in DIALECTS)
    target = meant if meant is not None else _commonest(values)
    elsewhere = [each.line for each in loaded.values() if each.line and each.line != line and name not in each.readings]
    already = tuple(dialect for dialect in DIALECTS if readings[dialect.id].value != target)
    return Compared(
        name=name,
        line=line,
        columns=columns,
        spelling=None if target is None else _spelling(file, name, line, target, already, elsewhere),
    )


def _column(dialect: Dialect, reading: Reading, reference: Reading, groups: Mapping[Secret, int]) -> Column:
    why, character = _difference(reading, reference)
    return Column(
        dialect=dialect,
        same=reading.value is not None and reading.value == reference.value,
        group=None if reading.value is None else groups[reading.value],
        why=why,
        character=character,
    )


def _commonest(values: list[Secret]) -> Secret | None:
    return max(values, key=values.count, default=None)


def _difference(reading: Reading, reference: Reading) -> tuple[str, str]:
    """How a loader differs from the reference, in words that follow its name, and at which character."""
    if reading.value is None:
        return reading.refusal, reading.character
    if reading.value == reference.value:
        return "", ""
    if reference.value is None:
        acts = reading.acts
        words = [act.done for act in acts] or ["takes the text as it stands"]
    else:
        done = [act for act in reading.acts if act not in reference.acts]
        left = [act for act in reference.acts if act not in reading.acts]
        acts = (*done, *left)
        words = [*(act.done for act in done), *(act.left for act in left)]
    if not words:
        acts = tuple(act for act in reading.acts if act.kind == "comment")
        words = ["cuts at another `#`"] if acts else ["reads it in another way"]
    return " and ".join(dict.fromkeys(words)), acts[0].character[:1] if acts else ""


def _spelling(
    file: EnvFile, name: str, line: int, target: Secret, already: tuple[Dialect, ...], elsewhere: Iterable[int]
) -> Spelling | None:
    """The first of the spellings that most loaders read as ``target``: every model is run over each."""
    best: Spelling | None = None
    for style, written in spellings(target.reveal()):
        others = tuple(
            dialect
            for dialect in DIALECTS
            if dialect.load(f"{name}={written}\n", file.environ).of(name, 1).value != target
        )
        if best is None or len(others) < len(best.others):
            advice = _advice(file.text.reveal(), name, line, style, written, elsewhere)
            best = Spelling(advice=advice, others=others, in_place=others == already)
    return best if best is not None and len(best.others) < len(DIALECTS) - 1 else None


def _advice(text: str, name: str, line: int, style: str, written: str, elsewhere: Iterable[int]) -> str:
    """Say what to change so that the line reads ``NAME=`` and then ``written``, with nothing in the way."""
    row = re.split(r"\r\n|\n|\r", text.removeprefix(BYTE_ORDER_MARK))[line - 1]
    found = re.match(rf"\s*(export\s+)?{re.escape(name)}(\s*[=:]\s*)(.*)", row)
    export, equals, value = found.groups() if found else (None, "=", "")
    behind = value.removeprefix(written) if value.startswith(written) else None
    comment = behind is not None and behind.lstrip().startswith("#")
    changes = [
        *([style] if behind is None or (behind.strip() and not comment) else []),
        *(["without `export`"] if export else []),
        *(["without blanks around ="] if equals != "=" else []),
        *(["without a comment behind it"] if comment else []),
        *(["without blanks behind it"] if behind and not behind.strip() else []),
    ]
    also = [
        *(["save the file with Unix line ends"] if "\r" in text else []),
        *(["save it without a byte order mark"] if text.startswith(BYTE_ORDER_MARK) else []),
        *(f"put line {number} right" for number in sorted(set(elsewhere))),
    ]
    return " and ".join(([f"write it {', '.join(changes)}"] if changes else []) + also) or f"write it {style}"
