"""Answers of a WebSocket of OKX to a frame, as pure functions over parsed JSON.

Sources: https://www.okx.com/docs-v5/en/#overview-websocket (2026-02-23); error shapes and texts as captured
on ws.okj.com, which runs OKX's v5 protocol (2026-09-22), and in ccxt; the first push of a
private channel from #trading-account-websocket-account-channel and those beside it. Nothing
moves here, so none follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.endpoints import balance, holdings
from okx_doctor.protocol import codes
from okx_doctor.protocol.channels import BUSINESS, PRIVATE, home, named
from okx_doctor.protocol.scheme import LOGIN
from okx_doctor.protocol.wire import LoginRequest

Frame = dict[str, object]
Entry = Mapping[str, object]

DEMO_PREFIX: Final = "/demo"
"""Before the paths of the demo environment's sockets; at OKX these have a host of their own."""

_ECHOED: Final = ("channel", "instType", "instFamily", "instId", "ccy", "uly", "algoId", "sprdId")
_BALANCE_FIELDS: Final = ("ccy", "cashBal", "uTime")
_PAGE: Final = {"eventType": "snapshot", "curPage": 1, "lastPage": True}


def parse(text: str) -> Frame | None:
    """The JSON object in a text frame; ``None`` for anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def arguments(frame: Frame) -> tuple[Entry, ...] | None:
    """The objects in ``args``; ``None`` unless it is a list of objects that is not empty."""
    args = frame.get("args")
    if not isinstance(args, list) or not args or not all(isinstance(entry, dict) for entry in args):
        return None
    return tuple(args)


def login_of(entry: Entry) -> LoginRequest:
    """The login an ``args`` entry stands for; a number is taken as its text, as OKX takes the timestamp.

    Source: https://github.com/okxapi/python-okx sends an integer.
    """
    key, sign, timestamp, passphrase = (_text(entry.get(field)) for field in LOGIN.fields)
    return LoginRequest(api_key=key, passphrase=passphrase, timestamp=timestamp, sign=sign)


def name(entry: Entry) -> str:
    """The channel that is asked for, where it is one of OKX's; ``""`` for any other text."""
    return named(_text(entry.get("channel")))


def channel_error(entry: Entry, path: str, *, logged_in: bool) -> tuple[str, str] | None:
    """Code and text with which a subscription on a path is refused; ``None`` when it is acknowledged."""
    channel = _text(entry.get("channel"))
    if not channel:
        return "60012", message("60012")
    at = home(channel)
    if at is not None and (at.path == BUSINESS) != path.endswith(BUSINESS):
        code = "64001" if at.path == BUSINESS else "64002"
        return code, message(code)
    if at is None or (at.path == PRIVATE) != path.endswith(PRIVATE):
        return "60018", message("60018", described(entry))
    if at.login and not logged_in:
        return "60011", message("60011")
    return None


def acknowledged(event: str, entry: Entry, connection_id: str) -> Frame:
    """The answer to a subscription: the parameters it has in common with OKX's channels, and nothing else."""
    return {"event": event, "arg": parameters(entry), "connId": connection_id}


def error(code: str, text: str, connection_id: str) -> Frame:
    """An error frame; ``event``, ``msg``, ``code``, ``connId`` in the order of the captures."""
    return {"event": "error", "msg": text, "code": code, "connId": connection_id}


def message(code: str, filling: str = "") -> str:
    """OKX's text for a socket code. OKX repeats an illegal request in it; here it could hold a passphrase."""
    row = codes.find(code, "websocket")
    text = row.wire_text if row else code
    return text.replace("{0}", filling).replace("{op}", filling)


def parameters(entry: Entry) -> Frame:
    """The parameters that an entry has in common with OKX's channels, cut to what such a one can be.

    An empty one is none: nautilus_trader 1.221 sends ``instType`` so, and hangs up where it gets it back.
    """
    return {name: text[:100] for name in _ECHOED if (text := _text(entry.get(name)))}


def described(entry: Entry) -> str:
    """The same as OKX writes them into a refusal."""
    return ",".join(f"{name}:{value}" for name, value in parameters(entry).items())


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return json.dumps(value)[:100] if is_number else ""


def snapshot(arg: Mapping[str, object], account: Account, now: float) -> dict[str, object] | None:
    """The first push of a private channel that has one; ``None`` for any other.

    ``arg`` is the channel's acknowledged parameters, ``now`` the exchange's clock in Unix seconds.
    """
    named = {**arg, "uid": account.uid}
    milliseconds = str(int(now * 1000))
    match arg.get("channel"):
        case "account":
            return {"arg": named, **_PAGE, "data": [balance(milliseconds, str(arg.get("ccy", "")))]}
        case "positions":
            return {"arg": named, **_PAGE, "data": []}
        case "balance_and_position":
            held = [{name: holding[name] for name in _BALANCE_FIELDS} for holding in holdings(milliseconds)]
            state = {"pTime": milliseconds, "eventType": "snapshot", "balData": held, "posData": [], "trades": []}
            return {"arg": named, "data": [state]}
        case _:
            return None
