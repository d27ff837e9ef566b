"""The way to the exchange: the name looked up under a deadline, and the connection timed on a real request."""

from __future__ import annotations

import re
import socket
import threading
from ipaddress import ip_address, ip_network
from typing import Final, Literal
from urllib.parse import urlsplit

from okx_doctor.observations import CallAnswer, Connection, Evidence, ExchangeTime, Resolution
from okx_doctor.probes.context import Context, Ending, Measured, Unknown
from okx_doctor.probes.http import Reply
from okx_doctor.protocol.answers import Form, known_title
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.endpoints import TIME
from okx_doctor.protocol.outcome import Trouble, trouble
from okx_doctor.protocol.sites import NOT_API_HOSTS, hosts, is_host, is_okx_name
from okx_doctor.secrets.redactor import Redactor

_CODE = re.compile(r"-?\d|\d{4,5}", re.ASCII)
"""OKX's codes have one digit or five, a socket's closing four."""
_FAR_FUTURE = 4_102_444_800.0  # the year 2100: no time of OKX's clock

CALL_SECONDS = 5.0
"""The longest that any one call may take, within the run's own deadline."""


def measure_resolution(context: Context, evidence: Evidence) -> Ending:
    """Look up the host that will be connected to: the proxy's where one is set.

    In a thread of its own, since neither Python nor httpx can end a lookup that is stuck.
    """
    url = context.http.proxy(context.target.base_url) or context.target.base_url
    try:
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or 443
        usable = is_host(host)
    except ValueError:
        usable = False
    if not usable:  # an unusable proxy setting: the connection will report it
        return Measured(observations=(Resolution(host="", families=(), milliseconds=0.0, failure=""),))
    found: list[Resolution] = []
    began = context.monotonic()

    def look_up() -> None:
        families: tuple[str, ...] = ()
        failure = ""
        false_address: FalseAddress = ""
        try:
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            families = tuple(dict.fromkeys("IPv6" if row[0] == socket.AF_INET6 else "IPv4" for row in rows))
            if is_okx_name(host):
                false_address = next(filter(None, (false_kind(str(row[4][0])) for row in rows)), "")
        except (OSError, UnicodeError) as error:
            failure = getattr(error, "strerror", None) or "the name does not resolve"
        took = round((context.monotonic() - began) * 1000, 1)
        found.append(
            Resolution(host=host, families=families, milliseconds=took, failure=failure, false_address=false_address)
        )

    worker = threading.Thread(target=look_up, daemon=True)
    worker.start()
    worker.join(max(0.1, min(CALL_SECONDS, context.remaining() - 0.5)))
    if not found:
        took = round((context.monotonic() - began) * 1000, 1)
        found.append(Resolution(host=host, families=(), milliseconds=took, failure="the resolver never answered"))
    return Measured(observations=(found[0],))


FalseAddress = Literal["", "loopback", "private", "link-local", "unspecified"]
_PRIVATE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def false_kind(address: str) -> FalseAddress:
    """The kind of an address that no public name has; ``""`` for one that it may have.

    198.18.0.0/15 passes: VPN clients answer with it and carry the connection on (RFC 2544's range, "fake IP").
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if parsed.is_unspecified:
        return "unspecified"
    if parsed.is_loopback:
        return "loopback"
    if parsed.is_link_local:
        return "link-local"
    return "private" if any(parsed in network for network in _PRIVATE) else ""


def measure_connection(context: Context, evidence: Evidence) -> Ending:
    """Ask OKX's time once: the first sample of its clock, over the connection that is reported."""
    resolution = evidence.first(Resolution)
    if resolution is not None and resolution.failure:
        return Unknown(reason="the host name does not resolve")
    reply = ask_time(context)
    connection = Connection(
        base_url=context.target.base_url,
        family=reply.family,
        proxy=reply.proxy,
        tcp_ms=reply.tcp_ms,
        tls_ms=reply.tls_ms,
        tls_version=reply.tls_version,
        answer=short(reply, context.redactor),
        failure=reply.failure,
    )
    sample = exchange_time(reply)
    return Measured(observations=(connection, *((sample,) if sample else ())))


def measure_exchange_clock(context: Context, evidence: Evidence) -> Ending:
    """Two more samples of OKX's clock, side by side; the smallest round trip of all tells the offset."""
    asked_before = evidence.first(Connection) is not None or evidence.first(Resolution) is not None
    if asked_before and evidence.first(ExchangeTime) is None:
        return Unknown(reason="OKX's time could not be read")
    samples: list[ExchangeTime | None] = []
    workers = [
        threading.Thread(target=lambda: samples.append(exchange_time(ask_time(context))), daemon=True) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(0.0, context.remaining() - 0.3))
    return Measured(observations=tuple(sample for sample in samples if sample))


def ask_time(context: Context, base_url: str | None = None) -> Reply:
    """One unsigned ``GET /api/v5/public/time``. Where it is rate-limited, no signed call follows either."""
    request, _ = context.http.build(base_url or context.target.base_url, TIME.method, TIME.target)
    reply = context.http.call(request, {}, call_budget(context))
    if trouble(reply.answer) is Trouble.RATE_LIMITED:
        context.budget.close()
    return reply


def call_budget(context: Context) -> float:
    """Seconds that the next call may take."""
    return min(CALL_SECONDS, context.remaining() - 0.4)


def exchange_time(reply: Reply) -> ExchangeTime | None:
    """OKX's clock against this machine's, from one answered ``/public/time``; ``None`` where the answer has no time."""
    if reply.answer is None or reply.answer.form is not Form.OKX or not reply.answer.data:
        return None
    stamp = reply.answer.data[0].get("ts")
    try:
        theirs = float(str(stamp).encode("ascii")) / 1000
    except ValueError:
        return None
    if not 0 < theirs < _FAR_FUTURE:  # also false for NaN
        return None
    halfway = reply.sent_at + reply.round_trip / 2
    return ExchangeTime(offset_s=round(theirs - halfway, 4), uncertainty_s=round(reply.round_trip / 2 + 0.001, 4))


def short(reply: Reply, redactor: Redactor) -> CallAnswer | None:
    """An answer as it may be kept: of what the server chose only words that are known, whoever the server is.

    Texts decide nothing, and a server can echo the request in them, cut or spelled differently.
    """
    answer = reply.answer
    if answer is None:
        return None
    return CallAnswer(
        status=answer.status,
        form=answer.form.value,
        code=known_code(answer.code, redactor),
        message=known_title(answer.message) if answer.form is Form.PAGE else "",
        caller_ip="" if _spells_a_secret(answer.caller_ip, redactor) else answer.caller_ip,
        redirect_host=_known_host(answer.redirect_host),
    )


def known_code(code: str, redactor: Redactor) -> str:
    """A code of the form that OKX's have; another is ``unknown``, and so is one that spells a credential."""
    if not code or find(code):
        return code
    return code if _CODE.fullmatch(code) and redactor.foreign(code) == code else "unknown"


def _known_host(host: str) -> str:
    known = host.lower() in hosts() or host.lower() in NOT_API_HOSTS
    return host.lower() if known or not host else "another host"


def _spells_a_secret(address: str, redactor: Redactor) -> bool:
    """Whether an IPv6 address is a credential's digits: both may have 32."""
    digits = ip_address(address).exploded.replace(":", "") if ":" in address else ""
    dashed = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    return bool(digits) and any(redactor.foreign(spelled) != spelled for spelled in (digits, dashed))
