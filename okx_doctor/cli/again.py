"""The command that checks again, with the options of this run for credentials and for OKX."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import click
from click.core import ParameterSource
from msgspec.structs import replace

from okx_doctor.model import Remedy, Report
from okx_doctor.report.wording import CHECK
from okx_doctor.secrets.redactor import Redactor

_KEPT: Final = (
    *("env_file", "no_env_file", "dialect", "credentials", "profile", "names", "unit"),
    *("site", "base_url", "demo", "ntp", "require", "forbid", "websocket", "offline"),
)
_SETTLED_BY: Final = {"--site": ("site", "base_url"), "--demo": ("demo",), "--live": ("demo",)}
"""Options of a remedy's own command, with those of this run that they take the place of."""


def with_options(ctx: click.Context, reports: Sequence[Report], redactor: Redactor) -> list[Report]:
    """The reports, each command that checks with the options of this run: without, it would check something else."""
    everyone = bool(ctx.params.get("all_profiles"))
    return [
        _completed(report, dict(_given(ctx, report.target.profile if everyone else None)), redactor)
        for report in reports
    ]


def _completed(report: Report, given: Mapping[str, str], redactor: Redactor) -> Report:
    told = "".join(given.values())
    if not told.isprintable() or redactor.foreign(told) != told:
        return report
    owns = [own for cause in report.verdict.causes if (own := _own(cause.remedy.verify)) is not None]
    settled = {name for own in owns for name in _settled_by(own)}
    again = {name: text for name, text in given.items() if name not in settled}
    causes = tuple(replace(cause, remedy=_with(cause.remedy, given, again)) for cause in report.verdict.causes)
    return replace(report, verdict=replace(report.verdict, causes=causes))


def _own(command: str) -> str | None:
    """The options of a command that checks; ``None`` for any other, and for one of an exchange that is made up."""
    own = command.removeprefix(CHECK)
    return None if own == command or "--simulate" in own else own


def _settled_by(own: str) -> Iterator[str]:
    for option in own.split():
        yield from (*_SETTLED_BY.get(option, ()), option.removeprefix("--").replace("-", "_"))


def _with(remedy: Remedy, given: Mapping[str, str], again: Mapping[str, str]) -> Remedy:
    """The remedy with options in its commands: in one that is part of the fix, all that it does not settle itself."""

    def complete(command: str, options: Mapping[str, str]) -> str:
        own = _own(command)
        return command if own is None else "".join((CHECK, *(f" {text}" for text in options.values()), own))

    def unsettled(command: str) -> Mapping[str, str]:
        settled = set(_settled_by(_own(command) or ""))
        return {name: text for name, text in given.items() if name not in settled}

    commands = tuple(complete(command, unsettled(command)) for command in remedy.commands)
    return replace(remedy, verify=complete(remedy.verify, again), commands=commands)


def _given(ctx: click.Context, profile: str | None) -> Iterator[tuple[str, str]]:
    """Each option by its name, as it is written on a command line."""
    for param in ctx.command.params:
        name, value = param.name or "", ctx.params.get(param.name or "")
        if name not in _KEPT or ctx.get_parameter_source(name) is not ParameterSource.COMMANDLINE or value == "-":
            continue
        if isinstance(value, bool):
            yield name, param.opts[0] if value else param.secondary_opts[0]
        else:
            values = value if isinstance(value, tuple) else (value,)
            yield name, " ".join(f"{param.opts[0]} {shlex.quote(str(one))}" for one in values)
    if profile:
        yield "profile", f"--profile {shlex.quote(profile)}"
