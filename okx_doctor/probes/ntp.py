"""The local clock against several time servers at once, each asked in a thread of its own.

An answer counts only if it is one to what was asked and tells a time that its server vouches for. Source: RFC 5905,
section 8 (on-wire protocol) and the packet procedure of its appendix A.5.1. ntplib knows the packet; of an answer it
checks nothing, so the exchange is made here.
"""

from __future__ import annotations

import queue
import secrets
import socket
import threading
from typing import Final

import ntplib

from okx_doctor.observations import MAX_UNCERTAINTY_SECONDS, STRAY_PACKETS, Evidence, NtpSilence, NtpTime
from okx_doctor.probes.context import Context, Ending, Measured, Unknown

WAIT_SECONDS = 1.0
"""Seconds that NTP may take at most."""

GRACE = 0.3
"""Seconds that NTP may take once everything else is known."""

_VERSION: Final = 4
_SERVER: Final = 4
_SIZE: Final = 48
_MAX_DATAGRAM_BYTES: Final = 2048
_UNSYNCHRONISED: Final = 3
_LAST_STRATUM: Final = 15
_MAX_ROOT_DISTANCE_SECONDS: Final = 16.0
"""Seconds. RFC 5905's MAXDISP: a server this far from its source is not synchronised."""

_CLOCK_STEP_SECONDS: Final = 0.05
"""Seconds by which a server's two times may be coarse."""

_ERA: Final = 2.0**32
_UNIX_EPOCH: Final = 2_208_988_800.0
"""1970 in seconds since 1900, where NTP begins."""

_KISSES: Final = frozenset({
    "ACST", "AUTH", "AUTO", "BCST", "CRYP", "DENY", "DROP", "INIT", "MCST", "NKEY",
    "NTSN", "RATE", "RMOT", "RSTR", "STEP",
})  # fmt: skip
"""Codes of a kiss-o'-death: RFC 5905, section 7.4, and RFC 8915."""


_SILENT: Final = "no answer in time"


class Worthless(Exception):
    """An answer that tells no time; the text says why and repeats nothing of it."""


def measure_ntp(context: Context, evidence: Evidence) -> Ending:
    """Ask every server; whoever has not answered when patience ends is silent, not wrong.

    A server whose packets all answer another question is named with that reason: they had to be waited for.
    """
    answers: queue.Queue[NtpTime | NtpSilence] = queue.Queue()  # SimpleQueue.get(timeout=...) can wait for ever
    strays = {server: threading.Event() for server in context.ntp_servers}
    end = context.monotonic() + min(WAIT_SECONDS, context.remaining() - 0.1)
    for server, address in context.ntp_servers.items():
        threading.Thread(
            target=lambda name=server, at=address: answers.put(_ask(context, name, at, end, strays[name])), daemon=True
        ).start()
    got: dict[str, NtpTime | NtpSilence] = {}
    graced = False
    while len(got) < len(context.ntp_servers) and context.monotonic() < end:
        if context.rest_known.is_set() and not graced:
            end = min(end, context.monotonic() + GRACE)
            graced = True
        try:
            answer = answers.get(timeout=0.02)
        except queue.Empty:
            continue
        got[answer.server] = answer
    seen = tuple(got.get(server, _unanswered(server, stray)) for server, stray in strays.items())
    if not any(isinstance(answer, NtpTime) for answer in seen):
        return Unknown(reason=_why(seen), observations=seen)
    return Measured(observations=seen)


def _why(silent: tuple[NtpTime | NtpSilence, ...]) -> str:
    reasons = {seen.reason for seen in silent if isinstance(seen, NtpSilence)}
    if reasons <= {_SILENT}:
        return "no time server answered (UDP port 123 may be blocked)"
    return f"no time server told a time that counts: {'; '.join(sorted(reasons))}"


def _unanswered(server: str, stray: threading.Event) -> NtpSilence:
    return NtpSilence(server=server, reason=STRAY_PACKETS if stray.is_set() else _SILENT)


