"""A report for people: quiet on success; on failure the cause first, then proof, remedy, checklist.

The only module that imports rich. Every string is shown as it is, never as markup, with control characters made
visible: server text may hold ``[/red]`` or terminal escapes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from okx_doctor.causes.clock import exchange_offset, in_words, ntp_offset
from okx_doctor.model import Cause, CheckStatus, Health, Report, Severity
from okx_doctor.observations import evidence_in
from okx_doctor.protocol.timestamps import WINDOW_SECONDS
from okx_doctor.report.wording import NEXT_STEP, asked_okx, crashed_by_a_bug, headline, target
from okx_doctor.secrets.foreign_text import inert, visible

_GLYPHS: Final[Mapping[CheckStatus, tuple[str, str]]] = {
    CheckStatus.PASS: ("✓", "green"),
    CheckStatus.WARN: ("!", "yellow"),
    CheckStatus.FAIL: ("✗", "red"),
    CheckStatus.SKIP: ("-", "dim"),
    CheckStatus.UNKNOWN: ("?", "yellow"),
    CheckStatus.CRASH: ("☠", "magenta"),
}
_ASCII: Final = str.maketrans({"✓": "+", "✗": "x", "☠": "#", "●": "o", "─": "-", "│": "|", "±": "+/-", "…": "."})
_TIME_CAUSES: Final = ("clock-drift", "clock-timezone", "tls-clock")
_HALF_COLUMNS: Final = 20
"""Columns on either side of the middle."""


def render_text(
    report: Report, *, width: int = 80, colour: bool = False, ascii_only: bool = False, note: str = ""
) -> str:
    """The report as lines of at most ``width`` columns. ``note`` is the last line."""
    parts: list[RenderableType] = []
    causes = report.verdict.causes
    if report.status is not Health.UNHEALTHY:
        parts += [_headline(report)]
    if report.status is Health.HEALTHY:
        parts += _healthy(report)
    for number, cause in enumerate(causes, 1):
        picture = clock_gauge(report) if cause.id in _TIME_CAUSES else ""
        parts += [*([""] if parts else []), *_cause(cause, number if len(causes) > 1 else 0, picture)]
    if report.status is not Health.HEALTHY:
        parts += _open_questions(report)
        parts += ["", _where(report), _checklist(report)]
    parts += _crashes(report)
    if note:
        parts += ["", Text(note, style="dim")]
    return _printed(parts, width=width, colour=colour, ascii_only=ascii_only)


class Paragraph(Struct, frozen=True, kw_only=True):
    """A paragraph of an output other than a report on checks: its text, indent in columns, style and bullet."""

    text: str
    indent: int = 0
    style: str = ""
    bullet: bool = False


class NumberedCause(Struct, frozen=True, kw_only=True):
    """A cause among paragraphs, as a report on checks shows it; ``number`` where there are several."""

    cause: Cause
    number: int = 0


def render_paragraphs(
    paragraphs: Iterable[Paragraph | NumberedCause], *, width: int = 80, colour: bool = False, ascii_only: bool = False
) -> str:
    """Paragraphs as lines of at most ``width`` columns, an empty text as an empty line."""
    parts: list[RenderableType] = []
    for paragraph in paragraphs:
        if isinstance(paragraph, NumberedCause):
            parts += _cause(paragraph.cause, paragraph.number, "")
            continue
        text = Text(visible(paragraph.text), style=paragraph.style)
        if paragraph.bullet:
            parts.append(_bullet(text, paragraph.indent))
        else:
            parts.append(_indented(text, paragraph.indent) if paragraph.text else "")
    return _printed(parts, width=width, colour=colour, ascii_only=ascii_only)


def _printed(parts: Iterable[RenderableType], *, width: int, colour: bool, ascii_only: bool) -> str:
    stream = io.StringIO()
    Console(
        file=stream,
        width=width,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    ).print(Group(*parts))
    lines = "\n".join(inert(line.rstrip()) for line in stream.getvalue().splitlines()) + "\n"
    return lines.translate(_ASCII).encode("ascii", "replace").decode() if ascii_only else lines


def _headline(report: Report) -> Text:
    """The first line of a run without a convicting cause: its result, and the site it looked at."""
    glyph, style = ("?", "bold yellow") if report.status is Health.UNDETERMINED else ("✓", "bold green")
    line = Text(f"{glyph} {headline(report)}", style=style)
    return line.append(f": {visible(target(report))}", style="not bold")


def _where(report: Report) -> Text:
    return Text("Checks", style="bold").append(f" against {visible(target(report))}", style="not bold")


def _healthy(report: Report) -> list[RenderableType]:
    shown = ("network.connection", "clock.exchange", "signed.config", "key.permissions", "key.binding")
    rows = [check for check in report.checks if check.id in shown and check.status is CheckStatus.PASS]
    lines: list[RenderableType] = [_hanging(f"{check.title}: {check.summary}") for check in rows]
    lines += [_hanging(f"note: {check.summary}") for check in report.checks if _NOTED & set(check.observations)]
    passed = sum(check.status is CheckStatus.PASS for check in report.checks)
    others = [f"{check.id} ({check.summary})" for check in report.checks if check.status in _NOT_PASSED]
    lines.append(_hanging(f"{passed} checks passed" + (f"; not judged: {', '.join(others)}" if others else "")))
    if asked_okx(report):
        lines.append(_hanging(NEXT_STEP))
    return lines


_NOTED: Final = {"sources_shadowed", "files_mangled"}
"""Observations that are worth a line even where OKX accepts what was loaded."""

_NOT_PASSED: Final = (CheckStatus.UNKNOWN, CheckStatus.CRASH)


def _cause(cause: Cause, number: int, picture: str) -> Iterable[RenderableType]:
    error = cause.severity is Severity.ERROR
    glyph, style = ("✗", "red") if error else ("!", "yellow")
    yield Text(f"{glyph} {f'{number}. ' if number else ''}{visible(cause.title)}", style=f"bold {style}")
    yield _indented(Text(f"{cause.id}: {cause.confidence.value}{'' if error else ', a warning'}"), 2)
    yield _indented(Text("Proof" if cause.confidence.is_sure else "Evidence", "bold"), 2)
    for line in cause.because:
        yield _bullet(Text(visible(line), overflow="fold"), 4)
    if picture:
        yield _indented(Text(picture), 4)
    yield _indented(Text("Fix", "bold"), 2)
    yield _indented(Text(visible(cause.remedy.text), overflow="fold"), 4)
    for command in cause.remedy.commands:
        yield _indented(Text(f"$ {visible(command)}", style="cyan"), 6)
    then = Text("then ")
    then.append(visible(cause.remedy.verify), style="cyan")
    then.append("; more: ")
    then.append(f"okx-doctor explain {cause.id}", style="cyan")
    yield _indented(then, 4)


def clock_gauge(report: Report) -> str:
    """Two lines: the ±30 s window in which OKX takes a timestamp, and this clock's place in it.

    ``""`` where no other clock was measured.
    """
    seen = evidence_in(report)
    measured = exchange_offset(seen) or ntp_offset(seen)
    if measured is None:
        return ""
    offset = -measured.seconds  # the local clock against the reference
    scale = "".join(("-30 s ", "│", "─" * (_HALF_COLUMNS - 1), "│", "─" * (_HALF_COLUMNS - 1), "│", " +30 s"))
    place = round(offset / WINDOW_SECONDS * _HALF_COLUMNS)
    direction = "ahead" if offset > 0 else "behind"
    label = f"this clock, {in_words(abs(offset))} {direction}"
    start = len("-30 s ")
    if place < -_HALF_COLUMNS:
        return f"{scale}\n<● {label}, outside"
    if place > _HALF_COLUMNS:
        return f"{scale}\n{f'{label}, outside ●>':>{start + 2 * _HALF_COLUMNS + 7}}"
    column = start + _HALF_COLUMNS + place
    if place <= 0:
        return f"{scale}\n{' ' * column}● {label}"
    return f"{scale}\n{f'{label} ●':>{column + 1}}"


def _open_questions(report: Report) -> list[RenderableType]:
    """The causes left open: only their names once a cause is found, else also what would decide them."""
    grouped: dict[str, list[str]] = {}
    for row in report.verdict.undetermined:
        grouped.setdefault(row.missing, []).append(row.id)
    if not grouped:
        return []
    if report.verdict.causes:
        names = [name for names in grouped.values() for name in names]
        more = f" and {len(names) - 6} more" if len(names) > 6 else ""
        return ["", _hanging(f"Not judged before this is fixed: {', '.join(names[:6])}{more}")]
    lines: list[RenderableType] = ["", Text("Not judged", style="bold")]
    lines += [_hanging(f"{', '.join(names)}: needs {missing}") for missing, names in grouped.items()]
    return lines


def _checklist(report: Report) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=3, justify="right")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for check in report.checks:
        glyph, style = _GLYPHS[check.status]
        table.add_row(
            Text(glyph, style=style),
            check.id,
            Text(visible(check.summary), overflow="fold", style="dim" if style == "dim" else ""),
        )
    return table


def _crashes(report: Report) -> list[RenderableType]:
    crashed = [check.id for check in report.checks if check.status is CheckStatus.CRASH]
    if not crashed:
        return []
    return ["", Text(f"{', '.join(crashed)} {crashed_by_a_bug()}")]


def _bullet(text: Text, indent: int) -> RenderableType:
    table = Table.grid(padding=0)
    table.add_column(width=indent + 2)
    table.add_column(ratio=1)
    table.add_row(f"{' ' * indent}- ", text)
    return table


def _hanging(line: str) -> RenderableType:
    return _indented(Text(visible(line), overflow="fold"), 2)


def _indented(what: RenderableType, columns: int) -> RenderableType:
    return Padding(what, (0, 0, 0, columns))
