"""Settings of the bot's own beside its credentials: proxy, demo trading, headers; one that is not used says why. Pure.

The names are ccxt's (and freqtrade's, which hands ``ccxt_config`` on), those of OKX's own command line
(``proxy_url``), of okx-api, nautilus_trader and OctoBot, and the variables that HTTP libraries read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from okx_doctor.credentials.documents.home import Beside, Leaf, Source
from okx_doctor.credentials.env_file import EnvFile
from okx_doctor.credentials.variables import DEMO_VARIABLES, FREQTRADE_PREFIX
from okx_doctor.protocol.sites import is_loopback_url
from okx_doctor.secrets.secret import Secret

_HANDED_ON: Final = ("ccxtconfig", "ccxtsyncconfig", "ccxtasyncconfig")
_PROXIES: Final = ("httpsproxy", "socksproxy", "aiohttpproxy", "allproxy", "proxy", "proxyurl", "proxyaddress")
_OF_CCXT: Final = ("httpsproxy", "socksproxy", "aiohttpproxy")
_DEMO: Final = (
    *("demo", "sandbox", "simulated", "flag", "testnet", "sandboxed", "demotrading", "isdemo", "simulatedtrading"),
    *(re.sub("[^a-z]", "", name.lower()).removeprefix("okx") for name in DEMO_VARIABLES),
)
_WORDS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "on", "demo"), True),
    **dict.fromkeys(("0", "false", "no", "off", "live"), False),
}

_A_PREFIX: Final = "ccxt puts it in front of every address, as a relay for web pages; a proxy is its httpsProxy"
_FOR_HTTP: Final = "it is for http addresses, and OKX's are https; write httpsProxy"
_NO_HEADER: Final = 'ccxt sends no x-simulated-trading for it alone; write "sandbox": true in its place'
_REFUSED: Final = 'freqtrade refuses it for OKX; write "ccxt_config": {"options": {"sandbox": true}}'
_OWN_HEADERS: Final = "okx-doctor sends headers of its own"
_CONTAINERS: Final = "it is the container's, and okx-doctor does not run there"
ITSELF: Final = (
    "in a container 127.0.0.1 is the container itself: write the name of the proxy's service, or host.docker.internal"
)


def demo_word(text: str) -> bool | None:
    """Whether a text says demo trading or live; ``None`` where it says neither."""
    return _WORDS.get(text.strip().strip("\"'").lower())


def of_leaves(leaves: Iterable[tuple[Leaf, Source]], above: int, *, ccxt: bool) -> tuple[Beside, ...]:
    """Those of one section of a document, whose keys begin behind the first ``above`` ones of each leaf.

    A leaf without any more is a value that a document has under the section's own name.
    """
    within = ((leaf, source) for leaf, source in leaves if len(leaf.path) > above)
    found = (_beside(leaf.path[above:], leaf.text, source, ccxt) for leaf, source in within)
    return tuple(each for each in found if each)


def of_env_file(file: EnvFile) -> tuple[Beside, ...]:
    """Those of an env file, freqtrade's long names among them."""
    found = (
        _of_variable(
            line.name, line.value, Source(kind="env-file", variable=line.name, file=file.label, line=line.number)
        )
        for line in file.lines.values()
        if line.value and is_setting(line.name)
    )
    return tuple(each for each in found if each)


def of_environment(environ: Mapping[str, str]) -> tuple[Beside, ...]:
    """Freqtrade's in the environment; its proxy variables are taken as every program takes them."""
    found = (
        _of_variable(name, Secret(text), Source(kind="environment", variable=name))
        for name, text in environ.items()
        if name.startswith(FREQTRADE_PREFIX)
    )
    return tuple(each for each in found if each)


def is_setting(name: str) -> bool:
    """Whether a variable may be one of these."""
    return name.startswith(FREQTRADE_PREFIX) or name in DEMO_VARIABLES or name.lower() in ("https_proxy", "all_proxy")


