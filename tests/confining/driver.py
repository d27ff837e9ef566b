"""Runs a command by the package's door, in a process of its own: ``python driver.py ASKED RESULT``.

ASKED is JSON: ``command``; ``uid`` to become before; ``without``, walls by name; ``allow``; ``ports``; ``sabotage``, a
function of the kernel's that fails and its error. RESULT gets what came of it. Outside stand daemons that nobody is to
reach: the command knows where by its environment.
"""

from __future__ import annotations

import codecs
import ctypes
import errno
import fcntl
import json
import os
import shutil
import socket
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from okx_doctor.confining import command as commands
from okx_doctor.confining import confine as door
from okx_doctor.confining import kernel, seal, serving, sockets, trust
from okx_doctor.confining.filter import Instruction, assembled
from okx_doctor.confining.refusals import CannotSeal
from okx_doctor.confining.walls import WALLS, Refusal, Refused, Wall

AUTHORITY = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
ZONES = ("okx.com", "okex.com")
HOSTS = ("openapi.okx.com", "www.okx.com")
assert serving and trust and sockets  # all of the package is loaded before the rights to read it go


def main(asked: dict[str, Any], result: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="okx-doctor-test-"))
    folder.chmod(0o755)
    with result.open("w") as file:
        for encoding in ("ascii", "latin-1", "utf-16-be", "idna"):
            codecs.lookup(encoding)  # afterwards it may not be read
        around = asked.get("around", "")
        if around == "networked":  # root alone may make a device
            outer = Around(around, folder)
            become(asked["uid"], folder)
        else:
            become(asked["uid"], folder)
            outer = Around(around, folder)
        try:
            before = {name: Path(name).read_text() for name in asked.get("compare", ())}
            told = outcome(asked, folder)
            if before:
                told["unchanged"] = [name for name, text in before.items() if Path(name).read_text() == text]
            json.dump(told | outer.told(), file)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def become(uid: int, folder: Path) -> None:
    """Be another user as one who has logged in is: nothing kept, and in charge of its own processes' folders."""
    if uid and os.geteuid() == 0:
        os.chown(folder, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE
        os.environ["HOME"] = str(folder)


def outcome(asked: dict[str, Any], folder: Path) -> dict[str, Any]:
    with ExitStack() as stack:
        for name, number in asked.get("sabotage", {}).items():
            stack.enter_context(sabotaged(name, number))
        spots = stack.enter_context(Spots(folder))
        if "occupied" in asked:
            stack.enter_context(socket.create_server(("127.0.0.1", asked["occupied"])))
        environ = {**os.environ, **spots.environ, **asked.get("environ", {}), "FOLDER": str(folder)}
        walls = WALLS - {Wall[name] for name in asked.get("without", ())}
        try:
            confined = stack.enter_context(
                door.confine(
                    asked["command"],
                    environ=environ,
                    zones=ZONES,
                    hosts=HOSTS,
                    authority_pem=AUTHORITY,
                    ports=asked.get("ports", door.PORTS),
                    allow=[*asked.get("allow", ()), *([f"localhost:{spots.port}"] if "allow_port" in asked else [])],
                    walls=walls,
                )
            )
        except (CannotSeal, ValueError) as error:
            return {"cannot": str(error), "marks": marks(folder)}
        if asked.get("fail_before_go"):
            stack.close()
            return {"marks": marks(folder), "ended": confined.status()}
        with commands.signals_passed_on(confined.process):
            try:
                confined.go()
            except commands.CannotStart as error:
                return {"cannot_start": [error.status, error.reason]}
            status = confined.wait(asked.get("seconds", 60))
        told = confined.not_let_out()
        made = {
            "status": status,
            "names": told.names,
            "packets": told.packets,
            "connections": told.connections,
            "proxies": told.proxies,
            "leftovers": [one.name for one in confined.leftovers()],
            "sealed": confined.is_sealed(),
            "in_container": confined.in_container,
            "marks": marks(folder),
        }
        reached = spots.reached()
    return made | {"reached": reached, "ended": confined.status()}


class Around:
    """Where the driver itself lives: ``""`` on the machine, ``full`` where no namespace is left, ``container`` without
    network as Docker makes it, ``networked`` in one with a network device, of which every frame is read."""

    def __init__(self, kind: str, folder: Path) -> None:
        self._frames: int | None = None
        if kind:
            enter(NAMESPACES.get(kind, kernel.NEW_NETWORK | kernel.NEW_MOUNTS))
        if kind == "no room":
            small = folder / "small"
            small.mkdir()
            flags = ctypes.c_ulong(0)
            assert ctypes.CDLL(None).mount(b"none", os.fsencode(small), b"tmpfs", flags, b"size=4k,nr_inodes=9") == 0
            (small / "taken").write_bytes(bytes(4096))
            tempfile.tempdir = str(small)
        if kind == "full":
            Path("/proc/sys/user/max_user_namespaces").write_text("0")
        if kind in ("container", "a container with a network"):
            kernel.raise_loopback(())
            if kind != "container":
                self._frames = device()
            Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0")
            kernel.keep_mounts_apart()
            for name in ("hosts", "resolv.conf"):
                own = folder / name
                own.write_text(Path("/etc", name).read_text())
                kernel.show(str(own), os.path.realpath(f"/etc/{name}"))
            kernel.show("/proc/sys", "/proc/sys")
            kernel.make_read_only("/proc/sys")
            kernel.keep_capabilities(DOCKERS if os.geteuid() == 0 else ())
            kernel.forbid_new_privileges()
            kernel.install_filter(assembled(DOCKERS_PROFILE))
        if kind == "networked":
            kernel.raise_loopback(())
            self._frames = device()
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
                one.sendto(b"control", ("192.0.2.1", 9))

    def told(self) -> dict[str, Any]:
        """The frames that the device was to send, by their first bytes; the first is the control's."""
        if self._frames is None:
            return {}
        found = []
        try:
            while frame := os.read(self._frames, 4096):
                if frame[0] >> 4 == 4:  # IPv6 speaks by itself when a device comes up
                    found.append(frame[28:].decode("latin-1"))
        except BlockingIOError:
            pass
        return {"frames": found}


NAMESPACES = {"full": 0, "no room": kernel.NEW_MOUNTS}
DOCKERS = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""The capabilities that Docker leaves root."""
NUMBERS = {"x86_64": (272, 308, 165, 166), "aarch64": (97, 268, 40, 39)}[os.uname().machine]
DOCKERS_PROFILE: tuple[Instruction | str, ...] = (
    (0x20, 0, "", ""),
    *((0x15, number, "no", "") for number in NUMBERS),  # unshare, setns, mount, umount2
    (0x06, 0x7FFF_0000, "", ""),
    "no",
    (0x06, 0x0005_0000 | errno.EPERM, "", ""),
)


def enter(flags: int) -> None:
    """New namespaces for this process, of users too where it is not root or none are to be left."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 and flags:
        kernel.unshare(flags)
        return
    kernel.unshare(kernel.NEW_USERS | flags)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def device() -> int:
    """A network device to which every route leads. What it is to send can be read."""
    made = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(made, 0x400454CA, struct.pack("16sH22x", b"out", 0x1001))  # TUNSETIFF, IFF_TUN | IFF_NO_PI
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton("192.0.2.9"))
        fcntl.ioctl(control, 0x8916, struct.pack("16s16s", b"out", address))
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"out", 1 | 64))  # up, running
        name, anywhere = ctypes.create_string_buffer(b"out"), struct.pack("H14x", socket.AF_INET)
        row = struct.pack(
            "@L16s16s16sHhLPhPLLH", 0, anywhere, anywhere, anywhere, 1, 0, 0, 0, 0, ctypes.addressof(name), 0, 0, 0
        )
        fcntl.ioctl(control, 0x890B, row)  # SIOCADDRT
    return made


