"""Drives python-okx, REST and WebSocket: one setup per line on standard input, what it reported on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from types import SimpleNamespace
from typing import Any

from okx.Account import AccountAPI
from okx.Trade import TradeAPI
from okx.websocket import WsPrivateAsync as private
from okx.websocket import WsPublicAsync as public

PATIENCE = 120.0


def rest(setup: dict[str, Any]) -> list[str]:
    keys = setup["key"], setup["secret"], setup["passphrase"]
    flag = "1" if setup["demo"] else "0"
    with (
        AccountAPI(*keys, flag=flag, domain=setup["url"]) as account,
        TradeAPI(*keys, flag=flag, domain=setup["url"]) as trade,
    ):
        reports = [
            account.get_account_config(),
            account.get_account_balance(ccy=setup["ccy"]),
            trade.place_order(**setup["order"]),
            trade.place_multiple_orders([setup["order"]] * 2),
        ]
    return [report["code"] for report in reports]


async def sockets(setup: dict[str, Any]) -> list[str]:
    client = private.WsPrivateAsync(
        apiKey=setup["key"], passphrase=setup["passphrase"], secretKey=setup["secret"], url=f"{setup['ws']}/private"
    )
    await client.connect()
    await client.subscribe([{"channel": "account"}], answered)
    answers = [json.loads(await client.websocket.recv()) for _ in ("login", "subscription")]
    if answers[-1]["event"] == "subscribe":
        answers.append(json.loads(await client.websocket.recv()))  # the account as it stands
    await client.place_order([setup["order"]], id="1")
    answers.append(json.loads(await client.websocket.recv()))
    await client.factory.close()

    stranger = public.WsPublicAsync(url=f"{setup['ws']}/public")
    await stranger.connect()
    await stranger.subscribe([{"channel": "tickers", "instId": "BTC-USDT"}], answered)
    answers.append(json.loads(await stranger.websocket.recv()))
    await stranger.websocket.send("ping")
    pong = await stranger.websocket.recv()
    await stranger.factory.close()
    return [*(answer.get("code", "0") for answer in answers), pong]


def answered(_message: str) -> None:
    """Nobody calls it: what comes is read from the socket."""


async def at_once(_seconds: float) -> None:
    """Between login and subscription the client sleeps five seconds, whatever was answered."""


private.asyncio = SimpleNamespace(sleep=at_once, get_event_loop=asyncio.get_event_loop)
for line in sys.stdin:
    setup = json.loads(line)
    said = asyncio.run(asyncio.wait_for(sockets(setup), PATIENCE))
    sys.stdout.write(f"{json.dumps({'rest': rest(setup), 'socket': said})}\n")
    sys.stdout.flush()
