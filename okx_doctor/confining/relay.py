"""``--allow HOST:PORT``: one service more that the command may reach, byte by byte, through this process.

The exchange's names are never allowed, and neither is a door to them. What is spoken to a proxy (CONNECT, an absolute
target, SOCKS) and TLS for another name than the allowed one end a connection before such a byte is passed on, at its
beginning or later. How an allowed service uses the bytes it gets cannot be seen from here.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections.abc import Coroutine, Sequence
from ipaddress import IPv4Address, ip_address
from typing import Final, NamedTuple

from okx_doctor.confining.names import is_within

UNIX: Final = "unix"
LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_FIRST_BYTES: Final = 65536
_FIRST_SECONDS: Final = 0.2
_HELLO_SECONDS: Final = 20.0
_CONNECT_SECONDS: Final = 20.0
_LOOKED_BACK: Final = 1024

_NAME: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*\Z")
_TO_A_PROXY: Final = re.compile(
    rb"(?:\A|\n)(?:CONNECT[ ]+[^ \r\n]+[ ]+HTTP/|[A-Za-z]{1,20}[ ]+[A-Za-z][A-Za-z+.-]{0,20}://[^ \r\n]*[ ]+HTTP/)"
)
_HOST: Final = re.compile(rb"\nHost:[ \t]*([^\s:]+)", re.IGNORECASE)
_HELLO_NAME: Final = re.compile(rb"\x00\x00..(..)\x00(..)([A-Za-z0-9._-]{1,253})", re.DOTALL)


class NotAllowed(ValueError):
    """One line: what cannot be allowed, and why."""


class Allowed(NamedTuple):
    """A service outside: its name or address, and its port."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Whether it runs on this machine."""
        return self.host == LOCAL[0]

    @property
    def is_address(self) -> bool:
        """Whether it was named by an address, which then exists inside too."""
        try:
            ip_address(self.host)
        except ValueError:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def read_allowed(texts: Sequence[str], zones: tuple[str, ...]) -> tuple[Allowed, ...]:
    """The services that ``--allow`` names, without ``unix``. Raises ``NotAllowed``."""
    return tuple(dict.fromkeys(_read(text, zones) for text in texts if text != UNIX))


def _read(text: str, zones: tuple[str, ...]) -> Allowed:
    said = f"--allow {text if text.isprintable() else repr(text)}"
    host, _, port = text.rpartition(":")
    host = host.strip("[]").lower().rstrip(".")
    if not host or "/" in host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 65536:
        raise NotAllowed(f"{said} is no HOST:PORT; write it as localhost:5432 or api.telegram.org:443")
    if is_within(host, zones):
        raise NotAllowed(f"{said}: OKX's hosts are never let out")
    if ":" in host and host not in LOCAL:
        raise NotAllowed(f"{said}: only IPv4 addresses can be allowed; name the host instead")
    if re.fullmatch(r"[0-9.]+", host) and not _is_ipv4(host):
        raise NotAllowed(f"{said}: that is no IPv4 address of a service")
    if ":" not in host and not _NAME.match(host):
        raise NotAllowed(f"{said}: that is no host name")
    return Allowed(LOCAL[0] if host in LOCAL else host, int(port))


def _is_ipv4(host: str) -> bool:
    try:
        return not IPv4Address(host).is_multicast
    except ValueError:
        return False


