"""Rules about the way to OKX: the base URL, the host name, the connection, proxies and edges, the service."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.words import Words, ca_line, proxy_line
from okx_doctor.causes.clients import own_words
from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import accepted
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.time import judge_tls_clock
from okx_doctor.causes.shells import for_shell
from okx_doctor.model import Confidence, Remedy
from okx_doctor.observations import (
    ENVIRONMENT,
    BotClient,
    BotSetting,
    CallAnswer,
    CallFailure,
    Connection,
    Evidence,
    Machine,
    NtpTime,
    Resolution,
    SignedCall,
    SocketLogin,
    Target,
)
from okx_doctor.protocol.outcome import RATE_CODES, UNAVAILABLE_CODES, Trouble, trouble
from okx_doctor.protocol.steps import refuses

_CALLS = (Connection, SignedCall, SocketLogin)
_CHECKS = ("network.connection", "signed.config")

SHELL_SAFE = re.compile(r"(?!-)[A-Za-z0-9_.:/-]+")
"""Values that may be shown in a command and are not options of it: a saved report can hold anything."""

_OTHER_NAME = (62, 64)
"""OpenSSL's codes for a certificate of another name and of another address."""

Seen = tuple[str, CallAnswer | None, CallFailure | None]


def _calls_seen(evidence: Evidence, *, hops: bool = False) -> tuple[Seen, ...]:
    """Every call with what it was and how it ended, those to other sites only with ``hops``."""
    found: list[Seen] = [("GET /api/v5/public/time", seen.answer, seen.failure) for seen in evidence.all(Connection)]
    found += [
        (call.endpoint, call.answer, call.failure)
        for call in evidence.all(SignedCall)
        if hops or not any(name.startswith("site:") for name in call.about)
    ]
    found += [("WebSocket login", None, login.failure) for login in evidence.all(SocketLogin)]
    return tuple(found)


def _excluded(evidence: Evidence, because: str, missing: str = "an answer from the exchange") -> Judgement:
    """Excluded once the exchange was connected to, else left open."""
    return Excluded(because=because) if evidence.first(Connection) else Abstains(missing=missing)


def judge_base_url(evidence: Evidence) -> Judgement:
    """``base-url-invalid``: a file with credentials names an address that no bot can use."""
    target = evidence.first(Target)
    if target is None or not target.file_url_fault:
        return Excluded(because="every base URL that was given is one")
    place = target.file_url_place or "the file"
    return Holds(
        confidence=Confidence.PROVEN if target.file_url_hopeless else Confidence.LIKELY,
        because=(f"the base URL in {place}: {target.file_url_fault}",),
        remedy=Remedy(text=f"Write the plain address into {place}, for example https://www.okx.com."),
        checks=("target.host",),
    )


def judge_host(evidence: Evidence) -> Judgement:
    """``host-not-api``: a host known not to serve the API, or one that redirects elsewhere."""
    target = evidence.first(Target)
    if target is None:
        return Abstains(missing="the base URL")
    remedy = Remedy(
        text="Use the host of the site the account is registered on.",
        verify="okx-doctor check --site global",
    )
    if target.not_api_reason:
        return Holds(
            confidence=Confidence.LIKELY,
            because=(f"{target.base_url}: {target.not_api_reason}", "no credentials were sent there"),
            remedy=remedy,
            checks=("target.host",),
        )
    for what, answer, _ in () if accepted(evidence) else _calls_seen(evidence):
        if answer is not None and 300 <= answer.status < 400:
            where = f" to {answer.redirect_host}" if answer.redirect_host else ""
            return Holds(
                confidence=Confidence.LIKELY,
                because=(f"{target.base_url} redirects {what}{where}; signed headers do not survive a redirect",),
                remedy=remedy,
                checks=("target.host", "network.connection"),
            )
    return Excluded(because=f"{target.base_url} is not a host known to serve no API")


