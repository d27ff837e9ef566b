"""The contents of one document with credentials: values with their places, and the settings beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct, field

from okx_doctor.credentials.dialects import DEFAULT, Dialect
from okx_doctor.credentials.env_file import Line
from okx_doctor.credentials.mangling import LoaderChange
from okx_doctor.credentials.references import Reference
from okx_doctor.observations import Slot
from okx_doctor.secrets.secret import Secret, shows_only

STANDARD_INPUT: Final = "standard input"


class Leaf(Struct, frozen=True, kw_only=True):
    """One scalar of a document: the keys that lead to it, and its text as a loader has it.

    ``line`` counts from 1 and is 0 where it is not known. ``change`` is what the loader made of what is written.
    ``unfilled`` is the reference that left it empty. ``file`` is the env file that it came from, where the document
    names one; ``key`` is how its place is shown where the keys are not enough, ``corrected`` how it should be written
    where its form has more than one way.
    """

    path: tuple[str, ...]
    text: Secret
    line: int
    change: LoaderChange | None = None
    unfilled: Reference | None = None
    file: str = ""
    key: str = ""
    corrected: str = ""


class Source(Struct, frozen=True, kw_only=True):
    """Where a value came from: a variable of the environment, a place in a file, or the caller's own code.

    ``key`` is the dotted key in a document, or the variable that names a secret file; ``home`` the whole that a file
    belongs to where it is not the file itself. ``line`` is 0 where it is not known or has no meaning.
    """

    kind: Literal["environment", "env-file", "document", "secret-file", "argument"]
    variable: str = ""
    file: str = ""
    line: int = 0
    key: str = ""
    home: str = ""

    @property
    def place(self) -> str:
        """The source as a whole, the same for all values that came from it."""
        match self.kind:
            case "environment":
                return "the environment"
            case "argument":
                return "the caller"
            case _:
                return self.home or self.file

    @property
    def where(self) -> str:
        """File and line, as far as they are known."""
        return f"{self.file} line {self.line}" if self.line else self.file

    @property
    def on_disk(self) -> bool:
        """Whether the value is in a file that can be read again."""
        return bool(self.file) and self.file != STANDARD_INPUT

    def __str__(self) -> str:
        match self.kind:
            case "environment":
                return f"{self.variable} in the environment"
            case "env-file":
                return f"{self.variable} in {self.where}"
            case "document":
                return f"{self.key} in {self.where}"
            case "secret-file":
                return f"{self.file} ({self.key})" if self.key else self.file
            case "argument":
                return "the caller's own value"


@shows_only("kind", "source", "used", "remark")
class Beside(Struct, frozen=True, kw_only=True):
    """A setting of the bot's own beside its credentials: a proxy's address, ``demo`` or ``live``, a header's name.

    ``remark`` says why it is not ``used``.
    """

    kind: Literal["proxy", "demo", "header"]
    value: Secret
    source: Source
    used: bool = True
    remark: str = ""


class Found(Struct, frozen=True, kw_only=True):
    """A value in one source. ``in_env_file`` is its line, where the source is an env file that ``loader`` reads.

    ``change`` tells how its loader changed the value, ``corrected`` is the line as it should be written, with ``…`` for
    the value. ``unfilled`` is the reference that left it empty.
    """

    slot: Slot
    source: Source
    value: Secret
    change: LoaderChange | None = None
    corrected: str = ""
    unfilled: Reference | None = None
    in_env_file: Line | None = None
    loader: Dialect = DEFAULT


@shows_only("label", "found", "profile", "same_passphrase")
class Home(Struct, frozen=True, kw_only=True):
    """One home. The first value of a slot wins; later ones are what it hides.

    ``settings`` are by the names of their variables. ``profile`` is the section that was chosen by name, else empty;
    ``same_passphrase`` names the profiles of other keys that share its passphrase. ``keys`` are the dotted keys of
    the whole document, and the last part of each. ``beside`` are its settings of proxy, demo trading and headers.
    """

    label: str
    found: tuple[Found, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    profile: str = ""
    same_passphrase: tuple[str, ...] = ()
    keys: frozenset[str] = frozenset()
    beside: tuple[Beside, ...] = ()

    def setting(self, name: str) -> str:
        """The value that this document sets a variable to; empty where it does not."""
        return self.settings.get(name, "")

    def found_for(self, slot: Slot) -> list[Found]:
        """Its values for a slot, the one in force first."""
        return [found for found in self.found if found.slot == slot]
