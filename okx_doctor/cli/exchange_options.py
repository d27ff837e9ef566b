"""The options of a command that plays OKX for a running bot, and the account that its requests are judged by."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from functools import wraps
from math import isfinite
from typing import Final

import click
from msgspec import Struct

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.cli.credential_options import credential_options, places
from okx_doctor.credentials.client import client_of_places
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import CredentialSources
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.forensics.search.parts import Keys
from okx_doctor.forensics.search.subject import keys as keys_of
from okx_doctor.gate.accounts import Account, generate
from okx_doctor.protocol.sites import SITE_IDS
from okx_doctor.secrets.secret import Secret, shows_only
from okx_doctor.settings import Options, UsageError, settle

_FORMATS: Final = ("text", "json")
_PERMISSIONS: Final = {"read": "read_only", "trade": "trade", "withdraw": "withdraw"}


@shows_only("generated", "demo", "rate_limits", "exit_after", "until_idle")
class Asked(Struct, frozen=True, kw_only=True):
    """The options as they were given. ``record_to`` and ``output`` are paths, ``form`` is how it is printed.

    ``market_seed`` is ``None`` without a market.
    """

    generated: bool
    sources: CredentialSources
    site: str | None
    demo: bool | None
    permission: tuple[str, ...]
    allow_ip: tuple[str, ...]
    rate_limits: bool
    market_seed: int | None
    exit_after: int | None
    until_idle: float | None
    record_to: str | None
    form: str
    output: str | None

    @property
    def lines_only(self) -> bool:
        """Whether a request that nothing is to be said of becomes a line of text, and nothing else."""
        return self.form == "text" and self.record_to is None

    def check(self, ready_file: str | None = None, ca_file: str | None = None) -> None:
        """Raise ``click.UsageError`` for what cannot be. The paths are those of further options."""
        if self.until_idle is not None and not isfinite(self.until_idle):
            raise click.UsageError(f"--until-idle {self.until_idle} is no number of seconds")
        _check_files(
            {"--ready-file": ready_file, "--record": self.record_to, "--output": self.output, "--tls": ca_file}
        )
        for address in self.allow_ip:
            _check_ip(address)

    def identity(self) -> Identity:
        """Whose requests are judged. Raises ``click.UsageError``."""
        made = Identity.made if self.generated else Identity.loaded
        return made(self.sources, self.site, self.demo)

    def account(self, who: Identity) -> Account:
        """The account of an identity, as narrow as was asked for."""
        return Account(
            api_key=who.keys.api_key.reveal(),
            secret=who.keys.secret,
            passphrase=who.keys.passphrase,
            site=who.site,
            demo=who.demo,
            ip_allowlist=self.allow_ip,
            permissions=tuple(_PERMISSIONS[name] for name in self.permission or ("read", "trade")),
            uid="446556778",
            main_uid="446556778",
        )


def exchange_options(given_to: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these options; it is called with them as one argument, ``asked``.

    ``given_to`` says what becomes of generated credentials, for the help.
    """

    def give(function: Callable[..., None]) -> Callable[..., None]:
        @click.option("--generate", "generated", is_flag=True, help=f"Make credentials up and {given_to}.")
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
        @click.option(
            "--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="That of the market."
        )
        @click.option("--exit-after", type=click.IntRange(1), metavar="N", help="End after so many requests.")
        @click.option(
            "--until-idle",
            type=click.FloatRange(0.1, 86_400),
            metavar="SECONDS",
            help="End when nothing came so long.",
        )
        @click.option(
            "--record", "record_to", type=click.Path(), help="Write every signed request to this file, for inspect."
        )
        @click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
        @wraps(function)
        def asking(
            *args: object,
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
            record_to: str | None,
            form: str,
            output: str | None,
            **others: object,
        ) -> None:
            wanted = Asked(
                generated=generated,
                sources=asked,
                site=site,
                demo=demo,
                permission=permission,
                allow_ip=allow_ip,
                rate_limits=rate_limits,
                market_seed=seed if market == "made-up" else None,
                exit_after=exit_after,
                until_idle=until_idle,
                record_to=record_to,
                form=form,
                output=output,
            )
            function(*args, asked=wanted, **others)

        return asking

    return give


class Identity(Struct, frozen=True, kw_only=True):
    """Whose requests are judged: what signs them, for which site and environment, and everything to be masked.

    ``client`` is the one that the credentials are kept for, ``None`` where that does not show.
    """

    keys: Keys
    site: str
    demo: bool
    origin: str
    secrets: tuple[Secret, ...]
    client: Client | None = None

    @classmethod
    def made(cls, _asked: CredentialSources, site: str | None, demo: bool | None) -> Identity:
        """Made up for this run."""
        account = generate()
        keys = Keys(secret=account.secret, api_key=Secret(account.api_key), passphrase=account.passphrase)
        secrets = (keys.api_key, keys.secret, keys.passphrase)
        return cls(keys=keys, site=site or "global", demo=bool(demo), origin="generated", secrets=secrets)

    @classmethod
    def loaded(cls, asked: CredentialSources, site: str | None, demo: bool | None) -> Identity:
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
            client=client_of_places(read, os.environ),
        )


def _origin(credentials: Credentials) -> str:
    places = dict.fromkeys(value.source.place for value in credentials.values() if value.source)
    return " and ".join(places)


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


def _check_ip(address: str) -> None:
    try:
        ipaddress.ip_network(address, strict=False)
    except ValueError:
        raise click.UsageError(f"--allow-ip {address!r} is no IP address or network") from None