def judge_dns(evidence: Evidence) -> Judgement:
    """``dns-failure``: the lookup failed, or the resolver never answered."""
    resolution = evidence.first(Resolution)
    if resolution is None:
        return Abstains(missing="a lookup of the host name")
    failure = resolution.failure or next(
        (failure.detail for _, _, failure in _calls_seen(evidence) if failure and failure.kind == "dns"), ""
    )
    if not failure and resolution.false_address and not _is_of_okx(evidence):
        address = f"{resolution.host} has the address of a {resolution.false_address} network here"
        return _answered_falsely((f"{address}, which no public name has: another server is asked",), resolution.host)
    if not failure and any(_is_for_another_name(failure) for _, _, failure in _calls_seen(evidence)):
        other = f"the server at {resolution.host} shows the certificate of another name: another server answers"
        return _answered_falsely((other,), resolution.host)
    if not failure:
        return Excluded(because=f"{resolution.host} resolves")
    return Holds(
        confidence=Confidence.LIKELY,
        because=(f"{resolution.host}: {failure} (after {resolution.milliseconds:.0f} ms)",),
        remedy=Remedy(
            text="Check the host's spelling, then this machine's DNS resolver and VPN.",
            commands=(f"nslookup {resolution.host}",) if SHELL_SAFE.fullmatch(resolution.host) else (),
        ),
        checks=("network.resolution",),
    )


def _answered_falsely(because: tuple[str, ...], host: str) -> Holds:
    return Holds(
        confidence=Confidence.LIKELY,
        because=because,
        remedy=Remedy(
            text="Compare this machine's resolver with a public one; take the name out of the hosts file, or set "
            "another resolver or a VPN. Renewing certificates changes nothing.",
            commands=(f"nslookup {host}", f"nslookup {host} 1.1.1.1") if SHELL_SAFE.fullmatch(host) else (),
        ),
        checks=("network.resolution", "network.connection"),
    )


def _is_of_okx(evidence: Evidence) -> bool:
    """Whether an answer of OKX's own form came over this connection."""
    return any(answer is not None and answer.form == "okx" for _, answer, _ in _calls_seen(evidence))


def _is_for_another_name(failure: CallFailure | None) -> bool:
    return failure is not None and failure.kind == "tls" and failure.tls_code in _OTHER_NAME


def _failure_rule(
    kinds: tuple[str, ...], remedy: Remedy, healthy: str, say: Callable[[Client], Words] | None = None
) -> Callable[[Evidence], Judgement]:
    def judge(evidence: Evidence) -> Judgement:
        for what, _, failure in _calls_seen(evidence):
            if failure is not None and failure.kind in kinds:
                return Holds(
                    confidence=Confidence.LIKELY,
                    because=(f"{what}: {failure.detail}",),
                    remedy=replace(remedy, lines=own_words(evidence, say)) if say else remedy,
                    checks=_CHECKS,
                )
        return _excluded(evidence, healthy, missing="a connection to the exchange")

    return judge


judge_refused = _failure_rule(
    ("refused", "cut-off", "other"),
    Remedy(text="Check the host and port, the firewall and the VPN between this machine and OKX."),
    "the exchange takes connections and keeps them",
)
judge_timeout = _failure_rule(
    ("timeout",),
    Remedy(
        text="Allow more time, then check the route to OKX (firewall, VPN, a blocked country) and OKX's status page.",
        commands=("okx-doctor check --timeout 60",),
    ),
    "the exchange answers in time",
)
_judge_any_proxy = _failure_rule(
    ("proxy",),
    Remedy(text="Check the proxy named by HTTPS_PROXY or ALL_PROXY, or unset it for OKX's host (NO_PROXY)."),
    "no proxy failed",
    proxy_line,
)


def judge_proxy(evidence: Evidence) -> Judgement:
    """``proxy-failure``: the proxy refuses or fails, one that the bot's own settings name among them."""
    judged = _judge_any_proxy(evidence)
    own = next((row for row in evidence.all(BotSetting) if row.kind == "proxy" and row.used), None)
    if not isinstance(judged, Holds) or own is None:
        return judged
    where = "" if own.place == ENVIRONMENT else f", {own.place}"
    because = (*judged.because, *((own.remark,) if own.remark else ()))
    text = f"Check the proxy {own.value}{where}: whether it runs, and whether it can be reached from here."
    if own.remark:
        text = f"Write a proxy that can be reached from inside the container{where}: {own.remark}."
    return replace(judged, because=because, remedy=replace(judged.remedy, text=text))


def judge_tls(evidence: Evidence) -> Judgement:
    """``tls-untrusted``: the certificate does not verify, and not because of the clock."""
    for what, _, failure in _calls_seen(evidence):
        if _is_for_another_name(failure):
            return Excluded(because="the certificate is another name's, which its issuer has nothing to do with")
        if failure is not None and failure.kind == "tls":
            stands = isinstance(judge_tls_clock(evidence), Holds)
            return Holds(
                confidence=Confidence.POSSIBLE if stands else Confidence.LIKELY,
                because=(f"{what}: {failure.detail}",),
                remedy=Remedy(
                    text="Trust the company's authority through SSL_CERT_FILE, or update certifi; never turn "
                    "verification off. Something between this machine and OKX presents its own certificate (a "
                    "company proxy, an antivirus), or the authorities are out of date.",
                    commands=(for_shell(evidence)("python -m pip install --upgrade certifi"),),
                    lines=own_words(evidence, ca_line),
                ),
                checks=_CHECKS,
            )
    return _excluded(evidence, "no certificate was refused", missing="a connection to the exchange")


