"""Which section of a document holds OKX's credentials, and which of its keys is which value. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from okx_doctor.credentials import shapes
from okx_doctor.credentials.beside import demo_of, of_leaves
from okx_doctor.credentials.documents.home import Beside, Found, Home, Leaf, Source
from okx_doctor.credentials.files import UnusableFile
from okx_doctor.credentials.variables import (
    BASE_URL_VARIABLE,
    DEMO_VARIABLES,
    FREQTRADE_PREFIX,
    SITE_VARIABLE,
    VARIABLES,
)
from okx_doctor.observations import SLOTS, Slot
from okx_doctor.protocol.sites import SITE_IDS
from okx_doctor.secrets.secret import Secret

Path = tuple[str, ...]

FREQTRADE: Final[Path] = ("exchange",)
"""The section of freqtrade's ``config.json``."""

_TELLING: Final[tuple[Path, ...]] = (("default_profile",), (*FREQTRADE, "name"))
"""The values that say which section is meant; no other is opened for that."""

_OKX: Final = re.compile(r"(?:my)?oke?x", re.IGNORECASE)
"""``okx``, ``okex``, and ``myokx`` as ccxt calls the EEA site."""

_OKX_KEY: Final = re.compile(rf"ok(?:e?x)?[_-]|{FREQTRADE_PREFIX}", re.IGNORECASE)
_SETTINGS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    **dict.fromkeys(("site",), (SITE_VARIABLE, re.compile("|".join(SITE_IDS), re.IGNORECASE))),
    **dict.fromkeys(("baseurl", "apibaseurl"), (BASE_URL_VARIABLE, re.compile(".+"))),
}
"""Keys beside the values: the variable each stands for, and what it says where it means that."""

_MAX_NAMES_LISTED: Final = 8


def _plain(name: str) -> str:
    """A key without case, separators and the exchange's name before it: ``OKX_API_KEY`` and ``apiKey`` are one."""
    bare = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"^ok(?:x|ex)?(?=.)", "", bare)


_RANKS: Final[Mapping[Slot, tuple[str, ...]]] = {
    slot: tuple(dict.fromkeys(_plain(name) for name in VARIABLES[slot])) for slot in SLOTS
}
"""The keys of each slot, the usual one first. ``password`` is ccxt's and freqtrade's name for the passphrase."""


def slot_of(name: str) -> tuple[Slot, int] | None:
    """The slot that a key names, and how usual the name is (0 the most); ``None`` for any other key."""
    plain = _plain(name)
    for slot, names in _RANKS.items():
        if plain in names:
            return slot, names.index(plain)
    return None


def home(
    leaves: Sequence[Leaf], label: str, profile: str | None, quoted: Callable[[str], str], *, only_ours: bool = False
) -> Home:
    """The values of one section: of ``profile`` where it is named, else of the one that is OKX's.

    ``quoted`` writes a key's line as it should be. ``only_ours``: the reader left out what may be another's, so that
    a single section is the one. Raises ``UnusableFile`` where no section or no single one fits.
    """
    sections: dict[Path, list[Leaf]] = {}
    for leaf in leaves:
        if leaf.path and slot_of(leaf.path[-1]):
            sections.setdefault(leaf.path[:-1], []).append(leaf)
    texts = {leaf.path: leaf.text.reveal() for leaf in leaves if leaf.path in _TELLING}
    alone = next(iter(sections)) if only_ours and profile is None and len(sections) == 1 else ()
    chosen = alone or _named(sections, texts, label, profile) or _by_look(sections, texts, label)
    ccxt = chosen == FREQTRADE or any(leaf.path[-1] == "apiKey" for leaf in sections[chosen])
    found: list[tuple[Slot, int, int, Leaf]] = []
    for at, leaf in enumerate(sections[chosen]):
        if slot := slot_of(leaf.path[-1]):
            usual = -1 if ccxt and leaf.path[-1] == "password" else slot[1]  # ccxt takes no other name for it
            found.append((slot[0], usual, -at, leaf))  # loaders take the last of two equal keys
    found.sort(key=lambda row: (SLOTS.index(row[0]), *row[1:3]))
    around = [leaf for leaf in leaves if leaf.path[: len(chosen)] == chosen and not slot_of(leaf.path[-1])]
    found_beside = of_leaves(((leaf, _source(leaf, label)) for leaf in around), len(chosen), ccxt=ccxt)
    passphrase = next((leaf.text for slot, _, _, leaf in found if slot == "passphrase"), Secret(""))
    return Home(
        label=label,
        found=tuple(
            Found(
                slot=slot,
                source=_source(leaf, label),
                value=leaf.text,
                change=leaf.change,
                corrected=leaf.corrected or quoted(leaf.path[-1]),
                unfilled=leaf.unfilled,
            )
            for slot, _, _, leaf in found
        ),
        settings={**_settings([leaf for leaf in leaves if leaf.path[:-1] == chosen]), **_demo(found_beside)},
        profile=_name(chosen) if chosen and (profile is not None or chosen[:1] == ("profiles",)) else "",
        same_passphrase=_sharing(sections, chosen, passphrase),
        keys=frozenset(_keys(leaves)),
        beside=found_beside,
    )


def _demo(beside: Sequence[Beside]) -> dict[str, str]:
    """The bot's own setting of demo trading, by the name of our variable."""
    said = demo_of(beside)
    return {DEMO_VARIABLES[0]: said} if said else {}