def _ask(
    context: Context, server: str, address: tuple[str, int], end: float, stray: threading.Event
) -> NtpTime | NtpSilence:
    try:
        return _exchange(context, server, address, end, stray)
    except Worthless as error:
        return NtpSilence(server=server, reason=str(error))
    except TimeoutError:
        return _unanswered(server, stray)
    except ConnectionRefusedError:
        return NtpSilence(server=server, reason="nothing answers at that port")
    except socket.gaierror:
        return NtpSilence(server=server, reason="its name does not resolve")
    except (OSError, UnicodeError, ValueError) as error:
        return NtpSilence(server=server, reason=type(error).__name__)


def _exchange(context: Context, server: str, address: tuple[str, int], end: float, stray: threading.Event) -> NtpTime:
    """One question and its answer, over a socket connected to the server.

    What answers another question sets ``stray`` and is passed over: anybody can send it.
    """
    with _connect(address) as asking:
        cookie = secrets.token_bytes(8)  # in the place of our time, which no server needs: nobody can guess it
        began, sent_at = context.monotonic(), context.now()
        asking.send(ntplib.NTPPacket(version=_VERSION, mode=3).to_data()[:40] + cookie)
        while (left := end - context.monotonic()) > 0:
            asking.settimeout(left)
            data = asking.recv(_MAX_DATAGRAM_BYTES)
            took = context.monotonic() - began
            if len(data) >= _SIZE and data[24:32] == cookie:
                return _read_time(server, data, sent_at, took)
            stray.set()
    raise TimeoutError


def _connect(address: tuple[str, int]) -> socket.socket:
    """A socket to the first of a server's addresses that there is a way to. Raises ``OSError``."""
    failure: OSError = socket.gaierror("no address")
    for family, kind, protocol, _, where in socket.getaddrinfo(*address, type=socket.SOCK_DGRAM):
        try:
            asking = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = error
            continue
        try:
            asking.connect(where)
        except OSError as error:
            asking.close()
            failure = error
        else:
            return asking
    raise failure


def _read_time(server: str, data: bytes, sent_at: float, took: float) -> NtpTime:
    """The time in an answer that came ``took`` seconds after ``sent_at`` of the local clock. Raises ``Worthless``."""
    packet = ntplib.NTPStats()
    packet.from_data(data)
    _check(packet, data)
    received, transmitted = _unix(packet.recv_timestamp), _unix(packet.tx_timestamp)
    between = transmitted - received
    if not -_CLOCK_STEP_SECONDS <= between <= took + _CLOCK_STEP_SECONDS:
        raise Worthless("its times contradict one another")
    delay = max(0.0, took - between)
    uncertainty = delay / 2 + packet.root_delay / 2 + packet.root_dispersion
    if uncertainty > MAX_UNCERTAINTY_SECONDS:
        raise Worthless("its time is uncertain by more than a second")
    return NtpTime(
        server=server,
        offset_s=round((received + transmitted - sent_at - (sent_at + took)) / 2, 4),
        uncertainty_s=round(uncertainty, 4),
        stratum=packet.stratum,
    )


def _check(packet: ntplib.NTPStats, data: bytes) -> None:
    """Raises ``Worthless`` unless this is an answer of a server that vouches for its time."""
    if packet.mode != _SERVER or not 1 <= packet.version <= _VERSION:
        raise Worthless("its answer is none of a time server")
    if packet.stratum == 0:
        code = data[12:16].decode("ascii", "replace")
        raise Worthless(f"it refuses to tell the time ({code})" if code in _KISSES else "it refuses to tell the time")
    root_distance = packet.root_delay / 2 + packet.root_dispersion
    if packet.leap == _UNSYNCHRONISED or packet.stratum > _LAST_STRATUM or root_distance >= _MAX_ROOT_DISTANCE_SECONDS:
        raise Worthless("the server itself is not synchronised")
    if not (packet.tx_timestamp and packet.recv_timestamp):
        raise Worthless("its answer holds no time")
    if packet.ref_timestamp and _unix(packet.ref_timestamp) > _unix(packet.tx_timestamp) + _CLOCK_STEP_SECONDS:
        raise Worthless("its times contradict one another")


def _unix(timestamp: float) -> float:
    """Unix seconds of an NTP timestamp, which begins anew every 136 years: the one from 1970 to 2106 is meant."""
    return (timestamp - _UNIX_EPOCH) % _ERA
