"""``okx-doctor listen``."""

from __future__ import annotations

import gc
import ipaddress
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from math import isfinite
from typing import Final

import click
from msgspec import Struct

from okx_doctor.cli import say
from okx_doctor.cli.credential_options import credential_options, places
from okx_doctor.cli.listening_session import Session, signals
from okx_doctor.cli.ready_file import ReadyFile
from okx_doctor.cli.sink import Sink
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.search.subject import keys as keys_of
from okx_doctor.gate.accounts import Account, generate, variables
from okx_doctor.gate.serve.exchange import LOOPBACK, Plan
from okx_doctor.listening.listener import Listener
from okx_doctor.protocol.sites import SITE_IDS, is_host, is_loopback
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.secrets.request_masks import Masks
from okx_doctor.secrets.secret import Secret
from okx_doctor.settings import Options, UsageError, settle

DEFAULT_PORT: Final = 8401
_FORMATS: Final = ("text", "json")
_PERMISSIONS: Final = {"read": "read_only", "trade": "trade", "withdraw": "withdraw"}


@click.command("listen", short_help="Be OKX for a running bot; a verdict per request, live.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address; any but loopback needs --expose.")
@click.option("--expose", is_flag=True, help="Allow an address that other machines can reach.")
@click.option("--host-name", multiple=True, metavar="NAME", help="A name by which the bot calls this listener.")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option("--tls", "ca_file", type=click.Path(), help="Serve TLS; the CA to trust goes to this file.")
@click.option("--generate", "generated", is_flag=True, help="Make credentials up and print them for the bot to use.")
@credential_options
@click.option("--site", type=click.Choice(SITE_IDS), help="The site to be.")
@click.option("--demo/--live", default=None, help="The environment that the credentials belong to.")
@click.option(
    "--permission",
    multiple=True,
    type=click.Choice(tuple(_PERMISSIONS)),
    help="What the key may do [default: read, trade].",
)
@click.option("--allow-ip", multiple=True, metavar="ADDRESS", help="Bind the key to this address or network.")
@click.option("--rate-limits", is_flag=True, help="Hold the bot to OKX's documented rate limits.")
@click.option(
    "--market",
    type=click.Choice(("made-up", "none")),
    default="made-up",
    show_default=True,
    help="Prices, and orders that are remembered.",
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="That of the market.")
@click.option("--exit-after", type=click.IntRange(1), metavar="N", help="End after so many requests.")
@click.option(
    "--until-idle", type=click.FloatRange(0.1, 86_400), metavar="SECONDS", help="End when nothing came so long."
)
@click.option("--ready-file", type=click.Path(), help="Write the addresses to this file once the port is open.")
@click.option("--record", "record_to", type=click.Path(), help="Write every signed request to this file, for inspect.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--output", type=click.Path(), help="Write to this file instead of stdout (mode 0600).")
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    expose: bool,
    host_name: tuple[str, ...],
    port: int,
    ca_file: str | None,
    generated: bool,
    asked: CredentialSources,
    site: str | None,
    demo: bool | None,
    permission: tuple[str, ...],
    allow_ip: tuple[str, ...],
    rate_limits: bool,
    market: str,
    seed: int,
    exit_after: int | None,
    until_idle: float | None,
    ready_file: str | None,
    record_to: str | None,
    form: str,
    output: str | None,
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
    if until_idle is not None and not isfinite(until_idle):
        raise click.UsageError(f"--until-idle {until_idle} is no number of seconds")
    _check_files({"--ready-file": ready_file, "--record": record_to, "--output": output, "--tls": ca_file})
    if generated and form == "json" and not ready_file:
        raise click.UsageError("with --format json the generated credentials go to the ready file: add --ready-file")
    who = _Identity.made(site, demo) if generated else _Identity.loaded(asked, site, demo)
    account = Account(
        api_key=who.keys.api_key.reveal(),
        secret=who.keys.secret,
        passphrase=who.keys.passphrase,
        site=who.site,
        demo=who.demo,
        ip_allowlist=tuple(_checked_ip(address) for address in allow_ip),
        permissions=tuple(_PERMISSIONS[name] for name in permission or ("read", "trade")),
        uid="446556778",
        main_uid="446556778",
    )
    plan = Plan(
        accounts=(account,),
        sites=(who.site,),
        tls="off" if ca_file is None else "trusted",
        websocket=True,
        host="127.0.0.1" if host == "localhost" else host,
        port=port,
        guarded=True,
        host_names=host_name,
        throttled=not generated,
        rate_limits=rate_limits,
        market_seed=seed if market == "made-up" else None,
        remembered=0,
    )
    rest_timestamp(time.time())  # nothing can be answered at a time that has no date
    with ExitStack() as stack:
        stop = stack.enter_context(signals())
        ready = ReadyFile.claimed(ready_file)
        out = stack.enter_context(Sink.to(output, stop))
        recording = stack.enter_context(Sink.to(record_to, stop)) if record_to is not None else None
        authority = stack.enter_context(Sink.to(ca_file, stop)) if ca_file is not None else None
        listener = stack.enter_context(_opened(plan, who.keys, exit_after, host, port))
        if authority:
            authority.write(listener.ca_pem.decode())
        addresses = _addresses(listener, ca_file)
        given = variables(account) if generated else {}
        banner = _banner(addresses, who, given, plan.market_seed)
        if form == "text":
            out.write(banner)
        elif sys.stderr is not None and sys.stderr.isatty():
            say(banner.removesuffix("\n"))
        stack.callback(ready.remove)
        ready.write({**addresses, **given})
        session = Session(who.keys, Masks(who.secrets), form, output, out, recording)
        session.run(listener, stop, until_idle)
        ready.remove()
        listener.close()
        summary = session.end(listener)
    judged = summary.signed and not listener.lost and not listener.crashes
    ctx.exit(1 if summary.refused or listener.lost_refused else 0 if judged else 3)


