"""``okx-doctor run``."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Final

import click

from okx_doctor.cli import say
from okx_doctor.cli.exchange_options import Asked, exchange_options
from okx_doctor.cli.output import write
from okx_doctor.confining.command import CannotStart
from okx_doctor.confining.refusals import CannotSeal, starts_outside
from okx_doctor.confining.relay import NotAllowed
from okx_doctor.gate.serve.issuing import issuing
from okx_doctor.protocol.sites import CERTIFIED
from okx_doctor.protocol.timestamps import rest_timestamp

_STATUSES: Final = ("judged", "bot")


@click.command(
    "run", short_help="Run the bot as it is, sealed off.", context_settings={"allow_interspersed_args": False}
)
@exchange_options("put them into the bot's environment")
@click.option(
    "--allow", multiple=True, metavar="HOST:PORT|unix", help="One more service that the bot may reach; never OKX's."
)
@click.option(
    "--status",
    "whose",
    type=click.Choice(_STATUSES),
    default=_STATUSES[0],
    show_default=True,
    help="Whose exit status: the judgement's, or the bot's whatever was judged.",
)
@click.option("--compose", is_flag=True, help="Start nothing: write a Compose file that has the same effect.")
@click.option("--output", type=click.Path(), help="Write to this file, and only the end to stderr (mode 0600).")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def command(
    ctx: click.Context, asked: Asked, allow: tuple[str, ...], whose: str, compose: bool, command: tuple[str, ...]
) -> None:
    """Run a bot as it is, where every name of OKX's leads here and nothing else leads out, and judge what it sends.

    Put the bot's own COMMAND behind --. Nothing of it is changed: OKX's addresses are played by this process, on Linux
    by a network of the bot's own that has no way out. Where that cannot be had, the bot is not started.

    Each request is judged as listen does it, on stderr; stdout is the bot's. Exit status: 1 something was refused,
    else the bot's own, else 3 where nothing signed came, else 0; 2 wrong usage or no seal, 126 and 127 as in a shell.
    """
    asked.check()
    if compose:
        from okx_doctor.report.compose import compose_file

        write(compose_file(command, asked.site or "global", asked.demo or False), asked.output)
        return
    if not command:
        raise click.UsageError("name the bot's own command behind --, as in: okx-doctor run -- python3 bot.py")
    if line := starts_outside(command):
        raise click.UsageError(line)
    rest_timestamp(time.time())  # nothing can be answered at a time that has no date
    try:
        with ExitStack() as stack:
            certificate = stack.enter_context(issuing(time.time(), CERTIFIED))
            from okx_doctor.cli.sealed_run import SealedRun  # meanwhile

            ctx.exit(SealedRun(asked, asked.identity(), command, allow).end(stack, certificate, whose))
    except (CannotSeal, NotAllowed) as error:
        raise click.UsageError(str(error)) from None
    except CannotStart as error:
        say(f"okx-doctor: {error.reason}")
        ctx.exit(error.status)
