"""The places where a run looks for credentials besides its environment, read in the order in which they win."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.dialects import dialect as dialect_of
from okx_doctor.credentials.dialects.reading import SIZE_LIMIT
from okx_doctor.credentials.documents.home import STANDARD_INPUT, Found, Home, Source
from okx_doctor.credentials.env_file import EnvFile, read_env_file
from okx_doctor.credentials.files import UnusableFile, decode, is_folder, read_text
from okx_doctor.credentials.names import plain_names, sets
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.observations import Slot
from okx_doctor.secrets.secret import Secret

OKX_CONFIG: Final = "~/.okx/config.toml"
"""Where OKX's own command line keeps its profiles."""

Place = EnvFile | Home


class CredentialSources(Struct, frozen=True, kw_only=True):
    """Where the caller wants to have looked. ``credentials`` is a file, a directory, or ``-`` for standard input;
    ``dialect`` is the loader that env files are read as, ``names`` the variables of slots that are not called as
    usual, ``unit`` a service of systemd's whose unit files are read."""

    env_file: str | None = None
    no_env_file: bool = False
    credentials: str | None = None
    profile: str | None = None
    dialect: str = DEFAULT.id
    names: tuple[tuple[Slot, str], ...] = ()
    unit: str | None = None

    @property
    def from_standard_input(self) -> bool:
        return self.credentials == "-"


def piped() -> str:
    """Read standard input. Raises ``UnusableFile`` where it cannot be read."""
    if sys.stdin is None:
        raise UnusableFile(f"there is no {STANDARD_INPUT}: it is closed")
    try:
        raw = sys.stdin.buffer.read(SIZE_LIMIT + 1) or b""  # None from a pipe that does not wait
    except OSError as error:
        raise UnusableFile(f"cannot read {STANDARD_INPUT}: {error.strerror}") from None
    if len(raw) > SIZE_LIMIT:
        raise UnusableFile(f"{STANDARD_INPUT} has more than {SIZE_LIMIT} bytes; no credentials are so long")
    return decode(raw, STANDARD_INPUT)


def read_places(
    asked: CredentialSources, environ: Mapping[str, str], standard_input: Callable[[], str] = piped
) -> tuple[Place, ...]:
    """The files that ``…_FILE`` variables name, ``--credentials`` or the profile, ``--env-file``, then ``./.env``.

    Raises ``UnusableFile`` for a place that cannot be read.
    """
    dialect = dialect_of(asked.dialect)
    places: list[Place | None] = [_named_variables(asked, environ), _secret_files(environ)]
    places += [_credentials(asked, environ, dialect, standard_input), _unit(asked, environ)]
    places += [read_env_file(Path(asked.env_file), environ, dialect)] if asked.env_file is not None else []
    here = Path(".env")
    again = any(_same(named, here) for named in (asked.env_file, asked.credentials))
    if not asked.no_env_file and os.path.lexists(here) and not again:
        places.append(read_env_file(here, environ, dialect))
    return tuple(_with_names(place, asked) for place in places if place is not None)


def _named_variables(asked: CredentialSources, environ: Mapping[str, str]) -> Home | None:
    """The variables of the environment that the caller names."""
    found = tuple(
        Found(slot=slot, source=Source(kind="environment", variable=name), value=Secret(environ[name]))
        for slot, name in asked.names
        if name in environ
    )
    return Home(label="the environment", found=found) if found else None


def _with_names(place: Place, asked: CredentialSources) -> Place:
    named = {slot: name for slot, name in asked.names if isinstance(place, EnvFile) and name in place.lines}
    return replace(place, names={**place.names, **named}) if isinstance(place, EnvFile) and named else place


def _unit(asked: CredentialSources, environ: Mapping[str, str]) -> Home | None:
    """The values that systemd would give to a service."""
    if asked.unit is None:
        return None
    from okx_doctor.credentials.documents.unit_files import of_unit

    return of_unit(asked.unit, environ)


def profile_of(places: tuple[Place, ...]) -> str | None:
    """The profile that was read, where there is one."""
    return next((place.profile for place in places if place.profile), None)


