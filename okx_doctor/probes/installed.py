"""Clients that are installed where a command finds them, with their versions: npm's beside it, Python's with it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from okx_doctor.catalogue.clients.table import BY_ID
from okx_doctor.catalogue.clients.words import dialled

_OF_NPM: Final = {"okx-api": "okx-api", "ccxt": "ccxt-node"}
_OF_PYTHON: Final = {"ccxt": "ccxt-pro", "python_okx": "python-okx", "nautilus_trader": "nautilus"}
"""Packages with their client's id."""


def diallers(command: Sequence[str], port: int) -> tuple[str, ...]:
    """Installed clients known to dial this port by themselves, each with its version: ``npm okx-api 3.2.3``."""
    found = (
        f"{manager} {name} {version}"
        for manager, name, client, version in (*_npm(command), *_python(command))
        if (socket := dialled(BY_ID[client], version)) is not None and socket.port == port
    )
    return tuple(dict.fromkeys(found))


def _npm(command: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    starts = [Path.cwd(), *(Path(word).absolute().parent for word in command[1:] if Path(word).is_file())]
    for folder in dict.fromkeys(place for start in starts for place in (start, *start.parents)):
        for name, client in _OF_NPM.items():
            try:
                document = json.loads((folder / "node_modules" / name / "package.json").read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(document, dict) and isinstance(version := document.get("version"), str):
                yield "npm", name, client, version


def _python(command: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    named = [shutil.which(word) for word in command[:1]]
    roots = [Path(os.path.abspath(one)).parent.parent for one in named if one]  # noqa: PTH100  a venv's link is kept
    for root in dict.fromkeys((*roots, Path(".venv").absolute(), Path("venv").absolute())):
        for name, client in _OF_PYTHON.items():
            for entry in root.glob(f"lib/python3*/site-packages/{name}-*.dist-info"):
                yield "PyPI", name, client, entry.name.removeprefix(f"{name}-").removesuffix(".dist-info")
