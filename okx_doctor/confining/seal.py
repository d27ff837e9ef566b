"""The seal around one process: namespaces without a network, and nothing that could undo them.

The process that is sealed does it to itself, between ``fork`` and ``exec``; only its ids are mapped from outside,
since it has no power there any more. At the end it asks the kernel whether every wall holds.
"""

from __future__ import annotations

import errno
import os
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from okx_doctor.confining import kernel, sockets
from okx_doctor.confining.filter import filter_for
from okx_doctor.confining.sockets import Address
from okx_doctor.confining.walls import WALLS, Refusal, Refused, Wall

ROOT_KEEPS: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 10, 18})
"""chown, dac_override, dac_read_search, fowner, fsetid, kill, setgid, setuid, net_bind_service, sys_chroot: the power
over files and ids that programs expect of root. None of them reaches a network, a mount or another process."""

UNSHARED, MAPPED, HANDED_OUT = b"unshared", b"mapped", b"sockets"
_KERNELS_OWN: Final = frozenset(
    {"sysfs", "cgroup", "cgroup2", "debugfs", "tracefs", "securityfs", "configfs", "binfmt_misc", "pstore", "bpf"}
)


class Inside(NamedTuple):
    """The place that the command is put in.

    ``addresses`` are IPv4 addresses of ``lo`` besides its own, ``listening`` is bound there. ``shown`` pairs a file
    with the path where it is shown, ``masked`` are paths that are covered. ``unix``: Unix sockets are let through.
    ``shared``: the namespaces are those of a whole container.
    ``walls`` is all of them; a test leaves one out to see that it is needed.
    """

    addresses: tuple[str, ...] = ()
    listening: tuple[Address, ...] = ()
    shown: tuple[tuple[str, str], ...] = ()
    masked: tuple[str, ...] = ()
    unix: bool = False
    shared: bool = False
    walls: frozenset[Wall] = WALLS


def build(inside: Inside, line: socket.socket) -> None:
    """Seal this process off. ``line`` leads to the parent, which maps the ids and gets the listening sockets.

    Raises ``Refused``.
    """
    kernel.unshare(kernel.NEW_USERS | kernel.NEW_NETWORK | kernel.NEW_MOUNTS)
    line.send(UNSHARED)
    if line.recv(len(MAPPED)) != MAPPED:
        raise Refused(Refusal("uid_map", 0))
    kernel.raise_loopback(inside.addresses)
    kernel.keep_mounts_apart()
    for shown, where in inside.shown:
        kernel.show(shown, where)
    if Wall.MASKS in inside.walls:
        for where in inside.masked:
            if os.path.lexists(where):
                kernel.show("/dev/null", where)
    if Wall.SWITCHES in inside.walls and os.geteuid() == 0:
        for folder in switches(Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")):
            if folder.is_dir():
                if not os.path.ismount(folder):
                    kernel.show(str(folder), str(folder))
                kernel.make_read_only(str(folder))
    with sockets.bound(inside.listening) as made:
        sockets.hand_out(line, HANDED_OUT, tuple(made.values()))
    give_up_power(inside)
    prove(inside)


def map_ids(pid: int) -> None:
    """Everyone stays who they are: root keeps every id that exists here, another user has only their own.

    Raises ``Refused``.
    """
    user, group = os.geteuid(), os.getegid()
    try:
        if user == 0:
            uids, gids = (_identity(Path(f"/proc/self/{kind}_map").read_text("ascii")) for kind in ("uid", "gid"))
        else:
            uids, gids = f"{user} {user} 1\n", f"{group} {group} 1\n"
            Path(f"/proc/{pid}/setgroups").write_text("deny", "ascii")
        Path(f"/proc/{pid}/uid_map").write_text(uids, "ascii")
        Path(f"/proc/{pid}/gid_map").write_text(gids, "ascii")
    except OSError as error:
        raise Refused(Refusal("uid_map", error.errno or 0)) from None


def _identity(table: str) -> str:
    rows = (line.split() for line in table.splitlines())
    return "".join(f"{inside} {inside} {count}\n" for inside, _, count in rows)


def switches(mounts: str) -> Iterator[Path]:
    """Folders with files by which root makes the kernel start a program outside, such as ``core_pattern``.

    ``mounts`` is the text of ``/proc/self/mountinfo``. Those files belong to root, whatever it may do inside.
    """
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        where = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split(" ")[4])
        kind = after.split(" ")[0]
        if kind == "proc":
            yield Path(where, "sys")
        elif kind in _KERNELS_OWN:
            yield Path(where)


