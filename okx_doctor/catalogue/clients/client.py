"""A client as a value: its marks, its own name for each setting, and how each of these was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct, field


class Checked(Struct, frozen=True):
    """The version of the client itself that was looked at; ``run``: the setting was tried in it, not only read."""

    version: str
    how: Literal["run", "read"]


class Setting(Struct, frozen=True, kw_only=True):
    """The lines to write for something; no line: the client has no setting for it, and ``note`` says so.

    A line may hold ``{rest}`` (a base URL, ``https://eea.okx.com``) and ``{socket}`` (``wss://wseea.okx.com``); one
    that holds ``{socket}`` is left out where no socket's address is known. ``checked`` is ``None`` for a setting that
    was neither run nor read in the client itself.
    """

    lines: tuple[str, ...] = ()
    note: str = ""
    checked: Checked | None = None


class Socket(Struct, frozen=True, kw_only=True):
    """The port of OKX's that a version dials by itself, and an address of its own with it; 0: the user gives it."""

    version: str
    port: int
    address: str = ""
    checked: Checked | None = None


class Bug(Struct, frozen=True, kw_only=True):
    """A fault of the client's own that looks like one of the credentials, and where it was reported or seen."""

    versions: str
    fault: str
    address: str


UNKNOWN: Final = Setting()
"""A setting that nobody looked for yet."""


class Client(Struct, frozen=True, kw_only=True):
    """One client.

    ``idiom`` is whose words tell how to build a request (``requests``, ``axios``); empty where the client builds it.
    Patterns are searched regardless of case: ``agents`` in a User-Agent, ``files`` in a file's path, ``logs`` in a
    log. ``names`` are groups of variable names or dotted keys of a file; a group all of which is there tells it.

    ``sites`` are the sites that it has a name for; any other is set by ``base_url``. ``demo`` is added to the site's
    lines, unless ``demo_at`` has the site; ``live`` where demo trading is the client's default.
    """

    id: str
    name: str
    language: str
    idiom: str = ""
    agents: str = ""
    names: tuple[tuple[str, ...], ...] = ()
    files: str = ""
    logs: str = ""
    sites: Mapping[str, Setting] = field(default_factory=dict)
    demo: Setting = UNKNOWN
    demo_at: Mapping[str, Setting] = field(default_factory=dict)
    live: Setting | None = None
    base_url: Setting = UNKNOWN
    passphrase: Setting = UNKNOWN
    proxy: Setting = UNKNOWN
    clock: Setting = UNKNOWN
    capture: Setting = UNKNOWN
    ca: Setting = UNKNOWN
    sockets: tuple[Socket, ...] = ()
    bugs: tuple[Bug, ...] = ()
