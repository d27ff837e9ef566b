"""``okx-doctor explain``."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Final

import click

from okx_doctor.catalogue.causes import CAUSES, entry, ids, page
from okx_doctor.catalogue.meant import meant
from okx_doctor.catalogue.usual import PossibleCause, causes_behind
from okx_doctor.cli.completing import explained
from okx_doctor.cli.output import look
from okx_doctor.cli.stdout import write_out
from okx_doctor.protocol.codes import Code, all_codes, find

_MIN_TABLE_COLUMNS: Final = 60
"""A narrower terminal has a title below the cause's id, not beside it."""


@click.command("explain", short_help="Explain a cause or an error code; without one, list them.")
@click.argument("subject", required=False, metavar="[CAUSE | CODE | DOCUMENT]", shell_complete=explained)
@click.option(
    "--facts", is_flag=True, help="What okx-doctor knows of OKX, or of one code, who says so, and since when."
)
def command(subject: str | None, facts: bool) -> None:
    """Print the page of a cause, what is known of an OKX error code, or without argument the index.

    DOCUMENT is the name that JSON of okx-doctor has in its field "schema": its JSON Schema is printed.
    """
    if subject is None:
        write_out(_facts() if facts else _index())
        return
    rows = [row for row in all_codes() if row.code == subject]
    if not rows and (documented := find(subject)):
        rows = [documented]
    if rows:
        last = _last_lines(subject)
        write_out("\n".join([*(_code(row, facts) for row in rows), *([last] if last else [])]))
        return
    if facts:
        raise click.UsageError(f"--facts is for a code, or alone for every fact; leave {subject!r} or --facts out")
    if "/" in subject:
        write_out(_schema(subject))
        return
    if subject not in ids():
        near = _near(subject)
        hint = f"did you mean {near}? " if near else ""
        raise click.UsageError(f"there is no cause or code {subject!r}; {hint}okx-doctor explain lists the causes")
    from okx_doctor.report.explaining import render_page

    write_out(render_page(page(subject), entry(subject).title, **look(None)))


def _schema(name: str) -> str:
    from okx_doctor.report.schemas import names, render_schema

    if name not in names():
        raise click.UsageError(f"there is no document {name!r}; there are {', '.join(names())}")
    return render_schema(name)


def _near(subject: str) -> str:
    """The subject that was meant; ``""`` where that is a guess. Of codes only one with a digit too many or too few:
    most lie so close together that another one is an error of its own and no slip.
    """
    if not subject.isdigit():
        return meant(subject, ids()) or next(iter(get_close_matches(subject, ids(), 1)), "")
    near = get_close_matches(subject, {row.code for row in all_codes()}, 2, 0.85)
    return near[0] if len(near) == 1 else ""


def _index() -> str:
    lines: list[str] = []
    group = ""
    for known in CAUSES:
        if known.group != group:
            lines += ["", known.group] if lines else [known.group]
            group = known.group
        lines += _row(known.id, known.title)
    last = "okx-doctor explain CAUSE prints its page, okx-doctor explain CODE a code."
    return "\n".join([*lines, "", *_broken(last), ""])


def _facts() -> str:
    from okx_doctor.protocol.facts import facts, newest_day

    lines: list[str] = []
    subject = ""
    for fact in facts():
        if fact.subject != subject:
            lines += ["", fact.subject] if lines else [fact.subject]
            subject = fact.subject
        lines += _broken(fact.statement, "  ", "    ")
        lines.append(f"    {fact.source.day:<10}  {fact.source.address}")
    return "\n".join([*lines, "", f"Last confirmed: {newest_day()}.", ""])


def _code(row: Code, with_sources: bool) -> str:
    lines = [f"# {row.code} ({'WebSocket' if row.channel == 'websocket' else 'REST'})", ""]
    lines += _broken(f"Documented: {_status(row.status)}{row.text or '(no text)'}")
    if row.observed is not None:
        lines += _broken(f"On the wire: {_status(row.observed.status)}{row.observed.text}")
        lines += _broken(f"seen in: {row.observed.source}", "  ", "    ") if with_sources else ()
    if row.meaning:
        lines += _broken(f"Meaning: {row.meaning}")
    lines += _broken(f"Source: {row.source}") if with_sources else ()
    named = (*row.causes, *row.likely)
    causes = [cause for cause in causes_behind(row) if cause.id in named or cause.reports]
    if causes:
        lines += ["", "Causes, most usual first:"]
        lines += [line for cause in causes for line in _row(cause.id, f"{cause.title}{_counted(cause)}")]
    return "\n".join([*lines, ""])


def _last_lines(code: str) -> str:
    """The end of ``decode``: the code, its first cause, and the next command; ``""`` where nothing is to do."""
    from okx_doctor.decoding.decode import decode
    from okx_doctor.report.decoding import last_lines
    from okx_doctor.report.text import render_paragraphs

    shown = list(last_lines(decode(code), beside_its_page=True))[1:]
    return render_paragraphs(shown, **look(None)) if shown else ""


def _row(name: str, title: str) -> list[str]:
    """A cause and its title beside it; on a narrow screen below it."""
    if look(None)["width"] < _MIN_TABLE_COLUMNS:
        return [f"  {name}", *_broken(title, "    ", "    ")]
    return _broken(f"{name:<28} {title}", "  ", " " * 31)


def _broken(text: str, indent: str = "", further: str = "") -> list[str]:
    from okx_doctor.report.explaining import PAGE_COLUMNS, wrapped

    return wrapped(text, min(PAGE_COLUMNS, look(None)["width"]), indent, further)


def _counted(cause: PossibleCause) -> str:
    reports = "public report" if cause.out_of == 1 else "public reports"
    return f" ({cause.reports} of {cause.out_of} {reports})" if cause.reports else ""


def _status(status: int | None) -> str:
    return f"HTTP {status}, " if status else ""
