"""The names of variables and slots, the usual one first. Imports only ``observations``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.observations import Slot

VARIABLES: Final[Mapping[Slot, tuple[str, ...]]] = {
    "api_key": (
        "OKX_API_KEY",
        "OKX_APIKEY",
        "OKX_KEY",
        "OKX_ACCESS_KEY",
        "OK_ACCESS_KEY",
        "OKEX_API_KEY",
        "FREQTRADE__EXCHANGE__KEY",
    ),
    "secret": (
        "OKX_SECRET_KEY",
        "OKX_API_SECRET",
        "OKX_SECRET",
        "OKX_API_SECRET_KEY",
        "OKX_SECRETKEY",
        "OKX_SECRET_API_KEY",
        "OKEX_SECRET_KEY",
        "OKEX_API_SECRET",
        "FREQTRADE__EXCHANGE__SECRET",
    ),
    "passphrase": (
        "OKX_PASSPHRASE",
        "OKX_API_PASSPHRASE",
        "OKX_PASSWORD",
        "OKX_API_PASSWORD",
        "OKX_PASS_PHRASE",
        "OK_ACCESS_PASSPHRASE",
        "OKEX_PASSPHRASE",
        "FREQTRADE__EXCHANGE__PASSWORD",
    ),
}

FREQTRADE_PREFIX: Final = "FREQTRADE__EXCHANGE__"
FREQTRADE_EXCHANGE: Final = "FREQTRADE__EXCHANGE__NAME"
"""Freqtrade's variables: https://www.freqtrade.io/en/stable/configuration/#environment-variables"""

DEMO_VARIABLES: Final = ("OKX_DEMO", "OKX_FLAG", "OKX_SIMULATED", "OKX_SIMULATED_TRADING", "OKX_SANDBOX")
"""``OKX_FLAG`` as python-okx means it: ``1`` demo, ``0`` live."""

SITE_VARIABLE: Final = "OKX_SITE"
BASE_URL_VARIABLE: Final = "OKX_API_BASE_URL"
NTP_VARIABLE: Final = "OKX_DOCTOR_NTP"
SITES_VARIABLE: Final = "OKX_DOCTOR_SITES"

SLOT_TITLES: Final[Mapping[Slot, str]] = {"api_key": "API key", "secret": "secret key", "passphrase": "passphrase"}


def title_of(slot: str) -> str:
    """The words for a slot, given as the text of its name."""
    return {str(name): title for name, title in SLOT_TITLES.items()}[slot]


def replacing(made: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Made-up credentials by their usual names, and again by every other name that an environment has set."""
    others = {name: made[names[0]] for names in VARIABLES.values() for name in names if name in environ}
    return {**made, **others}
