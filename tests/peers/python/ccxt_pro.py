"""Drives ccxt, REST, and ccxt.pro: one setup per line on standard input, what it reported on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import ccxt.pro

PATIENCE = 120.0


async def code(call: Callable[[], Awaitable[object]]) -> str:
    """``0``, or the code in the answer that ccxt quotes in its exception."""
    try:
        await call()
    except ccxt.BaseError as error:
        return str(json.loads(str(error).removeprefix("okx "))["code"])
    return "0"


async def drive(setup: dict[str, Any]) -> dict[str, list[str]]:
    keys = {"apiKey": setup["key"], "secret": setup["secret"], "password": setup["passphrase"]}
    client = ccxt.pro.okx({**keys, "enableRateLimit": False})
    for kind in ("api", "test"):
        client.urls[kind]["rest"] = setup["url"]
        client.urls[kind]["ws"] = setup["ws"]
    client.set_sandbox_mode(bool(setup["demo"]))
    try:
        return {
            "rest": [
                await code(client.private_get_account_config),
                await code(lambda: client.private_get_account_balance({"ccy": setup["ccy"]})),
                await code(lambda: client.private_post_trade_order(dict(setup["order"]))),
                await code(
                    lambda: client.private_post_trade_batch_orders([dict(setup["order"]), dict(setup["order"])])
                ),
            ],
            "socket": [await code(client.authenticate)],
        }
    finally:
        await client.close()


for line in sys.stdin:
    reported = asyncio.run(asyncio.wait_for(drive(json.loads(line)), PATIENCE))
    sys.stdout.write(f"{json.dumps(reported)}\n")
    sys.stdout.flush()
