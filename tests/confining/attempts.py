"""What a program could try to get out. Run inside, it prints one line per attempt: name, tab, what came of it.

Standard library alone, and no import of the project: it runs as users who may not read it. Addresses are of the ranges
for documentation and benchmarks, which no network routes.
"""

import ctypes
import errno
import fcntl
import mmap
import os
import pty
import signal
import socket
import struct
import sys
import termios
from collections.abc import Callable
from functools import partial
from pathlib import Path

LIBRARY = ctypes.CDLL(None, use_errno=True)
MACHINE = os.uname().machine
NUMBERS = {"x86_64": {"add_key": 248, "request_key": 249, "keyctl": 250, "socket": 41}}.get(
    MACHINE, {"add_key": 217, "request_key": 218, "keyctl": 219, "socket": 198}
)
IO_URING = {"io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427}
NEW_MOUNTS, NEW_PIDS, NEW_USERS, NEW_NETWORK = 0x20000, 0x20000000, 0x10000000, 0x40000000


def tried(name: str, attempt: Callable[[], object]) -> None:
    try:
        came = attempt()
        said = "ESCAPED" if came is None else str(came)
    except OSError as error:
        said = errno.errorcode.get(error.errno, type(error).__name__) if error.errno and error.errno > 0 else str(error)
    sys.stdout.write(f"{name}\t{said}\n")
    sys.stdout.flush()


def call(name: str, *arguments: object) -> None:
    if getattr(LIBRARY, name)(*arguments) < 0:
        raise OSError(ctypes.get_errno(), name)


def system_call(number: int, *arguments: int) -> None:
    if LIBRARY.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), str(number))


def connect(family: int, kind: int, address: tuple[str, int] | str) -> None:
    with socket.socket(family, kind) as one:
        one.settimeout(3)
        one.connect(address)


def send(address: tuple[str, int], option: int | None = None) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        if option:
            one.setsockopt(socket.SOL_SOCKET, option, 1)
        one.sendto(b"x", address)


def families() -> list[int]:
    """The families of which a socket can be made, whatever its kind."""
    made = set()
    for family in range(64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            try:
                socket.socket(family, kind).close()
                made.add(family)
            except OSError as error:
                if error.errno != errno.EAFNOSUPPORT:
                    made.add(family)
    return sorted(made)


def pair(kind: int) -> str:
    one, other = socket.socketpair(socket.AF_UNIX, kind)
    one.close()
    other.close()
    return "made"


def datagram_by_a_pair() -> None:
    one, _other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"x", os.environ["SPOT_DATAGRAMS"])


def typed() -> None:
    """Type for the user: into a terminal of one's own, which the kernel judges like any other."""
    pid, fd = pty.fork()
    if pid == 0:
        try:
            fcntl.ioctl(0, termios.TIOCSTI, b"x")
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 255)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(fd)
    if status:
        raise OSError(status, "TIOCSTI")


def inherited() -> str | None:
    """Use whatever socket there is, by its number."""
    for number in range(3, 256):
        try:
            one = socket.socket(fileno=os.dup(number))
            one.send(b"x")
            return None
        except OSError:
            pass
    return "none"


def join(path: str, kind: int) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        call("setns", number, kind)
    finally:
        os.close(number)


def stolen(pid: int) -> None:
    """A socket of another process by its number there."""
    handle = os.pidfd_open(pid)
    for number in range(3, 64):
        if LIBRARY.syscall(438, handle, number, 0) >= 0:
            return
    raise OSError(ctypes.get_errno(), "pidfd_getfd")


def add_address() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton("198.18.0.9"))
        fcntl.ioctl(control, 0x8916, struct.pack("16s16s", b"lo:x", address))


def written(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY))


def in_a_child(attempt: Callable[[], None]) -> Callable[[], str | None]:
    """An attempt that changes the process for good."""

    def run() -> str | None:
        pid = os.fork()
        if pid == 0:
            try:
                attempt()
                os._exit(0)
            except OSError as error:
                os._exit(error.errno or 255)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status < 0:
            return signal.Signals(-status).name
        if status:
            raise OSError(status, "in a child")
        return None

    return run


def nested_unmount() -> None:
    call("unshare", NEW_USERS | NEW_MOUNTS)
    call("umount2", b"/etc/hosts", 2)


def nested_proc() -> None:
    """The same in a proc of one's own, in which nothing is covered."""
    call("unshare", NEW_USERS | NEW_MOUNTS | NEW_PIDS)
    pid = os.fork()
    if pid == 0:
        try:
            call("mount", b"proc", b"/mnt", b"proc", 0, None)
            written("/mnt/sys/kernel/core_pattern")
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 255)
    if status := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise OSError(status, "mount")


