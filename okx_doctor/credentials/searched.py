"""The places that were looked at for credentials, and whether a usual name is there. Values are not read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.places import OKX_CONFIG, Place
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.observations import ENVIRONMENT, PlaceSearched

_KNOWN: Final = frozenset(name for names in VARIABLES.values() for name in names)


def searched(
    environ: Mapping[str, str], places: Sequence[Place], *, env_file_wanted: bool
) -> tuple[PlaceSearched, ...]:
    """One row per place, in the order in which they win. ``env_file_wanted``: whether ``./.env`` would be read."""
    rows = [_row(ENVIRONMENT, environ)]
    for place in places:
        if isinstance(place, EnvFile):
            rows.append(_row(place.label, place.lines))
        else:
            rows.append(PlaceSearched(place=place.label, found=_found(bool(place.found))))
    if env_file_wanted and not os.path.lexists(".env"):
        rows.append(PlaceSearched(place="./.env", found="not there"))
    if not any(isinstance(place, Home) and place.label == OKX_CONFIG for place in places) and _is_there(OKX_CONFIG):
        rows.append(PlaceSearched(place=OKX_CONFIG, found="there, and read with --profile NAME"))
    return tuple(rows)


def _is_there(label: str) -> bool:
    try:
        return Path(label).expanduser().is_file()
    except (OSError, RuntimeError):
        return False


def _row(place: str, names: Iterable[str]) -> PlaceSearched:
    return PlaceSearched(place=place, found=_found(any(name in _KNOWN for name in names)))


def _found(any_known: bool) -> str:
    return "a name of OKX's credentials is there" if any_known else "no name of OKX's credentials"
