"""The command that checks again, with the options of this run for credentials and for OKX."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

import click
from click.core import ParameterSource
from msgspec.structs import replace

from okx_doctor.model import Cause, Report
from okx_doctor.report.wording import CHECK
from okx_doctor.secrets.redactor import Redactor

_KEPT: Final = (
    *("env_file", "no_env_file", "dialect", "credentials", "profile", "names", "unit"),
    *("site", "base_url", "demo", "ntp", "require", "forbid", "websocket", "offline"),
)
_SETTLED_BY: Final = {"--site": ("site", "base_url"), "--demo": ("demo",), "--live": ("demo",)}
"""Options of a remedy's own command, with those of this run that they take the place of."""


def with_options(ctx: click.Context, reports: Sequence[Report], redactor: Redactor) -> list[Report]:
    """The reports, each remedy's command with the options of this run that it needs to check the same thing."""
    everyone = bool(ctx.params.get("all_profiles"))
    return [
        _completed(report, dict(_given(ctx, report.target.profile if everyone else None)), redactor)
        for report in reports
    ]


def _completed(report: Report, given: dict[str, str], redactor: Redactor) -> Report:
    owns = [own.split() for cause in report.verdict.causes if (own := _own(cause)) is not None]
    settled = {name for words in owns for option in words for name in _settled_by(option)}
    told = "".join(f" {text}" for name, text in given.items() if name not in settled)
    if not told.isprintable() or redactor.foreign(told) != told:
        return report
    causes = tuple(_with(cause, told) for cause in report.verdict.causes)
    return replace(report, verdict=replace(report.verdict, causes=causes))


def _own(cause: Cause) -> str | None:
    """The options of a remedy's own command; ``None`` where it is another one than a check."""
    own = cause.remedy.verify.removeprefix(CHECK)
    return None if own == cause.remedy.verify else own


def _settled_by(option: str) -> tuple[str, ...]:
    return (*_SETTLED_BY.get(option, ()), option.removeprefix("--").replace("-", "_"))


def _with(cause: Cause, told: str) -> Cause:
    own = _own(cause)
    return cause if own is None else replace(cause, remedy=replace(cause.remedy, verify=f"{CHECK}{told}{own}"))


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