def nested_network() -> None:
    call("unshare", NEW_USERS | NEW_NETWORK)
    if [name for _, name in socket.if_nameindex() if name != "lo" and not name.endswith("0")]:
        return
    connect(socket.AF_INET, socket.SOCK_STREAM, ("192.0.2.1", 443))


def as_32_bit() -> None:
    """socket(AF_UNIX, SOCK_STREAM, 0) by the table of 32-bit programs: int 0x80."""
    code = bytes.fromhex("53b867010000bb01000000b90100000031d2cd805bc3")
    with mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC) as memory:
        memory.write(code)
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        made = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
        os._exit(-made if made < 0 else 0)


def capabilities() -> str:
    rows = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return " ".join(rows[name].strip() for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"))


def main() -> None:
    parent = os.getppid()
    stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
    tried("TCP to a bare address", lambda: connect(socket.AF_INET, stream, ("192.0.2.1", 443)))
    tried("TCP to a bare IPv6 address", lambda: connect(socket.AF_INET6, stream, ("2001:db8::1", 443)))
    tried("UDP to another resolver", lambda: send(("192.0.2.1", 53)))
    tried("QUIC to a bare address", lambda: send(("192.0.2.1", 443)))
    tried("TCP to a neighbour of the exchange", lambda: connect(socket.AF_INET, stream, ("198.18.0.2", 443)))
    tried("broadcast", lambda: send(("255.255.255.255", 9), socket.SO_BROADCAST))
    tried("multicast", lambda: send(("224.0.0.251", 5353)))
    tried("a name outside", lambda: socket.getaddrinfo("api.telegram.org", 443) and None)
    tried("a name of the exchange", lambda: socket.gethostbyname("some.new.okx.com"))
    tried(
        "a service on the machine's loopback",
        lambda: connect(socket.AF_INET, stream, ("127.0.0.1", int(os.environ["SPOT_PORT"]))),
    )
    tried("families of sockets", families)
    tried("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1) and None)
    tried("packet socket", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300) and None)
    tried("vsock", lambda: socket.socket(socket.AF_VSOCK, stream) and None)
    tried("Unix socket by its path", lambda: connect(socket.AF_UNIX, stream, os.environ["SPOT_STREAM"]))
    tried("Unix datagram by its path", lambda: connect(socket.AF_UNIX, datagram, os.environ["SPOT_DATAGRAMS"]))
    tried("Unix datagram by a pair", datagram_by_a_pair)
    tried(
        "abstract Unix socket",
        lambda: connect(socket.AF_UNIX, stream, "\0okx-doctor-test-" + os.environ["SPOT_ABSTRACT"]),
    )
    tried("pair of stream sockets", lambda: pair(stream))
    for name, number in IO_URING.items():
        tried(name, partial(system_call, number, 1, 0, 0, 0, 0))
    kind, text = ctypes.create_string_buffer(b"user"), ctypes.create_string_buffer(b"okx-doctor-test")
    a, b = ctypes.addressof(kind), ctypes.addressof(text)
    tried("request_key", lambda: system_call(NUMBERS["request_key"], a, b, b, -2))
    tried("add_key", lambda: system_call(NUMBERS["add_key"], a, b, b, 1, -2))
    tried("keyctl", lambda: system_call(NUMBERS["keyctl"], 0, -2, 0))
    tried("typing into the terminal", typed)
    tried("inherited socket", inherited)
    tried("network of okx-doctor", lambda: join(f"/proc/{parent}/ns/net", 0))
    tried("users of okx-doctor", lambda: join(f"/proc/{parent}/ns/user", NEW_USERS))
    tried("network of init", lambda: join("/proc/1/ns/net", 0))
    tried("ptrace okx-doctor", lambda: call("ptrace", 16, parent, 0, 0))
    tried("a descriptor of okx-doctor", lambda: stolen(parent))
    tried("memory of okx-doctor", lambda: written(f"/proc/{parent}/mem"))
    tried("root of okx-doctor", lambda: list(Path(f"/proc/{parent}/root").iterdir()) and None)
    tried("uncover /etc/hosts", lambda: call("umount2", b"/etc/hosts", 2))
    tried("add an address", add_address)
    tried("uncover in a nested namespace", in_a_child(nested_unmount))
    tried("have the kernel start a program by a proc of one's own", in_a_child(nested_proc))
    tried("a nested network", in_a_child(nested_network))
    tried("have the kernel start a program", lambda: written("/proc/sys/kernel/core_pattern"))
    if MACHINE == "x86_64":
        tried("a call of x32", lambda: system_call(0x40000000 + NUMBERS["socket"], socket.AF_UNIX, 1, 0))
        tried("a call of a 32-bit program", in_a_child(as_32_bit))
    tried("capabilities", capabilities)
    tried("ids", lambda: f"{os.getuid()} {os.getgid()}")


if __name__ == "__main__":
    main()
