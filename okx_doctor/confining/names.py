"""Names inside: the exchange's lead to it, those of allowed services to their relays, all others do not exist.

Files for programs that read them, and answers to DNS questions for those that ask; what was asked is noted. Pure.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Final

RESOLVERS: Final = ("127.0.0.53", "127.0.0.1")
"""Where it is asked: as ``resolv.conf`` says, and where a program asks that finds no such file."""
RESOLV_CONF: Final = f"nameserver {RESOLVERS[0]}\noptions timeout:1 attempts:1\n"

_A: Final = 1
_HEADER_BYTES: Final = 12
_TTL_SECONDS: Final = 5
_ANSWERS, _NO_SUCH_NAME, _MALFORMED, _NOT_DONE = 0, 3, 1, 4
_NOTED: Final = 1000


class Names:
    """``zones`` and all under them lead to ``address``; ``others`` are further names with their addresses.

    ``refused`` holds the names that were asked for and do not exist here, each once, in their order.
    """

    def __init__(self, *, zones: tuple[str, ...], address: str, others: Mapping[str, str] | None = None) -> None:
        self.zones = zones
        self.address = address
        self.others = others or {}
        self.refused: dict[str, None] = {}

    def resolve(self, name: str) -> str | None:
        """The address of a name, ``None`` where there is none; that is noted."""
        name = name.lower().rstrip(".")
        if is_within(name, self.zones):
            return self.address
        found = self.others.get(name)
        if found is None and not name.endswith(".arpa") and len(self.refused) < _NOTED:
            self.refused.setdefault(name)
        return found

    def hosts_file(self, hosts: tuple[str, ...], before: str) -> str:
        """The machine's ``/etc/hosts`` with these hosts of the exchange and the other names, and no other of theirs."""
        ours = {*self.others} - {"localhost"}
        kept = [line for line in before.splitlines() if not self._speaks_of(line, ours)]
        lines = [f"{self.address} {' '.join(hosts)}", *(f"{self.others[name]} {name}" for name in sorted(ours))]
        return "\n".join([*lines, *kept, ""])

    def _speaks_of(self, line: str, ours: set[str]) -> bool:
        named = line.partition("#")[0].lower().split()[1:]
        return any(is_within(name, self.zones) or name in ours for name in named)


def is_within(name: str, zones: tuple[str, ...]) -> bool:
    """Whether a name is one of the zones or lies under one."""
    name = name.lower().rstrip(".")
    return any(name == zone or name.endswith(f".{zone}") for zone in zones)


def nsswitch(before: str) -> str:
    """The machine's ``nsswitch.conf``, hosts looked up in the file and by DNS alone: not by asking a daemon."""
    lines = [line for line in before.splitlines() if not line.lstrip().startswith("hosts:")]
    return "\n".join([*lines, "hosts: files dns", ""])


def answer(packet: bytes, names: Names) -> bytes | None:
    """The answer to a DNS packet; ``None`` for anything but a question."""
    if len(packet) < _HEADER_BYTES or packet[2] & 0x80:
        return None
    if packet[2] & 0x78:
        return _header(packet, _NOT_DONE)
    try:
        name, kind, end = _question(packet)
    except (ValueError, IndexError, struct.error):
        return _header(packet, _MALFORMED)
    address = names.resolve(name)
    asked = packet[_HEADER_BYTES:end]
    if address is None or kind != _A:
        return _header(packet, _NO_SUCH_NAME if address is None else _ANSWERS, questions=1) + asked
    row = struct.pack("!HHHIH", 0xC00C, _A, 1, _TTL_SECONDS, 4) + IPv4Address(address).packed
    return _header(packet, _ANSWERS, questions=1, answers=1) + asked + row


def _header(packet: bytes, code: int, *, questions: int = 0, answers: int = 0) -> bytes:
    wants_recursion = packet[2] & 1
    flags = 0x8480 | (wants_recursion << 8) | code
    return packet[:2] + struct.pack("!HHHHH", flags, questions, answers, 0, 0)


def _question(packet: bytes) -> tuple[str, int, int]:
    """Name, type, and where the question ends. Raises ``ValueError``, ``IndexError`` or ``struct.error``."""
    labels, at = [], _HEADER_BYTES
    while size := packet[at]:
        if size > 63 or at + 1 + size > len(packet):
            raise ValueError
        labels.append(packet[at + 1 : at + 1 + size].decode("latin-1"))
        at += 1 + size
    kind, _ = struct.unpack_from("!HH", packet, at + 1)
    return ".".join(labels), kind, at + 5
