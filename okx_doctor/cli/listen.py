"""``okx-doctor listen``."""

from __future__ import annotations

import errno
import gc
import ipaddress
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Final

import click

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.table import USUAL
from okx_doctor.catalogue.clients.words import base_url_lines
from okx_doctor.cli import say
from okx_doctor.cli.exchange_options import Asked, Identity, exchange_options
from okx_doctor.cli.listening_session import Session, signals
from okx_doctor.cli.output import look
from okx_doctor.cli.ready_file import ReadyFile
from okx_doctor.cli.sink import Sink
from okx_doctor.gate.accounts import variables
from okx_doctor.gate.serve import LOOPBACK
from okx_doctor.gate.serve.exchange import Plan
from okx_doctor.listening.listener import Listener
from okx_doctor.protocol.sites import is_host, is_loopback
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.report.inspection import Look
from okx_doctor.report.text import Paragraph, render_paragraphs
from okx_doctor.secrets.request_masks import Masks

DEFAULT_PORT: Final = 8401
_OF_AN_ORDER: Final = "instId, tdMode, side, ordType, sz, px and posSide, and the balance"


@click.command("listen", short_help="Be OKX for a running bot; a verdict per request, live.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address; any but loopback needs --expose.")
@click.option("--expose", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("--host-name", multiple=True, metavar="NAME", help="A name by which the bot calls this listener.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option("--tls", "ca_file", type=click.Path(), help="Serve TLS; the CA to trust goes to this file.")
@click.option("--ready-file", type=click.Path(), help="Write the addresses to this file once the port is open.")
@exchange_options("print them for the bot to use")
@click.option("--output", type=click.Path(), help="Write to this file instead of stdout (mode 0600).")
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    expose: bool,
    host_name: tuple[str, ...],
    port: int,
    ca_file: str | None,
    ready_file: str | None,
    asked: Asked,
) -> None:
    """Listen on this machine as OKX would, REST and WebSocket on one port, and judge what the bot sends.

    Every request is checked in OKX's own order against the loaded credentials and answered with OKX's status and
    code; the first of each kind that is refused is explained in full. Nothing is forwarded. Behind it is a
    made-up market, in which orders are remembered and filled; --market none does without.
    Ctrl-C ends. Exit status: 0 all accepted, 1 something was refused, 2 wrong usage, 3 nothing signed came.
    """
    gc.freeze()
    gc.enable()  # off for the short commands; this one may run for days
    _check_address(host, expose)
    _check_names(host_name)
    asked.check(ready_file, ca_file)
    if asked.generated and asked.form == "json" and not ready_file:
        raise click.UsageError("with --format json the generated credentials go to the ready file: add --ready-file")
    who = asked.identity()
    account = asked.account(who)
    plan = Plan(
        accounts=(account,),
        sites=(who.site,),
        tls="off" if ca_file is None else "trusted",
        websocket=True,
        host="127.0.0.1" if host == "localhost" else host,
        port=port,
        guarded=True,
        host_names=host_name,
        throttled=not asked.generated,
        rate_limits=asked.rate_limits,
        market_seed=asked.market_seed,
        remembered=0,
    )
    rest_timestamp(time.time())  # nothing can be answered at a time that has no date
    with ExitStack() as stack:
        stop = stack.enter_context(signals())
        ready = ReadyFile.claimed(ready_file)
        out = stack.enter_context(Sink.to(asked.output, stop))
        recording = stack.enter_context(Sink.to(asked.record_to, stop)) if asked.record_to is not None else None
        authority = stack.enter_context(Sink.to(ca_file, stop)) if ca_file is not None else None
        made = Listener(plan, (who.keys,), asked.exit_after, lines_only=asked.lines_only)
        listener = stack.enter_context(_opened(made, plan, host, port))
        if authority:
            authority.write(listener.ca_pem.decode())
        addresses = _addresses(listener, ca_file)
        given = variables(account) if asked.generated else {}
        shown = look(asked.output, on_stderr=asked.form != "text")
        banner = _banner(addresses, who, given, plan.market_seed, shown)
        if asked.form == "text":
            out.write(banner)
        elif sys.stderr is not None and sys.stderr.isatty():
            say(banner.removesuffix("\n"))
        stack.callback(ready.remove)
        ready.write({**addresses, **given})
        typed = asked.output is None and sys.stdout is not None and sys.stdout.isatty()
        session = Session(
            who.keys, Masks(who.secrets), asked.form, look(asked.output), out, recording, on_terminal=typed
        )
        session.run(listener, stop, asked.until_idle)
        ready.remove()
        listener.close()
        summary = session.end(listener)
    judged = summary.signed and not listener.lost and not listener.crashes
    ctx.exit(1 if summary.refused or listener.lost_refused else 0 if judged else 3)


@contextmanager
def _opened(listener: Listener, plan: Plan, host: str, port: int) -> Iterator[Listener]:
    """The listener once it listens. Raises ``click.UsageError`` for a port or a certificate that cannot be had."""
    where = f"{host}, port {port}" if port else host
    try:
        listener.__enter__()
    except UnicodeError:  # an underscore: Docker's names hold them, a certificate's do not
        said = ", ".join(plan.host_names)
        raise click.UsageError(f"--host-name {said} cannot stand in a certificate; use another or no --tls") from None
    except PermissionError:
        raise click.UsageError(f"no permission to listen on {where}; choose a port above 1023") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise click.UsageError(f"{where} is taken; name another with --port, or --port 0 for any") from None
        raise click.UsageError(f"cannot listen on {where}: {error.strerror or error}") from None
    try:
        yield listener
    finally:
        listener.__exit__(None, None, None)


def _check_address(host: str, expose: bool) -> None:
    if is_loopback(host):
        return
    try:
        ipaddress.ip_address(host)
    except ValueError:
        raise click.UsageError(f"--host {host!r} is no IP address; name one of this machine's own") from None
    if not expose:
        raise click.UsageError(
            f"{host} can be reached from other machines, and what the bot sends would cross the network; "
            "add --expose where that is meant"
        )


def _check_names(names: tuple[str, ...]) -> None:
    for name in names:
        if not is_host(name):
            raise click.UsageError(f"--host-name {name!r} is no host name; write it alone, without scheme and port")


def _addresses(listener: Listener, ca_file: str | None) -> dict[str, object]:
    site = listener.site
    port = site.rest[0].rpartition(":")[2]
    found: dict[str, object] = {"url": site.rest[0], "port": int(port)}
    if site.websocket:
        found["ws_url"] = site.websocket
    if site.websocket_demo:
        found["ws_demo_url"] = site.websocket_demo
    return {**found, **({"ca_file": ca_file} if ca_file else {})}


def _banner(
    addresses: Mapping[str, object], who: Identity, given: Mapping[str, str], seed: int | None, shown: Look
) -> str:
    """The banner. ``given`` are the variables for the bot, where they were made for this run."""
    environment = "demo" if who.demo else "live"
    lines = [
        _said(f"okx-doctor listens as OKX ({who.site}, {environment} key); nothing is forwarded.", shown),
        f"  REST       {addresses['url']}",
    ]
    if "ws_url" in addresses:
        lines.append(f"  WebSocket  {addresses['ws_url']}/ws/v5/private, /public, /business")
    if "ws_demo_url" in addresses:
        lines.append(f"  demo       {addresses['ws_demo_url']}/ws/v5/private, /public, /business")
    if given:
        lines.append("Credentials for the bot, made for this run:")
        lines += [f"  {name}={shlex.quote(value)}" for name, value in given.items()]
    else:
        lines.append(_said(f"Requests are judged with the credentials from {who.origin}.", shown))
    judged = "It judges authentication: key, time, passphrase, signature"
    if seed is None:
        lines.append(_said(f"{judged}. Orders are taken as they are.", shown))
    else:
        market = f"The market is made up (--seed {seed}): its prices are nobody's, and orders are filled here alone."
        lines.append(_said(f"{judged}; of an order {_OF_AN_ORDER}. {market}", shown))
    lines += _to_change(who.client, addresses, shown)
    lines.append("Ctrl-C ends and sums up.")
    return "\n".join([*lines, "", ""])


def _to_change(client: Client | None, addresses: Mapping[str, object], shown: Look) -> Iterator[str]:
    """The line that leads the bot here, in its own client, or in each of the usual ones."""
    yield _said("This is no proxy: change the address of OKX in the bot.", shown)
    for each in (client,) if client else USUAL:
        own = base_url_lines(each, str(addresses["url"]), str(addresses.get("ws_url", "")))
        for line in own.lines or (own.note,):
            yield _laid_out(Paragraph(text=line, indent=2, command=f"{each.name}:"), shown)
    if client is None:
        yield _said("Others: docs/clients.md. A bot that cannot be changed runs under okx-doctor run.", shown)


def _said(text: str, shown: Look) -> str:
    return _laid_out(Paragraph(text=text), shown)


def _laid_out(paragraph: Paragraph, shown: Look) -> str:
    return render_paragraphs([paragraph], **(shown | {"colour": False})).removesuffix("\n")