def in_force(rows: Iterable[Beside], *, demo_by: str, proxy_by: str) -> tuple[Beside, ...]:
    """The settings of all places, in the order in which these win, with why the later ones are not used.

    ``demo_by`` and ``proxy_by`` are what decides before any file does, empty where nothing does; a document's proxy is
    the bot's own and wins over one of the environment.
    """
    first: dict[str, Beside] = {}
    found: list[Beside] = []
    for row in rows:
        if row.kind == "demo" and row.used and demo_by:
            found.append(replace(row, used=False, remark=f"{demo_by} decides"))
        elif row.kind == "proxy" and row.used and row.source.kind == "env-file" and proxy_by:
            found.append(replace(row, used=False, remark=f"{proxy_by} decides"))
        elif row.used and first.setdefault(row.kind, row).value != row.value:
            found.append(replace(row, used=False, remark=f"{first[row.kind].source} decides"))
        else:
            found.append(row)
    return tuple(found)


def proxy_of(rows: Iterable[Beside]) -> str:
    """The proxy that is to be used, empty for none."""
    return next((row.value.reveal() for row in rows if row.kind == "proxy" and row.used), "")


def demo_of(rows: Iterable[Beside]) -> str:
    """``demo`` or ``live``, as the first of them says; empty where none does."""
    return next((row.value.reveal() for row in rows if row.kind == "demo" and row.used), "")


def passwords(rows: Iterable[Beside]) -> tuple[Secret, ...]:
    """The passwords in the addresses of proxies."""
    return tuple(found for row in rows if row.kind == "proxy" and (found := row.value.changed(_password)))


def _password(url: str) -> str:
    try:
        return urlsplit(url).password or ""
    except ValueError:
        return ""


def in_container(beside: Beside) -> Beside:
    """The same as it is in the container of a service: a proxy there is not one of this machine's."""
    if beside.kind != "proxy":
        return beside
    itself = f"; {ITSELF}" if is_loopback_url(beside.value.reveal()) else ""
    return replace(beside, used=False, remark=_CONTAINERS + itself)


def _of_variable(name: str, value: Secret, source: Source) -> Beside | None:
    path = tuple(name.removeprefix(FREQTRADE_PREFIX).split("__")) if name.startswith(FREQTRADE_PREFIX) else (name,)
    return _beside(path, value, source, ccxt=name.startswith(FREQTRADE_PREFIX))


def _beside(path: tuple[str, ...], value: Secret, source: Source, ccxt: bool) -> Beside | None:
    names = [re.sub(r"[^a-z0-9]", "", part.lower()) for part in path]
    if names[:1] and names[0] in _HANDED_ON:
        names, ccxt = names[1:], True
    elif path[-1] == "demo_trading" and ccxt:
        return _demo(value, source, _REFUSED)
    match names:
        case ["proxies", "https"]:
            return Beside(kind="proxy", value=value.changed(_address), source=source) if value else None
        case ["proxyurl"] if ccxt:
            return Beside(kind="proxy", value=value.changed(_address), source=source, used=False, remark=_A_PREFIX)
        case ["httpproxy"] | ["proxies", "http"] if ccxt:
            return Beside(kind="proxy", value=value.changed(_address), source=source, used=False, remark=_FOR_HTTP)
        case [name] if name in _PROXIES and (not ccxt or name in _OF_CCXT):
            return Beside(kind="proxy", value=value.changed(_address), source=source) if value else None
        case ["options", "sandboxmode"]:
            return _demo(value, source, _NO_HEADER)
        case ["options", "sandbox" | "testnet"] | ["headers", "xsimulatedtrading"]:
            return _demo(value, source)
        case [name] if name.removeprefix("okx") in _DEMO:
            return _demo(value, source)
        case ["headers", _]:
            return Beside(kind="header", value=Secret(path[-1]), source=source, used=False, remark=_OWN_HEADERS)
        case _:
            return None


def _demo(value: Secret, source: Source, remark: str = "") -> Beside | None:
    said = demo_word(value.reveal())
    if said is None:
        return None
    return Beside(kind="demo", value=Secret("demo" if said else "live"), source=source, used=not remark, remark=remark)


def _address(text: str) -> str:
    bare = text.strip()
    return bare if "://" in bare else f"http://{bare}"
