"""The one table of clients, in the order in which they are recognised: a bot goes before the library it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from okx_doctor.catalogue.clients.ccxt import (
    CCXT_GO,
    CCXT_NODE,
    CCXT_PHP,
    CCXT_PRO,
    CCXT_PYTHON,
    CCXT_SHARP,
    FREQTRADE,
    OCTOBOT,
)
from okx_doctor.catalogue.clients.client import Client, Setting
from okx_doctor.catalogue.clients.http import (
    AIOHTTP,
    AXIOS,
    BROWSER,
    CURL,
    DOTNET,
    FETCH,
    GO,
    GOT,
    HTTPX,
    JAVA,
    OKHTTP,
    PHP,
    REQUESTS,
    RUBY,
    RUST,
    URLLIB,
)
from okx_doctor.catalogue.clients.libraries import (
    GOCRYPTOTRADER,
    HUMMINGBOT,
    NAUTILUS,
    OKX_API,
    OKX_CLI,
    OKX_NET,
    OKX_SHARP_API,
    PYTHON_OKX,
    RUST_OKX,
    RUST_OKX_CLIENT,
    RUST_OKX_RS,
    XCHANGE,
)

BOTS: Final = (FREQTRADE, OCTOBOT, HUMMINGBOT, NAUTILUS, GOCRYPTOTRADER, OKX_CLI)
LIBRARIES: Final = (
    CCXT_PRO,
    CCXT_NODE,
    CCXT_PHP,
    CCXT_SHARP,
    CCXT_GO,
    CCXT_PYTHON,
    PYTHON_OKX,
    OKX_API,
    OKX_NET,
    OKX_SHARP_API,
    XCHANGE,
    RUST_OKX_CLIENT,
    RUST_OKX,
    RUST_OKX_RS,
)
HTTP_LIBRARIES: Final = (
    REQUESTS,
    HTTPX,
    AIOHTTP,
    URLLIB,
    AXIOS,
    FETCH,
    GOT,
    OKHTTP,
    JAVA,
    GO,
    PHP,
    DOTNET,
    RUBY,
    RUST,
    CURL,
    BROWSER,
)
CLIENTS: Final = (*BOTS, *LIBRARIES, *HTTP_LIBRARIES)
BY_ID: Final[Mapping[str, Client]] = {client.id: client for client in CLIENTS}

USUAL: Final = (CCXT_PYTHON, PYTHON_OKX, OKX_API)
"""The clients that are shown where none is recognised: the three most used."""

COLUMNS: Final = ("base_url", "demo", "passphrase", "proxy", "clock", "capture", "ca")
"""The settings that every client is asked for, beside its names for the sites."""


class Cell(NamedTuple):
    """A setting in the table: whose, and for what (``proxy``, ``site eea``, ``demo us``, ``socket 3.2.3``)."""

    client: str
    column: str
    verified: bool


def cells() -> Iterator[Cell]:
    """Every cell of the table that says something of a client."""
    for client in CLIENTS:
        named: dict[str, Setting] = {name: getattr(client, name) for name in COLUMNS}
        named |= {"live": client.live} if client.live else {}
        named |= {f"site {site}": setting for site, setting in client.sites.items()}
        named |= {f"demo {site}": setting for site, setting in client.demo_at.items()}
        for column, setting in named.items():
            yield Cell(client.id, column, setting.checked is not None)
        for socket in client.sockets:
            yield Cell(client.id, f"socket {socket.version}", socket.checked is not None)


def unverified() -> tuple[Cell, ...]:
    """The cells that were neither run nor read in the client itself."""
    return tuple(cell for cell in cells() if not cell.verified)
