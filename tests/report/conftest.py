"""Reports as fixed values, and their golden texts: ``pytest tests/report --update`` writes those anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from okx_doctor.catalogue.causes import entry
from okx_doctor.checking.checks import ALL
from okx_doctor.model import (
    Cause,
    CheckResult,
    CheckStatus,
    Confidence,
    Health,
    Remedy,
    Report,
    RuledOut,
    TargetSummary,
    Tool,
    Undetermined,
    Verdict,
)

GOLDEN = Path(__file__).parents[1] / "golden"

Observations = dict[str, list[dict[str, object]]]


@pytest.fixture
def golden(is_kept: Callable[[Path, str], None]) -> Callable[[str, str], None]:
    """Compare a text with the golden file of that name."""
    return lambda name, text: is_kept(GOLDEN / (name if "." in name else f"{name}.txt"), text)


@pytest.fixture(scope="session")
def reports() -> Mapping[str, Report]:
    """Name to report; a name is its golden file's too."""
    healthy = _report(Health.HEALTHY)
    drift = _cause(
        "clock-drift",
        Confidence.PROVEN,
        because=(
            "the local clock is 45.0 s behind OKX (± 0.021 s)",
            "the local clock is 45.0 s behind time servers (± 0.004 s)",
            "OKX answers 50102 (Timestamp request expired) to GET account/config (call 1)",
            "with OKX's time: OKX accepts GET account/config (call 2)",
            "taken back alone: OKX answers 50102 (Timestamp request expired) to GET account/config again (call 3)",
        ),
        remedy=Remedy(
            text="Let chrony step the clock; on a VM check the host's clock too.",
            commands=("sudo chronyc makestep",),
        ),
        checks=("clock.ntp", "clock.exchange", "signed.config"),
    )
    site = _cause(
        "wrong-site",
        Confidence.PROVEN,
        because=(
            "OKX answers 50119 (API key doesn't exist) to GET account/config (call 2)",
            "with the EEA site: OKX answers 50105 (Request header OK-ACCESS-PASSPHRASE incorrect) to GET "
            "account/config (call 3)",
        ),
        remedy=Remedy(
            text="The key belongs to EEA: point the bot at https://eea.okx.com.",
            commands=("export OKX_API_BASE_URL=https://eea.okx.com",),
            verify="okx-doctor check --site eea",
        ),
        checks=("signed.config",),
    )
    passphrase = _cause(
        "passphrase-wrong",
        Confidence.STATED,
        because=(
            "OKX answers 50105 to GET /api/v5/account/config, with every correction above in force",
            "no further attempt with a refused passphrase is allowed",
        ),
        remedy=Remedy(
            text="Use the passphrase that was set when this key was made; it is not the login password. OKX "
            "cannot show it again: if it is lost, delete the key and make a new one."
        ),
        checks=("signed.config",),
    )
    timeout = _cause(
        "connection-timeout",
        Confidence.LIKELY,
        because=("GET /api/v5/public/time: no complete answer in time",),
        remedy=Remedy(text="Check the route to OKX (firewall, VPN, a blocked country), then OKX's status page."),
        checks=("network.connection", "signed.config"),
    )
    expiring = _cause(
        "api-key-expiring",
        Confidence.STATED,
        because=("the key may trade and is bound to no IP: OKX drops it after 14 days without a call",),
        remedy=Remedy(text="Bind the key to the bot's IP address, or make sure that it is used every few days."),
        checks=("key.binding",),
    )
    address = _cause(
        "ip-not-allowlisted",
        Confidence.STATED,
        because=("OKX answers 50110: it saw 203.0.113.77, which is not on the key's list",),
        remedy=Remedy(text="Add 203.0.113.77 to the key's IP addresses.", commands=("ip route get 2001:db8:5::9",)),
        checks=("signed.config",),
    )
    late = {"clock.exchange": _offset("exchange_times", 45.0), "clock.ntp": _offset("ntp_times", 45.0)}
    unreachable = {
        "network.connection": (CheckStatus.FAIL, "no complete answer in time"),
        "clock.exchange": (CheckStatus.UNKNOWN, "OKX's time could not be read"),
        "signed.config": (CheckStatus.UNKNOWN, "the exchange gave no answer that tells"),
        **_after_refusal(),
    }
    refused = {
        "clock.ntp": (CheckStatus.FAIL, "45.0 s behind time servers (± 0.004 s); 3 of 3 answered"),
        "clock.exchange": (CheckStatus.FAIL, "45.0 s behind OKX (± 0.021 s)"),
        "signed.config": (
            CheckStatus.FAIL,
            "OKX answers 50102 (Timestamp request expired) to GET account/config; OKX accepts GET "
            "account/config with 1 corrected (3 calls)",
        ),
    }
    return {
        "healthy": healthy,
        "healthy-offline": _report(
            Health.HEALTHY,
            {check.id: (CheckStatus.SKIP, "left out with --offline") for check in ALL if check.online},
        ),
        "one-cause": _report(Health.UNHEALTHY, refused, late, causes=(drift,)),
        "three-causes": _report(
            Health.UNHEALTHY,
            refused | _after_refusal(),
            late,
            causes=(drift, site, passphrase),
            undetermined=(
                Undetermined(id="secret-wrong", missing="a call past the refusal: OKX answers 50105"),
                Undetermined(id="passphrase-case", missing="a run with --try-case"),
            ),
        ),
        "undetermined": _report(
            Health.UNDETERMINED,
            unreachable,
            causes=(timeout,),
            undetermined=(
                Undetermined(id="wrong-site", missing="a signed call that OKX answers"),
                Undetermined(id="clock-drift", missing="a reference for the local clock"),
            ),
        ),
        "undetermined-without-a-cause": _report(
            Health.UNDETERMINED,
            {
                "signed.config": (
                    CheckStatus.FAIL,
                    "OKX answers 50119 (API key doesn't exist) to GET account/config (4 calls)",
                ),
                **_after_refusal(),
            },
            undetermined=(
                Undetermined(id="wrong-site", missing="an answer from eea that tells whether the key is known there"),
                Undetermined(
                    id="api-key-unknown",
                    missing="an answer from eea that tells whether the key is known there",
                ),
                Undetermined(id="passphrase-wrong", missing="a call past the refusal"),
            ),
        ),
        "warning-only": _report(
            Health.HEALTHY, {"key.binding": (CheckStatus.WARN, "bound to no IP")}, causes=(expiring,)
        ),
        "crash": _report(
            Health.UNDETERMINED,
            {
                "clock.ntp": (CheckStatus.CRASH, "ZeroDivisionError"),
                "body.serialisation": (CheckStatus.CRASH, "KeyError"),
            },
        ),
        "hostile": _hostile(timeout),
        "requests": _report(Health.UNHEALTHY, refused, _conversation(), causes=(drift, address)),
    }


