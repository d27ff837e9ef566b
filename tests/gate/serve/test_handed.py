"""The exchange on sockets that were bound elsewhere: OKX's own names on every port, and no way of its own to them."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from websockets.asyncio.client import connect

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.serve.certificates import issue
from okx_doctor.gate.serve.events import DeadPort, Handled, HandledLogin
from okx_doctor.gate.serve.exchange import Exchange, Handed, Plan
from okx_doctor.protocol.signing import sign, websocket_prehash
from okx_doctor.protocol.sites import hosts, is_demo_socket, site_on
from tests.gate.bot import ACCOUNTS, DEMO, EUROPEAN, LIVE, drain, parted, raw, signed

pytestmark = pytest.mark.slow

NAMES = ("*.okx.com", "okx.com")
PORTS = (443, 8443, 80)


class Place:
    """Sockets on ports of loopback that stand for those of OKX, and the exchange on them."""

    def __init__(self, stack: ExitStack) -> None:
        made = issue("trusted", time.time(), NAMES)
        self._client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._client.load_verify_locations(cadata=made.ca_pem.decode())
        listening = {port: socket.create_server(("127.0.0.1", 0)) for port in PORTS}
        self._ports = {port: one.getsockname()[1] for port, one in listening.items()}
        plan = Plan(accounts=ACCOUNTS, websocket=True)
        self.exchange = stack.enter_context(Exchange(plan, handed=Handed(listening, made.context)))

    def connected(self, port: int) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._ports[port]), timeout=120)

    def asked(self, host: str, request: bytes, port: int = 443) -> bytes:
        """The answer to a request at a name of OKX's."""
        with self.connected(port) as plain:
            if port == 80:
                plain.sendall(request)
                return drain(plain)
            with self._client.wrap_socket(plain, server_hostname=host) as secure:
                secure.sendall(request)
                return drain(secure)

    def login(self, host: str, port: int, account: Account) -> dict[str, object]:
        """The answer to a login over a socket at a name of OKX's."""
        stamp = str(int(time.time()))
        entry = {
            "apiKey": account.api_key,
            "passphrase": account.passphrase.reveal(),
            "timestamp": stamp,
            "sign": sign(account.secret.reveal(), websocket_prehash(stamp)),
        }
        asked = json.dumps({"op": "login", "args": [entry]})
        url = f"wss://{host}:{port}/ws/v5/private"
        told: dict[str, object] = json.loads(said(url, self.connected(port), asked, self._client))
        return told


def said(url: str, plain: socket.socket, message: str, tls: ssl.SSLContext | None = None) -> str | bytes:
    """The first answer of a socket, read and written in one thread: Python's TLS allows no other way."""

    async def ask() -> str | bytes:
        async with asyncio.timeout(120), connect(url, sock=plain, ssl=tls, proxy=None, open_timeout=None) as connection:
            await connection.send(message)
            return await connection.recv()

    return asyncio.run(ask())


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with ExitStack() as stack:
        made = Place(stack)
        yield made
        assert list(made.exchange.crashes) == []


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(
    ("host", "site"),
    [
        ("www.okx.com", "global"),
        ("openapi.okx.com", "global"),
        ("EEA.okx.com", "eea"),
        ("my.okx.com", "eea"),
        ("us.okx.com", "us"),
        ("app.okx.com:443", "us"),
        ("tr.okx.com", "tr"),
        ("new.okx.com", "global"),
    ],
)
def test_the_name_tells_the_site_on_every_port(host: str, site: str, port: int, place: Place) -> None:
    request = raw(signed(LIVE, now=time.time())).replace(b"Host: 127.0.0.1", f"Host: {host}".encode())
    answer = place.asked(host.partition(":")[0].lower(), request, port)
    handled = place.exchange.handled[-1]

    assert isinstance(handled, Handled)
    assert handled.site == site
    assert parted(answer).status == (200 if site == "global" else 401)


@pytest.mark.parametrize(
    ("host", "account", "accepted"),
    [
        ("ws.okx.com", LIVE, True),
        ("wspap.okx.com", DEMO, True),
        ("wseea.okx.com", EUROPEAN, True),
        ("ws.okx.com", DEMO, False),
        ("wspap.okx.com", LIVE, False),
        ("ws.okx.com", EUROPEAN, False),
    ],
)
@pytest.mark.parametrize("port", [443, 8443])
def test_the_name_of_a_socket_tells_site_and_environment(
    host: str, account: Account, accepted: bool, port: int, place: Place
) -> None:
    told = place.login(host, port, account)

    assert (told["event"], told["code"] == "0") == (("login", True) if accepted else ("error", False))


def test_every_host_of_okx_has_its_site() -> None:
    assert {site_on(host).id for host in hosts()} == {"global", "eea", "us", "tr"}
    assert {host for host in hosts() if is_demo_socket(host)} == {
        "wspap.okx.com",
        "wseeapap.okx.com",
        "wsuspap.okx.com",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere one last connection ends the waiting")
def test_it_stops_without_connecting_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[object] = []

    async def connect_nowhere(*what: object) -> None:
        connected.append(what)

    with ExitStack() as stack:
        made = Place(stack)
        monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", connect_nowhere)
        with made.connected(443):
            pass

    assert connected == []


def test_an_exchange_on_a_port_of_its_own_knows_okxs_names_too_and_its_own_site_by_every_other() -> None:
    """As a container is reached whose network has OKX's names as aliases."""
    events: list[object] = []
    with Exchange(Plan(accounts=ACCOUNTS, sites=("global",), websocket=True), observer=events.append) as exchange:
        port = int(exchange.sites[0].rest[0].rpartition(":")[2])

        def answered(host: str, account: Account) -> object:
            with socket.create_connection(("127.0.0.1", port), timeout=120) as plain:
                plain.sendall(raw(signed(account, now=time.time())).replace(b"127.0.0.1", host.encode(), 1))
                return json.loads(parted(drain(plain)).body)["code"]

        assert answered("www.okx.com", LIVE) == answered("127.0.0.1", LIVE) == answered("eea.okx.com", EUROPEAN) == "0"
        assert answered("eea.okx.com", LIVE) == "50119"
        for host, demo in (("ws.okx.com", False), ("wspap.okx.com", True), ("ws.okx.com:8443", False)):
            with socket.create_connection(("127.0.0.1", port), timeout=120) as plain:
                said(f"ws://{host}/ws/v5/private", plain, '{"op":"login","args":[{}]}')
            logins = [event for event in events if isinstance(event, HandledLogin)]
            assert logins[-1].demo_socket is demo

    assert [event.origin for event in events if isinstance(event, DeadPort)] == ["ws://ws.okx.com:8443"]
