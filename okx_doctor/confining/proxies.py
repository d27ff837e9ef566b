"""Proxies in the command's own settings: none is there inside, and one outside could reach the exchange.

Where programs commonly look for one, a socket listens that passes nothing on and notes who speaks to a proxy.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from okx_doctor.confining.relay import speaks_to_a_proxy

HOST: Final = "127.0.0.1"
PORTS: Final = (1080, 1087, 7890, 7891, 7897, 8118, 10808, 10809)
"""Of SOCKS, of Clash and its kin, of Privoxy, of v2ray."""
_FIRST_BYTES: Final = 4096
_FIRST_SECONDS: Final = 5.0


class MissingProxy:
    """Hears who wants a proxy at one port, and ends the connection. ``wanted`` counts them."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.wanted = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear one connection's first words."""
        with contextlib.suppress(OSError, TimeoutError):
            try:
                async with asyncio.timeout(_FIRST_SECONDS):
                    self.wanted += speaks_to_a_proxy(await reader.read(_FIRST_BYTES))
            finally:
                writer.close()

    def __str__(self) -> str:
        return f"{HOST}:{self.port}"