class _Identity(Struct, frozen=True, kw_only=True):
    """Whose requests are judged: what signs them, for which site and environment, and everything to be masked."""

    keys: Keys
    site: str
    demo: bool
    origin: str
    secrets: tuple[Secret, ...]

    @classmethod
    def made(cls, site: str | None, demo: bool | None) -> _Identity:
        account = generate()
        keys = Keys(secret=account.secret, api_key=Secret(account.api_key), passphrase=account.passphrase)
        secrets = (keys.api_key, keys.secret, keys.passphrase)
        return cls(keys=keys, site=site or "global", demo=bool(demo), origin="generated", secrets=secrets)

    @classmethod
    def loaded(cls, asked: CredentialSources, site: str | None, demo: bool | None) -> _Identity:
        """Raises ``click.UsageError`` where a value is missing: without it nothing could be judged."""
        try:
            read = places(asked)
            credentials = load_credentials(os.environ, read)
            target = settle(Options(site=site, demo=demo), os.environ, read).target
        except (UnusableFile, UsageError) as error:
            raise click.UsageError(str(error)) from None
        missing = [VARIABLES[value.slot][0] for value in credentials.values() if not value.value]
        keys = keys_of(credentials)
        if missing or keys is None:
            raise click.UsageError(
                f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set: the bot's requests are judged "
                "with its own credentials; set them, name a file of them, or let --generate make some up"
            )
        return cls(
            keys=keys,
            site=target.site if target.site in SITE_IDS else "global",
            demo=target.demo,
            origin=_origin(credentials),
            secrets=credentials.secrets(),
        )


def _origin(credentials: Credentials) -> str:
    places = dict.fromkeys(value.source.place for value in credentials.values() if value.source)
    return " and ".join(places)


@contextmanager
def _opened(plan: Plan, keys: Keys, most: int | None, host: str, port: int) -> Iterator[Listener]:
    """The listener. Raises ``click.UsageError`` for a port or a certificate that cannot be had."""
    where = f"{host}, port {port}" if port else host
    try:
        listener = Listener(plan, (keys,), most).__enter__()
    except UnicodeError:  # an underscore: Docker's names hold them, a certificate's do not
        said = ", ".join(plan.host_names)
        raise click.UsageError(f"--host-name {said} cannot stand in a certificate; use another or no --tls") from None
    except PermissionError:
        raise click.UsageError(f"no permission to listen on {where}; choose a port above 1023") from None
    except OSError as error:
        if error.errno in (98, 48, 10048):
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


def _check_files(named: Mapping[str, str | None]) -> None:
    """Two streams into one file would garble both."""
    taken: dict[str, str] = {}
    for option, path in named.items():
        if path is None:
            continue
        place = os.path.realpath(path)
        if place in taken and not place.startswith("/dev/"):
            raise click.UsageError(f"{taken[place]} and {option} both name {path}; give each a file of its own")
        taken[place] = option


def _checked_ip(address: str) -> str:
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise click.UsageError(f"--allow-ip {address!r} is no IP address or network") from None
    return address


def _addresses(listener: Listener, ca_file: str | None) -> dict[str, object]:
    site = listener.site
    port = site.rest[0].rpartition(":")[2]
    found: dict[str, object] = {"url": site.rest[0], "port": int(port)}
    if site.websocket:
        found["ws_url"] = site.websocket
    if site.websocket_demo:
        found["ws_demo_url"] = site.websocket_demo
    return {**found, **({"ca_file": ca_file} if ca_file else {})}


def _banner(addresses: Mapping[str, object], who: _Identity, given: Mapping[str, str], seed: int | None) -> str:
    """The banner. ``given`` are the variables for the bot, where they were made for this run."""
    environment = "demo" if who.demo else "live"
    lines = [
        f"okx-doctor listens as OKX ({who.site}, {environment} key); nothing is forwarded.",
        f"  REST       {addresses['url']}",
    ]
    if "ws_url" in addresses:
        lines.append(f"  WebSocket  {addresses['ws_url']}/ws/v5/private, /public, /business")
    if "ws_demo_url" in addresses:
        lines.append(f"  demo       {addresses['ws_demo_url']}/ws/v5/private, /public, /business")
    if seed is not None:
        lines.append(
            f"The market is made up (--seed {seed}): its prices are nobody's, and orders are filled here alone."
        )
    if given:
        lines.append("Credentials for the bot, made for this run:")
        lines += [f"  {name}={shlex.quote(value)}" for name, value in given.items()]
    else:
        lines.append(f"Requests are judged with the credentials from {who.origin}.")
    lines.append("It judges authentication (key, time, passphrase, signature), not whether an order makes sense.")
    lines.append("Set the bot's base URL to this address (docs/bots says where); this is no proxy.")
    lines.append("Ctrl-C ends and sums up.")
    return "\n".join([*lines, "", ""])
