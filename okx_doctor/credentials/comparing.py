"""What the loaders make of the same line: which agree, what each does otherwise, and the spelling that all read alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from okx_doctor.credentials.dialects import DIALECTS, Dialect
from okx_doctor.credentials.dialects.reading import Loaded, Reading
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.mangling import mangling
from okx_doctor.names import VARIABLES
from okx_doctor.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """The way to write a value that most loaders read as it is meant.

    ``advice`` is what to write, in words; ``others`` are the loaders that read even this otherwise. ``in_place``: the
    file writes it so, or as well.
    """

    advice: str
    others: tuple[Dialect, ...]
    in_place: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What one loader makes of a name. ``same``: as the reference does. ``why`` says what it does otherwise.

    ``group`` counts the different values from 0; ``None`` where the loader gives none.
    """

    dialect: Dialect
    same: bool
    group: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One name of a file, as every loader reads it. ``spelling`` is ``None`` where no loader gives a value."""

    name: str
    line: int
    columns: tuple[Column, ...]
    spelling: Spelling | None

    @property
    def agree(self) -> bool:
        return all(column.group == 0 for column in self.columns)


def compare_all(file: EnvFile) -> tuple[Compared, ...]:
    """Every variable for a key, secret or passphrase in the file, in the order of the slots."""
    loaded = _loaded(file)
    known = [name for names in VARIABLES.values() for name in names]
    found = [name for name in known if any(name in each.readings for each in loaded.values())]
    return tuple(_compared(file, name, _meant(file, name), loaded) for name in found)


def compare(file: EnvFile, name: str) -> Compared:
    """One name of the file; the value that its own loader gives is taken to be the one that is meant."""
    line = file.lines[name]
    return _compared(file, name, line.value, _loaded(file))


def _loaded(file: EnvFile) -> Mapping[str, Loaded]:
    text = file.text.reveal()
    return {dialect.id: dialect.load(text, file.environ) for dialect in DIALECTS}


def _meant(file: EnvFile, name: str) -> str | None:
    """The value that the file's loader gives, or the one that was meant where it can hardly be that one."""
    line = file.lines.get(name)
    if line is None:
        return None
    change = mangling(line)
    return change.meant if change is not None and change.suspected else line.value


def _compared(file: EnvFile, name: str, meant: str | None, loaded: Mapping[str, Loaded]) -> Compared:
    line = next(
        each.readings[name].line for each in (loaded[file.dialect.id], *loaded.values()) if name in each.readings
    )
    readings = {dialect.id: loaded[dialect.id].of(name, line) for dialect in DIALECTS}
    reference = readings[file.dialect.id]
    values = [reading.value for reading in readings.values() if reading.value is not None]
    groups = {value: number for number, value in enumerate(dict.fromkeys(values))}
    columns = tuple(
        Column(
            dialect=dialect,
            same=(reading := readings[dialect.id]).value is not None and reading.value == reference.value,
            group=None if reading.value is None else groups[reading.value],
            why=_why(reading, reference),
        )
        for dialect in DIALECTS
    )
    target = Secret(meant) if meant is not None else _commonest(values)
    already = tuple(dialect for dialect in DIALECTS if readings[dialect.id].value != target)
    return Compared(
        name=name,
        line=line,
        columns=columns,
        spelling=None if target is None else _spelling(file, name, target, already),
    )


def _commonest(values: list[Secret]) -> Secret | None:
    return max(values, key=values.count, default=None)


def _why(reading: Reading, reference: Reading) -> str:
    """What a loader does otherwise than the reference, in words that follow its name."""
    if reading.value is None:
        return reading.refusal
    if reading.value == reference.value:
        return ""
    done = [act.done for act in reading.acts if act not in reference.acts]
    left = [act.left for act in reference.acts if act not in reading.acts]
    if reference.value is None:
        done, left = [act.done for act in reading.acts] or ["takes the text as it stands"], []
    return " and ".join(dict.fromkeys((*done, *left))) or "reads it in another way"


def _spelling(file: EnvFile, name: str, target: Secret, already: tuple[Dialect, ...]) -> Spelling | None:
    """The first of the spellings that most loaders read as ``target``: every model is run over each."""
    best: Spelling | None = None
    for advice, written in _spellings(target.reveal()):
        others = tuple(
            dialect
            for dialect in DIALECTS
            if dialect.load(f"{name}={written}\n", file.environ).of(name, 1).value != target
        )
        if best is None or len(others) < len(best.others):
            best = Spelling(advice=advice, others=others, in_place=others == already)
    return best if best is not None and len(best.others) < len(DIALECTS) - 1 else None


def _spellings(value: str) -> tuple[tuple[str, str], ...]:
    """The ways to write a value on one line.

    Single quotes stand before none: where both suit as many loaders, a shell may run a bare value as a command.
    """
    if not value or any(char in value for char in "\r\n"):
        return ()
    escaped = "".join(f"\\{char}" if char in '\\"$`' else char for char in value)
    return (
        ("write it in single quotes", f"'{value}'"),
        ("write it without quotes", value),
        ("write it in double quotes", f'"{value}"'),
        ('write it in double quotes with a backslash before each \\, ", $ and `', f'"{escaped}"'),
    )
