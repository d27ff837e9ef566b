"""``okx-doctor env``."""

from __future__ import annotations

import os
from pathlib import Path

import click

from okx_doctor.cli.output import FORMATS, checked, claim, look, write
from okx_doctor.credentials.comparing import compare_all, other_form, values
from okx_doctor.credentials.env_file import open_env_file
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.report.env_files import render_dialects, render_json, render_text
from okx_doctor.secrets.foreign_text import visible_name
from okx_doctor.secrets.redactor import redactor_of


@click.command("env", short_help="What each env-file loader makes of the three variables.")
@click.argument("file", required=False, type=click.Path())
@click.option("--dialects", is_flag=True, help="The loaders and what each does, in Markdown; takes no FILE.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the answer to this file (mode 0600).")
@click.pass_context
def command(ctx: click.Context, file: str | None, dialects: bool, form: str, output: str | None) -> None:
    """Say what python-dotenv, Node, npm dotenv, docker, Docker Compose, bash and systemd make of FILE.

    It looks at the three variables and their aliases, prints no value, and executes nothing. Exit status: 0 all loaders
    read them alike, 1 they do not, 2 the file cannot be read or sets none of them.
    """
    if dialects == (file is not None):
        raise click.UsageError("name one env file, or ask for --dialects")
    if file is None:
        write(render_dialects(), output)
        ctx.exit(0)
    try:
        opened = open_env_file(Path(file), os.environ)
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    if other := other_form(opened):
        name = visible_name(file)
        raise click.UsageError(f"{name} is {other}, no env file; run okx-doctor check --offline --credentials {name}")
    compared = compare_all(opened)
    if not compared:
        names = ", ".join(known[0] for known in VARIABLES.values())
        raise click.UsageError(f"the env file {visible_name(file)} sets none of {names} or their aliases")
    claim(output)
    masks = redactor_of(values(opened))
    label = visible_name(masks.told(file))  # a line of text is broken, and what is in two pieces is not found again
    text = render_json(compared) if form == "json" else render_text(label, compared, **look(output))
    write(checked(text, masks), output)
    ctx.exit(0 if all(row.agree for row in compared) else 1)
