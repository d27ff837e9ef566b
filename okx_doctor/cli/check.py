"""``okx-doctor check``."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.core import ParameterSource
from msgspec.structs import replace

from okx_doctor.checking.checks import IDS
from okx_doctor.checking.run import RunInputs, examine, in_bounds
from okx_doctor.cli.credential_options import credential_options
from okx_doctor.cli.output import FORMAT_HELP, REPORT_FORMATS, Reading, claim, emit, reading_options
from okx_doctor.cli.progress import Progress
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.gathering import gather
from okx_doctor.credentials.places import CredentialSources, profiles_of_file
from okx_doctor.model import Report, exit_status
from okx_doctor.protocol.sites import SITE_IDS
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import DEFAULT_TIMEOUT, PERMISSIONS, Options, UsageError

_HEALTHY = "healthy"
_REPLACED = ("env_file", "dialect", "credentials", "profile", "site", "base_url", "ntp")
"""Options that a simulation has its own answer to."""
_SIMULATED = "Simulated: an exchange inside this process, with credentials made for it. OKX was not asked."


@click.command("check", short_help="Check credentials, clock, network, site and environment, now.")
@credential_options
@click.option("--site", type=click.Choice(SITE_IDS), help="The OKX site the account is registered on.")
@click.option("--base-url", metavar="URL", help="Another address of the API; it gets your credentials.")
@click.option("--demo/--live", default=None, help="Demo trading, or live (default: live).")
@click.option("--ntp", multiple=True, metavar="HOST[:PORT]", help="A time server; may be repeated.")
@click.option("--require", multiple=True, type=click.Choice(PERMISSIONS), help="A permission the key must have.")
@click.option("--forbid", multiple=True, type=click.Choice(("withdraw",)), help="A permission it must not have.")
@click.option("--websocket", is_flag=True, help="Also log in to the private WebSocket.")
@click.option("--offline", is_flag=True, help="Only what needs no network.")
@click.option("--only", multiple=True, metavar="ID", help="Only this check or group, and what it needs.")
@click.option("--skip", multiple=True, metavar="ID", help="Leave out this check or group.")
@click.option("--all-profiles", is_flag=True, help="Every profile of the credentials file: one line per key.")
@click.option("--label", default="", metavar="NAME", help="Your name for this run; it stands in every report.")
@click.option("--try-case", is_flag=True, help="Try at most four other upper/lower cases of the passphrase.")
@click.option("--timeout", type=float, default=DEFAULT_TIMEOUT, show_default=True, metavar="SECONDS")
@click.option("--fail-on", type=click.Choice(("warning",)), help="Exit with 1 on a warning too.")
@click.option(
    "--format", "form", type=click.Choice(REPORT_FORMATS), default="text", show_default=True, help=FORMAT_HELP
)
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@reading_options
@click.option(
    "--simulate",
    is_flag=False,
    flag_value=_HEALTHY,
    metavar="[=CAUSE,...]",
    help="Run against an embedded exchange, with this fault staged; needs no account and no network.",
)
@click.pass_context
def command(
    ctx: click.Context,
    asked: CredentialSources,
    site: str | None,
    base_url: str | None,
    demo: bool | None,
    ntp: tuple[str, ...],
    require: tuple[str, ...],
    forbid: tuple[str, ...],
    websocket: bool,
    offline: bool,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    all_profiles: bool,
    label: str,
    try_case: bool,
    timeout: float,
    fail_on: str | None,
    form: str,
    output: str | None,
    simulate: str | None,
    reading: Reading,
) -> None:
    """Check credentials, clock, network, site and environment from this machine, now.

    Exit status: 0 healthy, 1 a cause holds, 2 wrong usage, 3 could not judge. It only reads: no order is placed
    and no setting changed.
    """
    replaced = [name for name in _REPLACED if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if simulate is not None and replaced:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in replaced)
        raise click.UsageError(f"--simulate brings an exchange and credentials of its own; leave {names} out")
    options = Options(
        site=site,
        base_url=base_url,
        demo=demo,
        ntp=ntp,
        require=require,
        forbid=forbid,
        websocket=websocket,
        offline=offline,
        only=only,
        skip=skip,
        try_case=try_case,
        timeout=timeout,
        label=label,
    )
    if all_profiles and (simulate is not None or asked.profile is not None):
        raise click.UsageError("--all-profiles checks each profile of a file; leave --simulate and --profile out")
    created = claim(output)
    reports: list[Report] = []
    secrets: list[Secret] = []
    try:
        with Progress(IDS) as progress:
            if simulate is not None:
                from okx_doctor.checking.simulation import simulate as run_simulation

                causes = () if simulate == _HEALTHY else tuple(simulate.split(","))
                report, credentials = run_simulation(options, causes, progress.ended)
                reports.append(report)
                secrets += credentials.secrets()
            for asked_of_one in () if simulate is not None else _each(asked, all_profiles):
                in_bounds(timeout)
                read = gather(asked_of_one, os.environ, timeout)
                around = RunInputs(environ=os.environ, places=read.places, env_file_wanted=not asked.no_env_file)
                reports.append(examine(options, around, read.credentials, progress.ended, read.began))
                secrets += read.credentials.secrets()
    except (UsageError, UnusableFile) as error:
        if created and output is not None:
            Path(output).unlink(missing_ok=True)
        raise click.UsageError(str(error)) from None
    emit(reports, form, output, redactor_of(secrets), "" if simulate is None else _SIMULATED, reading)
    ctx.exit(exit_status(reports, fail_on_warning=fail_on == "warning"))


def _each(asked: CredentialSources, all_profiles: bool) -> tuple[CredentialSources, ...]:
    """The sources of each run: those asked for, or each profile of the file. Raises ``UnusableFile``."""
    if not all_profiles:
        return (asked,)
    return tuple(replace(asked, profile=name) for name in profiles_of_file(asked.credentials))
