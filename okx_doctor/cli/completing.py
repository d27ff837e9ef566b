"""Shell completion of causes, codes, documents and checks. Each list is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)


class _WholeWords(ShellComplete):
    """zsh and fish put what is offered in place of the whole word: ``--simulate=`` belongs to it."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        option, equals, _ = incomplete.partition("=")
        found = super().get_completions(args, incomplete)
        if not equals or not option.startswith("--"):
            return found
        return [CompletionItem(f"{option}={item.value}", item.type, item.help) for item in found]


class _Zsh(_WholeWords, ZshComplete):
    pass


class _Fish(_WholeWords, FishComplete):
    pass


class _Bash(BashComplete):
    """bash makes a word of its own of the equals sign in ``--simulate=``."""

    def get_completion_args(self) -> tuple[list[str], str]:
        args, incomplete = super().get_completion_args()
        return (args[:-1] if args[-1:] == ["="] else args), incomplete


def prepare() -> None:
    """Have the shells' values of options completed behind an equals sign as well."""
    add_completion_class(_Bash)
    add_completion_class(_Zsh)
    add_completion_class(_Fish)


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
