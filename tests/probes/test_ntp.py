"""A time server on loopback: what counts is an answer to what was asked, from a server that vouches for its time."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.checking.assemble import report
from okx_doctor.checking.checks import ALL
from okx_doctor.checking.run import wire_tap
from okx_doctor.checking.runner import Run
from okx_doctor.credentials.load import Credentials
from okx_doctor.gate.serve.ntp import respond
from okx_doctor.model import CheckResult, TargetSummary
from okx_doctor.observations import Evidence, NtpSilence, NtpTime
from okx_doctor.probes.context import Context, Ending, Measured, Unknown
from okx_doctor.probes.http import Http
from okx_doctor.probes.ntp import measure_ntp
from okx_doctor.protocol.vectors import good_vectors
from okx_doctor.secrets.redactor import Redactor
from okx_doctor.settings import Options, settle

pytestmark = pytest.mark.slow

PLENTY = 20.0
HARDLY_ANY = 0.13
"""Seconds of a run in which an answer that does not count is waited behind for a few milliseconds."""

Answer = Callable[[bytes], tuple[bytes, ...]]


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, int]]:
    """A time server that sends whatever ``answer`` makes of a request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as serving:
        serving.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                request, asker = serving.recvfrom(1024)
                if request == b"end":
                    return
                for packet in answer(request):
                    serving.sendto(packet, asker)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield serving.getsockname()
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
                ending.sendto(b"end", serving.getsockname())
            thread.join()


def measured(
    servers: Mapping[str, tuple[str, int]],
    seconds: float = PLENTY,
    now: Callable[[], float] = time.time,
    monotonic: Callable[[], float] = time.monotonic,
) -> Ending:
    settings = settle(Options(offline=True), {}, ())
    began = monotonic()
    context = Context(
        credentials=Credentials.of("k", "s", "p"),
        target=settings.target,
        sites=settings.sites,
        websocket_url=settings.websocket_url,
        ntp_servers=servers,
        began=began,
        deadline=began + seconds,
        now=now,
        monotonic=monotonic,
        http=Http(user_agent="okx-doctor/test"),
        wire_tap=wire_tap,
        vectors=good_vectors(),
        rest_known=threading.Event(),
        redactor=Redactor(()),
    )
    return measure_ntp(context, Evidence(()))


def seen(answer: Answer, seconds: float = PLENTY, now: Callable[[], float] = time.time) -> NtpTime | NtpSilence:
    with answering(answer) as address:
        ending = measured({"here": address}, seconds, now)
    assert isinstance(ending, Measured | Unknown)
    (only,) = ending.observations
    assert isinstance(only, NtpTime | NtpSilence)
    assert isinstance(ending, Measured) == isinstance(only, NtpTime)
    return only


def honest(request: bytes, offset: float = 0.0) -> bytes:
    now = time.time() + offset
    answer = respond(request, received=now, transmitted=now)
    assert answer is not None
    return answer


def put(packet: bytes, at: int, raw: bytes) -> bytes:
    return packet[:at] + raw + packet[at + len(raw) :]


def result_of(*observations: NtpTime | NtpSilence) -> CheckResult:
    """The check as a report tells it."""
    runs = tuple(
        Run(
            check_id=check.id,
            kind="measured" if check.id == "clock.ntp" else "skip",
            reason="",
            observations=observations if check.id == "clock.ntp" else (),
            duration_ms=1,
        )
        for check in ALL
    )
    target = TargetSummary(site="global", base_url="https://www.okx.com", environment="live", profile=None)
    made = report(ALL, runs, target, "2026-01-01T00:00:00.000Z", 1)
    return next(check for check in made.checks if check.id == "clock.ntp")


def test_an_honest_server_tells_the_time() -> None:
    told = seen(lambda request: (honest(request, 45.0),))

    assert isinstance(told, NtpTime)
    assert abs(told.offset_s - 45.0) <= told.uncertainty_s + 0.1
    assert told.stratum == 1


def test_no_two_questions_are_alike_and_none_tells_this_machines_time() -> None:
    asked: list[bytes] = []

    def answer(request: bytes) -> tuple[bytes, ...]:
        asked.append(request)
        return (honest(request),)

    for _ in range(2):
        seen(answer)

    assert asked[0][40:] != asked[1][40:]
    assert all(request[:40] == bytes([0x23]) + bytes(39) for request in asked)


