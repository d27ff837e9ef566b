"""``okx-doctor check``."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.core import ParameterSource

from okx_doctor.checking.checks import IDS
from okx_doctor.checking.run import RunInputs, examine, in_bounds
from okx_doctor.cli.accepted import accepted_causes, without_accepted
from okx_doctor.cli.again import with_options
from okx_doctor.cli.completing import cause, check_or_group, staged
from okx_doctor.cli.credential_options import credential_options
from okx_doctor.cli.destinations import Destination, FormatTo, settled
from okx_doctor.cli.output import FORMAT_HELP, Reading, claim, emit, reading_options
from okx_doctor.cli.progress import Progress
from okx_doctor.cli.sparing import spared
from okx_doctor.cli.waiting import Duration, until_healthy
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.gathering import gather
from okx_doctor.credentials.places import CredentialSources, each_profile
from okx_doctor.model import Report, exit_status
from okx_doctor.protocol.sites import SITE_IDS
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import DEFAULT_TIMEOUT, PERMISSIONS, Options, UsageError

_HEALTHY = "healthy"
_REPLACED = ("env_file", "dialect", "credentials", "profile", "site", "base_url", "ntp")
"""Options that a simulation has its own answer to."""
_SIMULATED = "Simulated: an exchange inside this process, with credentials made for it. OKX was not asked."


@click.command(
    "check",
    short_help="Check credentials, clock, network, site and environment, now.",
    epilog=f"Checks, each with its group before the dot: {', '.join(IDS)}.",
)
@credential_options
@click.option("--site", type=click.Choice(SITE_IDS), help="The OKX site the account is registered on.")
@click.option("--base-url", metavar="URL", help="Another address of the API; it gets your credentials.")
@click.option("--demo/--live", default=None, help="Demo trading, or live (default: live).")
@click.option("--ntp", multiple=True, metavar="HOST[:PORT]", help="A time server; may be repeated.")
@click.option("--require", multiple=True, type=click.Choice(PERMISSIONS), help="A permission the key must have.")
@click.option("--forbid", multiple=True, type=click.Choice(("withdraw",)), help="A permission it must not have.")
@click.option("--websocket", is_flag=True, help="Also log in to the private WebSocket.")
@click.option("--offline", is_flag=True, help="Only what needs no network.")
@click.option(
    "--only",
    multiple=True,
    metavar="ID",
    shell_complete=check_or_group,
    help="Only this check or group, and what it needs; all are listed below.",
)
@click.option(
    "--skip", multiple=True, metavar="ID", shell_complete=check_or_group, help="Leave out this check or group."
)
@click.option("--all-profiles", is_flag=True, help="Every profile of the credentials file or directory, a line each.")
@click.option("--label", default="", metavar="NAME", help="Your name for this run; it stands in every report.")
@click.option("--try-case", is_flag=True, help="Try at most four other upper/lower cases of the passphrase.")
@click.option(
    "--timeout",
    type=float,
    default=DEFAULT_TIMEOUT,
    show_default=True,
    metavar="SECONDS",
    help="Time for the whole run; one call may take half of it, at least 5 seconds.",
)
@click.option(
    "--wait", type=Duration(), metavar="TIME", help="Check again until it is healthy, at most so long: 90s, 5m."
)
@click.option(
    "--ignore",
    multiple=True,
    metavar="CAUSE",
    shell_complete=cause,
    help="Accept this warning; an error always counts.",
)
@click.option("--no-settings", is_flag=True, help="Do not read [tool.okx-doctor] of ./pyproject.toml.")
@click.option("--fail-on", type=click.Choice(("warning",)), help="Exit with 1 on a warning too.")
@click.option("--format", "formats", type=FormatTo(), multiple=True, help=f"May be repeated. {FORMAT_HELP}")
@click.option("--output", type=click.Path(), help="Write the report to this file (mode 0600).")
@reading_options
@click.option(
    "--simulate",
    is_flag=False,
    flag_value=_HEALTHY,
    metavar="[=CAUSE,...]",
    shell_complete=staged,
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
    wait: float | None,
    ignore: tuple[str, ...],
    no_settings: bool,
    fail_on: str | None,
    formats: tuple[Destination, ...],
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
    places = settled(formats, output)
    created = [path for path in places if claim(path)]
    secrets: list[Secret] = []

    def measure() -> list[Report]:
        with Progress(IDS) as progress:
            if simulate is not None:
                from okx_doctor.checking.simulation import simulate as run_simulation

                causes = () if simulate == _HEALTHY else tuple(simulate.split(","))
                report, credentials = run_simulation(options, causes, progress.ended)
                secrets.extend(credentials.secrets())
                return [without_accepted(report, accepted)]
            reports: list[Report] = []
            for asked_of_one in each_profile(asked) if all_profiles else (asked,):
                in_bounds(timeout)
                read = gather(asked_of_one, os.environ, timeout)
                around = RunInputs(environ=os.environ, places=read.places, env_file_wanted=not asked.no_env_file)
                report = examine(options, around, read.credentials, progress.ended, read.began)
                reports.append(without_accepted(report, accepted))
                secrets.extend(read.credentials.secrets())
            return reports

    try:
        accepted = accepted_causes(ignore, read_file=not no_settings)
        with spared("h2"):  # httpx's library for HTTP/2, a twentieth of a run to load: no check speaks it
            reports = measure() if wait is None else until_healthy(measure, wait)
    except (UsageError, UnusableFile, click.UsageError) as error:
        for path in created:
            Path(path or "").unlink(missing_ok=True)
        raise click.UsageError(error.message if isinstance(error, click.UsageError) else str(error)) from None
    redactor = redactor_of(secrets)
    reports = with_options(ctx, reports, redactor)
    for path, form in places.items():
        emit(reports, form, path, redactor, "" if simulate is None else _SIMULATED, reading)
    ctx.exit(exit_status(reports, fail_on_warning=fail_on == "warning"))
