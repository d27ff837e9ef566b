"""A report for people: quiet on success. On failure it lists the checks that did not pass, then the causes with their
proof, and ends in the answer, a few lines that stay on the screen.

The only module that imports rich. Every string is shown as it is, never as markup, with control characters made
visible: server text may hold ``[/red]`` or terminal escapes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from okx_doctor.causes.clock import exchange_offset, in_words, ntp_offset
from okx_doctor.model import Cause, CheckResult, CheckStatus, Health, Report, Severity
from okx_doctor.observations import evidence_in
from okx_doctor.protocol.timestamps import WINDOW_SECONDS
from okx_doctor.report.wording import (
    NEXT_STEP,
    SIGN_WORDS,
    Detail,
    answer_headline,
    asked_okx,
    check_again,
    crashed_by_a_bug,
    first_sentence,
    headline,
    ignored,
    is_command,
    target,
    unbroken,
    whence,
    whose,
    with_blanks,
)
from okx_doctor.repository import page_of
from okx_doctor.secrets.foreign_text import inert, visible

_GLYPHS: Final[Mapping[CheckStatus, tuple[str, str]]] = {
    CheckStatus.PASS: ("✓", "green"),
    CheckStatus.WARN: ("!", "yellow"),
    CheckStatus.FAIL: ("✗", "red"),
    CheckStatus.SKIP: ("-", "dim"),
    CheckStatus.UNKNOWN: ("?", "yellow"),
    CheckStatus.CRASH: ("☠", "magenta"),
}
_HEALTH_GLYPHS: Final[Mapping[Health, tuple[str, str]]] = {
    Health.HEALTHY: ("✓", "bold green"),
    Health.UNHEALTHY: ("✗", "bold red"),
    Health.UNDETERMINED: ("?", "bold yellow"),
}
_ASCII: Final = str.maketrans({"✓": "+", "✗": "x", "☠": "#", "●": "o", "─": "-", "│": "|", "±": "+/-", "…": "."})
_TIME_CAUSES: Final = ("clock-drift", "clock-timezone", "tls-clock")
_HALF_COLUMNS: Final = 20
"""Columns on either side of the middle."""
_GAUGE_COLUMNS: Final = 65
_MAX_ANSWER_LINES: Final = 20
"""Lines of the answer; a terminal of 24 shows them with the prompt below."""
_MAX_TITLES: Final = 10
_MAX_MISSING: Final = 2
_ID_COLUMNS: Final = 24
_MIN_TABLE_COLUMNS: Final = 56
"""A narrower terminal has a check's measurement below its id, not beside it."""


def render_text(
    report: Report,
    *,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
    note: str = "",
    detail: Detail = "usual",
    plain: bool = False,
) -> str:
    """The report as lines of at most ``width`` columns. Only a command may be longer: it is never broken.

    ``plain`` puts words in place of signs and draws nothing.
    """

    def printed(parts: Iterable[RenderableType]) -> str:
        return _printed(parts, width=width, colour=colour, ascii_only=ascii_only)

    answer = _answer(report, width, plain)
    if detail == "answer":
        whole = report.status is Health.HEALTHY and not report.verdict.causes
        return printed([*answer, *(_identity(report) if whole else ())])
    parts: list[RenderableType] = [*([Text(visible(note), style="dim")] if note else [])]
    healthy = report.status is Health.HEALTHY
    if healthy:
        parts += [_headline(report, plain), *_identity(report), *_healthy(report)]
    if detail == "all" or not healthy:
        parts += [*_where(report), *_checklist(report, width, plain, everything=detail == "all")]
    causes = report.verdict.causes
    for number, cause in enumerate(causes, 1):
        drawn = cause.id in _TIME_CAUSES and not plain and width >= _GAUGE_COLUMNS
        picture = clock_gauge(report) if drawn else ""
        parts += ["", *_cause(cause, number if len(causes) > 1 else 0, picture, plain)]
    if detail == "all" or not (healthy or causes):
        parts += _open_questions(report)
    parts += [_hanging(line) for line in (ignored(report),) if line]
    parts += _crashes(report)
    if causes or not healthy:
        parts += ["", *answer]
    return printed(parts)


class Paragraph(Struct, frozen=True, kw_only=True):
    """A paragraph of an output other than a report on checks: its text, indent in columns, style and bullet.

    ``command`` is the word in front of a text that is a command on a line of its own, ``$`` or ``more:``.
    """

    text: str
    indent: int = 0
    style: str = ""
    bullet: bool = False
    command: str = ""


class NumberedCause(Struct, frozen=True, kw_only=True):
    """A cause among paragraphs, as a report on checks shows it; ``number`` where there are several."""

    cause: Cause
    number: int = 0