class Relay:
    """Passes on the connections to one allowed service. ``refused`` tells why those were not that were not."""

    def __init__(self, allowed: Allowed, zones: tuple[str, ...]) -> None:
        self.allowed = allowed
        self.passed = 0
        self.refused: dict[str, int] = {}
        self._zones = zones

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection from inside until both ends are done, or until it is cut."""
        try:
            first = await self._first(reader)
            back, there = await self._connected(first)
            if there is not None and back is not None:
                try:
                    await _both(self._out(first, reader, there), _pumped(back, writer))
                finally:
                    there.close()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _connected(self, first: bytes) -> tuple[asyncio.StreamReader | None, asyncio.StreamWriter | None]:
        if why := self.objection(first):
            self._cut(why)
            return None, None
        async with asyncio.timeout(_CONNECT_SECONDS):
            back, there = await asyncio.open_connection(self.allowed.host, self.allowed.port)
        self.passed += 1
        return back, there

    async def _first(self, reader: asyncio.StreamReader) -> bytes:
        """The client's first bytes. None, where it waits for the server, as MySQL's does."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FIRST_SECONDS):
                return await _whole(await reader.read(_FIRST_BYTES), reader)
        return b""

    async def _out(self, first: bytes, reader: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        """Pass on what the client says, each piece only after it has been looked at with what went before."""
        seen = b""
        data = first or await _whole(await reader.read(_FIRST_BYTES), reader)
        while data:
            why = self._later_objection(seen + data) if seen else self.objection(data)
            if why:
                self._cut(why)
                raise ConnectionAbortedError
            there.write(data)
            await there.drain()
            seen = (seen + data)[-_LOOKED_BACK:]
            data = await reader.read(_FIRST_BYTES)
        there.write_eof()

    def _cut(self, why: str) -> None:
        self.refused[why] = self.refused.get(why, 0) + 1

    def objection(self, first: bytes) -> str:
        """Why a connection that begins like this is not let out; ``""`` where it may."""
        if _is_socks(first):
            return "it speaks SOCKS, and a proxy could reach OKX"
        if first[:1] == b"\x16" and first[1:2] == b"\x03":
            called = server_name(first)
            if called == self.allowed.host or (self.allowed.is_address and not called):
                return ""
            if self.allowed.is_local and not is_within(called, self._zones):
                return ""
            return f"it asks for {called}" if called else "its TLS names no host"
        return self._later_objection(first)

    def _later_objection(self, seen: bytes) -> str:
        if _TO_A_PROXY.search(seen):
            return "it speaks to a proxy, and a proxy could reach OKX"
        named = [match[1] for match in _HOST.finditer(seen)]
        hellos = ((_number(match[1]), _number(match[2]), match[3]) for match in _HELLO_NAME.finditer(seen))
        named += [name[:size] for whole, size, name in hellos if whole == size + 3]
        for raw in named:
            name = raw.decode("latin-1")
            if is_within(name, self._zones):
                return f"it asks for {name.lower()}"
        return ""


def speaks_to_a_proxy(first: bytes) -> bool:
    """Whether a connection that begins like this takes the other side for a proxy."""
    return _is_socks(first) or _TO_A_PROXY.search(first) is not None


def _number(two: bytes) -> int:
    return int.from_bytes(two, "big")


def _is_socks(first: bytes) -> bool:
    """Whether it is a client's greeting in SOCKS 5, alone or with its request, or a request in SOCKS 4."""
    if first[:1] == b"\x04" and first[1:2] in (b"\x01", b"\x02"):
        return len(first) >= 9 and first.endswith(b"\0")
    if first[:1] != b"\x05" or len(first) < 3:
        return False
    rest = first[2 + first[1] :]
    return len(first) >= 2 + first[1] and (not rest or rest[:1] in (b"\x05", b"\x01"))


async def _whole(first: bytes, reader: asyncio.StreamReader) -> bytes:
    """These bytes with what belongs to them, so that they can be judged."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_HELLO_SECONDS):
            while _is_cut(first) and (more := await reader.read(_FIRST_BYTES)):
                first += more
    return first


def _is_cut(first: bytes) -> bool:
    """Whether a ClientHello, or the head of an HTTP request, has begun and is not whole."""
    if first[:1] == b"\x16":
        return len(first) < 5 or len(first) < 5 + _number(first[3:5])
    return bool(re.match(rb"[A-Z]{3,10} [^\n]{0,8192}\Z", first))


def server_name(first: bytes) -> str:
    """The name that a ClientHello asks for; ``""`` where it names none or is no ClientHello."""
    try:
        if first[0] != 0x16 or first[5] != 1:
            return ""
        at = 5 + 4 + 2 + 32
        at += 1 + first[at]
        at += 2 + struct.unpack_from("!H", first, at)[0]
        at += 1 + first[at]
        end = at + 2 + struct.unpack_from("!H", first, at)[0]
        at += 2
        while at + 4 <= end:
            kind, size = struct.unpack_from("!HH", first, at)
            if kind == 0:
                length = struct.unpack_from("!H", first, at + 7)[0]
                return first[at + 9 : at + 9 + length].decode("latin-1").lower().rstrip(".")
            at += 4 + size
    except (IndexError, struct.error):
        return ""
    return ""


async def _pumped(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_FIRST_BYTES):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def _both(*ways: Coroutine[None, None, None]) -> None:
    """Until both ways have ended, or one has failed; then the other ends too."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def inside_addresses(allowed: Sequence[Allowed]) -> dict[Allowed, str]:
    """Where each service is reached inside: local ones and addresses where they are, names at one of their own."""
    hosts = list(dict.fromkeys(one.host for one in allowed if not one.is_local and not one.is_address))
    made = {host: f"127.77.{index // 250}.{index % 250 + 1}" for index, host in enumerate(hosts)}
    return {one: made.get(one.host, "127.0.0.1" if one.is_local else one.host) for one in allowed}
