"""The local clock against several time servers at once, each asked by ntplib in a thread of its own."""

from __future__ import annotations

import queue
import threading

import ntplib

from okx_doctor.observations import Evidence, NtpSilence, NtpTime
from okx_doctor.probes.check import Context, Ending, Measured, Unknown

PATIENCE = 1.0
"""Seconds that NTP may take at most."""

GRACE = 0.3
"""Seconds that NTP may take once everything else is known."""


def measure_ntp(context: Context, evidence: Evidence) -> Ending:
    """Ask every server; whoever has not answered when patience ends is silent, not wrong."""
    answers: queue.Queue[NtpTime | NtpSilence] = queue.Queue()  # SimpleQueue.get(timeout=...) can wait for ever
    for server, address in context.ntp_servers.items():
        threading.Thread(target=lambda name=server, at=address: answers.put(_ask(name, at)), daemon=True).start()
    got: dict[str, NtpTime | NtpSilence] = {}
    end = context.monotonic() + min(PATIENCE, context.remaining() - 0.1)
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
    seen = tuple(
        got.get(server, NtpSilence(server=server, reason="no answer in time")) for server in context.ntp_servers
    )
    if not any(isinstance(answer, NtpTime) for answer in seen):
        return Unknown(reason="no time server answered (UDP port 123 may be blocked)", observations=seen)
    return Measured(observations=seen)


def _ask(server: str, address: tuple[str, int]) -> NtpTime | NtpSilence:
    host, port = address
    try:
        stats = ntplib.NTPClient().request(host, port=port, version=4, timeout=PATIENCE)
    except (OSError, ntplib.NTPException, UnicodeError, ValueError) as error:
        return NtpSilence(server=server, reason=type(error).__name__)
    if stats.leap == 3 or not 1 <= stats.stratum <= 15:
        return NtpSilence(server=server, reason="the server itself is not synchronised")
    return NtpTime(
        server=server,
        offset_s=round(stats.offset, 4),
        uncertainty_s=round(abs(stats.delay) / 2, 4),
        stratum=stats.stratum,
    )
