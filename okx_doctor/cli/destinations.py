"""``--format FORM[:FILE]``: in which formats a report is written, and where each of them goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from okx_doctor.cli.output import REPORT_FORMATS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Destination = tuple[str, str | None]
"""A format and its file; ``None`` for stdout or the file of ``--output``."""


class FormatTo(click.ParamType[Destination]):
    """``junit:report.xml``, or a format alone."""

    name = "form"

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return f"[{'|'.join(REPORT_FORMATS)}][:FILE]"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Destination:
        if isinstance(value, tuple):
            return value
        form, colon, file = str(value).partition(":")
        if form not in REPORT_FORMATS:
            self.fail(f"{form!r} is not one of {', '.join(map(repr, REPORT_FORMATS))}.", param, ctx)
        if colon and not file:
            self.fail(f"{value!r} names no file behind the colon.", param, ctx)
        return form, file or None

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(form) for form in REPORT_FORMATS if form.startswith(incomplete)]


def settled(formats: Sequence[Destination], output: str | None) -> Mapping[str | None, str]:
    """File to format, ``None`` for stdout. Raises ``click.UsageError`` where two would be written to one place."""
    found: dict[str | None, str] = {}
    for form, file in formats or (("text", None),):
        place = file or output
        if place in found:
            where = place or "stdout"
            raise click.UsageError(f"{found[place]} and {form} would both be written to {where}; write {form}:FILE")
        found[place] = form
    if output is not None and output not in found:
        raise click.UsageError(f"nothing is written to --output {output}: every --format names a file of its own")
    return found
