from __future__ import annotations

import socket
import struct

import ntplib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.gate.serve.ntp import respond

pytestmark = pytest.mark.slow


def _ask(exchange: Exchange, seconds: float = 120.0, version: int = 4) -> ntplib.NTPStats:
    host, _, port = exchange.ntp.partition(":")
    return ntplib.NTPClient().request(host, version=version, port=int(port), timeout=seconds)


@pytest.mark.parametrize("version", [2, 3, 4])
def test_ntplib_reads_the_shifted_clock(version: int) -> None:
    with Exchange(Plan(sites=("global",), ntp="answers", clock_offset=-3600.0)) as exchange:
        answer = _ask(exchange, version=version)

    assert answer.offset == pytest.approx(-3600.0, abs=1.0)
    assert answer.stratum == 1
    assert answer.leap == 0
    assert answer.version == version
    assert answer.delay >= 0


def test_the_time_server_follows_the_exchange_unless_it_has_its_own_offset() -> None:
    with Exchange(Plan(sites=("global",), ntp="answers")) as together:
        together.set_clock_offset(100.0)
        assert _ask(together).offset == pytest.approx(100.0, abs=1.0)
    with Exchange(Plan(sites=("global",), ntp="answers", ntp_offset=-7.0)) as apart:
        apart.set_clock_offset(100.0)
        assert _ask(apart).offset == pytest.approx(-7.0, abs=1.0)


def test_a_silent_time_server_leaves_the_client_waiting() -> None:
    with (
        Exchange(Plan(sites=("global",), ntp="silent")) as exchange,
        pytest.raises(ntplib.NTPException, match="No response"),
    ):
        _ask(exchange, seconds=0.05)


def test_the_clients_transmit_time_comes_back_bit_for_bit() -> None:
    request = bytes([0x23]) + bytes(39) + b"\x01\x23\x45\x67\x89\xab\xcd\xef"

    answer = respond(request, received=0.5, transmitted=0.75)

    assert answer is not None
    assert len(answer) == 48
    assert answer[0] == 0x24
    assert answer[24:32] == request[40:]
    assert struct.unpack("!IIII", answer[32:]) == (2_208_988_800, 1 << 31, 2_208_988_800, 3 << 30)


def test_the_time_after_the_rollover_of_2036_is_that_of_era_one() -> None:
    answer = respond(bytes([0x23]) + bytes(47), received=2_085_978_496.0, transmitted=2_085_978_496.0)

    assert answer is not None
    assert struct.unpack("!I", answer[40:44]) == (0,)


@given(st.binary(max_size=100))
def test_no_datagram_makes_it_raise_and_only_clients_are_answered(datagram: bytes) -> None:
    answer = respond(datagram, received=1.0, transmitted=1.0)

    assert answer is None or (len(answer) == 48 and datagram[0] & 0b111 == 3)


def test_what_is_no_request_gets_no_answer_and_does_no_harm() -> None:
    with Exchange(Plan(sites=("global",), ntp="answers")) as exchange:
        host, _, port = exchange.ntp.partition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for datagram in (b"", b"x", bytes(48), bytes([0x24]) + bytes(47), b"\xff" * 1400):
                client.sendto(datagram, (host, int(port)))
        assert _ask(exchange).stratum == 1
        assert list(exchange.crashes) == []
