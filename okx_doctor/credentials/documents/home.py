"""What was found in one home of credentials: values with their places, and the settings beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from okx_doctor.credentials.mangling import Mangling
from okx_doctor.observations import Slot
from okx_doctor.secrets.secret import Secret, safe_repr


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """One scalar of a document: the keys that lead to it, and its text as a loader has it.

    ``line`` counts from 1 and is 0 where it is not known. ``change`` is what the loader made of what is written.
    """

    path: tuple[str, ...]
    text: Secret
    line: int
    change: Mangling | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value. ``key`` is its dotted key in a document, or the variable that names a secret file.

    ``corrected`` is the line as it should be written, with ``…`` for the value.
    """

    slot: Slot
    text: Secret
    file: str
    key: str = ""
    line: int = 0
    change: Mangling | None = None
    corrected: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One home. The first entry of a slot wins; later ones are what it hides.

    ``settings`` are by the names of their variables. ``profile`` is the section that was chosen by name, else empty;
    ``same_passphrase`` names the profiles of other keys that share its passphrase.
    """

    label: str
    entries: tuple[Entry, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""
    same_passphrase: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return safe_repr(self, "label", "entries", "profile", "same_passphrase")

    def setting(self, name: str) -> str:
        """What this home sets a variable to; empty where it does not."""
        return self.settings.get(name, "")
