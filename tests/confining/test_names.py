"""Names inside: in files and by DNS, and what was asked for in vain."""

from __future__ import annotations

import socket
import struct

import pytest

from okx_doctor.confining.names import Names, answer, is_within, nsswitch
from okx_doctor.confining.serving import Serving

pytestmark = pytest.mark.slow

ZONES = ("okx.com", "okex.com")
A, AAAA = 1, 28


def names() -> Names:
    return Names(zones=ZONES, address="198.18.0.1", others={"localhost": "127.0.0.1", "db.example": "127.77.0.1"})


def question(name: str, kind: int = A, identity: int = 0x1234) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", identity, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def read(packet: bytes | None) -> tuple[int, int, bytes]:
    """Code, number of answers, and the last four bytes."""
    assert packet is not None
    identity, flags, _, answers, _, _ = struct.unpack_from("!HHHHHH", packet)
    assert (identity, flags & 0x8000) == (0x1234, 0x8000)
    return flags & 0xF, answers, packet[-4:]


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("www.okx.com", "198.18.0.1"),
        ("WWW.OKX.COM", "198.18.0.1"),
        ("some.new.host.okx.com", "198.18.0.1"),
        ("okex.com", "198.18.0.1"),
        ("localhost", "127.0.0.1"),
        ("db.example", "127.77.0.1"),
    ],
)
def test_a_name_leads_to_the_exchange_or_to_an_allowed_service(name: str, address: str) -> None:
    inside = names()

    assert read(answer(question(name), inside)) == (0, 1, socket.inet_aton(address))
    assert read(answer(question(name, AAAA), inside))[:2] == (0, 0)
    assert not inside.refused


@pytest.mark.parametrize("name", ["api.telegram.org", "okx.com.example.org", "notokx.com", "xn--kx-fka.com"])
def test_another_name_does_not_exist_and_is_noted_once(name: str) -> None:
    inside = names()

    assert read(answer(question(name), inside))[:2] == (3, 0)
    assert read(answer(question(name, AAAA), inside))[:2] == (3, 0)
    assert list(inside.refused) == [name]


def test_addresses_that_are_asked_for_their_names_are_not_noted() -> None:
    inside = names()

    assert read(answer(question("1.2.0.192.in-addr.arpa", 12), inside))[:2] == (3, 0)
    assert not inside.refused


def test_no_more_names_are_noted_than_are_ever_read() -> None:
    inside = names()
    for index in range(5000):
        inside.resolve(f"host{index}.example")

    assert len(inside.refused) == 1000


@pytest.mark.parametrize("packet", [b"", b"\0" * 11, question("www.okx.com")[:2] + b"\x81\x80" + b"\0" * 20])
def test_what_is_no_question_gets_no_answer(packet: bytes) -> None:
    assert answer(packet, names()) is None


@pytest.mark.parametrize("rest", [b"\xc0\x0c\0\1\0\1", b"\x3fshort", b"\3www", b"\3www\0\0", b""])
def test_a_question_that_is_cut_or_crooked_is_told_so(rest: bytes) -> None:
    packet = struct.pack("!HHHHHH", 0x1234, 0x0100, 1, 0, 0, 0) + rest

    assert read(answer(packet, names()))[:2] == (1, 0)


def test_the_hosts_file_keeps_what_is_not_about_the_exchange() -> None:
    lines = (
        "127.0.0.1 localhost",
        "52.1.1.1 www.okx.com a.okx.com # pinned",
        "10.0.0.5 db.internal",
        "10.0.0.6 db.example",
    )
    before = "\n".join(lines)

    assert names().hosts_file(("openapi.okx.com", "www.okx.com"), before).splitlines() == [
        "198.18.0.1 openapi.okx.com www.okx.com",
        "127.77.0.1 db.example",
        "127.0.0.1 localhost",
        "10.0.0.5 db.internal",
    ]


def test_hosts_are_looked_up_without_asking_a_daemon() -> None:
    before = "passwd: files systemd\nhosts: mymachines resolve [!UNAVAIL=return] files dns\n"

    assert nsswitch(before) == "passwd: files systemd\nhosts: files dns\n"


def test_a_zone_is_more_than_the_end_of_a_name() -> None:
    assert is_within("okx.com.", ZONES) and is_within("A.OKX.com", ZONES)
    assert not is_within("nokx.com", ZONES)


def test_questions_are_answered_by_datagram_and_by_stream() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        socket.create_server(("127.0.0.1", 0)) as stream,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking,
    ):
        datagrams.bind(("127.0.0.1", 0))
        with Serving(names(), (datagrams, stream)):
            asking.settimeout(30)
            asking.sendto(question("www.okx.com"), datagrams.getsockname())
            by_datagram = asking.recv(512)
            with socket.create_connection(stream.getsockname(), 30) as connection:
                asked = question("www.okx.com")
                connection.sendall(struct.pack("!H", len(asked)) + asked)
                (size,) = struct.unpack("!H", connection.recv(2))
                by_stream = connection.recv(size)

    assert by_datagram == by_stream
    assert read(by_stream) == (0, 1, socket.inet_aton("198.18.0.1"))
