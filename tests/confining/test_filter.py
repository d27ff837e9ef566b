"""The filter on both machines, run as the kernel runs it: on the numbers of a call alone."""

from __future__ import annotations

import errno
import struct

import pytest

from okx_doctor.confining.filter import TABLES, filter_for
from okx_doctor.confining.walls import Refused

PASS, END = 0x7FFF0000, 0x80000000
UNIX, IPV4, IPV6, NETLINK, PACKET, VSOCK = 1, 2, 10, 16, 17, 40
STREAM, DATAGRAM, RAW, SEQUENCED = 1, 2, 3, 5
CLOSE_ON_EXEC = 0o2000000


def decided(program: bytes, audit: int, number: int, *arguments: int) -> int:
    """What the program returns for a call; every jump goes forward and ends in a return."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    call = struct.pack("IIQ6Q", number, audit, 0, *padded)
    at, value = 0, 0
    while True:
        operation, yes, no, constant = struct.unpack_from("HBBI", program, at * 8)
        at += 1
        match operation:
            case 0x20:
                (value,) = struct.unpack_from("I", call, constant)
            case 0x54:
                value &= constant
            case 0x15:
                at += yes if value == constant else no
            case 0x35:
                at += yes if value >= constant else no
            case 0x06:
                return int(constant)
            case _:
                raise AssertionError(f"operation {operation:#x}")


def said(machine: str, name: str, *arguments: int, unix: bool = False) -> int:
    """0 where a call passes, the error that it gets, or -1 where the program is ended."""
    table = TABLES[machine]
    number = getattr(table, name) if isinstance(getattr(table, name, None), int) else int(name)
    given = decided(filter_for(machine, unix=unix), table.audit, number, *arguments)
    return {PASS: 0, END: -1}.get(given, given & 0xFFFF)


@pytest.fixture(params=sorted(TABLES))
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("family", range(64))
def test_sockets_are_made_of_sealed_families_alone(family: int, machine: str) -> None:
    sealed = family in (IPV4, IPV6, NETLINK)

    assert said(machine, "socket", family, STREAM) == (0 if sealed else errno.EAFNOSUPPORT)
    assert said(machine, "socket", family, STREAM, unix=True) == (0 if sealed or family == UNIX else errno.EAFNOSUPPORT)


@pytest.mark.parametrize("flags", [0, CLOSE_ON_EXEC])
@pytest.mark.parametrize("kind", [STREAM, DATAGRAM, RAW, SEQUENCED])
def test_pairs_are_made_only_of_sockets_that_cannot_be_pointed_elsewhere(kind: int, flags: int, machine: str) -> None:
    harmless = kind in (STREAM, SEQUENCED)

    assert said(machine, "socketpair", UNIX, kind | flags) == (0 if harmless else errno.EAFNOSUPPORT)
    assert said(machine, "socketpair", UNIX, kind | flags, unix=True) == 0
    assert said(machine, "socketpair", 30, kind | flags) == errno.EAFNOSUPPORT


def test_typing_for_the_user_is_forbidden_and_other_control_is_not(machine: str) -> None:
    assert said(machine, "ioctl", 0, 0x5412) == said(machine, "ioctl", 0, 0x541C) == errno.EPERM
    assert said(machine, "ioctl", 0, 0x5412 | 1 << 32) == errno.EPERM  # the kernel reads the lower half alone
    assert said(machine, "ioctl", 0, 0x5413) == 0  # the window's size


def test_what_reaches_past_the_filter_does_not_exist(machine: str) -> None:
    for number in TABLES[machine].hidden:
        assert said(machine, str(number)) == errno.ENOSYS


def test_other_calls_pass(machine: str) -> None:
    known = {*TABLES[machine].hidden}
    assert [n for n in range(470) if said(machine, str(n), IPV4) not in (0, errno.ENOSYS) and n not in known] == [
        TABLES[machine].socketpair
    ]


def test_a_call_by_another_table_ends_the_program(machine: str) -> None:
    program = filter_for(machine, unix=False)

    for audit in (0x40000003, 0x40000028, 0xC00000F3):
        assert decided(program, audit, 1) == END
    assert said("x86_64", str(0x40000000 + 41), IPV4) == errno.ENOSYS


def test_a_machine_without_a_table_has_no_seal() -> None:
    with pytest.raises(Refused, match="no filter is known for riscv64"):
        filter_for("riscv64", unix=False)
