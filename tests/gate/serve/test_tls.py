from __future__ import annotations

import socket
import ssl
import time

import pytest

from okx_doctor.gate.serve.exchange import Exchange, Plan, Tls
from okx_doctor.protocol.wire import WireRequest
from tests.gate.bot import drain, parted, raw

pytestmark = pytest.mark.slow

REQUEST = raw(WireRequest(method="GET", target="/api/v5/public/time", headers=()))


def _shake_hands(exchange: Exchange, name: str = "127.0.0.1") -> bytes:
    context = ssl.create_default_context(cadata=exchange.ca_pem.decode())
    port = int(exchange.sites[0].rest[0].rpartition(":")[2])
    with (
        socket.create_connection(("127.0.0.1", port), timeout=120) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        secure.sendall(REQUEST)
        return drain(secure)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_client_that_trusts_the_ca_gets_its_answer(name: str) -> None:
    with Exchange(Plan(sites=("global",), tls="trusted")) as exchange:
        assert exchange.sites[0].rest[0].startswith("https://127.0.0.1:")
        assert parted(_shake_hands(exchange, name)).status == 200


@pytest.mark.parametrize(
    ("tls", "said"),
    [
        ("unknown-issuer", "unable to get local issuer certificate"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("expired", "certificate has expired"),
    ],
)
def test_a_bad_certificate_fails_for_its_own_reason_and_is_survived(tls: Tls, said: str) -> None:
    with Exchange(Plan(sites=("global",), tls=tls)) as exchange:
        for _ in range(2):
            with pytest.raises(ssl.SSLCertVerificationError, match=said):
                _shake_hands(exchange)
        assert not exchange.handled
        assert list(exchange.crashes) == []


@pytest.mark.parametrize(("tls", "days"), [("not-yet-valid", 2), ("expired", -2)])
def test_the_certificate_of_a_wrong_clock_is_good_by_another_clock(tls: Tls, days: int) -> None:
    with Exchange(Plan(sites=("global",), tls=tls), now=lambda: time.time() - days * 86_400) as exchange:
        assert parted(_shake_hands(exchange)).status == 200


def test_plain_http_and_garbage_on_the_tls_port_are_survived() -> None:
    with Exchange(Plan(sites=("global",), tls="trusted")) as exchange:
        port = int(exchange.sites[0].rest[0].rpartition(":")[2])
        for data in (REQUEST, b"\x16\x03\x01" + b"\xff" * 500):
            with socket.create_connection(("127.0.0.1", port), timeout=120) as plain:
                plain.sendall(data)
                drain(plain)
        assert parted(_shake_hands(exchange)).status == 200
        assert list(exchange.crashes) == []
