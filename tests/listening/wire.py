"""Bytes as they come over the wire."""

from __future__ import annotations

import struct

HOST = b"Host: 127.0.0.1\r\n"
UPGRADE = (
    b"GET /ws/v5/public HTTP/1.1\r\n" + HOST + b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def frame(opcode: int, payload: bytes, *, last: bool = True, masked: bool = True) -> bytes:
    """One WebSocket frame (RFC 6455, 5.2), its mask all zeros."""
    size, mask = len(payload), 0x80 if masked else 0
    if size < 126:
        length = bytes([mask | size])
    elif size <= 0xFFFF:
        length = bytes([mask | 126]) + struct.pack("!H", size)
    else:
        length = bytes([mask | 127]) + struct.pack("!Q", size)
    return bytes([(0x80 if last else 0) | opcode]) + length + (b"\0\0\0\0" if masked else b"") + payload