def render_paragraphs(
    paragraphs: Iterable[Paragraph | NumberedCause | Answer],
    *,
    width: int = 80,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """Paragraphs as lines of at most ``width`` columns, an empty text as an empty line."""
    parts: list[RenderableType] = []
    for paragraph in paragraphs:
        if isinstance(paragraph, NumberedCause):
            parts += _cause(paragraph.cause, paragraph.number, "", plain=False)
            continue
        if isinstance(paragraph, Answer):
            parts += _fitting(paragraph, width, plain=False)
            continue
        if paragraph.command:
            parts.append(_Command(paragraph.command, paragraph.text, paragraph.indent))
            continue
        text = Text(unbroken(visible(paragraph.text)), style=paragraph.style)
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
    ).print(Group(*parts), crop=False)
    lines = "\n".join(inert(with_blanks(line.rstrip())) for line in stream.getvalue().splitlines()) + "\n"
    return lines.translate(_ASCII).encode("ascii", "replace").decode() if ascii_only else lines


def _sign(glyph: str, plain: bool) -> str:
    return f"{SIGN_WORDS[glyph]}:" if plain else glyph


def _headline(report: Report, plain: bool) -> Text:
    """The first line of a healthy run: its result, and the key and the site that it is about."""
    glyph, style = _HEALTH_GLYPHS[report.status]
    line = Text(f"{_sign(glyph, plain)} {headline(report)}", style=style)
    return line.append(f": {visible(target(report))}", style="not bold")


def _where(report: Report) -> Iterable[RenderableType]:
    yield Text("Checked", style="bold").append(f" {visible(target(report))}", style="not bold")
    yield from _identity(report)


def _identity(report: Report) -> Iterable[RenderableType]:
    """Whose key was checked, by which way and when."""
    yield _hanging(", ".join(filter(None, (whose(report), whence(report)))))
    yield from map(_hanging, report.target.settings)


class Answer(Struct, frozen=True, kw_only=True):
    """The last lines of an output: the result, every cause with the first sentence of its fix, and the next command.

    ``sign`` is ✓, ✗ or ?. ``missing`` lists facts that could not be measured, where no cause is named.
    """

    sign: str
    headline: str
    causes: tuple[Cause, ...] = ()
    missing: tuple[str, ...] = ()


_SIGN_STYLES: Final[Mapping[str, str]] = {"✓": "bold green", "✗": "bold red", "?": "bold yellow"}


def _answer(report: Report, width: int, plain: bool) -> list[RenderableType]:
    sign, _ = _HEALTH_GLYPHS[report.status]
    causes = report.verdict.causes
    undetermined = not causes and report.status is Health.UNDETERMINED
    answer = Answer(
        sign=sign,
        headline=answer_headline(report),
        causes=causes,
        missing=tuple(_missing(report))[:_MAX_MISSING] if undetermined else (),
    )
    return _fitting(answer, width, plain)


