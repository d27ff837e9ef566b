"""The keys to watch: each with a name, its values and its settings, read anew whenever their files change."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Final

from msgspec import Struct

from okx_doctor.credentials.documents import forms
from okx_doctor.credentials.documents.home import Leaf
from okx_doctor.credentials.documents.sections import home, slot_of
from okx_doctor.credentials.documents.sections import profiles as named_sections
from okx_doctor.credentials.files import UnusableFile, is_folder, read_text
from okx_doctor.credentials.load import Credentials, load_credentials
from okx_doctor.credentials.places import (
    OKX_CONFIG,
    CredentialSources,
    Place,
    folders_in,
    path_of,
    profile_of,
    read_places,
)
from okx_doctor.credentials.variables import VARIABLES
from okx_doctor.secrets.secret import MASK, Secret, shows_only

_CREDENTIAL_NAMES: Final = frozenset(name for names in VARIABLES.values() for name in names)
_CREDENTIAL_LIKE: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_Section = tuple[str, ...]
_MAX_FOLDERS: Final = 10_000
_MAX_SHARING: Final = 8
_SIZE_LIMIT: Final = 1 << 20
"""Bytes of a file of profiles, which has some hundred and fifty for each."""

DEFAULT_NAME: Final = "default"


@shows_only("name")
class Profile(Struct, frozen=True, kw_only=True):
    """One key to watch. ``name`` holds nothing secret."""

    name: str
    places: tuple[Place, ...]
    credentials: Credentials


class Reading(Struct, frozen=True, kw_only=True):
    """The keys that were found, a line for each oddity, and by its name why one that is there cannot be read."""

    profiles: tuple[Profile, ...]
    complaints: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()


def read_profiles(asked: CredentialSources, environ: Mapping[str, str], *, everyone: bool) -> Reading:
    """Read the one key that is asked for, or ``everyone``'s of its file or directory.

    With ``everyone`` no credential of the environment is taken, since it would replace that of each profile. Raises
    ``UnusableFile`` where nothing can be read.
    """
    if not everyone:
        places = read_places(asked, environ)
        credentials = load_credentials(environ, places)
        return Reading(profiles=(_profile(profile_of(places) or DEFAULT_NAME, places, credentials),))
    label = OKX_CONFIG if asked.credentials is None else asked.credentials
    path = path_of(label)
    found = _folders(path, environ) if is_folder(path) else _sections(path, label, environ)
    if not found.profiles:
        raise UnusableFile(next((why for _, why in found.unread), f"{label} holds no profile with OKX's credentials"))
    return found


class Shard(Struct, frozen=True, kw_only=True):
    """One of ``number`` parts of the keys, counted from 0. The parts are disjoint and together all keys."""

    index: int
    number: int

    def holds(self, name: str) -> bool:
        """Whether a key of this name is in it.

        Each part draws a number by the name, and the highest has the key: where a part joins or leaves, no key moves
        between two others.
        """
        return self.index == max(range(self.number), key=lambda index: sha256(f"{index} {name}".encode()).digest())


def of_shard(read: Reading, shard: Shard) -> Reading:
    """The keys of one part alone; every part names the oddities."""
    mine = tuple(profile for profile in read.profiles if shard.holds(profile.name))
    unread = tuple((name, why) for name, why in read.unread if shard.holds(name))
    return Reading(profiles=mine, complaints=read.complaints, unread=unread)


def without_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without the variables that hold credentials, or name a file of one."""
    return {name: value for name, value in environ.items() if name.removesuffix("_FILE") not in _CREDENTIAL_NAMES}


def fingerprint(asked: CredentialSources) -> tuple[object, ...]:
    """A value that is another one when the files of the credentials are: also after Kubernetes' swap of a symlink."""
    named = (asked.credentials or OKX_CONFIG, asked.env_file, None if asked.no_env_file else ".env")
    found: list[object] = []
    for label in filter(None, named):
        try:
            found += _marks(path_of(label))
        except UnusableFile:
            continue
    return tuple(found)


