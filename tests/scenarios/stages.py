"""Stages of the scenarios' own: facts that OKX knows, values that the user has, and the exchange between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from okx_doctor.checking.simulation import Bench, Stage
from okx_doctor.gate.api.faults import Fault
from okx_doctor.secrets.secret import Secret

KEY, SECRET, PASSPHRASE = "OKX_API_KEY", "OKX_SECRET_KEY", "OKX_PASSPHRASE"
SLOTS = ((KEY, "key"), (SECRET, "secret"), (PASSPHRASE, "passphrase"))
SLOT_OF = {KEY: "api_key", SECRET: "secret", PASSPHRASE: "passphrase"}

HEX = "22582BD0CFF14C41EDBF1AB98506286D"
"""The secret of OKX's own samples: it holds zeros and ones, so that O and l can stand for them."""

LONG_AGO = "37c541a1-0f3c-4b6b-9d3e-10fe7a038418"
"""The shape of a key that was deleted."""


def okx_knows(**changes: Any) -> Stage:
    """OKX knows other facts of the key, by the fields of ``Account``."""
    return lambda bench: replace(bench, account=replace(bench.account, **changes))


def exchange_with(**changes: Any) -> Stage:
    """The exchange is planned otherwise, by the fields of ``Plan``."""
    return lambda bench: replace(bench, plan=replace(bench.plan, **changes))


def exchange_ahead(seconds: float) -> Stage:
    """The exchange's clock is ahead of this machine's by so much."""
    return exchange_with(clock_offset=seconds)


def exchange_fails(which: Fault, site: str = "*", *paths: str) -> Stage:
    """One site of the exchange fails in this way, under these paths or under all."""
    return exchange_with(faults=((site, which),), faulty_paths=paths)


def bench_with(**fields: Any) -> Stage:
    """The bench has other values in these of its own fields."""
    return lambda bench: replace(bench, **fields)


def alter(name: str, change: Callable[[str], str]) -> Stage:
    """The user's variable holds what ``change`` makes of its value."""
    return lambda bench: replace(bench, environ={**bench.environ, name: change(bench.environ[name])})


def write_as(name: str, form: str) -> Stage:
    """The user's variable is written in this form; ``{}`` in it is its value."""
    return alter(name, lambda text: form.replace("{}", text))


def user_has(name: str, text: str) -> Stage:
    """The user's variable holds this text, whatever OKX knows."""
    return lambda bench: replace(bench, environ={**bench.environ, name: text})


def both_have(name: str, text: str) -> Stage:
    """The value is this text, for OKX and for the user."""

    def stage(bench: Bench) -> Bench:
        known: object = text if name == KEY else Secret(text)
        return user_has(name, text)(okx_knows(**{SLOT_OF[name]: known})(bench))

    return stage


def unset(*names: str) -> Stage:
    """The user does not have these variables."""
    return lambda bench: replace(
        bench, environ={name: text for name, text in bench.environ.items() if name not in names}
    )


def swap(**owners: str) -> Stage:
    """Each named slot holds the value of the slot that owns it."""
    variables = {slot: name for name, slot in SLOT_OF.items()}
    return lambda bench: replace(
        bench,
        environ={
            **bench.environ,
            **{variables[slot]: bench.environ[variables[owner]] for slot, owner in owners.items()},
        },
    )


def add_env_line(name: str, form: str) -> Stage:
    """The env file has a line for this variable, written in this form; ``{}`` in it is the user's value."""
    return lambda bench: replace(
        bench, env_file=bench.env_file + name + "=" + form.replace("{}", bench.environ.get(name, "")) + "\n"
    )


def move_to_env_file(name: str, form: str) -> Stage:
    """The variable is in the env file, written in this form, and no longer in the environment."""
    return lambda bench: unset(name)(add_env_line(name, form)(bench))


def move_to_document(name: str, text: str, profile: str | None = None) -> Stage:
    """All three values are in a file; ``{key}``, ``{secret}`` and ``{passphrase}`` in its text are the user's."""

    def stage(bench: Bench) -> Bench:
        written = text
        for mark, variable in (("{key}", KEY), ("{secret}", SECRET), ("{passphrase}", PASSPHRASE)):
            written = written.replace(mark, bench.environ[variable])
        changed = replace(bench, document=written, document_name=name, profile=profile)
        return unset(KEY, SECRET, PASSPHRASE)(changed)

    return stage


SWAPS: Mapping[str, Mapping[str, str]] = {
    "secret and passphrase": {"secret": "passphrase", "passphrase": "secret"},
    "key and passphrase": {"api_key": "passphrase", "passphrase": "api_key"},
    "all three, one way": {"api_key": "secret", "secret": "passphrase", "passphrase": "api_key"},
    "all three, the other way": {"api_key": "passphrase", "secret": "api_key", "passphrase": "secret"},
}
"""Ways to mix up the values, as ``swap`` takes them: by a name for tests, which slot holds whose value."""

TIME, CONFIG = "/api/v5/public/time", "/api/v5/account/config"
BALANCE, BUILDER = "/api/v5/account/balance", "/api/v5/account/position-builder"

PROFILES = (
    f"[profiles.demo]\napi_key = '{LONG_AGO}'\nsecret_key = '{HEX}'\npassphrase = '{{other}}'\n"
    "[profiles.live]\napi_key = '{key}'\nsecret_key = '{secret}'\npassphrase = '{passphrase}'\n"
)
"""OKX's own command line's file."""

YAML = "okx:\n  api_key: {key}\n  secret: {secret}\n  passphrase: {passphrase}\n"
FREQTRADE = """{
    // freqtrade's config.json
    "exchange": {"name": "okx", "key": "{key}", "secret": "{secret}", "password": {passphrase},},
}"""
TOML = "api_key = '{key}'\nsecret_key = '{secret}'\npassphrase = '{passphrase}'\n"
CCXT = '{"apiKey": "{key}", "secret": "{secret}", "password": "{passphrase}", "uid": ""}'
