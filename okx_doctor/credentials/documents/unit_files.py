"""The files that make up one service of systemd's: its unit, then the drop-ins, as systemd.unit(5) orders them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from okx_doctor.credentials.dialects.reading import SIZE_LIMIT
from okx_doctor.credentials.documents import unit
from okx_doctor.credentials.documents.home import Home
from okx_doctor.credentials.documents.sections import home
from okx_doctor.credentials.files import UnusableFile, read_text

_FOLDERS: Final = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
_OF_USER: Final = ("systemd/user",)
PATH_VARIABLE: Final = "SYSTEMD_UNIT_PATH"
"""Takes the place of all these folders, as it does for systemd itself."""

_NAME: Final = re.compile(r"[A-Za-z0-9:_.@\\-]{1,255}")
_MAX_DROP_INS: Final = 100


def of_unit(name: str, environ: Mapping[str, str]) -> Home:
    """The files that systemd reads for the service. Raises ``UnusableFile`` for one that is not there, or is masked."""
    whole = name if name.endswith(".service") else f"{name}.service"
    if not _NAME.fullmatch(whole):
        raise UnusableFile("--unit takes the name of a service: okx-bot, or okx-bot@live.service")
    folders = _folders(environ)
    names = _names(whole)
    path = next((there for each in names for folder in folders if os.path.lexists(there := folder / each)), None)
    if path is None:
        looked = ", ".join(map(str, folders))
        raise UnusableFile(f"there is no unit {whole} in {looked}; name its file with --credentials")
    if path.resolve() == Path(os.devnull) or (path.is_file() and path.stat().st_size == 0):
        raise UnusableFile(f"the unit {whole} is masked: systemd does not start it")
    rows = unit.directives(read_text(path, "unit", SIZE_LIMIT), str(path))
    for drop_in in _drop_ins(names, folders):
        rows += unit.directives(read_text(drop_in, "drop-in", SIZE_LIMIT), str(drop_in))
    leaves = unit.leaves(rows, str(path), path.parent, environ)
    return home(leaves, str(path), None, unit.quoted, only_ours=True)


def _folders(environ: Mapping[str, str]) -> tuple[Path, ...]:
    given = environ.get(PATH_VARIABLE, "")
    named = [Path(part) for part in given.split(":") if part]
    if named and not given.endswith(":"):
        return tuple(named)
    config = environ.get("XDG_CONFIG_HOME") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    own = [Path(config) / part for part in _OF_USER] if config else []
    return (*named, *(Path(folder) for folder in _FOLDERS), *own, Path("/etc/systemd/user"))


def _names(whole: str) -> tuple[str, ...]:
    """The unit's own name, and the template's where it is an instance of one."""
    prefix, at, _ = whole.removesuffix(".service").partition("@")
    return (whole, f"{prefix}@.service") if at else (whole,)


def _drop_ins(names: tuple[str, ...], folders: tuple[Path, ...]) -> list[Path]:
    """Every ``.conf`` of the unit, of its dashed prefixes and of all services; of equal names the first folder's."""
    bare = names[0].removesuffix(".service").partition("@")[0]
    dashes = [at for at, char in enumerate(bare) if char == "-"]
    all_names = [*names, *(f"{bare[: at + 1]}.service" for at in reversed(dashes)), "service"]
    found: dict[str, Path] = {}
    for name in all_names:
        for folder in folders:
            try:
                listed = sorted((folder / f"{name}.d").glob("*.conf"))
            except OSError:
                continue
            for path in listed[:_MAX_DROP_INS]:
                found.setdefault(path.name, path)
    return [found[name] for name in sorted(found) if found[name].resolve() != Path(os.devnull)]