def _fitting(answer: Answer, width: int, plain: bool) -> list[RenderableType]:
    """The answer, cut to one screen: where causes are many, the last ones have their titles alone."""
    for in_full in range(len(answer.causes), 1, -1):
        parts = _answer_lines(answer, in_full, plain)
        text = _printed(parts, width=width, colour=False, ascii_only=False)
        if sum(-(-max(1, len(line)) // width) for line in text.splitlines()) <= _MAX_ANSWER_LINES:
            return parts
    return _answer_lines(answer, 1, plain)


def _answer_lines(answer: Answer, in_full: int, plain: bool) -> list[RenderableType]:
    causes = answer.causes
    line = f"{_sign(answer.sign, plain)} {visible(answer.headline)}"
    parts: list[RenderableType] = [_hanging_by(line, 2, style=_SIGN_STYLES[answer.sign])]
    for number, cause in enumerate(causes[: in_full + _MAX_TITLES], 1):
        if len(causes) > 1:
            mark = "" if cause.severity is Severity.ERROR else "a warning: "
            parts.append(_indented(_hanging_by(f"{number}. {mark}{visible(cause.title)}", 3, style="bold"), 2))
        if number <= in_full:
            indent = 5 if len(causes) > 1 else 2
            fix = f"Fix: {first_sentence(visible(cause.remedy.text))}"
            parts.append(_indented(Text(unbroken(fix), overflow="fold"), indent))
            parts += [_Command("$", command, indent) for command in cause.remedy.commands[:1]]
    if len(causes) > in_full + _MAX_TITLES:
        parts.append(_hanging(f"and {len(causes) - in_full - _MAX_TITLES} more, above"))
    parts += [_hanging(f"Missing: {missing}") for missing in answer.missing]
    if causes or answer.missing:
        parts += _then(check_again(causes), 2)
    return parts


def _missing(report: Report) -> Iterable[str]:
    """The facts that a run without a verdict could not measure."""
    rows = dict.fromkeys(row.missing for row in report.verdict.undetermined)
    unmeasured = [f"{check.id} ({check.summary})" for check in report.checks if check.status in _NOT_PASSED]
    return rows or unmeasured


def _then(verify: str, indent: int) -> list[RenderableType]:
    """The line with the command that verifies the fix, which is never broken."""
    if is_command(verify):
        return [_Command("then", verify, indent)]
    return [_indented(Text(unbroken(f"then {visible(verify)}"), overflow="fold"), indent)]


class _Command:
    """A command on a line of its own, never broken: where that makes room, it moves to the left, then off its word."""

    def __init__(self, before: str, command: str, indent: int) -> None:
        """``before`` is the word in front of it, ``$`` or ``then``."""
        self._before, self._command, self._indent = before, visible(command), indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterable[RenderableType]:
        before = f"{self._before} "
        room = options.max_width - len(self._command)
        if 0 <= room < len(before) and self._before != "$":
            yield _unbroken(f"{' ' * self._indent}{self._before}")
            before = ""
        left = room - len(before)
        indent = self._indent if left < 0 else min(self._indent, left)
        typed = before == "$ "
        line = _unbroken(f"{' ' * indent}{before}{self._command if typed else ''}", "cyan" if typed else "")
        yield line if typed else line.append(self._command, style="cyan")


def _unbroken(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ignore")


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


def _cause(cause: Cause, number: int, picture: str, plain: bool) -> Iterable[RenderableType]:
    error = cause.severity is Severity.ERROR
    glyph, style = ("✗", "red") if error else ("!", "yellow")
    title = f"{f'{number}. ' if number else ''}{visible(cause.title)}"
    yield _hanging_by(f"{_sign(glyph, plain)} {title}", 2, style=f"bold {style}")
    yield _indented(Text(f"{cause.id}: {cause.confidence.value}{'' if error else ', a warning'}"), 2)
    yield _indented(Text("Proof" if cause.confidence.is_sure else "Evidence", "bold"), 2)
    for line in cause.because:
        yield _bullet(Text(unbroken(visible(line)), overflow="fold"), 4)
    if picture:
        yield _indented(Text(picture), 4)
    yield _indented(Text("Fix", "bold"), 2)
    yield _indented(Text(unbroken(visible(cause.remedy.text)), overflow="fold"), 4)
    for line in cause.remedy.lines:
        yield _indented(Text(visible(line), style="cyan", overflow="fold"), 6)
    yield from (_Command("$", command, 6) for command in cause.remedy.commands)
    yield from _then(cause.remedy.verify, 4)
    yield _Command("more:", f"okx-doctor explain {cause.id}", 4)
    if address := page_of(cause.id):
        yield _Command("page:", address, 4)


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
    """The causes left open, each with the fact that would decide it."""
    grouped: dict[str, list[str]] = {}
    for row in report.verdict.undetermined:
        grouped.setdefault(row.missing, []).append(row.id)
    if not grouped:
        return []
    before = " before this is fixed" if report.verdict.causes else ""
    lines: list[RenderableType] = ["", Text(f"Not judged{before}", style="bold")]
    lines += [_hanging(f"{', '.join(names)}: needs {missing}") for missing, names in grouped.items()]
    return lines


def _checklist(report: Report, width: int, plain: bool, *, everything: bool) -> Iterable[RenderableType]:
    """The checks that are not in order, and how many others there are; or every check."""
    folded = (CheckStatus.PASS, CheckStatus.SKIP) if not everything else ()
    shown = [check for check in report.checks if check.status not in folded]
    yield from (_rows if width < _MIN_TABLE_COLUMNS else _table)(shown, plain)
    counts = [
        f"{number} {word}"
        for status, word in ((CheckStatus.PASS, "passed"), (CheckStatus.SKIP, "skipped"))
        if (number := sum(check.status is status for check in report.checks))
    ]
    if counts and not everything:
        yield _hanging(f"{', '.join(counts)}; -v shows them")


def _table(checks: Sequence[CheckResult], plain: bool) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=10 if plain else 3, justify="left" if plain else "right")
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for check in checks:
        glyph, style = _GLYPHS[check.status]
        table.add_row(
            Text(f"  {_sign(glyph, plain)}" if plain else glyph, style=style),
            check.id.ljust(_ID_COLUMNS) if len(checks) == 1 else check.id,
            Text(visible(check.summary), overflow="fold", style="dim" if style == "dim" else ""),
        )
    if checks:
        yield table


def _rows(checks: Sequence[CheckResult], plain: bool) -> Iterable[RenderableType]:
    for check in checks:
        glyph, style = _GLYPHS[check.status]
        yield Text(f"  {_sign(glyph, plain)} {check.id}", style=style)
        yield _indented(Text(visible(check.summary), overflow="fold"), 4)


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
    return _indented(Text(unbroken(visible(line)), overflow="fold"), 2)


def _hanging_by(line: str, columns: int, style: str = "") -> RenderableType:
    """A line whose continuations begin ``columns`` further to the right than its margin."""
    table = Table.grid(padding=0)
    table.add_column(width=columns)
    table.add_column(ratio=1)
    table.add_row(Text(line[:columns], style=style), Text(unbroken(line[columns:]), overflow="fold", style=style))
    return table


def _indented(what: RenderableType, columns: int) -> RenderableType:
    return Padding(what, (0, 0, 0, columns))
