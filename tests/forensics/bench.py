"""Requests as a bot with a fault makes them, signed by code that knows nothing of the table of mistakes."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture, Piece, Response
from okx_doctor.forensics.captures.detect import pieces
from okx_doctor.forensics.inspector import Inspector
from okx_doctor.forensics.search.parts import Keys, OpenKeys, Subject
from okx_doctor.forensics.search.subject import subject as subject_of
from okx_doctor.forensics.verdict import Inspection
from okx_doctor.protocol.wire import WireRequest

SECRET = "22582BD0CFF14C41EDBF1AB98506286D"
API_KEY = "37c541a1-91d4-4f0e-a1b3-10fe7a038418"
PASSPHRASE = "Sunny-Day7"
OPEN_KEYS = OpenKeys(secret=SECRET, api_key=API_KEY, passphrase=PASSPHRASE)
KEYS = OPEN_KEYS.closed()

STAMP = "2026-11-20T09:08:57.715Z"
STAMP_SECONDS = 1795165737.715
ORIGIN = "https://www.okx.com"
BALANCE = "/api/v5/account/balance"
POSITIONS = "/api/v5/account/positions?instType=SWAP&instId=BTC-USDT-SWAP"
ORDER = "/api/v5/trade/order"
ORDER_FIELDS: Mapping[str, object] = {
    "instId": "BTC-USDT",
    "tdMode": "cash",
    "clOrdId": "b15",
    "side": "buy",
    "ordType": "limit",
    "px": "2.15",
    "sz": "2",
}
ORDER_BODY = json.dumps(ORDER_FIELDS, separators=(",", ":")).encode()


def mac(text: str | bytes, key: str | bytes = SECRET, algorithm: str = "sha256") -> bytes:
    """HMAC by the standard library, nothing of the product in it."""
    raw = text.encode() if isinstance(text, str) else text
    return hmac.digest(key.encode() if isinstance(key, str) else key, raw, algorithm)


def b64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def capture(
    method: str = "GET",
    target: str = BALANCE,
    body: bytes = b"",
    *,
    sign: str | None = None,
    stamp: str = STAMP,
    headers: Mapping[str, str | None] | None = None,
    origin: str = ORIGIN,
    code: str = "",
    agent: str = "",
    **more: object,
) -> Capture:
    """A captured request; without ``sign`` it is signed rightly. A header set to ``None`` is left out."""
    right = b64(mac(stamp.encode() + method.upper().encode() + target.encode("utf-8", "surrogateescape") + body))
    given: dict[str, str | None] = {
        "OK-ACCESS-KEY": API_KEY,
        "OK-ACCESS-SIGN": right if sign is None else sign,
        "OK-ACCESS-TIMESTAMP": stamp,
        "OK-ACCESS-PASSPHRASE": PASSPHRASE,
        "Content-Type": "application/json",
        "User-Agent": agent or None,
        **(headers or {}),
    }
    request = WireRequest(
        method=method,
        target=target,
        headers=tuple((name, value) for name, value in given.items() if value is not None),
        body=body,
    )
    response = Response(status=401, code=code) if code else None
    made = Capture(request=request, form="json", place="line 1", origin=origin, response=response)
    return replace(made, **more)


def inspected(made: Capture, keys: Keys | None = KEYS) -> Inspection:
    return Inspector(keys).inspect(made)


def named(inspection: Inspection) -> dict[str, str]:
    """The causes of an inspection with their confidence."""
    return {cause.id: cause.confidence.value for cause in inspection.causes}


def proven(inspection: Inspection) -> set[str]:
    return {cause.id for cause in inspection.causes if cause.confidence == "proven"}


def subject(made: Capture, keys: OpenKeys = OPEN_KEYS) -> Subject:
    return subject_of(made, keys)


def read(text: str | bytes, directory: Path | None = None, **options: object) -> list[Piece]:
    """What an input is read into."""
    raw = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    return list(pieces(BytesIO(raw), directory=directory, **options))  # type: ignore[arg-type]


def one(text: str | bytes, directory: Path | None = None) -> Capture:
    """The one request in an input."""
    (found,) = read(text, directory)
    assert isinstance(found, Capture), found
    return found
