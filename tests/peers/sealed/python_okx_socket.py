"""python-okx, a private socket; it takes the address from the bot."""

import asyncio
import os

from okx.websocket.WsPrivateAsync import WsPrivateAsync


async def main() -> None:
    answered = asyncio.Event()
    socket = WsPrivateAsync(
        apiKey=os.environ["OKX_API_KEY"],
        passphrase=os.environ["OKX_PASSPHRASE"],
        secretKey=os.environ["OKX_SECRET_KEY"],
        url="wss://ws.okx.com/ws/v5/private",
        useServerTime=False,
    )
    await socket.start()
    await socket.subscribe([{"channel": "account", "ccy": "BTC"}], lambda message: answered.set())
    await asyncio.wait_for(answered.wait(), 60)
    os._exit(0)  # it has no way to end its own loop


asyncio.run(main())