def path_of(label: str) -> Path:
    """The file that a label of a place names. Raises ``UnusableFile`` where no home directory is known."""
    if label != OKX_CONFIG:
        return Path(label)
    try:
        return Path(label).expanduser()
    except RuntimeError:
        raise UnusableFile(f"cannot find {label}: no home directory is known; name it with --credentials") from None


def _secret_files(environ: Mapping[str, str]) -> Home | None:
    if not any(name.endswith("_FILE") and name.startswith("OK") for name in environ):
        return None
    from okx_doctor.credentials.documents.secret_files import from_variables

    return from_variables(environ)


def _credentials(
    asked: CredentialSources, environ: Mapping[str, str], dialect: Dialect, standard_input: Callable[[], str]
) -> Place | None:
    if asked.credentials is None and asked.profile is None:
        return None
    place = _named(asked, environ, dialect, standard_input)
    if isinstance(place, EnvFile):
        place = _of_set(place, asked.profile)
    if asked.profile is not None and not place.profile:
        raise UnusableFile(f"{place.label} has no profiles; leave --profile out")
    return place


def _named(
    asked: CredentialSources, environ: Mapping[str, str], dialect: Dialect, standard_input: Callable[[], str]
) -> Place:
    """The place that ``--credentials`` names, or OKX's own file of profiles."""
    from okx_doctor.credentials.documents import forms
    from okx_doctor.credentials.documents.secret_files import from_directory

    if asked.from_standard_input:
        return forms.read(standard_input(), STANDARD_INPUT, asked.profile, environ, dialect)
    label = OKX_CONFIG if asked.credentials is None else asked.credentials
    path = path_of(label)
    if is_folder(path):
        return from_directory(path)
    return forms.read(read_text(path, "credentials file", SIZE_LIMIT), label, asked.profile, environ, dialect)


def _of_set(file: EnvFile, profile: str | None) -> EnvFile:
    """An env file that was named: its variables with one more word in their names, or without OKX's.

    Raises ``UnusableFile`` for a profile that it does not have, and where several might be meant.
    """
    found = sets(file.lines)
    usual = any(name in file.lines for names in VARIABLES.values() for name in names)
    if profile is not None:
        if profile.lower() not in found:
            has = f"it has {', '.join(found)}" if found else "no variables are called OKX_NAME_API_KEY and so on"
            raise UnusableFile(f"{file.label} has no profile of that name; {has}")
        return replace(file, names=found[profile.lower()], profile=profile.lower())
    if usual:
        return file
    if len(found) > 1:
        raise UnusableFile(f"{file.label} holds several credentials: {', '.join(found)}; choose one with --profile")
    for word, names in found.items():
        return replace(file, names=names, profile=word)
    return replace(file, names=plain_names(file.lines))


def each_profile(asked: CredentialSources) -> tuple[CredentialSources, ...]:
    """The sources of every profile of a credentials file, by default of OKX's own, or of a directory of such
    directories as hold one key each. Raises ``UnusableFile`` where there is none."""
    label = OKX_CONFIG if asked.credentials is None else asked.credentials
    if label != "-" and is_folder(path_of(label)):
        found = folders_in(path_of(label))
        if not found:
            raise UnusableFile(f"{label} holds no directory for each key; leave --all-profiles out, or name a file")
        return tuple(replace(asked, credentials=str(folder)) for folder in found)
    return tuple(replace(asked, profile=name) for name in _profiles_of_file(label))


def folders_in(path: Path) -> tuple[Path, ...]:
    """The directories in a directory, in order, without hidden ones. Raises ``UnusableFile``."""
    try:
        inside = sorted(path.iterdir())
    except OSError as error:
        raise UnusableFile(f"cannot read the directory {path}: {error.strerror}") from None
    return tuple(each for each in inside if not each.name.startswith(".") and is_folder(each))


def _profiles_of_file(label: str) -> tuple[str, ...]:
    from okx_doctor.credentials.documents import forms

    if label == "-":
        raise UnusableFile(f"{STANDARD_INPUT} is read once; name a file whose profiles are meant")
    path = path_of(label)
    found = forms.profiles_in(read_text(path, "credentials file", SIZE_LIMIT), label)
    if not found:
        raise UnusableFile(f"{label} has no profiles with an API key and a secret key")
    return found


def _same(named: str | None, other: Path) -> bool:
    return named is not None and Path(named).exists() and other.exists() and Path(named).samefile(other)
