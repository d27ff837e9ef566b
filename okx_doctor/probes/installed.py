"""Clients that are installed where a command finds them, with their versions: npm's beside it, Python's with it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from okx_doctor.catalogue.clients.table import BY_ID
from okx_doctor.catalogue.clients.words import dialled

_OF_NPM: Final = {"okx-api": "okx-api", "ccxt": "ccxt-node"}
_OF_PYTHON: Final = {"ccxt": "ccxt-pro", "python_okx": "python-okx", "nautilus_trader": "nautilus"}
"""Packages with their client's id."""


class Installed(Struct, frozen=True, kw_only=True):
    """A client that is installed: its package, and its id in the table of clients."""

    manager: str
    package: str
    version: str
    client: str

    def __str__(self) -> str:
        return f"{self.manager} {self.package} {self.version}"


def diallers(command: Sequence[str], port: int) -> tuple[Installed, ...]:
    """Installed clients known to dial this port by themselves: ``npm okx-api 3.2.3``."""
    found = (
        one
        for one in (*_npm(command), *_python(command))
        if (socket := dialled(BY_ID[one.client], one.version)) is not None and socket.port == port
    )
    return tuple(dict.fromkeys(found))


def _npm(command: Sequence[str]) -> Iterator[Installed]:
    starts = [Path.cwd(), *(Path(word).absolute().parent for word in command[1:] if Path(word).is_file())]
    for folder in dict.fromkeys(place for start in starts for place in (start, *start.parents)):
        for name, client in _OF_NPM.items():
            try:
                document = json.loads((folder / "node_modules" / name / "package.json").read_bytes())
            except (OSError, ValueError):
                continue
            if isinstance(document, dict) and isinstance(version := document.get("version"), str):
                yield Installed(manager="npm", package=name, version=version, client=client)


def _python(command: Sequence[str]) -> Iterator[Installed]:
    named = [shutil.which(word) for word in command[:1]]
    roots = [Path(os.path.abspath(one)).parent.parent for one in named if one]  # noqa: PTH100  a venv's link is kept
    for root in dict.fromkeys((*roots, Path(".venv").absolute(), Path("venv").absolute())):
        for name, client in _OF_PYTHON.items():
            for entry in root.glob(f"lib/python3*/site-packages/{name}-*.dist-info"):
                version = entry.name.removeprefix(f"{name}-").removesuffix(".dist-info")
                yield Installed(manager="PyPI", package=name, version=version, client=client)