def with_offset(report: Report, seconds: float) -> Report:
    """The report with one sample of OKX's clock by which the local clock is ahead by ``seconds``."""
    return replace(
        report,
        checks=tuple(
            replace(check, observations=_offset("exchange_times", -seconds))
            if check.id == "clock.exchange"
            else replace(check, observations={})
            for check in report.checks
        ),
    )


@pytest.fixture(scope="session")
def offset_report(reports: Mapping[str, Report]) -> Callable[[float], Report]:
    """The report of one cause, with the local clock ahead by so many seconds."""
    return lambda seconds: with_offset(reports["one-cause"], seconds)


HOSTILE = (
    "[/red] \x1b[31mred\x1b]0;title\x07 \u202egnp.exe\u202c \u200b\ufeff \r\n\t "
    "[bold]服务暂时不可用，请稍后重试[/bold] "
)


def _hostile(cause: Cause) -> Report:
    long_url = "https://" + "a" * 120 + ".example"
    report = _report(
        Health.UNDETERMINED,
        {
            "network.connection": (CheckStatus.FAIL, HOSTILE * 2),
            "signed.config": (CheckStatus.UNKNOWN, long_url + HOSTILE),
        },
        causes=(
            replace(
                cause,
                because=(HOSTILE, "服务暂时不可用，请稍后重试" * 6, long_url),
                remedy=Remedy(text=HOSTILE, commands=(HOSTILE, "nslookup " + "a" * 120), verify=HOSTILE),
            ),
        ),
        undetermined=(Undetermined(id="wrong-site", missing=HOSTILE),),
    )
    return replace(report, target=replace(report.target, base_url=long_url, site=HOSTILE))