def give_up_power(inside: Inside) -> None:
    """Take from this process, and from all that it will start, what could undo the seal or reach past it."""
    if Wall.SOCKETS in inside.walls:
        sockets.check_standard_streams()
        sockets.close_inherited()
    if Wall.CAPABILITIES in inside.walls:
        kernel.keep_capabilities(_kept())
    kernel.forbid_new_privileges()
    if inside.shared and Wall.TRACING in inside.walls:
        kernel.forbid_tracing()
    if Wall.FILTER in inside.walls:
        kernel.install_filter(filter_for(os.uname().machine, unix=inside.unix))


def _kept() -> frozenset[int]:
    return ROOT_KEEPS if os.geteuid() == 0 else frozenset()


def prove(inside: Inside) -> None:
    """Ask the kernel whether the walls hold. Raises ``Refused`` for the first that does not."""
    if others := [name for name in kernel.interfaces_up() if name != "lo"]:
        raise Refused(Refusal("network", 0, f"{', '.join(others)} is still up"))
    told = kernel.status_of_this_process()
    if told["NoNewPrivs"] != "1":
        raise Refused(Refusal("no_new_privs", 0, "the kernel does not keep it"))
    if Wall.CAPABILITIES in inside.walls:
        most = sum(1 << number for number in _kept())
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            if int(told[name], 16) & ~most:
                raise Refused(Refusal("capabilities", 0, f"{name} is still {told[name]}"))
    if Wall.FILTER in inside.walls:
        _prove_filter(told, inside.unix)
    if inside.shared and Wall.TRACING in inside.walls:
        _prove_untraced()
    if Wall.SWITCHES in inside.walls and _can_write(Path("/proc/sys/kernel/core_pattern")):
        raise Refused(Refusal("/proc/sys", 0, "it can be written, by which the kernel starts programs outside"))
    if Wall.SOCKETS in inside.walls:
        for number in sockets.inherited():
            raise Refused(Refusal("inherited sockets", 0, f"descriptor {number} is one"))


def _prove_filter(told: dict[str, str], unix: bool) -> None:
    refused = [socket.AF_PACKET, *(() if unix else (socket.AF_UNIX,))]
    if told["Seccomp"] != "2" or any(_makes(family) for family in refused):
        raise Refused(Refusal("seccomp", 0, "the filter does not hold"))


def _prove_untraced() -> None:
    """No other process can be made to act: into the memory of none is a way."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid() and _can_write(entry / "mem"):
            raise Refused(Refusal("ptrace", 0, f"process {entry.name} could be made to act outside"))


def _can_write(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY))
    except OSError:
        return False
    return True


def _makes(family: int) -> bool:
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError as error:
        return error.errno != errno.EAFNOSUPPORT
    return True


def unix_sockets(table: str) -> tuple[str, ...]:
    """Paths of Unix sockets through which a program could ask one outside to act for it.

    ``table`` is the text of ``/proc/net/unix``: those that listen or take datagrams at this moment, by their path.
    """
    rows = (line.split(None, 7) for line in table.splitlines()[1:])
    named = (row[7] for row in rows if len(row) == 8 and row[7].startswith("/"))
    return tuple(dict.fromkeys(real for path in named if _is_socket(real := os.path.realpath(path))))


def _is_socket(path: str) -> bool:
    try:
        return stat.S_ISSOCK(Path(path).stat().st_mode)
    except OSError:
        return False
