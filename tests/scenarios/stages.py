"""Stages of the scenarios' own: what OKX knows, what the user has, how the exchange is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

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


def account(**changes: Any) -> Stage:
    """What OKX knows of the key."""
    return lambda bench: replace(bench, account=replace(bench.account, **changes))


def planned(**changes: Any) -> Stage:
    """How the exchange is."""
    return lambda bench: replace(bench, plan=replace(bench.plan, **changes))


def clock(seconds: float) -> Stage:
    """The exchange is ahead of this machine by so much."""
    return planned(clock_offset=seconds)


def fault(which: Fault, site: str = "*", *paths: str) -> Stage:
    return planned(faults=((site, which),), faulty_paths=paths)


def held(name: str, change: Callable[[str], str]) -> Stage:
    """The user has this variable changed."""
    return lambda bench: replace(bench, environ={**bench.environ, name: change(bench.environ[name])})


def formed(form: str) -> Callable[[str], str]:
    """How ``held`` writes a value: in this form, ``{}`` in it is the user's."""
    return lambda text: form.replace("{}", text)


def set_to(name: str, text: str) -> Stage:
    """The user has this variable with this text."""
    return lambda bench: replace(bench, environ={**bench.environ, name: text})


def really(name: str, text: str) -> Stage:
    """The value is this text, for OKX and for the user."""

    def stage(bench: Bench) -> Bench:
        known: object = text if name == KEY else Secret(text)
        return set_to(name, text)(account(**{SLOT_OF[name]: known})(bench))

    return stage


def without(*names: str) -> Stage:
    return lambda bench: replace(
        bench, environ={name: text for name, text in bench.environ.items() if name not in names}
    )


def permuted(**holds: str) -> Stage:
    """Each named slot holds the value that belongs to another one."""
    variables = {slot: name for name, slot in SLOT_OF.items()}
    return lambda bench: replace(
        bench,
        environ={
            **bench.environ,
            **{variables[slot]: bench.environ[variables[owner]] for slot, owner in holds.items()},
        },
    )


def filed(name: str, form: str) -> Stage:
    """The value stands in the env file, written in this form, and not in the environment."""
    return lambda bench: without(name)(lined(name, form)(bench))


def lined(name: str, form: str) -> Stage:
    """A line in the env file; ``{}`` in it is the user's value."""
    return lambda bench: replace(
        bench, env_file=bench.env_file + name + "=" + form.replace("{}", bench.environ.get(name, "")) + "\n"
    )


def documented(name: str, text: str, profile: str | None = None) -> Stage:
    """All three values stand in a file; ``{key}``, ``{secret}`` and ``{passphrase}`` in its text are the user's."""

    def stage(bench: Bench) -> Bench:
        written = text
        for mark, variable in (("{key}", KEY), ("{secret}", SECRET), ("{passphrase}", PASSPHRASE)):
            written = written.replace(mark, bench.environ[variable])
        changed = replace(bench, document=written, document_name=name, profile=profile)
        return without(KEY, SECRET, PASSPHRASE)(changed)

    return stage


def reached_through(**fields: Any) -> Stage:
    """Other fields of the bench itself."""
    return lambda bench: replace(bench, **fields)


SWAPPED_BACK: Mapping[str, Mapping[str, str]] = {
    "secret and passphrase": {"secret": "passphrase", "passphrase": "secret"},
    "key and passphrase": {"api_key": "passphrase", "passphrase": "api_key"},
    "all three, one way": {"api_key": "secret", "secret": "passphrase", "passphrase": "api_key"},
    "all three, the other way": {"api_key": "passphrase", "secret": "api_key", "passphrase": "secret"},
}

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