def judge_edge(evidence: Evidence) -> Judgement:
    """``blocked-by-edge``: a page or a bare 403 where OKX's JSON is due, or 50121."""
    for what, answer, _ in _calls_seen(evidence):
        if answer is None:
            continue
        if refuses(answer.code, "caller-region"):
            return _edge(Confidence.STATED, f"OKX answers {answer.code} to {what}")
        if trouble(answer) is Trouble.BLOCKED and not 300 <= answer.status < 400:
            page = answer.form == "page"
            title = f" titled {answer.message!r}" if page and answer.message else ""
            kind = f"a web page{title}" if page else "no OKX code"
            return _edge(
                Confidence.LIKELY if page or answer.status == 403 else Confidence.POSSIBLE,
                f"{what}: HTTP {answer.status} with {kind}",
            )
    return _excluded(evidence, "the answers come from OKX's API itself")


def _edge(confidence: Confidence, because: str) -> Holds:
    return Holds(
        confidence=confidence,
        because=(because, "this says nothing about the credentials"),
        remedy=Remedy(
            text="Ask from another network: the block is on this machine's address or country, not on the key."
        ),
        checks=_CHECKS,
    )


def judge_rate(evidence: Evidence) -> Judgement:
    """``rate-limited``: 50011 and its kin, or a bare 429."""
    for what, answer, failure in _calls_seen(evidence, hops=True):
        if failure is not None and failure.kind == "throttled":
            return _rate(Confidence.LIKELY, f"{what}: {failure.detail}")
        if answer is not None and trouble(answer) is Trouble.RATE_LIMITED:
            coded = answer.code in RATE_CODES
            return _rate(
                Confidence.STATED if coded else Confidence.LIKELY, f"{what}: {answer.code or f'HTTP {answer.status}'}"
            )
    return _excluded(evidence, "no answer names a rate limit")


def _rate(confidence: Confidence, because: str) -> Holds:
    return Holds(
        confidence=confidence,
        because=(because,),
        remedy=Remedy(text="Wait a few seconds, and space the bot's requests out."),
        checks=_CHECKS,
    )


def judge_unavailable(evidence: Evidence) -> Judgement:
    """``exchange-unavailable``: OKX's own codes for trouble, a 5xx, or an answer that cannot be read."""
    for what, answer, _ in _calls_seen(evidence):
        if answer is not None and trouble(answer) is Trouble.UNAVAILABLE:
            coded = answer.code in UNAVAILABLE_CODES
            unread = " that cannot be read" if answer.form == "unreadable" else ""
            said = f"HTTP {answer.status}, an answer{unread}"
            if coded:
                said = f"OKX answers {answer.code} (HTTP {answer.status})"
            return Holds(
                confidence=Confidence.STATED if coded else Confidence.LIKELY,
                because=(f"{what}: {said}",),
                remedy=Remedy(text="Look at OKX's status page (https://www.okx.com/status) and try again later."),
                checks=_CHECKS,
            )
    return _excluded(evidence, "OKX answers as in service")


RULES = (
    Rule(cause="base-url-invalid", reads=(Target,), judge=judge_base_url),
    Rule(cause="host-not-api", reads=(Target, Connection, *CONVERSATION), judge=judge_host),
    Rule(cause="dns-failure", reads=(Resolution, *_CALLS), judge=judge_dns),
    Rule(cause="proxy-failure", reads=(*_CALLS, Machine, BotClient, BotSetting), judge=judge_proxy),
    Rule(cause="connection-refused", reads=_CALLS, judge=judge_refused),
    Rule(cause="connection-timeout", reads=_CALLS, judge=judge_timeout),
    Rule(cause="tls-untrusted", reads=(*_CALLS, NtpTime, Machine, BotClient), judge=judge_tls),
    Rule(cause="blocked-by-edge", reads=_CALLS, judge=judge_edge),
    Rule(cause="rate-limited", reads=_CALLS, judge=judge_rate),
    Rule(cause="exchange-unavailable", reads=_CALLS, judge=judge_unavailable),
)
