"""The options that say where a command's credentials are, and the places that they name."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import wraps

import click

from okx_doctor.credentials.dialects import DEFAULT
from okx_doctor.credentials.dialects import IDS as DIALECT_IDS
from okx_doctor.credentials.places import CredentialSources, Place, read_places
from okx_doctor.observations import Slot


def credential_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command its options; it is called with them as one argument, ``asked``."""

    @click.option("--env-file", type=click.Path(), help="Read credentials from this env file as well.")
    @click.option("--no-env-file", is_flag=True, help="Do not read ./.env.")
    @click.option(
        "--dialect",
        type=click.Choice(DIALECT_IDS),
        default=DEFAULT.id,
        show_default=True,
        help="Read env files as this loader does.",
    )
    @click.option(
        "--credentials",
        metavar="FILE|DIR|-",
        type=click.Path(allow_dash=True),
        help="Read them from this TOML, JSON, YAML or env file, or this directory of secret files, as well.",
    )
    @click.option("--profile", metavar="NAME", help="Its profile or section (default file: ~/.okx/config.toml).")
    @click.option(
        "--name",
        "names",
        multiple=True,
        metavar="SLOT=VARIABLE",
        help="The variable that holds key, secret or passphrase, where its name is not a usual one.",
    )
    @click.option("--unit", metavar="NAME", help="Read what systemd gives to this service: unit, drop-ins, files.")
    @wraps(function)
    def asking(
        *args: object,
        env_file: str | None,
        no_env_file: bool,
        dialect: str,
        credentials: str | None,
        profile: str | None,
        names: tuple[str, ...],
        unit: str | None,
        **others: object,
    ) -> None:
        asked = CredentialSources(
            env_file=env_file,
            no_env_file=no_env_file,
            dialect=dialect,
            credentials=credentials,
            profile=profile,
            names=tuple(_named(text) for text in names),
            unit=unit,
        )
        function(*args, asked=asked, **others)

    return asking


def _named(text: str) -> tuple[Slot, str]:
    """``secret=OKX_APISECRET``. Raises ``UsageError``."""
    slots: Mapping[str, Slot] = {"key": "api_key", "api_key": "api_key", "secret": "secret", "passphrase": "passphrase"}
    word, equals, name = text.partition("=")
    if word not in slots or not equals or not name:
        raise click.UsageError("--name takes key=VARIABLE, secret=VARIABLE or passphrase=VARIABLE")
    return slots[word], name


def places(asked: CredentialSources) -> tuple[Place, ...]:
    """Read the places asked for, in the order in which they win. Raises ``UnusableFile``."""
    return read_places(asked, os.environ)
