"""A time server for the embedded exchange: NTPv4 in server mode, on one UDP socket.

Source: RFC 5905 section 7.3 (packet) and figure 30 (what a server copies). Imports the standard library.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Final, cast

_EPOCH_OFFSET: Final = 2_208_988_800  # seconds from 1900, where NTP starts, to 1970
_PACKET: Final = 48
_CLIENT: Final = 3
_SERVER: Final = 4


class TimeResponder(asyncio.DatagramProtocol):
    """Answers NTP requests with ``clock`` (Unix seconds); in silent mode receives and says nothing."""

    def __init__(self, clock: Callable[[], float], *, silent: bool = False) -> None:
        self._clock = clock
        self._silent = silent
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # not isinstance(): before Python 3.12 asyncio's own datagram transport does not derive from it
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        received = self._clock()
        if self._silent or self._transport is None:
            return
        answer = respond(data, received=received, transmitted=self._clock())
        if answer:
            self._transport.sendto(answer, addr)


def respond(request: bytes, *, received: float, transmitted: float) -> bytes | None:
    """The answer to one datagram, or ``None`` where it is not an NTP client request (version 1 to 4, mode 3).

    The request's version and poll are kept, its transmit timestamp comes back as the originate timestamp bit
    for bit. Stratum 1, reference ``GPS``.
    """
    if len(request) < _PACKET:
        return None
    version, mode = request[0] >> 3 & 0b111, request[0] & 0b111
    if not 1 <= version <= 4 or mode != _CLIENT:
        return None
    first = version << 3 | _SERVER
    head = struct.pack("!BBbbII4s", first, 1, _signed(request[2]), -20, 0, 0x10, b"GPS\0")
    return b"".join(
        (head, _stamp(received - 1.0), request[40:48], _stamp(received), _stamp(max(received, transmitted)))
    )


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _stamp(unix_seconds: float) -> bytes:
    """64 bits: seconds since 1900 modulo 2^32 (era 1 begins in 2036), and the fraction."""
    whole, fraction = divmod(unix_seconds + _EPOCH_OFFSET, 1)
    return struct.pack("!II", int(whole) % 2**32, min(int(fraction * 2**32), 2**32 - 1))
