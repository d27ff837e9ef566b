"""What OKX sends by itself after a subscription: the account as it stands. Nothing moves here, so nothing follows.

Sources: https://www.okx.com/docs-v5/en/#trading-account-websocket-account-channel and the channels beside it
(2026-02-23). Pure; imports the gate's own data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.api.endpoints import balance, holdings

_HELD: Final = ("ccy", "cashBal", "uTime")
_PAGE: Final = {"eventType": "snapshot", "curPage": 1, "lastPage": True}


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
            held = [{name: holding[name] for name in _HELD} for holding in holdings(milliseconds)]
            state = {"pTime": milliseconds, "eventType": "snapshot", "balData": held, "posData": [], "trades": []}
            return {"arg": named, "data": [state]}
        case _:
            return None
