"""Signing schemes as facts: OKX's, and those of the exchanges whose scheme is nearly the same."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from msgspec import Struct

Part = Literal["timestamp", "method", "path", "query", "nonce", "body"]
TimestampForm = Literal["iso-ms", "epoch-ms", "epoch-s"]


class Names(NamedTuple):
    """The names of the four values of a signed call: headers of a request, or fields of a login."""

    key: str
    sign: str
    timestamp: str
    passphrase: str


class Login(NamedTuple):
    """A WebSocket login: the request that its signature stands for, and the fields that carry the four values."""

    method: str
    path: str
    timestamp: TimestampForm
    fields: Names


class Scheme(Struct, frozen=True, kw_only=True):
    """How an exchange wants a request signed: HMAC over ``layout``, keyed with the secret, in the header ``sign``.

    ``sorts_query``: the query is signed sorted by name and not percent-encoded, whatever is sent. ``decodes_secret``:
    the key is what the secret is the base64 of. ``signs_passphrase``: what is sent for the passphrase is its own
    signature with the secret. ``day`` is the day on which the source was last read.
    """

    exchange: str
    headers: Names
    source: str
    day: str
    layout: tuple[Part, ...] = ("timestamp", "method", "path", "query", "body")
    timestamp: TimestampForm
    sorts_query: bool = False
    decodes_secret: bool = False
    signs_passphrase: bool = False
    digest: str = "sha256"
    encoding: Literal["base64", "base64-of-hex"] = "base64"
    demo_header: str = ""
    nonce_header: str = ""
    login: Login | None = None

    @property
    def prefix(self) -> str:
        """The beginning that the four headers share, as ``OK-ACCESS-``."""
        return self.headers.key.removesuffix("KEY")


LOGIN: Final = Login(
    method="GET",
    path="/users/self/verify",
    timestamp="epoch-s",
    fields=Names("apiKey", "sign", "timestamp", "passphrase"),
)

OKX: Final = Scheme(
    exchange="OKX",
    headers=Names("OK-ACCESS-KEY", "OK-ACCESS-SIGN", "OK-ACCESS-TIMESTAMP", "OK-ACCESS-PASSPHRASE"),
    timestamp="iso-ms",
    demo_header="x-simulated-trading",
    login=LOGIN,
    source="https://www.okx.com/docs-v5/en/#overview-rest-authentication-signature and #overview-websocket-login",
    day="2026-07-13",
)

_CCXT: Final = "https://github.com/ccxt/ccxt 4.5.90, sign() of each exchange"
_READ: Final = "2026-11-26"
_ACCESS: Final = Names("ACCESS-KEY", "ACCESS-SIGN", "ACCESS-TIMESTAMP", "ACCESS-PASSPHRASE")

NEIGHBOURS: Final[tuple[Scheme, ...]] = (
    Scheme(
        exchange="Deepcoin",
        headers=Names("DC-ACCESS-KEY", "DC-ACCESS-SIGN", "DC-ACCESS-TIMESTAMP", "DC-ACCESS-PASSPHRASE"),
        timestamp="iso-ms",
        source=_CCXT,
        day=_READ,
    ),
    Scheme(
        exchange="Bitget",
        headers=_ACCESS,
        sorts_query=True,
        timestamp="epoch-ms",
        demo_header="PAPTRADING",
        source=_CCXT,
        day=_READ,
    ),
    Scheme(exchange="WEEX", headers=_ACCESS, timestamp="epoch-ms", source=_CCXT, day=_READ),
    Scheme(
        exchange="KuCoin",
        headers=Names("KC-API-KEY", "KC-API-SIGN", "KC-API-TIMESTAMP", "KC-API-PASSPHRASE"),
        timestamp="epoch-ms",
        signs_passphrase=True,
        source=_CCXT,
        day=_READ,
    ),
    Scheme(
        exchange="Coinbase Exchange",
        headers=Names("CB-ACCESS-KEY", "CB-ACCESS-SIGN", "CB-ACCESS-TIMESTAMP", "CB-ACCESS-PASSPHRASE"),
        timestamp="epoch-s",
        decodes_secret=True,
        source=_CCXT,
        day=_READ,
    ),
    Scheme(
        exchange="BloFin",
        headers=_ACCESS,
        nonce_header="ACCESS-NONCE",
        layout=("path", "query", "method", "timestamp", "nonce", "body"),
        timestamp="epoch-ms",
        encoding="base64-of-hex",
        source=_CCXT,
        day=_READ,
    ),
)
"""The neighbours, those most like OKX first."""


def spellings() -> tuple[tuple[str, ...], ...]:
    """For each of the four values the header that carries it, OKX's first, then each neighbour's."""
    by_value = zip(OKX.headers, *(scheme.headers for scheme in NEIGHBOURS), strict=True)
    return tuple(tuple(dict.fromkeys(names)) for names in by_value)


def owners(header: str) -> tuple[str, ...]:
    """The neighbours that call a header so, its name compared without case."""
    lower = header.lower()
    return tuple(scheme.exchange for scheme in NEIGHBOURS if lower in (name.lower() for name in scheme.headers))


def named(exchanges: tuple[str, ...]) -> str:
    """Whose a thing is, in words: ``Bitget's, WEEX's or BloFin's``."""
    *most, last = (f"{exchange}'s" for exchange in exchanges)
    return f"{', '.join(most)} or {last}" if most else last