_HEALTHY: Mapping[str, str] = {
    "target.host": "https://openapi.okx.com, live",
    "credentials.presence": "OKX_API_KEY in the environment (36 characters), OKX_SECRET_KEY in the environment (32 "
    "characters), OKX_PASSPHRASE in the environment (14 characters)",
    "credentials.source": "each value has one source, and is as written there",
    "credentials.exposure": "no file with credentials to look at",
    "credentials.shape": "API key: a UUID, secret key: 32 hexadecimal digits, passphrase: 14 characters",
    "credentials.passphrase": "as loaded: letters of both cases",
    "signature.vectors": "38 of 38 published signatures come out",
    "body.serialisation": "3 ways to send the signed text keep its bytes; json=body writes another text than "
    "json.dumps(body)",
    "network.resolution": "openapi.okx.com: IPv4 and IPv6 in 12 ms",
    "network.connection": "over IPv4, no proxy, TCP 18 ms, TLSv1.3 21 ms, HTTP 200",
    "clock.ntp": "0.012 s ahead of time servers (± 0.004 s); 3 of 3 answered",
    "clock.exchange": "0.014 s ahead of OKX (± 0.021 s)",
    "signed.config": "OKX accepts GET account/config",
    "signed.query": "OKX accepts GET account/balance",
    "signed.body": "OKX accepts POST account/position-builder",
    "key.permissions": "read_only, trade",
    "key.binding": "bound to 1 address",
    "websocket.login": "not asked for (--websocket)",
}


def _after_refusal() -> dict[str, tuple[CheckStatus, str]]:
    return {
        "signed.query": (CheckStatus.SKIP, "needs an accepted signed GET first"),
        "signed.body": (CheckStatus.SKIP, "needs an accepted signed GET first"),
        "key.permissions": (CheckStatus.SKIP, "OKX did not tell anything about the key"),
        "key.binding": (CheckStatus.SKIP, "OKX did not tell anything about the key"),
    }


def _offset(kind: str, seconds: float) -> Observations:
    row: dict[str, object] = {"offset_s": seconds, "uncertainty_s": 0.021}
    return {kind: [row | ({"server": "pool.ntp.org", "stratum": 2} if kind == "ntp_times" else {})]}


def _conversation() -> dict[str, Observations]:
    """Every kind of request that a report can tell of."""
    host = "https://openapi.okx.com"
    ok: dict[str, object] = {"status": 200, "form": "okx", "code": "0", "message": ""}
    late: dict[str, object] = {"status": 401, "form": "okx", "code": "50102", "message": ""}
    closed: dict[str, object] = {
        "status": 401,
        "form": "okx",
        "code": "50110",
        "message": "",
        "caller_ip": "203.0.113.77",
    }
    page: dict[str, object] = {"status": 502, "form": "page", "code": "", "message": ""}
    silence: dict[str, object] = {"kind": "timeout", "detail": "no complete answer in time", "tls_code": 0}
    clock: dict[str, object] = {
        "id": "clock",
        "causes": ["clock-drift"],
        "what": "OKX's time",
        "changes": [["clock", "exchange"]],
    }
    made: tuple[tuple[str, list[str], list[str], dict[str, object] | None], ...] = (
        ("as loaded", [], [], late),
        ("correction", ["clock"], ["clock"], ok),
        ("taken back", ["clock"], [], late),
        ("correction", ["site:eea"], ["clock", "site:eea"], closed),
        ("correction", ["site:us"], ["clock"], page),
        ("correction", ["site:tr"], ["clock"], None),
    )
    calls: list[dict[str, object]] = [
        {
            "number": number,
            "purpose": purpose,
            "about": about,
            "endpoint": "GET /api/v5/account/config",
            "base_url": host,
            "demo": number == 4,
            "corrections": corrections,
            "answer": answer,
            "failure": None if answer else silence,
        }
        | ({} if number == 1 else {"started_ms": 100 * number, "duration_ms": 21 + number})
        for number, (purpose, about, corrections, answer) in enumerate(made, 1)
    ]
    connection: dict[str, object] = {
        "base_url": host,
        "family": "IPv6",
        "proxy": "http://10.9.8.7:3128",
        "tcp_ms": 18.0,
        "tls_ms": 21.0,
        "tls_version": "TLSv1.3",
        "answer": ok,
        "failure": None,
    }
    refused: dict[str, object] = {"url": "wss://ws.okx.com/ws/v5/private", "demo": True, "code": "60005"}
    return {
        "network.connection": {"connections": [connection], **_offset("exchange_times", 45.0)},
        "clock.ntp": {
            **_offset("ntp_times", 12.0),
            "ntp_silences": [{"server": "2001:db8:5::123", "reason": "no answer in 1 s"}],
        },
        "signed.config": {"corrections": [clock], "signed_calls": calls},
        "websocket.login": {"socket_logins": [refused | {"failure": None}]},
    }


