"""A bot that signs right unless told otherwise, and raw HTTP without a client's opinion about it."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.gate.accounts import Account, generate
from okx_doctor.gate.evaluate import Trace, Venue, evaluate
from okx_doctor.protocol import signing, timestamps
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret

NOW = 1_790_000_000.0
CALLER = "127.0.0.1"
ZERO_KEY = "00000000-0000-4000-8000-000000000000"
CONFIG = "/api/v5/account/config"
BALANCE = "/api/v5/account/balance?ccy=BTC,ETH"
ORDER = "/api/v5/trade/order"
ORDER_BODY = b'{"instId":"BTC-USDT","tdMode":"cash","side":"buy","ordType":"limit","sz":"0.001","px":"1"}'

LIVE = generate(label="live")
DEMO = generate(label="demo", demo=True)
EUROPEAN = generate(label="european", site="eea")
AMERICAN = generate(label="american", site="us")
READER = generate(label="reader", permissions=("read_only",))
ACCOUNTS = (LIVE, DEMO, EUROPEAN, AMERICAN, READER)
GLOBAL = Venue(site="global", accounts=ACCOUNTS)


def signed(
    account: Account,
    method: str = "GET",
    target: str = CONFIG,
    body: bytes = b"",
    *,
    now: float = NOW,
    timestamp: str | None = None,
    demo: bool | None = None,
) -> WireRequest:
    """A request as OKX wants it from this account."""
    stamp = timestamp if timestamp is not None else timestamps.rest_timestamp(now)
    headers = [
        (signing.KEY_HEADER, account.api_key),
        (
            signing.SIGN_HEADER,
            signing.sign(account.secret.reveal(), signing.prehash(stamp, method, target, body)),
        ),
        (signing.TIMESTAMP_HEADER, stamp),
        (signing.PASSPHRASE_HEADER, account.passphrase.reveal()),
        ("Content-Type", "application/json"),
    ]
    if account.demo if demo is None else demo:
        headers.append((signing.DEMO_HEADER, "1"))
    return WireRequest(method=method, target=target, headers=tuple(headers), body=body)


def with_header(request: WireRequest, name: str, value: str | None) -> WireRequest:
    """The request with one header's value changed in place, or without it."""
    changed = tuple(
        (key, value if key.lower() == name.lower() else old)
        for key, old in request.headers
        if key.lower() != name.lower() or value is not None
    )
    return replace(request, headers=tuple((key, text or "") for key, text in changed))


def keyed(account: Account, key: str, target: str = CONFIG) -> WireRequest:
    """Signed with the account's secret, sent under another key."""
    return with_header(signed(account, target=target), signing.KEY_HEADER, key)


def late(seconds: float) -> WireRequest:
    """Stamped and signed by a clock that is this much behind."""
    return signed(LIVE, now=NOW - seconds)


def judge(request: WireRequest, venue: Venue = GLOBAL, *, now: float = NOW, caller_ip: str = CALLER) -> Trace:
    return evaluate(request, venue=venue, now=now, caller_ip=caller_ip)


def code(trace: Trace) -> str:
    """The code OKX answers; ``"0"`` when it accepts."""
    return trace.refusal.code if trace.refusal else "0"


def altered(account: Account, *, secret: str | None = None, passphrase: str | None = None) -> Account:
    """The account as a bot believes it to be that has a wrong value."""
    return replace(
        account,
        secret=account.secret if secret is None else Secret(secret),
        passphrase=account.passphrase if passphrase is None else Secret(passphrase),
    )


def raw(request: WireRequest, *extra: str) -> bytes:
    """The bytes of a request: nothing added but a host, a length and ``Connection: close``."""
    lines = [f"{request.method} {request.target} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    lines += [f"Content-Length: {len(request.body)}", *extra]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + request.body


class Received(Struct, frozen=True, kw_only=True):
    """An answer taken apart; ``status`` is 0 when nothing came before the connection ended."""

    status: int
    headers: dict[str, str]
    body: bytes


def connect(url: str, seconds: float = 120.0) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=seconds)


def send(url: str, data: bytes) -> Received:
    """What comes back for some bytes until the connection ends."""
    with connect(url) as connection:
        with contextlib.suppress(OSError):  # refused before all of it was read
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        return parted(drain(connection))


def drain(connection: socket.socket) -> bytes:
    """Everything until the other side closes; a reset counts as closing."""
    chunks: list[bytes] = []
    try:
        while chunk := connection.recv(1 << 16):
            chunks.append(chunk)
    except ConnectionError:
        pass
    return b"".join(chunks)


def parted(data: bytes) -> Received:
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Received(status=int(first.split()[1]) if first else 0, headers=headers, body=body)


def call(
    url: str,
    account: Account,
    method: str = "GET",
    target: str = CONFIG,
    body: bytes = b"",
    ahead: float = 0.0,
) -> Received:
    """What a signed call is answered; ``ahead`` seconds are how far the bot's clock is ahead of this machine's."""
    return send(url, raw(signed(account, method, target, body, now=time.time() + ahead)))


def data_of(received: Received) -> list[dict[str, object]]:
    """The rows of an answer that must be a success."""
    document = json.loads(received.body)
    assert (received.status, document["code"], document["msg"]) == (200, "0", "")
    data = document["data"]
    assert isinstance(data, list)
    return data


TIME = raw(WireRequest(method="GET", target="/api/v5/public/time", headers=()))
STATUS = raw(WireRequest(method="GET", target="/api/v5/system/status", headers=()))
