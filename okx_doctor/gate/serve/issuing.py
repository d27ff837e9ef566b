"""A certificate made in a process of its own, while this one goes on with what it needs besides."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final

import msgspec

from okx_doctor.confining.command import Process, fork
from okx_doctor.gate.serve.certificates import Issued, Made, make, prepare
from okx_doctor.secrets.secret import Secret

_SECONDS: Final = 10.0
_BYTES: Final = 1 << 16


@contextmanager
def issuing(now: float, names: Sequence[str]) -> Iterator[Callable[[], Issued]]:
    """Begin to make a trusted one for these names; what is given waits for it.

    ``now`` is this machine's clock in Unix seconds. Where there is no second process, or it gives nothing, this one
    makes the certificate.
    """
    with ExitStack() as stack:
        process = _begun(now, names)
        if process is not None:
            stack.callback(process.end)

        def made() -> Issued:
            received = _received(process) if process is not None else None
            return prepare(received or make("trusted", now, names))

        yield made


def _begun(now: float, names: Sequence[str]) -> Process | None:
    """Fork while this process has one thread and is small."""
    if sys.platform != "linux":
        return None

    def child(line: socket.socket) -> None:
        made = make("trusted", now, names)
        line.send(msgspec.msgpack.encode((made.leaf_pem.reveal(), made.ca_pem)))

    with suppress(OSError):  # no process more: the command's own will tell
        return Process(*fork(child))
    return None


def _received(process: Process) -> Made | None:
    process.line.settimeout(_SECONDS)
    try:
        leaf_pem, ca_pem = msgspec.msgpack.decode(process.line.recv(_BYTES), type=tuple[str, str])
    except (OSError, msgspec.DecodeError):
        return None
    finally:
        process.end()
    return Made(leaf_pem=Secret(leaf_pem), ca_pem=ca_pem)
