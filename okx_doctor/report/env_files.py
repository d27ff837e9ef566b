"""Tells how loaders read an env file, for people and for scripts; and the table of the dialects. Never a value."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct, to_builtins

from okx_doctor.credentials.comparing import Column, Compared
from okx_doctor.credentials.dialects import DEFAULT, DIALECTS, IDS, Dialect
from okx_doctor.credentials.dialects.samples import SAMPLES

SCHEMA: Final = "okx-doctor/env/1"
_TITLES: Final = max(len(dialect.title) for dialect in DIALECTS)
_NO_VALUE: Final = "-"
_SIGNS: Final = str.maketrans({"\n": "␊", "\r": "␍", "\t": "⇥", "\ufeff": "(BOM)"})


DialectId = Annotated[str, Meta(extra_json_schema={"enum": list(IDS)})]


class BestSpelling(Struct, frozen=True, kw_only=True):
    """The advice on a value's spelling, and the loaders that read even this differently."""

    advice: str
    in_place: Annotated[bool, Meta(description="Whether the file has it so already.")]
    read_otherwise_by: tuple[DialectId, ...]


class DialectReading(Struct, frozen=True, kw_only=True):
    """One loader's reading of a variable."""

    same_as: (
        Annotated[
            str,
            Meta(
                description="python-dotenv where the value is the same as there, or else null.",
                extra_json_schema={"enum": [DEFAULT.id]},
            ),
        ]
        | None
    )
    reading: (
        Annotated[
            str,
            Meta(
                pattern="^[A-Z]+$",
                description="The same letter is the same value; null is none. Letters hold within one variable.",
            ),
        ]
        | None
    )
    why: Annotated[str, Meta(description="What this loader does otherwise than python-dotenv.")]
    character: (
        Annotated[str, Meta(max_length=1, description="The character at fault; null where there is none.")] | None
    )


class EnvVariable(Struct, frozen=True, kw_only=True):
    """One variable, as every loader reads it."""

    name: str
    line: Annotated[int, Meta(ge=1)]
    agree: Annotated[bool, Meta(description="Whether every loader gives the same value.")]
    note: Annotated[
        str | None,
        Meta(
            description="What python-dotenv does that can hardly be meant, and which other lines set the name.",
        ),
    ]
    spelling: Annotated[
        BestSpelling | None,
        Meta(description="The way to write the value that most loaders read alike; null where there is none."),
    ]
    dialects: Annotated[dict[DialectId, DialectReading], Meta(min_length=len(IDS))]


