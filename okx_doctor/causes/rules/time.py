"""Rules about the clock, and the certificate that only a wrong clock makes invalid."""

from __future__ import annotations

from msgspec.structs import replace

from okx_doctor.catalogue.clients.words import clock_line
from okx_doctor.causes import clock
from okx_doctor.causes.clients import own_words
from okx_doctor.causes.clock import Offset, agrees, exchange_offset, ntp_offset
from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import Layer, contradiction, is_refused_at, layer
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.model import Confidence, Remedy, Severity
from okx_doctor.observations import BotClient, Connection, Evidence, ExchangeTime, Machine, NtpTime, SignedCall

_CHECKS = ("clock.ntp", "clock.exchange", "signed.config")


def judge_drift(evidence: Evidence) -> Judgement:
    """``clock-drift``: beyond 30 s an error, beyond 5 s a warning, always less its uncertainty."""
    return _judge(evidence, zone=False)


def judge_timezone(evidence: Evidence) -> Judgement:
    """``clock-timezone``: off by a multiple of 15 minutes, as local time labelled Z is."""
    return _judge(evidence, zone=True)


def judge_tls_clock(evidence: Evidence) -> Judgement:
    """``tls-clock``: OpenSSL finds the certificate not yet valid (9) or expired (10), and NTP tells why."""
    code = next((found for found in _tls_codes(evidence) if found in (9, 10)), 0)
    if not code:
        return Excluded(because="no certificate was refused for its dates")
    offset = ntp_offset(evidence)
    what = "not yet valid" if code == 9 else "expired"
    if offset is None:
        return Abstains(missing=f"a time server's word: the certificate is {what} by the local clock")
    explains = offset.seconds > 60 if code == 9 else offset.seconds < -60
    if not explains:
        return Excluded(because=f"the local clock agrees with time servers, and the certificate is {what}")
    return Holds(
        confidence=Confidence.LIKELY,
        because=(f"TLS refuses the certificate as {what}", f"the local clock is {offset}"),
        remedy=clock_remedy(evidence.first(Machine)),
        checks=("network.connection", "clock.ntp"),
    )


def clock_remedy(machine: Machine | None) -> Remedy:
    """How a clock is put right on this platform; in a container or VM it is the host's clock that is wrong."""
    if machine is None:
        return Remedy(text="Synchronise this machine's clock with a time server.")
    if machine.container and machine.wsl:
        return Remedy(
            text="Restart WSL2 on the Windows host, in PowerShell: Docker and Docker Desktop run in it, and its clock "
            "stops while Windows sleeps.",
            commands=("wsl.exe --shutdown",),
        )
    if machine.docker_desktop:
        return Remedy(
            text="Restart Docker Desktop on the host: its virtual machine has a clock of its own, which stops while "
            "the computer sleeps."
        )
    if machine.wsl:
        return Remedy(
            text="WSL2's clock stops while Windows sleeps: in PowerShell restart WSL.",
            commands=("wsl.exe --shutdown",),
        )
    if machine.container:
        return Remedy(
            text="Set the clock of the host, there and not here: this is a container, and has its host's clock.",
            commands=("sudo timedatectl set-ntp true",),
        )
    match machine.system:
        case "macos":
            return Remedy(text="Set the clock from a time server.", commands=("sudo sntp -sS time.apple.com",))
        case "windows":
            prompt = "Resynchronise the clock in an administrator's PowerShell: start the time service, then ask it."
            return Remedy(text=prompt, commands=("Start-Service w32time; w32tm /resync /force",))
        case "linux" | "other":
            if "chronyc" in machine.time_tools:
                return Remedy(
                    text="Let chrony step the clock; on a VM check the host's clock too.",
                    commands=("sudo chronyc makestep",),
                )
            return Remedy(
                text="Turn on time synchronisation; on a VM check the host's clock too.",
                commands=("sudo timedatectl set-ntp true",),
            )


def _judge(evidence: Evidence, *, zone: bool) -> Judgement:
    theirs, servers = exchange_offset(evidence), ntp_offset(evidence)
    measured = theirs or servers
    if measured is None and not zone and is_refused_at(evidence, "timestamp-fresh"):
        return Holds(
            confidence=Confidence.LIKELY,
            because=("OKX answers 50102 to a timestamp just made, and nothing else tells the time",),
            remedy=clock_remedy(evidence.first(Machine)),
            checks=_CHECKS,
        )
    if measured is None:
        return Abstains(missing="a reference for the local clock: neither OKX nor a time server told the time")
    found = None if agrees(evidence.all(ExchangeTime)) else layer(evidence, "clock-drift")
    if zone and not measured.zone_like:
        return Excluded(because=f"the local clock is not off by a multiple of 15 minutes: {measured}")
    if found is None and measured.certain <= clock.WARNING_SECONDS:
        if servers is not None and servers.certain > clock.ERROR_SECONDS:
            return Abstains(missing=f"agreement: the local clock fits OKX but is {servers}")
        differing = contradiction(evidence)
        if differing:
            return Abstains(missing=f"an exchange that does not contradict itself: {differing}")
        if is_refused_at(evidence, "timestamp-fresh"):
            return Abstains(missing="why OKX answers 50102 although the local clock fits its own time")
        return Excluded(because=f"the local clock is {measured}")
    error = found is not None or measured.certain > clock.ERROR_SECONDS
    return Holds(
        confidence=found.confidence if found else Confidence.LIKELY,
        because=_because(theirs, servers, found),
        remedy=_remedy(evidence, theirs, servers, zone=zone),
        checks=_CHECKS if found else _CHECKS[:2],
        severity=Severity.ERROR if error else Severity.WARNING,
    )


def _because(theirs: Offset | None, servers: Offset | None, found: Layer | None) -> tuple[str, ...]:
    lines = [f"the local clock is {offset}" for offset in (theirs, servers) if offset is not None]
    return (*lines, *(found.because if found else ()))


def _remedy(evidence: Evidence, theirs: Offset | None, servers: Offset | None, *, zone: bool) -> Remedy:
    if theirs and servers and theirs.certain > clock.WARNING_SECONDS >= servers.certain:
        return Remedy(
            text="Sign with OKX's own time, and find out what stands between (a cache, a mirror, a test bench): "
            "this machine agrees with time servers but not with OKX.",
            lines=own_words(evidence, clock_line),
        )
    remedy = clock_remedy(evidence.first(Machine))
    if zone:
        return Remedy(
            text=f"{remedy.text} It holds local time as if it were UTC, from a hardware clock kept in local time, "
            "or from a VM's host.",
            commands=remedy.commands,
        )
    return replace(remedy, lines=own_words(evidence, clock_line))


def _tls_codes(evidence: Evidence) -> tuple[int, ...]:
    failures = [seen.failure for seen in evidence.all(Connection)]
    failures += [call.failure for call in evidence.all(SignedCall)]
    return tuple(failure.tls_code for failure in failures if failure and failure.kind == "tls")


RULES = (
    Rule(cause="tls-clock", reads=(Connection, SignedCall, NtpTime, Machine), judge=judge_tls_clock),
    Rule(cause="clock-timezone", reads=(*clock.READS, *CONVERSATION, Machine), judge=judge_timezone),
    Rule(cause="clock-drift", reads=(*clock.READS, *CONVERSATION, Machine, BotClient), judge=judge_drift),
)
