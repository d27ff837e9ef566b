"""Which section of a document holds OKX's credentials, and which of its keys is which value. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from okx_doctor.credentials import shapes
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.homes.home import Entry, Home, Leaf
from okx_doctor.names import BASE_URL_VARIABLE, DEMO_VARIABLES, SITE_VARIABLE, VARIABLES
from okx_doctor.observations import SLOTS, Slot

Path = tuple[str, ...]

_OKX: Final = re.compile(r"(?:my)?ok(?:x|ex)(?:$|[^a-z].*|us|eu|demo|live|api)", re.IGNORECASE)
"""``okx`` and ``okex``; ``myokx`` and ``okxus`` as ccxt calls OKX's other sites."""

_ALSO: Final[Mapping[Slot, tuple[str, ...]]] = {
    "api_key": ("api_key_id",),
    "secret": ("private_key",),
    "passphrase": (),
}
_SETTINGS: Final[Mapping[str, str]] = {
    "site": SITE_VARIABLE,
    "demo": DEMO_VARIABLES[0],
    "sandbox": DEMO_VARIABLES[0],
    "simulated": DEMO_VARIABLES[0],
    "flag": DEMO_VARIABLES[0],
    "baseurl": BASE_URL_VARIABLE,
    "apibaseurl": BASE_URL_VARIABLE,
}
_OKX_KEY: Final = re.compile(r"ok(?:x|ex)?[_-]", re.IGNORECASE)
_NONE: Final = 5
_SHOWN: Final = 8


def _plain(name: str) -> str:
    """A key without case, separators and the exchange's name before it: ``OKX_API_KEY`` and ``apiKey`` are one."""
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"^ok(?:x|ex)?(?=.)", "", bare)


_RANKS: Final[Mapping[Slot, tuple[str, ...]]] = {
    slot: tuple(dict.fromkeys(_plain(name) for name in (*VARIABLES[slot], *_ALSO[slot]))) for slot in SLOTS
}
"""The keys of each slot, the usual one first. ``password`` is ccxt's and freqtrade's name for the passphrase."""


def slot_of(name: str) -> tuple[Slot, int] | None:
    """The slot that a key names, and how usual the name is (0 the most); ``None`` for any other key."""
    plain = _plain(name)
    for slot, names in _RANKS.items():
        if plain in names:
            return slot, names.index(plain)
    return None


def home(leaves: Sequence[Leaf], label: str, profile: str | None, quoted: Callable[[str], str]) -> Home:
    """The values of one section: of ``profile`` where it is named, else of the one that is OKX's.

    ``quoted`` writes a key's line as it should be. Raises ``UnusableFile`` where no section or no single one fits.
    """
    sections: dict[Path, list[Leaf]] = {}
    for leaf in leaves:
        if leaf.path and slot_of(leaf.path[-1]):
            sections.setdefault(leaf.path[:-1], []).append(leaf)
    texts = {leaf.path: leaf.text for leaf in leaves}
    chosen = _named(sections, texts, label, profile) or _by_look(sections, texts, label)
    ccxt = chosen[-1:] == ("exchange",) or any(leaf.path[-1] == "apiKey" for leaf in sections[chosen])
    found: list[tuple[Slot, int, int, Leaf]] = []
    for at, leaf in enumerate(sections[chosen]):
        if slot := slot_of(leaf.path[-1]):
            usual = -1 if ccxt and leaf.path[-1] == "password" else slot[1]  # ccxt takes no other name for it
            found.append((slot[0], usual, -at, leaf))  # of a key that stands twice loaders take the last
    found.sort(key=lambda row: (SLOTS.index(row[0]), *row[1:3]))
    passphrase = next((leaf.text for slot, _, _, leaf in found if slot == "passphrase"), "")
    return Home(
        label=label,
        entries=tuple(
            Entry(
                slot=slot,
                text=leaf.text,
                file=label,
                key=".".join(leaf.path),
                line=leaf.line,
                change=leaf.change,
                corrected=quoted(leaf.path[-1]),
            )
            for slot, _, _, leaf in found
        ),
        settings={
            _SETTINGS[plain]: leaf.text
            for leaf in leaves
            if leaf.path[:-1] == chosen and (plain := _plain(leaf.path[-1])) in _SETTINGS
        },
        profile=chosen[-1] if chosen and (profile is not None or chosen[:1] == ("profiles",)) else "",
        same_passphrase=_sharing(sections, chosen, passphrase),
    )