REFUSED: Mapping[str, tuple[Callable[[bytes], bytes], str]] = {
    "a client's packet": (lambda good: put(good, 0, bytes([0x23])), "none of a time server"),
    "a broadcast": (lambda good: put(good, 0, bytes([0x25])), "none of a time server"),
    "version 0": (lambda good: put(good, 0, bytes([0x04])), "none of a time server"),
    "version 7": (lambda good: put(good, 0, bytes([0x3C])), "none of a time server"),
    "an alarm": (lambda good: put(good, 0, bytes([0xE4])), "not synchronised"),
    "stratum 16": (lambda good: put(good, 1, bytes([16])), "not synchronised"),
    "stratum 255": (lambda good: put(good, 1, bytes([255])), "not synchronised"),
    "a root delay of hours": (lambda good: put(good, 4, b"\x7f\xff\0\0"), "not synchronised"),
    "a root dispersion of hours": (lambda good: put(good, 8, b"\xff\xff\0\0"), "not synchronised"),
    "a root dispersion of two seconds": (lambda good: put(good, 8, b"\0\x02\0\0"), "more than a second"),
    "a kiss": (lambda good: put(put(good, 1, b"\0"), 12, b"RATE"), "refuses to tell the time (RATE)"),
    "a kiss nobody knows": (lambda good: put(put(good, 1, b"\0"), 12, b"\x1b[2J"), "refuses to tell the time"),
    "no transmit time": (lambda good: put(good, 40, bytes(8)), "holds no time"),
    "no receive time": (lambda good: put(good, 32, bytes(8)), "holds no time"),
    "sent before it came": (
        lambda good: put(good, 40, struct.pack("!I", struct.unpack("!I", good[32:36])[0] - 9)),
        "contradict",
    ),
    "kept for an hour": (
        lambda good: put(good, 40, struct.pack("!I", struct.unpack("!I", good[40:44])[0] + 3600)),
        "contradict",
    ),
    "set after it was sent": (
        lambda good: put(good, 16, struct.pack("!I", struct.unpack("!I", good[40:44])[0] + 60)),
        "contradict",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_answer_that_no_server_vouches_for_tells_no_time(name: str) -> None:
    spoilt, why = REFUSED[name]

    told = seen(lambda request: (spoilt(honest(request)),))

    assert isinstance(told, NtpSilence)
    assert why in told.reason
    assert "\x1b" not in told.reason


NOT_OURS: Mapping[str, Callable[[bytes], bytes]] = {
    "another's": lambda good: put(good, 24, b"\1" * 8),
    "without an origin": lambda good: put(good, 24, bytes(8)),
    "cut short": lambda good: good[:47],
    "of one byte": lambda good: good[:1],
    "empty": lambda good: b"",
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_an_answer_to_something_else_is_passed_over_and_the_right_one_still_heard(name: str) -> None:
    def answer(request: bytes) -> tuple[bytes, ...]:
        return NOT_OURS[name](honest(request, 7200.0)), honest(request, 45.0)

    told = seen(answer)

    assert isinstance(told, NtpTime)
    assert told.offset_s == pytest.approx(45.0, abs=1.5)


@pytest.mark.parametrize("name", NOT_OURS)
@pytest.mark.parametrize("another", [True, False], ids=["beside one that answers", "alone"])
def test_a_server_that_sends_answers_to_something_else_alone_is_told_as_such(name: str, another: bool) -> None:
    sent = threading.Event()
    asked_since: list[None] = []

    def strays(request: bytes) -> tuple[bytes, ...]:
        sent.set()
        return (NOT_OURS[name](honest(request)),) * 2

    def clock() -> float:
        """Patience ends as soon as the first of them has been looked at, before the one who asked gives up."""
        if sent.is_set() and threading.current_thread() is not threading.main_thread():
            asked_since.append(None)
        return 100.0 if len(asked_since) >= 3 else 0.0

    with answering(strays) as stray, answering(lambda request: (honest(request),)) as good:
        servers = {"stray": stray}
        ending = measured(servers, monotonic=clock)
        beside = measured(servers | {"good": good}) if another else ending

    for each in (ending, beside):
        assert isinstance(each, Measured | Unknown)
        silences = [one for one in each.observations if isinstance(one, NtpSilence)]
        assert silences == [NtpSilence(server="stray", reason="what it sends is no answer to what was asked")]
    assert isinstance(ending, Unknown)
    assert "no time server told a time that counts: what it sends is no answer" in ending.reason
    times = [one for one in beside.observations if isinstance(one, NtpTime | NtpSilence)]
    told = result_of(*times).summary if another else ""
    assert ("stray: what it sends is no answer to what was asked" in told) == another


@given(garbage=st.lists(st.binary(max_size=120), max_size=5))
def test_whatever_comes_that_is_no_answer_tells_no_time(garbage: list[bytes]) -> None:
    told = seen(lambda request: tuple(garbage), HARDLY_ANY)

    assert isinstance(told, NtpSilence)


def vouched_for(packet: bytes) -> bool:
    """RFC 5905's conditions on one packet that answers what was asked, taken from its fields one by one."""
    leap, version, mode = packet[0] >> 6, packet[0] >> 3 & 7, packet[0] & 7
    delay, dispersion = (value / 65536 for value in struct.unpack("!II", packet[4:12]))
    reference, received, sent = (
        (whole - 2_208_988_800 + part / 2**32) % 2**32
        for whole, part in (struct.unpack("!II", packet[at : at + 8]) for at in (16, 32, 40))
    )
    return (
        mode == 4
        and 1 <= version <= 4
        and leap != 3
        and 1 <= packet[1] <= 15
        and delay / 2 + dispersion <= 1
        and any(packet[32:40])
        and any(packet[40:48])
        and -0.1 <= sent - received <= 2
        and (not any(packet[16:24]) or reference <= sent + 0.1)
    )


@given(
    spoilt=st.dictionaries(
        st.integers(0, 47).filter(lambda at: not 24 <= at < 32), st.integers(0, 255), min_size=1, max_size=6
    ),
    longer=st.binary(max_size=40),
)
@example(spoilt={0: 0x23}, longer=b"")
@example(spoilt={1: 0}, longer=b"")
@example(spoilt={4: 0x30}, longer=b"")
def test_a_spoilt_answer_tells_the_time_only_if_its_server_still_vouches_for_it(
    spoilt: dict[int, int], longer: bytes
) -> None:
    sent: list[bytes] = []

    def answer(request: bytes) -> tuple[bytes, ...]:
        packet = bytearray(honest(request))
        for at, value in spoilt.items():
            packet[at] = value
        sent.append(bytes(packet) + longer)
        return (sent[0],)

    told = seen(answer)

    if isinstance(told, NtpTime):
        assert vouched_for(sent[0])
        assert told.uncertainty_s <= 1.1


@given(packet=st.binary(min_size=48, max_size=48))
def test_a_random_packet_with_the_right_origin_tells_no_wild_time(packet: bytes) -> None:
    told = seen(lambda request: (put(packet, 24, request[40:]),))

    assert isinstance(told, NtpSilence) or vouched_for(packet)


@pytest.mark.parametrize("local", [-2_177_452_800.0, 253_402_300_800.0, 4_102_444_800.0], ids=["1901", "10000", "2100"])
def test_the_offset_of_a_clock_in_another_century_is_told_in_full(local: float) -> None:
    told = seen(lambda request: (honest(request),), now=lambda: local)

    assert isinstance(told, NtpTime)
    assert told.offset_s == pytest.approx(time.time() - local, abs=60)


def test_a_closed_port_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        address = taken.getsockname()
    ending = measured({"here": address})

    assert isinstance(ending, Unknown)
    assert ending.observations == (NtpSilence(server="here", reason="nothing answers at that port"),)


def test_a_server_against_the_others_is_named_and_counts_for_nothing() -> None:
    told = [NtpTime(server=f"{name}.example", offset_s=off, uncertainty_s=0.01, stratum=2) for name, off in SERVERS]
    result = result_of(*told)

    assert result.status.value == "pass"
    assert "0.010 s behind time servers" in result.summary
    assert "liar.example against the others" in result.summary


SERVERS = (("one", 0.01), ("liar", 7200.0), ("two", 0.012))


def test_two_servers_that_contradict_one_another_leave_the_clock_unknown() -> None:
    one, liar = (NtpTime(server=name, offset_s=off, uncertainty_s=0.01, stratum=2) for name, off in SERVERS[:2])

    assert result_of(one, liar).status.value == "unknown"


def test_a_time_in_doubt_by_more_than_a_second_leaves_the_clock_unknown() -> None:
    """As a report that was saved by another version may hold it."""
    doubtful = NtpTime(server="one", offset_s=0.0, uncertainty_s=2_002_320_000.0, stratum=2)

    assert result_of(doubtful).status.value == "unknown"
    assert (
        result_of(doubtful, NtpTime(server="two", offset_s=0.0, uncertainty_s=1.2, stratum=1)).status.value == "unknown"
    )
