"""The command line: composition and exit statuses. Each command's module is loaded when it is called."""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from importlib import import_module
from types import ModuleType
from typing import Final, NoReturn

import click

from okx_doctor import __version__
from okx_doctor.shortage import shortage

_COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "check": ("okx_doctor.cli.check", "Check credentials, clock, network, site and environment, now."),
    "decode": ("okx_doctor.cli.decode", "Read a code, an exception, a log, a transcript: what it means."),
    "inspect": ("okx_doctor.cli.inspect", "Say what a captured, refused request signed wrongly."),
    "listen": ("okx_doctor.cli.listen", "Be OKX for a running bot; a verdict per request, live."),
    "run": ("okx_doctor.cli.run_command", "Run the bot as it is, sealed off: OKX's hosts are played here."),
    "watch": ("okx_doctor.cli.watch", "Check many keys again and again; metrics for Prometheus."),
    "test-signer": ("okx_doctor.cli.test_signer", "Run published vectors through a signer in any language."),
    "sign": ("okx_doctor.cli.sign", "The reference for one request: what to sign, headers, curl."),
    "env": ("okx_doctor.cli.env", "What each env-file loader makes of the three variables."),
    "explain": ("okx_doctor.cli.explain", "Explain a cause or an error code; without one, list them."),
    "diagnose": ("okx_doctor.cli.diagnose", "Judge a saved report again, without network."),
    "survey": ("okx_doctor.cli.survey", "Ask OKX whether what okx-doctor knows of it still holds."),
    "guard": ("okx_doctor.cli.guard", "Find OKX credentials in files, before they are committed."),
}


BROKEN_PIPE: Final = 141
"""The status that a shell reports for a process ended by SIGPIPE."""


class _Context(click.Context):
    """Click's context of a command. Without a stdout click writes help nowhere and reports success."""

    def get_help(self) -> str:
        """Raises ``OutputLost`` without a stdout."""
        from okx_doctor.cli.stdout import stdout

        stdout()
        return super().get_help()


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed: ``--version`` loads none."""

    context_class = _Context

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        _spare_imports()
        command: click.Command = import_module(_COMMANDS[cmd_name][0]).command
        command.context_class = _Context
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(args[0], _COMMANDS, 1, 0.5)
            hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(_COMMANDS)}"
            raise click.UsageError(f"there is no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)


def _spare_imports() -> None:
    """Keep libraries from loading what no command needs.

    httpx brings a command line of its own, and with it rich and pygments. msgspec takes names from typing_extensions
    that Python has since 3.11, which costs as much as click; who really needs that one finds it later.
    """
    from okx_doctor.cli.sparing import spared

    sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
    with spared("typing_extensions"):
        import_module("msgspec")


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.option("--version", is_flag=True, is_eager=True, help="Show the version and exit.")
@click.pass_context
def group(ctx: click.Context, version: bool) -> None:
    """Why OKX refuses a bot's requests: the cause, its proof, and the one thing to fix."""
    from okx_doctor.cli.stdout import write_out

    if version:
        write_out(f"okx-doctor {__version__}\n")
        ctx.exit()
    if ctx.invoked_subcommand is None:
        write_out(f"{ctx.get_help()}\n")


def main() -> NoReturn:
    """The console script: run, flush, leave at once.

    Leaving without the interpreter's tidying up saves a tenth of a check, and nothing that still hangs in a
    thread (a name lookup that never returns) can hold the process.
    """
    threading.excepthook = lambda met: say(f"okx-doctor: {unexpected(met.exc_value)}")
    status = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):  # closed, full, or never there
            continue
    os._exit(status)


def say(text: str) -> None:
    """Write a message on stderr, apart from the payload. A closed stderr does not change the exit status."""
    with suppress(OSError, ValueError):
        click.echo(text, err=True)


def unexpected(error: object) -> str:
    """The line for an unexpected error."""
    from okx_doctor.protocol.timestamps import NoDate
    from okx_doctor.repository import please_report

    if isinstance(error, NoDate):
        return f"{error}; set it right, then try again"
    if isinstance(error, OverflowError) and not _can_tell_the_time():
        return "the clock stands beyond the year 2262, where Python cannot read it; set it right, then try again"
    short = shortage(error) if isinstance(error, BaseException) else ""
    return short or f"a bug of its own ({type(error).__name__}); {please_report()}"


def _can_tell_the_time() -> bool:
    """Whether Python can read this machine's clock: it counts nanoseconds in 64 bits, which end in the year 2262."""
    try:
        time.time()
    except OverflowError:
        return False
    return True


def run() -> int:
    """Run a command line and return its exit status.

    Wrong usage is one line on stderr and status 2; what this machine has run out of, one line and status 3; Ctrl-C is
    status 130.
    """
    try:
        return _status()
    except (click.Abort, KeyboardInterrupt):
        return 130
    except SystemExit:  # click's way of saying that the reader of stdout has left
        return BROKEN_PIPE
    except Exception as error:  # no traceback reaches a user: it may hold what must not be shown
        say(f"okx-doctor: {unexpected(error)}")
        return 3


def _status() -> int:
    """Run a command line. Raises whatever is neither its end nor wrong usage."""
    try:
        if "_OKX_DOCTOR_COMPLETE" in os.environ:
            from okx_doctor.cli.completing_shells import prepare

            prepare()
        ended = group.main(prog_name="okx-doctor", standalone_mode=False)
        return ended if isinstance(ended, int) else 0
    except click.exceptions.Exit as left:
        return left.exit_code
    except click.ClickException as error:
        from okx_doctor.cli.complaint import masked, one_line

        say(f"okx-doctor: {one_line(masked(error.format_message()))}")
        return 3 if error.exit_code == 3 else 2