def _named(sections: Mapping[Path, list[Leaf]], texts: Mapping[Path, str], label: str, profile: str | None) -> Path:
    """The section of the profile that is asked for, or of the one that OKX's own command line takes by default."""
    profiles = [path for path in sections if path[:1] == ("profiles",)]
    wanted = profile
    if wanted is None and len(profiles) > 1:
        wanted = texts.get(("default_profile",), "default")
    if wanted is None:
        return profiles[0] if profiles else ()
    found = [path for path in sections if path and wanted in (path[-1], ".".join(path))]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnusableFile(f"{label} has more than one profile of that name: {_list(found)}; write it in full")
    has = f"it has {_list(sections)}" if sections else "it has none"
    what = "the profile that is asked for" if profile is not None else "a profile called as its default_profile"
    raise UnusableFile(f"{label} does not hold {what}; {has}; name one with --profile")


def _by_look(sections: Mapping[Path, list[Leaf]], texts: Mapping[Path, str], label: str) -> Path:
    """The one section that can be OKX's. Raises ``UnusableFile``."""
    ranked: dict[int, list[Path]] = {}
    for path, leaves in sections.items():
        ranked.setdefault(_rank(path, leaves), []).append(path)
    ranked.pop(_NONE, None)
    if not ranked:
        raise UnusableFile(f"{label} holds no credentials: no apiKey, secret or password, or as OKX calls them")
    best = ranked[min(ranked)]
    if len(best) > 1:
        raise UnusableFile(f"{label} holds several credentials: {_list(best)}; choose one with --profile")
    exchange = texts.get((*best[0], "name"), "")
    if best[0] == ("exchange",) and exchange and not _OKX.fullmatch(exchange):
        raise UnusableFile(f"{label} holds the credentials of another exchange, by its exchange.name")
    return best[0]


def _rank(path: Path, leaves: Sequence[Leaf]) -> int:
    """How much a section looks like OKX's, 0 the most: by its name or its keys' names, then by what it holds."""
    slots = {slot[0] for leaf in leaves if (slot := slot_of(leaf.path[-1]))}
    if any(_OKX.fullmatch(part) for part in path) or any(_OKX_KEY.match(leaf.path[-1]) for leaf in leaves):
        return 0
    if path == ("exchange",):  # freqtrade's
        return 1
    if len(slots) > 1:
        return 3 if path else 2
    return _NONE if path else 4


def _sharing(sections: Mapping[Path, list[Leaf]], chosen: Path, passphrase: str) -> tuple[str, ...]:
    """Sections beside the chosen one that have its passphrase with another key."""
    if not passphrase or shapes.shape(passphrase) in ("placeholder", "empty"):
        return ()
    own = {leaf.text for leaf in sections[chosen] if (found := slot_of(leaf.path[-1])) and found[0] == "api_key"}
    sharing: list[str] = []
    for path, leaves in sections.items():
        if path == chosen or not path or path[:-1] != chosen[:-1]:
            continue
        held = {(found[0], leaf.text) for leaf in leaves if (found := slot_of(leaf.path[-1]))}
        if ("passphrase", passphrase) in held and not any(("api_key", key) in held for key in own):
            sharing.append(path[-1])
    return tuple(sharing)


def _list(paths: Sequence[Path] | Mapping[Path, object]) -> str:
    names = [".".join(path[path[:1] == ("profiles",) :]) or "its top" for path in paths]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
