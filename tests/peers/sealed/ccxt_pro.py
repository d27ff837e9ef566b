"""ccxt.pro: REST, and a private socket."""

import asyncio
import os

import ccxt.pro as ccxt


async def main() -> None:
    keys = {"secret": os.environ["OKX_SECRET_KEY"], "password": os.environ["OKX_PASSPHRASE"]}
    client = ccxt.okx({"apiKey": os.environ["OKX_API_KEY"], **keys})
    try:
        await asyncio.wait_for(client.watch_balance(), 60)
    finally:
        await client.close()


asyncio.run(main())
