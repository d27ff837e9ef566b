"""A pasted text made readable: colours removed, typographic and HTML quotes made straight."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from okx_doctor.secrets.secret import shows_only

SHORT: Final = 16_384
"""Characters up to which a paste is taken to be about OKX even if it does not name it: why else would it be here."""

_COLOURS: Final = re.compile(r"\x1b\[[0-9;]{0,16}[A-Za-z]")
_STRAIGHT: Final = (("“", '"'), ("”", '"'), ("‘", "'"), ("’", "'"), ("&quot;", '"'), ("&#39;", "'"), ("\xa0", " "))
_OKX: Final = ("okx", "OKX", "Okx", "okex", "OKEx", "OKEX", "Okex", "OK-ACCESS", "OK_ACCESS", "ok-access", "/api/v5")
_EXCHANGE: Final = re.compile(
    r"(ok(?:x|ex|coin))|"
    r"(?<![a-z])(?:binance|bybit|bitget|bitmart|bitmex|bitfinex|coinbase|kucoin|kraken|huobi|htx|gateio|gate\.io|mexc|bingx"
    r"|deribit|phemex|poloniex|bitstamp|upbit|cryptocom|hyperliquid|coinex|bithumb|whitebit|lbank|blofin)",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"(?:https?|wss?)://([^/\s'\"`:?]{1,100})")
_LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_NEAR: Final = 240


@shows_only("about_okx")
class Paste(Struct, frozen=True, kw_only=True):
    """``about_okx`` is true where it names OKX anywhere, and of every short one."""

    text: str
    about_okx: bool

    def line(self, at: int) -> int:
        """The number of the line that an offset is in, from 1."""
        return self.text.count("\n", 0, at) + 1

    def of_another_exchange(self, at: int) -> bool:
        """Whether the exchange or the host that is named last before an offset, on its line, is not OKX's."""
        start = max(self.text.rfind("\n", 0, at) + 1, at - _NEAR)
        named = list(_EXCHANGE.finditer(self.text, start, at))
        return bool(named) and not named[-1][1]

    def asked_of_another_host(self, start: int, end: int) -> bool:
        """Whether the address that is named on the same line, after or else before, is not one of OKX's."""
        stop = self.text.find("\n", end, end + _NEAR)
        after = self.text[end : stop if stop >= 0 else end + _NEAR]
        first = max(self.text.rfind("\n", 0, start) + 1, start - _NEAR)
        found = _HOST.search(after) or _HOST.search(self.text, first, start)
        return found is not None and not is_okx_host(found.group(1))


def is_okx_host(host: str) -> bool:
    """Whether a host is one of OKX's, or a page in front of it, or a bench on this machine."""
    host = host.lower()
    return any(name in host for name in ("okx", "okex", "okcoin", "cloudflare")) or host in _LOOPBACK


def read_paste(text: str) -> Paste:
    """Make a paste readable. Linear in its length."""
    if "\x1b" in text:
        text = _COLOURS.sub("", text)
    for typographic, straight in _STRAIGHT:
        if typographic in text:
            text = text.replace(typographic, straight)
    return Paste(text=text, about_okx=len(text) <= SHORT or any(word in text for word in _OKX))
