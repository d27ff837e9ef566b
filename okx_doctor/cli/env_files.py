"""The env files of a command that loads credentials."""

from __future__ import annotations

import os
from pathlib import Path

from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.env_file import EnvFile, read_env_file


def env_files(env_file: str | None, no_env_file: bool, dialect: Dialect = DEFAULT) -> tuple[EnvFile, ...]:
    """The env files in the order in which they win: the named one, then ``./.env`` where there is one.

    They are read as ``dialect``'s loader reads them.

    Raises ``UnusableFile`` for one that cannot be read.
    """
    files = [read_env_file(Path(env_file), dialect=dialect)] if env_file is not None else []
    here = Path(".env")
    again = env_file is not None and Path(env_file).exists() and here.exists() and Path(env_file).samefile(here)
    if not no_env_file and os.path.lexists(here) and not again:
        files.append(read_env_file(here, dialect=dialect))
    return tuple(files)