def marks(folder: Path) -> dict[str, str]:
    """The files that the command has left in its folder."""
    return {path.name: path.read_text() for path in sorted(folder.glob("mark*"))}


@contextmanager
def sabotaged(name: str, number: int) -> Iterator[None]:
    """A step of the seal that the kernel refuses."""

    def fail(*_: object, **__: object) -> None:
        raise Refused(Refusal(name, number))

    modules = {"map_ids": seal, "bound": sockets, "filter_for": seal}
    module = modules.get(name, kernel)
    before: Callable[..., object] = getattr(module, name)
    setattr(module, name, fail)
    try:
        yield
    finally:
        setattr(module, name, before)


class Spots:
    """Daemons outside, and a socket of theirs that the command inherits. What reaches them waits until it is read."""

    def __init__(self, folder: Path) -> None:
        self._stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._abstract = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._port = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._stream.bind(str(folder / "stream"))
        self._datagrams.bind(str(folder / "datagrams"))
        self._abstract.bind(f"\0okx-doctor-test-{os.getpid()}")
        self._port.bind(("127.0.0.1", 0))
        for one in (self._stream, self._abstract, self._port):
            one.listen(4)
        self._inherited = socket.socket(socket.AF_INET)
        self._inherited.connect(self._port.getsockname())
        self._peer, _ = self._port.accept()
        self._inherited.set_inheritable(True)
        self.port: int = self._port.getsockname()[1]
        self.environ = {
            "SPOT_STREAM": str(folder / "stream"),
            "SPOT_DATAGRAMS": str(folder / "datagrams"),
            "SPOT_ABSTRACT": str(os.getpid()),
            "SPOT_PORT": str(self._port.getsockname()[1]),
            "SPOT_INHERITED": str(self._inherited.fileno()),
        }

    def __enter__(self) -> Spots:
        return self

    def __exit__(self, *_: object) -> None:
        for one in (self._stream, self._datagrams, self._abstract, self._port, self._inherited, self._peer):
            one.close()

    def reached(self) -> list[str]:
        found = []
        for name, one in (("stream", self._stream), ("abstract", self._abstract), ("port", self._port)):
            if accepted(one):
                found.append(name)
        for name, one in (("datagrams", self._datagrams), ("inherited", self._peer)):
            if said(one):
                found.append(name)
        return sorted(found)


def accepted(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        one.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def said(one: socket.socket) -> bool:
    one.setblocking(False)
    try:
        return bool(one.recv(100))
    except OSError as error:
        assert error.errno in (errno.EAGAIN, errno.ECONNRESET)
        return False


if __name__ == "__main__":
    main(json.loads(sys.argv[1]), Path(sys.argv[2]))
