"""The seccomp filter: what a network namespace does not seal is refused to the command and to all that it starts.

Sealed by the namespace are IPv4, IPv6, netlink and the abstract names of Unix sockets. Not sealed, and refused here:

- every other family of sockets: vsock reaches the hypervisor; a Unix socket by its path reaches a daemon outside, which
  can be asked to act (docker, pm2, systemd). A pair of connected stream sockets is harmless; one of datagram sockets
  is not, since each of them can still send to any path.
- io_uring, which makes sockets past any filter.
- the kernel's keyrings: asking for a key has the kernel start ``/sbin/request-key`` outside.
- typing for the user: ``TIOCSTI`` puts text into the terminal, where the shell outside reads it after the run.
- calls by another table of system calls than the machine's own, with other numbers: a 32-bit program is ended.

Pure: from the machine's name to the program in the kernel's language (BPF).
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from okx_doctor.confining.walls import Refusal, Refused

UNIX, IPV4, IPV6, NETLINK = 1, 2, 10, 16
STREAM, SEQUENCED = 1, 5
FAKE_INPUT, PASTE = 0x5412, 0x541C  # TIOCSTI, TIOCLINUX


class Table(NamedTuple):
    """A machine's table of system calls: its number for audits, and the numbers of those that are looked at."""

    audit: int
    socket: int
    socketpair: int
    ioctl: int
    hidden: tuple[int, ...]
    other_numbers_from: int = 0


TABLES: Final[Mapping[str, Table]] = {
    "x86_64": Table(
        audit=0xC000_003E,
        socket=41,
        socketpair=53,
        ioctl=16,
        hidden=(425, 426, 427, 248, 249, 250),
        other_numbers_from=0x4000_0000,  # x32
    ),
    "aarch64": Table(audit=0xC000_00B7, socket=198, socketpair=199, ioctl=29, hidden=(425, 426, 427, 217, 218, 219)),
}
"""``hidden``: io_uring_setup, io_uring_enter, io_uring_register, add_key, request_key, keyctl."""

_NUMBER, _AUDIT, _FIRST, _SECOND = 0, 4, 16, 24  # places in seccomp_data; of arguments the lower half
_LOAD, _AND, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_PASS, _FAIL, _END = 0x7FFF_0000, 0x0005_0000, 0x8000_0000

Instruction = tuple[int, int, str, str]
"""Operation, value, and the labels where to go on if it holds and if not; an empty one is the next instruction."""


def filter_for(machine: str, *, unix: bool) -> bytes:
    """The program for a machine. ``unix``: Unix sockets are let through. Raises ``Refused`` for an unknown machine."""
    table = TABLES.get(machine)
    if table is None:
        raise Refused(Refusal("seccomp", 0, f"no filter is known for {machine}"))
    return assembled(_instructions(table, unix))


def _instructions(table: Table, unix: bool) -> Iterable[Instruction | str]:
    """Instructions, and labels between them."""
    yield (_LOAD, _AUDIT, "", "")
    yield (_EQUAL, table.audit, "", "end")
    yield (_LOAD, _NUMBER, "", "")
    if table.other_numbers_from:
        yield (_AT_LEAST, table.other_numbers_from, "unknown", "")
    for number in table.hidden:
        yield (_EQUAL, number, "unknown", "")
    yield (_EQUAL, table.socket, "socket", "")
    yield (_EQUAL, table.socketpair, "socketpair", "")
    yield (_EQUAL, table.ioctl, "ioctl", "pass")

    yield "socket"
    yield (_LOAD, _FIRST, "", "")
    for family in (IPV4, IPV6, NETLINK, *((UNIX,) if unix else ())):
        yield (_EQUAL, family, "pass", "")
    yield (_RETURN, _FAIL | errno.EAFNOSUPPORT, "", "")

    yield "socketpair"
    yield (_LOAD, _FIRST, "", "")
    yield (_EQUAL, UNIX, "pass" if unix else "", "no pair")
    yield (_LOAD, _SECOND, "", "")
    yield (_AND, 0xF, "", "")  # the kind of socket without its flags
    yield (_EQUAL, STREAM, "pass", "")
    yield (_EQUAL, SEQUENCED, "pass", "")
    yield "no pair"
    yield (_RETURN, _FAIL | errno.EAFNOSUPPORT, "", "")

    yield "ioctl"
    yield (_LOAD, _SECOND, "", "")
    yield (_EQUAL, FAKE_INPUT, "forbidden", "")
    yield (_EQUAL, PASTE, "forbidden", "pass")

    yield "pass"
    yield (_RETURN, _PASS, "", "")
    yield "forbidden"
    yield (_RETURN, _FAIL | errno.EPERM, "", "")
    yield "unknown"
    yield (_RETURN, _FAIL | errno.ENOSYS, "", "")
    yield "end"
    yield (_RETURN, _END, "", "")


def assembled(rows: Iterable[Instruction | str]) -> bytes:
    """The kernel's form of a program: labels become distances."""
    places: dict[str, int] = {}
    instructions: list[Instruction] = []
    for row in rows:
        if isinstance(row, str):
            places[row] = len(instructions)
        else:
            instructions.append(row)

    def distance(label: str, here: int) -> int:
        return places[label] - here - 1 if label else 0

    return b"".join(
        struct.pack("HBBI", operation, distance(yes, here), distance(no, here), value)
        for here, (operation, value, yes, no) in enumerate(instructions)
    )
