"""What a credential looks like when it has leaked: every spelling, whole or cut, of every twelve characters."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

SLICE = 12


def _texts(piece: str) -> set[str]:
    """One piece of text in the spellings that some program gives it."""
    dumped = json.dumps(piece)[1:-1]
    percent = quote(piece, safe="")
    return {
        piece,
        piece.lower(),
        piece.upper(),
        piece.swapcase(),
        dumped,
        json.dumps(piece, ensure_ascii=False)[1:-1],
        json.dumps(dumped)[1:-1],
        re.sub("[&<>']", lambda found: f"\\u{ord(found.group()):04x}", dumped),  # as Go and Rails write JSON
        dumped.replace("/", "\\/"),
        percent,
        re.sub("%..", lambda found: found.group().lower(), percent),
        quote_plus(piece),
        quote(piece),
        quote(percent, safe=""),
        html.escape(piece),
        html.escape(piece).replace("&#x27;", "&#39;"),
        repr(piece)[1:-1],
        repr(piece.encode())[2:-1],
    }


def _bytes(raw: bytes) -> set[str]:
    """Raw bytes in hexadecimal, and in base64 whatever stands before and behind them."""
    found = {raw.hex(), raw.hex().upper(), raw.hex(" "), raw.hex(":"), raw.hex(" ").upper()}
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).decode()
        first = 0 if before == 0 else before + 1  # characters that hold bits of what stands before
        core = encoded[first : (before + len(raw)) * 8 // 6]
        found |= {core, core.translate(str.maketrans("+/", "-_"))}
    return found


class Canary:
    """Searches bytes for credentials. ``sliced`` values are searched in pieces of twelve, others whole."""

    def __init__(self, sliced: Iterable[str], whole: Iterable[str] = ()) -> None:
        pieces = {value[start : start + SLICE] for value in sliced for start in range(max(1, len(value) - SLICE + 1))}
        forms: set[str] = set()
        for piece in {*pieces, *whole}:
            forms |= _texts(piece) | _bytes(piece.encode("utf-8", "surrogateescape"))
        self._forms = {form.encode("utf-8", "surrogateescape"): form for form in forms if len(form) >= SLICE}

    def found(self, written: bytes) -> list[str]:
        """What leaked: nothing, where all is well. Text that was wrapped is read unwrapped as well."""
        unwrapped = b"".join(written.split())
        return sorted(form for raw, form in self._forms.items() if raw in written or raw in unwrapped)

    def leaks(self, written: Mapping[str, bytes]) -> dict[str, list[str]]:
        """Name of each output to what leaked there, for those where something did."""
        return {name: found[:3] for name, text in written.items() if (found := self.found(text))}
