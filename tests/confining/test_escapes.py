"""Nothing gets out: every way that a program could try, and what each wall is needed for."""

from __future__ import annotations

import platform
from functools import cache
from pathlib import Path

import pytest

from tests.confining.running import Ran, Who, program, run

pytestmark = pytest.mark.slow

ATTEMPTS = Path(__file__).with_name("attempts.py").read_text()
UNREACHABLE = ("ENETUNREACH",)
NO_FAMILY = ("EAFNOSUPPORT",)
HIDDEN = ("ENOSYS",)
DENIED = ("EACCES", "EPERM")
NO_NAME = ("[Errno -2] Name or service not known", "[Errno -3] Temporary failure in name resolution")

EXPECTED: dict[str, tuple[str, ...]] = {
    "TCP to a bare address": UNREACHABLE,
    "TCP to a bare IPv6 address": (*UNREACHABLE, "EADDRNOTAVAIL", "EAFNOSUPPORT"),  # the last: no IPv6 in the kernel
    "UDP to another resolver": UNREACHABLE,
    "QUIC to a bare address": UNREACHABLE,
    "TCP to a neighbour of the exchange": UNREACHABLE,
    "broadcast": UNREACHABLE,
    "multicast": UNREACHABLE,
    "a name outside": NO_NAME[:1],
    "a name of the exchange": ("198.18.0.1",),
    "a service on the machine's loopback": ("ECONNREFUSED",),
    "families of sockets": ("[2, 10, 16]",),
    "raw socket": DENIED,
    "packet socket": NO_FAMILY,
    "vsock": NO_FAMILY,
    "Unix socket by its path": NO_FAMILY,
    "Unix datagram by its path": NO_FAMILY,
    "Unix datagram by a pair": NO_FAMILY,
    "abstract Unix socket": NO_FAMILY,
    "pair of stream sockets": ("made",),
    "io_uring_setup": HIDDEN,
    "io_uring_enter": HIDDEN,
    "io_uring_register": HIDDEN,
    "request_key": HIDDEN,
    "add_key": HIDDEN,
    "keyctl": HIDDEN,
    "typing into the terminal": ("EPERM",),
    "inherited socket": ("none",),
    "network of okx-doctor": DENIED,
    "users of okx-doctor": DENIED,
    "network of init": DENIED,
    "ptrace okx-doctor": DENIED,
    "a descriptor of okx-doctor": DENIED,
    "memory of okx-doctor": DENIED,
    "root of okx-doctor": DENIED,
    "uncover /etc/hosts": DENIED,
    "add an address": DENIED,
    "uncover in a nested namespace": (*DENIED, "EINVAL", "ENOSPC"),
    "have the kernel start a program by a proc of one's own": (*DENIED, "EROFS", "ENOSPC"),
    "a nested network": (*UNREACHABLE, *DENIED, "ENOSPC"),
    "have the kernel start a program": (*DENIED, "EROFS"),
}
"""What each attempt may come to. Anything else is a way out, or a thing that is no longer tried."""
ON_X86 = {"a call of x32": HIDDEN, "a call of a 32-bit program": ("SIGSYS", "SIGSEGV")}  # the last: no such programs
ROWS = EXPECTED | (ON_X86 if platform.machine() == "x86_64" else {})
FILES_OF_ROOT = f"{sum(1 << one for one in (0, 1, 2, 3, 4, 5, 6, 7, 10, 18)):016x}"


@cache
def attempted(who: Who, *without: str, allow: tuple[str, ...] = ()) -> Ran:
    return run(program(ATTEMPTS, who), who, without=without, allow=allow)


@pytest.mark.parametrize("row", ROWS)
def test_an_attempt_to_get_out_fails(row: str, who: Who) -> None:
    assert attempted(who).lines[row] in ROWS[row]


def test_nothing_else_was_tried_and_nobody_outside_was_reached(who: Who) -> None:
    ran = attempted(who)

    assert set(ran.lines) - {"capabilities", "ids"} == set(ROWS)
    assert ran.told["status"] == 0
    assert ran.told["reached"] == []