def _keys(leaves: Sequence[Leaf]) -> Iterator[str]:
    """Every key of the document, and every key on the way to one, in full; and the last part of each."""
    for leaf in leaves:
        yield from leaf.path[-1:]
        for length in range(1, len(leaf.path) + 1):
            yield ".".join(leaf.path[:length])


def _source(leaf: Leaf, label: str) -> Source:
    if leaf.file:
        return Source(kind="env-file", variable=leaf.path[-1], file=leaf.file, line=leaf.line, home=label)
    return Source(kind="document", file=label, line=leaf.line, key=leaf.key or ".".join(leaf.path), home=label)


def profiles(leaves: Sequence[Leaf]) -> dict[str, Path]:
    """The sections of OKX's keys by their names, each as ``home`` takes it.

    Those below ``profiles``, else those that are OKX's by a name, else every one with an API key and a secret key:
    any other may well hold another exchange's, and is not read unasked.
    """
    sections: dict[Path, list[Leaf]] = {}
    for leaf in leaves:
        if leaf.path[:-1] and slot_of(leaf.path[-1]):
            sections.setdefault(leaf.path[:-1], []).append(leaf)
    chosen = [path for path in sections if path[:1] == ("profiles",) and len(path) > 1]
    chosen = chosen or [path for path, held in sections.items() if _is_okx(path, held)]
    chosen = chosen or [path for path, held in sections.items() if {"api_key", "secret"} <= _slots(held)]
    times = Counter(path[-1] for path in sections)
    return {path[-1] if times[path[-1]] == 1 else ".".join(path): path for path in chosen}


def _slots(leaves: Iterable[Leaf]) -> set[Slot]:
    return {found[0] for leaf in leaves if (found := slot_of(leaf.path[-1]))}


def _settings(leaves: Sequence[Leaf]) -> dict[str, str]:
    found = [
        (_SETTINGS[name], leaf.text) for leaf in leaves if leaf.path and (name := _plain(leaf.path[-1])) in _SETTINGS
    ]
    opened = [(*setting, text.reveal()) for setting, text in found]
    return {variable: text for variable, form, text in opened if form.fullmatch(text)}


def _named(sections: Mapping[Path, list[Leaf]], texts: Mapping[Path, str], label: str, profile: str | None) -> Path:
    """The section of the profile that is asked for, or of the one that OKX's own command line takes by default."""
    profiles = [path for path in sections if path[:1] == ("profiles",)]
    wanted = profile
    if wanted is None and len(profiles) > 1:
        wanted = texts.get(("default_profile",), "default")
    if wanted is None:
        return profiles[0] if profiles else ()
    found = [path for path in sections if path and wanted in (path[-1], ".".join(path))]
    found = found or [path for path in sections if wanted in path]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnusableFile(f"{label} has more than one profile of that name: {_list(found)}; write it in full")
    has = f"it has {_list(sections)}" if sections else "it has none"
    what = "the profile that is asked for" if profile is not None else "a profile called as its default_profile"
    raise UnusableFile(f"{label} does not hold {what}; {has}; name one with --profile")


def _by_look(sections: Mapping[Path, list[Leaf]], texts: Mapping[Path, str], label: str) -> Path:
    """The one section that is OKX's: by its name or its keys' names, else freqtrade's, else the top of the file.

    Any other section may well hold another exchange's or another service's keys, and is not read unasked. Raises
    ``UnusableFile``.
    """
    own = [path for path, leaves in sections.items() if _is_okx(path, leaves)]
    if len(own) > 1:
        raise UnusableFile(f"{label} holds several credentials: {_list(own)}; choose one with --profile")
    if own:
        return own[0]
    exchange = texts.get((*FREQTRADE, "name"), "")
    if FREQTRADE in sections and exchange and not _OKX.match(exchange):
        raise UnusableFile(f"{label} holds the credentials of another exchange, by its exchange.name")
    for path in (FREQTRADE, ()):
        if path in sections:
            return path
    if sections:
        raise UnusableFile(f"{label} has no section called okx; choose one with --profile: {_list(sections)}")
    raise UnusableFile(f"{label} holds no credentials: no apiKey, secret or password, or as OKX calls them")


def _is_okx(path: Path, leaves: Sequence[Leaf]) -> bool:
    return any(_OKX.match(part) for part in path) or any(_OKX_KEY.match(leaf.path[-1]) for leaf in leaves)


def _name(path: Path) -> str:
    """A section by the one of its keys that names it: the service of a Compose file, else the last."""
    return path[1] if path[:1] == ("services",) and path[-1] == "environment" else path[-1]


def _sharing(sections: Mapping[Path, list[Leaf]], chosen: Path, passphrase: Secret) -> tuple[str, ...]:
    """Sections beside the chosen one that have its passphrase with another key."""
    if not passphrase or shapes.shape(passphrase.reveal()) in ("placeholder", "reference", "empty"):
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
    names = [
        _name(path) if path[:1] == ("services",) else ".".join(path[path[:1] == ("profiles",) :]) or "its top"
        for path in paths
    ]
    more = f" and {len(names) - _MAX_NAMES_LISTED} more" if len(names) > _MAX_NAMES_LISTED else ""
    return ", ".join(names[:_MAX_NAMES_LISTED]) + more