class EnvComparison(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """A compared file as JSON."""

    variables: Annotated[
        tuple[EnvVariable, ...],
        Meta(
            min_length=1,
            description="Each variable for a key, secret or passphrase that a loader finds in the file.",
        ),
    ]


def render_json(compared: Sequence[Compared]) -> str:
    """One JSON object (schema ``okx-doctor/env/1``)."""
    document = EnvComparison(variables=tuple(map(_variable, compared)))
    return json.dumps(to_builtins(document), indent=2, ensure_ascii=False) + "\n"


def _variable(row: Compared) -> EnvVariable:
    return EnvVariable(
        name=row.name,
        line=row.line,
        agree=row.agree,
        note=row.note or None,
        spelling=None
        if row.spelling is None
        else BestSpelling(
            advice=row.spelling.advice,
            in_place=row.spelling.in_place,
            read_otherwise_by=tuple(dialect.id for dialect in row.spelling.others),
        ),
        dialects={
            column.dialect.id: DialectReading(
                same_as=DEFAULT.id if column.same else None,
                reading=None if column.group is None else _letter(column),
                why=column.why,
                character=column.character or None,
            )
            for column in row.columns
        },
    )


def render_text(
    label: str, compared: Sequence[Compared], *, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """Lines of at most ``width`` columns: a heading, then each variable with what each loader makes of it."""
    from okx_doctor.report.text import Paragraph, render_paragraphs
    from okx_doctor.report.wording import first_sentence

    differing = sum(not row.agree for row in compared)

    def paragraphs() -> Iterator[Paragraph]:
        if differing:
            names = f"{differing} of {len(compared)} variable{'' if len(compared) == 1 else 's'}"
            yield Paragraph(text=f"{label}: the loaders do not read {names} alike", style="bold")
            yield Paragraph(text="The same letter is the same value; - is none.", indent=2)
        else:
            yield Paragraph(text=f"{label}: all {len(DIALECTS)} loaders read it alike", style="bold")
        for row in compared:
            if row.agree:
                yield Paragraph(text=f"✓ {row.name}, line {row.line}", style="green")
            else:
                yield Paragraph(text="")
                yield Paragraph(text=f"✗ {row.name}, line {row.line}", style="bold red")
                for column in row.columns:
                    yield from _column(column, width)
            if row.note:
                yield Paragraph(text=f"Mind: {row.note}.", indent=2)
            if not row.agree:
                yield Paragraph(text=advice(row), indent=2)
        if differing:
            yield from _last_lines()

    def _last_lines() -> Iterator[Paragraph]:
        """The answer again, which stays on the screen."""
        yield Paragraph(text="")
        names = [f"{row.name} (line {row.line})" for row in compared if not row.agree]
        yield Paragraph(text=f"✗ {label}: the loaders do not read {' and '.join(names)} alike", style="bold red")
        for text in dict.fromkeys(first_sentence(advice(row)) for row in compared if not row.agree):
            yield Paragraph(text=f"Fix: {text}", indent=2)
        if label.isprintable() and " " not in label:
            yield Paragraph(text=f"okx-doctor env {label}", indent=2, command="then")

    def _column(column: Column, columns: int) -> Iterator[Paragraph]:
        at = 4 + _TITLES + 5
        style = "" if column.group == 0 else "yellow"
        first, *rest = textwrap.wrap(column.why, max(20, columns - at)) or [""]
        yield Paragraph(text=f"{column.dialect.title:<{_TITLES}}  {_letter(column)}  {first}", indent=4, style=style)
        for line in rest:
            yield Paragraph(text=line, indent=at, style=style)

    return render_paragraphs(paragraphs(), width=width, colour=colour, ascii_only=ascii_only)


def advice(row: Compared) -> str:
    """Advice on a variable that the loaders do not read alike, in a sentence or two."""
    spelling = row.spelling
    if spelling is None:
        return "No way to write this value on one line is read alike by more than one loader: choose a plainer one."
    words = spelling.advice[0].upper() + spelling.advice[1:]
    if not spelling.others:
        return f"{words}: all {len(DIALECTS)} loaders read that alike."
    others = titles(spelling.others)
    if spelling.in_place:
        return (
            f"No spelling is read alike by all. This is the best one; for {others} set the variable in another way, "
            "or choose a value of letters and digits."
        )
    return f"{words}: all but {others} read that alike. No spelling is read alike by all."


def titles(dialects: Sequence[Dialect]) -> str:
    """The loaders' names in a row."""
    names = [dialect.title for dialect in dialects]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def render_dialects() -> str:
    """The loaders and what each makes of a few lines, in Markdown: the tables of ``docs/env-files.md``.

    These are lines of our own, so their values are shown.
    """
    rows = [
        ["loader", "`--dialect`", "facts from", "compared with"],
        *([dialect.title, f"`{dialect.id}`", dialect.source, dialect.compared_with] for dialect in DIALECTS),
    ]
    lines = [*_table(rows), ""]
    lines += _table([["the file", *(dialect.title for dialect in DIALECTS)], *(_sample(sample) for sample in SAMPLES)])
    return "\n".join(lines) + "\n"


def _sample(sample: str) -> list[str]:
    made = (dialect.load(sample, {}).of("A", 1) for dialect in DIALECTS)
    return [_code(sample), *(_NO_VALUE if found.value is None else _code(found.value.reveal()) for found in made)]


def _code(text: str) -> str:
    """Text as code in a cell of a Markdown table, what cannot be seen as a sign."""
    core = text.strip(" ")
    head, _, tail = text.partition(core) if core else ("", "", text)
    shown = (head.replace(" ", "␠") + core + tail.replace(" ", "␠")).translate(_SIGNS).replace("|", "\\|")
    if not shown:
        return "(empty)"
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    head, *body = rows
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in body)]


def _letter(column: Column) -> str:
    return _NO_VALUE if column.group is None else _letter_of(column.group)


def _letter_of(number: int) -> str:
    """The letter of a number from 0: A to Z, then AA and so on, as a spreadsheet counts its columns."""
    more, last = divmod(number, 26)
    return (_letter_of(more - 1) if more else "") + chr(ord("A") + last)