def test_everyone_stays_who_they_are_and_holds_no_power_over_the_seal(who: Who) -> None:
    ran = attempted(who)
    kept = FILES_OF_ROOT if who.uid == 0 else "0" * 16
    effective, permitted, bounding, ambient, locked, filtered = ran.lines["capabilities"].split()

    assert ran.lines["ids"] == f"{who.uid} {who.uid}"
    assert {effective, permitted} == {kept}
    assert int(bounding, 16) & ~int(kept, 16) == 0
    assert (int(ambient, 16), locked, filtered) == (0, "1", "2")


def test_what_was_not_let_out_is_told_by_name_and_counted(who: Who) -> None:
    told = attempted(who).told

    assert told["names"] == ["api.telegram.org"]
    assert told["packets"] >= 6


def fallen(who: Who, wall: str, **asked: tuple[str, ...]) -> dict[str, str]:
    """The rows that no longer hold without a wall, with what they came to."""
    ran = attempted(who, wall, **asked)
    return {row: said for row, said in ran.lines.items() if row in ROWS and said not in ROWS[row]}


FILTERED = {
    "families of sockets",
    "vsock",
    "Unix socket by its path",
    "Unix datagram by its path",
    "Unix datagram by a pair",
    "typing into the terminal",
    "request_key",
    "add_key",
    "keyctl",
}


def test_without_the_filter_daemons_outside_are_reached(who: Who) -> None:
    lost = set(fallen(who, "FILTER"))
    may_be_closed = set()
    if not Path("/proc/sys/dev/tty/legacy_tiocsti").exists() or _says("/proc/sys/dev/tty/legacy_tiocsti", "0"):
        may_be_closed.add("typing into the terminal")  # the kernel itself forbids it
    if not Path("/proc/keys").exists():
        may_be_closed |= {"request_key", "add_key", "keyctl"}

    assert FILTERED - may_be_closed <= lost
    assert attempted(who, "FILTER").told["reached"] == ["datagrams", "stream"]


def test_with_its_capabilities_root_would_undo_the_seal(root: Who) -> None:
    lost = fallen(root, "CAPABILITIES")

    assert {"uncover /etc/hosts", "add an address", "raw socket"} <= set(lost)


def test_an_inherited_socket_would_lead_out(who: Who) -> None:
    ran = attempted(who, "SOCKETS")

    assert ran.lines["inherited socket"] == "ESCAPED"
    assert ran.told["reached"] == ["inherited"]


def test_root_could_have_the_kernel_start_a_program_outside(root: Who) -> None:
    assert fallen(root, "SWITCHES") == {
        "have the kernel start a program": "ESCAPED",
        "have the kernel start a program by a proc of one's own": "ESCAPED",
    }


UNIX = ("unix",)


def test_where_unix_sockets_are_allowed_those_that_lead_outside_are_covered(who: Who) -> None:
    ran = attempted(who, allow=UNIX)

    assert ran.lines["Unix socket by its path"] == ran.lines["Unix datagram by its path"] == "ECONNREFUSED"
    assert ran.lines["Unix datagram by a pair"] == ran.lines["abstract Unix socket"] == "ECONNREFUSED"
    assert ran.lines["families of sockets"] == "[1, 2, 10, 16]"
    assert ran.told["reached"] == []


def test_uncovered_they_would_be_reached(who: Who) -> None:
    assert attempted(who, "MASKS", allow=UNIX).told["reached"] == ["datagrams", "stream"]


def test_programs_of_one_command_still_speak_by_unix_sockets_where_those_are_allowed(user: Who) -> None:
    source = """
import os, socket
with socket.socket(socket.AF_UNIX) as listening:
    listening.bind(os.environ["FOLDER"] + "/own")
    listening.listen()
    if os.fork() == 0:
        with socket.socket(socket.AF_UNIX) as one:
            one.connect(os.environ["FOLDER"] + "/own")
            one.send(b"hello")
        os._exit(0)
    print(listening.accept()[0].recv(10).decode())
"""
    ran = run(program(source, user), user, allow=UNIX)

    assert ran.out == "hello\n", ran.err


def _says(path: str, value: str) -> bool:
    return Path(path).read_text().strip() == value


def test_the_walls_are_taken_away_in_tests_alone() -> None:
    package = Path(__file__).parents[2] / "okx_doctor"
    others = [path for path in package.rglob("*.py") if path.parent.name != "confining"]

    assert [path.name for path in others if "walls" in path.read_text("utf-8")] == []
