"""``okx-doctor explain``."""

from __future__ import annotations

import textwrap
from difflib import get_close_matches

import click

from okx_doctor.catalogue.causes import CAUSES, ids, page
from okx_doctor.catalogue.meant import meant
from okx_doctor.catalogue.usual import PossibleCause, causes_behind
from okx_doctor.cli.completing import cause_or_code
from okx_doctor.cli.output import write_out
from okx_doctor.protocol.codes import Code, all_codes, find


@click.command("explain", short_help="Explain a cause or an error code; without one, list them.")
@click.argument("subject", required=False, metavar="[CAUSE | CODE]", shell_complete=cause_or_code)
@click.option("--facts", is_flag=True, help="What okx-doctor knows of OKX, who says so, and since when.")
def command(subject: str | None, facts: bool) -> None:
    """Print the page of a cause, what is known of an OKX error code, or without argument the index."""
    if facts:
        if subject is not None:
            raise click.UsageError(f"--facts lists every fact; leave {subject!r} or --facts out")
        write_out(_facts())
        return
    if subject is None:
        write_out(_index())
        return
    rows = [row for row in all_codes() if row.code == subject]
    if not rows and (documented := find(subject)):
        rows = [documented]
    if rows:
        write_out("\n".join(_code(row) for row in rows))
        return
    if subject not in ids():
        near = _near(subject)
        hint = f"did you mean {near}? " if near else ""
        raise click.UsageError(f"there is no cause or code {subject!r}; {hint}okx-doctor explain lists the causes")
    write_out(page(subject))


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
        lines += textwrap.wrap(f"{known.id:<28} {known.title}", 80, initial_indent="  ", subsequent_indent=" " * 31)
    return "\n".join([*lines, "", "okx-doctor explain CAUSE prints its page, okx-doctor explain CODE a code.", ""])


def _facts() -> str:
    from okx_doctor.protocol.facts import facts, newest_day

    lines: list[str] = []
    subject = ""
    for fact in facts():
        if fact.subject != subject:
            lines += ["", fact.subject] if lines else [fact.subject]
            subject = fact.subject
        lines += textwrap.wrap(fact.statement, 80, initial_indent="  ", subsequent_indent="    ")
        lines.append(f"    {fact.source.day:<10}  {fact.source.address}")
    return "\n".join([*lines, "", f"Last confirmed: {newest_day()}.", ""])


def _code(row: Code) -> str:
    lines = [f"# {row.code} ({'WebSocket' if row.channel == 'websocket' else 'REST'})", ""]
    lines.append(f"Documented: {_status(row.status)}{row.text or '(no text)'}")
    if row.observed is not None:
        lines.append(f"On the wire: {_status(row.observed.status)}{row.observed.text}")
        lines.append(f"  seen in: {row.observed.source}")
    if row.meaning:
        lines.append(f"Meaning: {row.meaning}")
    lines.append(f"Source: {row.source}")
    named = (*row.causes, *row.likely)
    causes = [cause for cause in causes_behind(row) if cause.id in named or cause.reports]
    if causes:
        lines += ["", "Causes, most usual first:"]
        lines += [f"  {cause.id:<28} {cause.title}{_counted(cause)}" for cause in causes]
    return "\n".join([*lines, ""])


def _counted(cause: PossibleCause) -> str:
    reports = "public report" if cause.out_of == 1 else "public reports"
    return f" ({cause.reports} of {cause.out_of} {reports})" if cause.reports else ""


def _status(status: int | None) -> str:
    return f"HTTP {status}, " if status else ""