def _cause(
    cause_id: str,
    confidence: Confidence,
    *,
    because: tuple[str, ...],
    remedy: Remedy,
    checks: tuple[str, ...],
) -> Cause:
    known = entry(cause_id)
    return Cause(
        id=cause_id,
        severity=known.severity,
        confidence=confidence,
        title=known.title,
        because=because,
        remedy=remedy,
        checks=checks,
    )


def _report(
    status: Health,
    results: Mapping[str, tuple[CheckStatus, str]] | None = None,
    observations: Mapping[str, Observations] | None = None,
    *,
    causes: tuple[Cause, ...] = (),
    undetermined: tuple[Undetermined, ...] = (),
) -> Report:
    skipped = {"websocket.login": (CheckStatus.SKIP, _HEALTHY["websocket.login"])}
    told = skipped | dict(results or {})
    return Report(
        schema="okx-doctor/report/1",
        tool=Tool(name="okx-doctor", version="1.2.3"),
        started_at="2026-11-22T13:54:07.123Z",
        duration_ms=412,
        target=TargetSummary(
            site="global",
            base_url="https://openapi.okx.com",
            environment="live",
            key="…6e17",
            source=".env",
            address="over IPv4",
        ),
        status=status,
        verdict=Verdict(
            causes=causes,
            ruled_out=(RuledOut(id="dns-failure", because="openapi.okx.com resolves"),),
            undetermined=undetermined,
        ),
        checks=tuple(
            CheckResult(
                id=check.id,
                group=check.group,
                title=check.title,
                status=told.get(check.id, (CheckStatus.PASS, ""))[0],
                summary=told.get(check.id, (CheckStatus.PASS, _HEALTHY[check.id]))[1],
                duration_ms=7,
                observations=dict((observations or {}).get(check.id, {})),
            )
            for check in ALL
        ),
    )


HOSTILE_MARKUP = (
    "</style></title><script>window.hacked=1</script><img src=http://trap.invalid/x onerror=window.hacked=1>",
    "<svg/onload=window.hacked=1><a href=\"javascript:window.hacked=1\">x</a><style>@import 'http://trap.invalid/c'",
    "\" onmouseover=window.hacked=1 x=\" ' style='background:url(http://trap.invalid/b)' &lt;b&gt; &#60;script&#62;",
    "::error title=x::y",
    " ::stop-commands::x",
    "##[error]z ##[group]a ::set-output name=x::y %0A::warning::w\n::error::n\r::add-mask::m",
    "]]><!-- --><![CDATA[ <?php ?> &amp; &nbsp; \x00\x0b\ufffe\ud800",
    "@everyone @octo-cat/team fixes #1 GH-2 owner/repo#3 https://trap.invalid/ www.trap.invalid a@trap.invalid :tada:",
    "![i](http://trap.invalid/i) [l](http://trap.invalid/l) **b** _i_ `c` ~~s~~ $x^2$ | a | b | \\| `|` # h",
    "1. one",
    "- item",
    "+ plus",
    "===",
    "---",
    "> quote",
    "    four",
    "```\nfence",
    "| table |",
    "# heading",
    "<!--",
)
"""Text that would do something in a page, in Markdown, in XML or in a runner's log."""


@pytest.fixture(scope="session")
def hostile_markup(reports: Mapping[str, Report]) -> Report:
    """A report with ``HOSTILE_MARKUP`` wherever a report holds text that may come from outside."""
    every = " ".join(HOSTILE_MARKUP)
    report = reports["requests"]
    cause = report.verdict.causes[0]
    bad = replace(
        cause,
        because=HOSTILE_MARKUP,
        remedy=Remedy(text=every, commands=HOSTILE_MARKUP, verify=every),
    )
    calls = report.checks[_at("signed.config")].observations["signed_calls"]
    worst = [row | {"base_url": every, "endpoint": every} for row in calls]
    checks = tuple(
        replace(
            check,
            summary=HOSTILE_MARKUP[number % len(HOSTILE_MARKUP)],
            observations=check.observations | ({"signed_calls": worst} if check.id == "signed.config" else {}),
        )
        for number, check in enumerate(report.checks)
    )
    return replace(
        report,
        tool=replace(report.tool, version=every),
        target=replace(report.target, base_url=every, site=every, environment=every),
        verdict=Verdict(
            causes=(bad, replace(bad, id="wrong-site")),
            ruled_out=tuple(RuledOut(id="dns-failure", because=text) for text in HOSTILE_MARKUP),
            undetermined=tuple(Undetermined(id="wrong-site", missing=text) for text in HOSTILE_MARKUP),
        ),
        checks=checks,
    )


def _at(check_id: str) -> int:
    return [check.id for check in ALL].index(check_id)
