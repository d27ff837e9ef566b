"""Listening sockets made inside and handed out, and sockets from outside that must not come in.

A socket belongs to the network in which it was made. One that was bound inside and is served from outside needs no
bridge between the two.
"""

from __future__ import annotations

import contextlib
import os
import socket
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from okx_doctor.confining.walls import Refusal, Refused

_BACKLOG: Final = 256
_MESSAGE_BYTES: Final = 8192


class Address(NamedTuple):
    """Where something is to listen."""

    kind: Literal["tcp", "udp"]
    host: str
    port: int


@contextlib.contextmanager
def bound(addresses: Collection[Address]) -> Iterator[Mapping[Address, socket.socket]]:
    """Sockets on all the addresses, TCP ones listening; closed in this process at the end. Raises ``Refused``."""
    made: dict[Address, socket.socket] = {}
    try:
        for address in addresses:
            made[address] = _bound(address)
        yield made
    finally:
        for one in made.values():
            one.close()


def _bound(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    stream = address.kind == "tcp"
    # The protocol by number: without it asyncio does not recognise TCP and leaves Nagle's delay on.
    kind, protocol = (socket.SOCK_STREAM, socket.IPPROTO_TCP) if stream else (socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    made = socket.socket(family, kind, protocol)
    try:
        if stream:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address.host, address.port))
        if stream:
            made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        said = f"{os.strerror(error.errno or 0)} ({address.host}, port {address.port})"
        raise Refused(Refusal("bind", error.errno or 0, said)) from None
    return made


def hand_out(line: socket.socket, word: bytes, made: Sequence[socket.socket]) -> None:
    """Send sockets over a Unix socket to the process that serves them."""
    socket.send_fds(line, [word], [one.fileno() for one in made])


def received(line: socket.socket, most: int) -> tuple[bytes, tuple[socket.socket, ...]]:
    """A message, with the sockets that came with it."""
    data, descriptors, _, _ = socket.recv_fds(line, _MESSAGE_BYTES, most)
    return data, tuple(socket.socket(fileno=one) for one in descriptors)


def close_inherited() -> None:
    """Close every socket that would be there after ``exec``: it belongs to the network outside."""
    for number in inherited():
        os.close(number)


def inherited() -> tuple[int, ...]:
    """Descriptors of sockets, besides the standard streams, that would be there after ``exec``."""
    return tuple(
        number
        for number in _open_descriptors()
        if number > 2 and os.get_inheritable(number) and stat.S_ISSOCK(os.fstat(number).st_mode)
    )


def check_standard_streams() -> None:
    """Raise ``Refused`` where a standard stream is a socket of a network, or one that can be pointed elsewhere."""
    for number, name in enumerate(("standard input", "standard output", "standard error")):
        try:
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
        except OSError:  # it is closed
            continue
        with socket.socket(fileno=os.dup(number)) as one:
            if one.family != socket.AF_UNIX or one.type == socket.SOCK_DGRAM:
                raise Refused(Refusal(name, 0, "it is a network socket, through which everything could leave"))


def _open_descriptors() -> Iterator[int]:
    for number in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
        with contextlib.suppress(OSError):  # the one that was listing them
            os.fstat(number)
            yield number
