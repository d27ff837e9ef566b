"""ccxt over aiohttp."""

import asyncio
import os

import ccxt.async_support as ccxt


async def main() -> None:
    keys = {"secret": os.environ["OKX_SECRET_KEY"], "password": os.environ["OKX_PASSPHRASE"]}
    client = ccxt.okx({"apiKey": os.environ["OKX_API_KEY"], **keys})
    try:
        await client.fetch_balance()
    finally:
        await client.close()


asyncio.run(main())
