"""``--allow HOST:PORT``: a service more, and never a way to the exchange."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from okx_doctor.confining.relay import Allowed, NotAllowed, Relay, inside_addresses, read_allowed, server_name
from tests.confining.running import Who, program, run

pytestmark = pytest.mark.slow

ZONES = ("okx.com", "okex.com")


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("localhost:5432", Allowed("localhost", 5432)),
        ("127.0.0.1:5432", Allowed("localhost", 5432)),
        ("[::1]:5432", Allowed("localhost", 5432)),
        ("API.telegram.org.:443", Allowed("api.telegram.org", 443)),
        ("10.0.0.5:6379", Allowed("10.0.0.5", 6379)),
        ("my_db:5432", Allowed("my_db", 5432)),
    ],
)
def test_a_service_is_named_by_host_and_port(text: str, service: Allowed) -> None:
    assert read_allowed([text, "unix", text], ZONES) == (service,)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("www.okx.com:443", "OKX's hosts are never let out"),
        ("WWW.OKX.COM.:443", "OKX's hosts are never let out"),
        ("okex.com:80", "OKX's hosts are never let out"),
        ("localhost", "is no HOST:PORT; write it as localhost:5432"),
        ("localhost:0", "is no HOST:PORT"),
        ("localhost:65536", "is no HOST:PORT"),
        ("localhost:５", "is no HOST:PORT"),
        (":443", "is no HOST:PORT"),
        ("224.0.0.1:443", "that is no IPv4 address of a service"),
        ("https://api.telegram.org:443", "is no HOST:PORT"),
        ("[2001:db8::1]:443", "only IPv4 addresses can be allowed; name the host instead"),
        ("999.1.1.1:443", "that is no IPv4 address"),
        ("a b:443", "that is no host name"),
        ("a\nb:443", "that is no host name"),
    ],
)
def test_what_cannot_be_allowed_is_told_in_one_line(text: str, why: str) -> None:
    with pytest.raises(NotAllowed) as told:
        read_allowed([text], ZONES)

    assert why in str(told.value)
    assert "\n" not in str(told.value)


def test_each_host_has_a_place_inside() -> None:
    services = read_allowed(["localhost:1", "a.example:1", "a.example:2", "b.example:1", "10.0.0.5:9"], ZONES)

    assert list(inside_addresses(services).values()) == [
        "127.0.0.1",
        "127.77.0.1",
        "127.77.0.1",
        "127.77.0.2",
        "10.0.0.5",
    ]


def hello(name: str | None) -> bytes:
    """The first bytes of a TLS client that asks for a name."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if name is None:
        context.check_hostname = False
    with pytest.raises(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    return outgoing.read()


@pytest.mark.parametrize("name", ["api.telegram.org", "www.okx.com", "a" * 63 + ".example"])
def test_the_name_that_tls_asks_for_is_read(name: str) -> None:
    assert server_name(hello(name)) == name
    assert server_name(hello(None)) == ""


TELEGRAM, LOCAL, BARE = Allowed("api.telegram.org", 443), Allowed("localhost", 7890), Allowed("10.0.0.5", 443)
PROXY = "it speaks to a proxy, and a proxy could reach OKX"
SOCKS = "it speaks SOCKS, and a proxy could reach OKX"
CUT = [
    (LOCAL, b"CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n", PROXY),
    (LOCAL, b"CONNECT 192.0.2.1:443 HTTP/1.1\r\n\r\n", PROXY),
    (LOCAL, b"GET http://www.okx.com/api/v5/public/time HTTP/1.1\r\nHost: www.okx.com\r\n\r\n", PROXY),
    (LOCAL, b"GET ftp://example.org/ HTTP/1.0\r\n\r\n", PROXY),
    (LOCAL, b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\nCONNECT www.okx.com:443 HTTP/1.1\r\n\r\n", PROXY),
    (LOCAL, b"GET /api HTTP/1.1\r\nhost:\twww.okx.com\r\n\r\n", "it asks for www.okx.com"),
    (LOCAL, b"\x05\x01\x00", SOCKS),
    (LOCAL, b"\x05\x02\x00\x02", SOCKS),
    (LOCAL, b"\x05\x01\x00\x05\x01\x00\x03\x0bwww.okx.com\x01\xbb", SOCKS),
    (LOCAL, b"\x04\x01\x01\xbb\xc0\x00\x02\x01user\x00", SOCKS),
    (LOCAL, hello("www.okx.com"), "it asks for www.okx.com"),
    (TELEGRAM, hello("www.okx.com"), "it asks for www.okx.com"),
    (TELEGRAM, hello("example.org"), "it asks for example.org"),
    (TELEGRAM, hello(None), "its TLS names no host"),
    (BARE, hello("example.org"), "it asks for example.org"),
    (LOCAL, b"\x00\x00\x00\x08\x04\xd2\x16\x2f" + hello("www.okx.com"), "it asks for www.okx.com"),
]
LET_OUT = [
    (TELEGRAM, hello("api.telegram.org")),
    (BARE, hello(None)),
    (LOCAL, hello(None)),
    (LOCAL, hello("db.internal")),
    (LOCAL, b"GET /connect HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    (LOCAL, b'POST /note HTTP/1.1\r\nHost: localhost\r\n\r\n{"exchange": "https://www.okx.com/"}'),
    (LOCAL, b"*1\r\n$4\r\nPING\r\n"),
    (LOCAL, b"\x00\x00\x00\x08\x04\xd2\x16\x2f"),
    (LOCAL, b"\x05\x01\x00\x00\x01\x00\x00\x00" + bytes(200)),  # MongoDB: the length of a message
    (LOCAL, b""),
]


@pytest.mark.parametrize(("service", "first", "why"), CUT)
def test_a_door_to_the_exchange_is_cut(service: Allowed, first: bytes, why: str) -> None:
    assert Relay(service, ZONES).objection(first) == why


@pytest.mark.parametrize(("service", "first"), LET_OUT)
def test_other_protocols_are_let_out(service: Allowed, first: bytes) -> None:
    assert Relay(service, ZONES).objection(first) == ""


async def spoken(pieces: list[bytes], greeting: bytes = b"") -> tuple[bytes, bytes, Relay]:
    """What a service gets of what a client says piece by piece, what the client gets, and the relay's account."""
    got = bytearray()
    done = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        while data := await reader.read(1000):
            got.extend(data)
            writer.write(b"<" + data + b">")
            await writer.drain()
        writer.close()
        done.set()

    service = await asyncio.start_server(serve, "127.0.0.1", 0)
    relay = Relay(Allowed("localhost", service.sockets[0].getsockname()[1]), ZONES)
    door = await asyncio.start_server(relay.talk, "127.0.0.1", 0)
    async with asyncio.timeout(60), service, door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.sockets[0].getsockname()[1])
        heard = b""
        if greeting:
            heard += await reader.readexactly(len(greeting))
        for piece in pieces:
            writer.write(piece)
            if piece is not pieces[-1]:
                heard += await reader.readexactly(len(piece) + 2)
        writer.write_eof()
        heard += await reader.read()
        writer.close()
        if relay.passed:
            await done.wait()
    return bytes(got), heard, relay


def test_what_a_service_is_told_and_answers_passes_byte_for_byte() -> None:
    got, heard, relay = asyncio.run(spoken([b"first\0", b"second\xff"]))

    assert (got, heard) == (b"first\0second\xff", b"<first\0><second\xff>")
    assert (relay.passed, relay.refused) == (1, {})


def test_a_service_that_speaks_first_is_heard() -> None:
    got, heard, _ = asyncio.run(spoken([b"quit"], greeting=b"220 ready"))

    assert (got, heard) == (b"quit", b"220 ready<quit>")


def test_a_proxy_is_never_connected_to() -> None:
    got, heard, relay = asyncio.run(spoken([b"CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n"]))

    assert (got, heard, relay.passed) == (b"", b"", 0)
    assert relay.refused == {PROXY: 1}


def test_a_connection_that_turns_to_a_proxy_later_is_cut_before_it_is_told() -> None:
    pieces = [b"GET / HTTP/1.1\r\n\r\n", b"CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n"]
    got, _, relay = asyncio.run(spoken(pieces))

    assert got == pieces[0]
    assert relay.refused == {PROXY: 1}


CLIENT = """
import os, socket
with socket.create_connection(("localhost", int(os.environ["SPOT_PORT"])), 10) as one:
    one.sendall(os.environ["SAY"].encode())
    print(one.recv(100) if "CONNECT" in os.environ["SAY"] else "connected")
"""


@pytest.mark.parametrize("say", ["hello", "CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n"])
def test_an_allowed_service_is_reached_from_inside_and_a_proxy_is_not(say: str, who: Who) -> None:
    ran = run(program(CLIENT, who), who, allow_port=True, environ={"SAY": say})
    refused = [why for _, why, _ in ran.told["connections"]]

    assert (ran.out, refused) == (("connected\n", []) if say == "hello" else ("b''\n", [PROXY]))


PROXIED = """
import os, socket
with socket.create_connection(("127.0.0.1", int(os.environ["AT"])), 10) as one:
    one.sendall(os.environ["SAY"].encode("latin-1"))
    print(one.recv(100))
"""


@pytest.mark.parametrize(
    ("say", "at"),
    [("CONNECT www.okx.com:443 HTTP/1.1\r\n\r\n", "7890"), ("\x05\x01\x02", "1080")],
)
def test_a_proxy_in_the_commands_own_settings_is_named(say: str, at: str, who: Who) -> None:
    ran = run(program(PROXIED, who), who, environ={"AT": at, "SAY": say})

    assert (ran.out, ran.told["proxies"]) == ("b''\n", [f"127.0.0.1:{at}"])


def test_another_program_at_such_a_port_is_no_proxy(user: Who) -> None:
    ran = run(program(PROXIED, user), user, environ={"AT": "7890", "SAY": "hello"})

    assert (ran.out, ran.told["proxies"]) == ("b''\n", [])
