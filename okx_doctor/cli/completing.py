"""Shell completion of causes, codes, documents and checks. Each list is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

import click


def cause(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every cause of the catalogue."""
    from okx_doctor.catalogue.causes import ids

    return _beginning(incomplete, ids())


def explained(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every cause, code and document."""
    from okx_doctor.catalogue.causes import ids
    from okx_doctor.protocol.codes import all_codes
    from okx_doctor.report.schemas import names

    return _beginning(incomplete, (*ids(), *dict.fromkeys(row.code for row in all_codes()), *names()))


def staged(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every cause that ``--simulate=`` stages; the last of several joined by commas is completed."""
    from okx_doctor.checking.simulation import STAGES

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _beginning(last, STAGES)]


def check_or_group(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every check and every group of checks."""
    from okx_doctor.checking.checks import ALL, IDS

    return _beginning(incomplete, (*dict.fromkeys(check.group for check in ALL), *IDS))


def _beginning(incomplete: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
