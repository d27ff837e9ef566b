"""Files that hold one value each: Docker's and Kubernetes' secrets, in a directory or named by ``…_FILE`` variables.

https://docs.docker.com/compose/how-tos/use-secrets/ has the convention of ``…_FILE``;
https://kubernetes.io/docs/concepts/configuration/secret/ the directory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

from okx_doctor.credentials.dialects.reading import SIZE_LIMIT
from okx_doctor.credentials.documents.home import Found, Home, Source
from okx_doctor.credentials.documents.sections import slot_of
from okx_doctor.credentials.files import UnusableFile, read_text
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.observations import SLOTS
from okx_doctor.secrets.secret import Secret

_MAX_FILES: Final = 10_000
_THE_FILES: Final = "the secret files"


def from_directory(directory: Path) -> Home:
    """The files of a directory that are called as a variable or key is. Nothing is cut off them.

    Raises ``UnusableFile`` for a directory that cannot be read or holds no such file, and as ``read_text`` does.
    """
    try:
        with os.scandir(directory) as listing:
            names = sorted(found.name for found in islice(listing, _MAX_FILES))
    except OSError as error:
        raise UnusableFile(f"cannot read the directory {directory}: {error.strerror}") from None
    slots = [(*slot, name) for name in names if (slot := slot_of(re.sub(r"\.txt$", "", name)))]
    if not slots:
        raise UnusableFile(f"the directory {directory} holds no file called as a variable: OKX_API_KEY and so on")
    found = [
        Found(
            slot=slot,
            source=Source(kind="secret-file", file=str(directory / name), home=str(directory)),
            value=Secret(read_text(directory / name, "secret file", SIZE_LIMIT)),
        )
        for slot, _, name in sorted(slots, key=lambda row: (SLOTS.index(row[0]), row[1]))
    ]
    return Home(label=str(directory), found=tuple(found))


def from_variables(environ: Mapping[str, str]) -> Home | None:
    """The files that ``OKX_PASSPHRASE_FILE`` and its like name; ``None`` where none is set.

    Raises ``UnusableFile`` as ``read_text`` does.
    """
    found = [
        Found(
            slot=slot,
            source=Source(kind="secret-file", file=path, key=f"{name}_FILE", home=_THE_FILES),
            value=Secret(read_text(Path(path), f"secret file that {name}_FILE names,", SIZE_LIMIT)),
        )
        for slot in SLOTS
        for name in VARIABLES[slot]
        if (path := environ.get(f"{name}_FILE", ""))
    ]
    return Home(label=_THE_FILES, found=tuple(found)) if found else None
