"""The system calls that Python does not offer, through the C library. Each does its work or raises ``Refused``."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from okx_doctor.confining.walls import Refusal, Refused

NEW_MOUNTS: Final = 0x0002_0000
NEW_USERS: Final = 0x1000_0000
NEW_NETWORK: Final = 0x4000_0000

_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_KEPT_BY_REMOUNTING = 2 | 4 | 8 | 1024 | 2048  # nosuid, nodev, noexec, noatime, nodiratime
_RELATIVE_ACCESS_TIMES = (4096, 1 << 21)  # as statvfs tells it, and as mount takes it

_SET_PARENT_DEATH_SIGNAL, _SET_FILTER, _DROP_BOUNDING = 1, 22, 24
_NO_NEW_PRIVILEGES, _AMBIENT, _CLEAR_ALL, _FILTER_MODE = 38, 47, 4, 2
_CAPABILITY_VERSION = 0x2008_0522

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF, _ASK_VERSION, _PATH_BENEATH = 444, 445, 446, 1, 1
_MAKE_BLOCK_DEVICES, _MOVE = 1 << 11, 1 << 13

_SET_INTERFACE_FLAGS, _SET_ADDRESS, _SET_NETMASK, _INTERFACE_FLAGS = 0x8914, 0x8916, 0x891C, 0x8913
_UP = 1


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(step: str, name: str, *arguments: object, where: str = "") -> None:
    if getattr(_library(), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise Refused(Refusal(step, number, f"{os.strerror(number)} ({where})" if where else ""))


def _control(option: int, *arguments: object, step: str) -> None:
    given = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in (*arguments, 0, 0, 0, 0)[:4]]
    _call(step, "prctl", option, *given)


@contextmanager
def _system_errors(step: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Refused(Refusal(step, error.errno or 0, error.strerror or str(error))) from None


def unshare(flags: int) -> None:
    """Leave the namespaces of the parent for new ones."""
    _call("unshare", "unshare", flags)


def keep_mounts_apart() -> None:
    """From now on nothing is mounted here because it is mounted outside, nor the other way round."""
    _call("mount", "mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)


def show(shown: str, where: str) -> None:
    """Show a file, or a folder with all that is mounted in it, in place of another."""
    flags = ctypes.c_ulong(_BIND | _RECURSIVE)
    _call("mount", "mount", os.fsencode(shown), os.fsencode(where), None, flags, None, where=where)


def make_read_only(where: str) -> None:
    """Make the mount on this path one that can only be read."""
    told = os.statvfs(where).f_flag
    flags = _REMOUNT | _BIND | _READ_ONLY | (told & _KEPT_BY_REMOUNTING)
    if told & _RELATIVE_ACCESS_TIMES[0]:
        flags |= _RELATIVE_ACCESS_TIMES[1]
    _call("mount", "mount", b"none", os.fsencode(where), None, ctypes.c_ulong(flags), None, where=where)


def raise_loopback(addresses: Collection[str]) -> None:
    """Bring ``lo`` up, and give it further IPv4 addresses, each alone."""
    import fcntl

    with _system_errors("lo"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, _SET_INTERFACE_FLAGS, struct.pack("16sh14x", b"lo", _UP))
        for index, address in enumerate(addresses):
            label = f"lo:{index}".encode()
            for request, value in ((_SET_ADDRESS, address), (_SET_NETMASK, "255.255.255.255")):
                packed = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(value))
                fcntl.ioctl(control, request, struct.pack("16s16s", label, packed))


def interfaces_up() -> tuple[str, ...]:
    """The network interfaces of this network that are up."""
    import fcntl

    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for _, name in socket.if_nameindex():
            told = fcntl.ioctl(control, _INTERFACE_FLAGS, struct.pack("16sh14x", name.encode(), 0))
            if struct.unpack_from("16sh", told)[1] & _UP:
                found.append(name)
    return tuple(found)


def keep_capabilities(kept: Collection[int]) -> None:
    """Give up every capability but these, now and for whatever is executed later."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text("ascii"))
    for number in range(last + 1):
        if number not in kept:
            # Who may not drop it here cannot gain it either: no_new_privs leaves what is permitted now as the most.
            _library().prctl(_DROP_BOUNDING, ctypes.c_ulong(number), ctypes.c_ulong(0), ctypes.c_ulong(0))
    _control(_AMBIENT, _CLEAR_ALL, step="ambient capabilities")
    mask = sum(1 << number for number in kept) & _permitted()
    halves = [(mask >> shift) & 0xFFFF_FFFF for shift in (0, 32)]
    header = ctypes.create_string_buffer(struct.pack("Ii", _CAPABILITY_VERSION, 0))
    data = ctypes.create_string_buffer(b"".join(struct.pack("III", half, half, 0) for half in halves))
    _call("capset", "capset", header, data)


def _permitted() -> int:
    return int(status_of_this_process()["CapPrm"], 16)


def status_of_this_process() -> dict[str, str]:
    """The kernel's account of this process, by name."""
    rows = (line.partition(":") for line in Path("/proc/self/status").read_text("utf-8", "replace").splitlines())
    return {name: value.strip() for name, _, value in rows}


def forbid_new_privileges() -> None:
    """From now on nothing that is executed gets more rights than there are: no set-user-ID, no file capability."""
    _control(_NO_NEW_PRIVILEGES, 1, step="no_new_privs")


def install_filter(program: bytes) -> None:
    """Let every system call from now on, and those of all descendants, pass this filter."""
    held = ctypes.create_string_buffer(program, len(program))
    given = ctypes.create_string_buffer(struct.pack("H6xQ", len(program) // 8, ctypes.addressof(held)))
    _control(_SET_FILTER, _FILTER_MODE, ctypes.byref(given), step="seccomp")


def forbid_tracing() -> bool:
    """From now on neither this process nor a descendant may trace any other process; ``False`` where the kernel
    has no Landlock. A domain of Landlock keeps to itself; that of files it takes only what nobody does here."""
    if _version_of_landlock() < 2:  # the first forbids moving files from folder to folder
        return False
    rights = struct.pack("Q", _MAKE_BLOCK_DEVICES | _MOVE)
    ruleset = _library().syscall(_CREATE_RULESET, rights, ctypes.c_size_t(len(rights)), 0)
    if ruleset < 0:
        raise Refused(Refusal("landlock", ctypes.get_errno()))
    try:
        root = os.open("/", os.O_PATH | os.O_CLOEXEC)
        try:
            rule = struct.pack("=Qi", _MAKE_BLOCK_DEVICES | _MOVE, root)
            _call("landlock", "syscall", _ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
        finally:
            os.close(root)
        _call("landlock", "syscall", _RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return True


def _version_of_landlock() -> int:
    return int(_library().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))


def end_with_parent(signal_number: int) -> None:
    """Have this signal sent to this process when the thread ends that forked it."""
    _control(_SET_PARENT_DEATH_SIGNAL, signal_number, step="parent death signal")
