"""``okx-doctor survey``."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import click

from okx_doctor.cli.output import FORMATS, checked, look, write
from okx_doctor.secrets.redactor import redactor_of

if TYPE_CHECKING:
    from okx_doctor.surveying.questions import Values


@click.command("survey", short_help="Ask OKX whether what okx-doctor knows of it still holds.")
@click.option("--with-key", metavar="FILE", type=click.Path(), help="Ask with the demo key in this file as well.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write the survey to this file (mode 0600).")
@click.pass_context
def command(ctx: click.Context, with_key: str | None, form: str, output: str | None) -> None:
    """Ask OKX, without an account, what it answers to requests with known faults, and compare.

    At most 40 calls, at OKX's pace: every site's address, every socket's port, and a signed call of a key of zeros
    with one or two things wrong. Takes half a minute. With --with-key the questions that need an account follow: the
    file must hold a demo key, which is used for nothing but refusals; never in CI. Exit status: 0 all as known, 1
    something differs or is new, 3 nothing could be asked.
    """
    from okx_doctor import __version__
    from okx_doctor.probes.http import Http
    from okx_doctor.probes.websocket import try_to_open
    from okx_doctor.report.survey import render_json, render_text
    from okx_doctor.settings import UsageError, sites_in_force
    from okx_doctor.surveying.asking import CALL_SECONDS, paced
    from okx_doctor.surveying.survey import survey
    from okx_doctor.surveying.with_key import NotADemoKey, survey_with_key

    values = _demo_key(with_key) if with_key is not None else None
    try:
        sites = sites_in_force(os.environ)
    except UsageError as error:
        raise click.UsageError(str(error)) from None
    http = Http(user_agent=f"okx-doctor/{__version__}")
    ask = paced(http, time.monotonic)
    try:
        if values is not None:
            known = survey_with_key(ask, sites[0], time.time, values)
        found = survey(ask, lambda url: try_to_open(http, url, CALL_SECONDS), sites, time.time)
    except NotADemoKey:
        raise click.UsageError(
            f"OKX does not accept the key in {with_key} in demo trading, so nothing more was asked with it"
        ) from None
    finally:
        http.close()
    if values is not None:
        found = found.with_rows(known)
    secrets = (values.api_key, values.secret, values.passphrase) if values is not None else ()
    text = render_json(found) if form == "json" else render_text(found, **look(output))
    write(checked(text, redactor_of(secrets)), output)
    ctx.exit(1 if found.differs else 0 if found.reached else 3)


def _demo_key(file: str) -> Values:
    """The values of a demo key, from this file and no other place. Raises ``click.UsageError``."""
    from okx_doctor.credentials import shapes
    from okx_doctor.credentials.files import UnusableFile
    from okx_doctor.credentials.load import load_credentials
    from okx_doctor.credentials.places import CredentialSources, read_places
    from okx_doctor.secrets.secret import Secret
    from okx_doctor.surveying.questions import Values

    if os.environ.get("CI"):
        raise click.UsageError("--with-key is for your own machine: where the variable CI is set nothing is asked")
    try:
        read = read_places(CredentialSources(credentials=file, no_env_file=True), {})
    except UnusableFile as error:
        raise click.UsageError(str(error)) from None
    loaded = load_credentials({}, read)
    key, secret, passphrase = loaded.api_key, loaded.secret, loaded.passphrase
    if shapes.shape(key.reveal()) != "uuid" or shapes.shape(secret.reveal()) != "hex32" or not passphrase.value:
        raise click.UsageError(f"{file} does not hold the three values of a key: a UUID, 32 digits, a passphrase")
    if secret.reveal().lower() in passphrase.reveal().lower():
        raise click.UsageError(f"the passphrase in {file} holds the secret key, which is never sent")
    return Values(api_key=Secret(key.reveal()), secret=Secret(secret.reveal()), passphrase=passphrase.value)