def _marks(path: Path, depth: int = 2) -> list[object]:
    """Marks by which a file or folder, and its content, differs from another of that name."""
    try:
        status = path.stat()
        marks: list[object] = [(path.name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)]
        if depth and is_folder(path):
            with os.scandir(path) as listing:
                names = sorted(entry.name for entry in listing if not entry.name.startswith(".."))
            for name in names[:_MAX_FOLDERS]:
                marks += _marks(path / name, depth - 1)
    except OSError as error:
        return [(path.name, error.errno)]
    return marks


def _profile(name: str, places: tuple[Place, ...], credentials: Credentials) -> Profile:
    plain = MASK if Secret(name) in credentials.secrets() else _CREDENTIAL_LIKE.sub(MASK, name)
    return Profile(name=plain, places=places, credentials=credentials)


def _folders(path: Path, environ: Mapping[str, str]) -> Reading:
    """A directory of secret files is one key; one of such directories is one key each, by their names."""
    from okx_doctor.credentials.documents.secret_files import from_directory

    profiles: list[Profile] = []
    unread: list[tuple[str, str]] = []
    plain = without_credentials(environ)
    for folder in folders_in(path) or (path,):
        try:
            places: tuple[Place, ...] = (from_directory(folder),)
        except UnusableFile as error:
            unread.append((folder.name, str(error)))
            continue
        profiles.append(_profile(folder.name, places, load_credentials(plain, places)))
    return Reading(profiles=tuple(profiles), unread=tuple(unread))


def _sections(path: Path, label: str, environ: Mapping[str, str]) -> Reading:
    text = read_text(path, "credentials file", _SIZE_LIMIT)
    form = forms.form_of(label, text)
    if form == "env":
        raise UnusableFile(f"{label} has no profiles; leave --all-profiles out")
    reader = _reader(form)
    leaves: Sequence[Leaf] = reader.leaves(text, label)
    counted = Counter(leaf.path for leaf in leaves if leaf.path and slot_of(leaf.path[-1]))
    twice = {path[:-1] for path, times in counted.items() if times > 1}
    found = named_sections(leaves)
    complaints = [
        f"{label} sets {'.'.join(section)} twice; the last is watched: give each profile a name of its own"
        for section in found.values()
        if section in twice
    ]
    profiles: list[Profile] = []
    unread: list[tuple[str, str]] = []
    plain = without_credentials(environ)
    near = _neighbours(leaves)
    for name, section in found.items():
        try:
            places: tuple[Place, ...] = (home(near(section), label, ".".join(section), reader.quoted),)
        except UnusableFile as error:
            unread.append((name, str(error)))
            continue
        profiles.append(_profile(name, places, load_credentials(plain, places)))
    return Reading(profiles=_distinct(profiles), complaints=tuple(complaints), unread=tuple(unread))


def _neighbours(leaves: Sequence[Leaf]) -> Callable[[_Section], list[Leaf]]:
    """Gives the leaves of a section, with those of some sections that share its passphrase.

    To look through all leaves for each section would take a minute for a thousand of them.
    """
    held: dict[_Section, list[Leaf]] = {}
    sharing: dict[Secret, dict[_Section, None]] = {}
    for leaf in leaves:
        held.setdefault(leaf.path[:-1], []).append(leaf)
        slot = slot_of(leaf.path[-1]) if leaf.path else None
        if slot and slot[0] == "passphrase":
            sharing.setdefault(leaf.text, {})[leaf.path[:-1]] = None

    def near(section: _Section) -> list[Leaf]:
        others = {other: None for leaf in held[section] for other in islice(sharing.get(leaf.text, ()), _MAX_SHARING)}
        return [leaf for each in {section: None, **others} for leaf in held[each]]

    return near


def _reader(form: str) -> ModuleType:
    from okx_doctor.credentials.documents import json, toml, yaml

    return {"json": json, "toml": toml, "yaml": yaml}[form]


def _distinct(profiles: Sequence[Profile]) -> tuple[Profile, ...]:
    """The profiles with a number behind each name that another has too, masked names above all."""
    seen: Counter[str] = Counter()
    found: list[Profile] = []
    for profile in profiles:
        seen[profile.name] += 1
        again = seen[profile.name] > 1
        name = f"{profile.name} #{seen[profile.name]}" if again else profile.name
        found.append(Profile(name=name, places=profile.places, credentials=profile.credentials))
    return tuple(found)
