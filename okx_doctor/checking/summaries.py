"""One line per check that says what was measured, with numbers; made from observations alone.

Each takes the check's own observations and everybody's, for what is about several checks'.
"""

from __future__ import annotations

from collections.abc import Mapping

from okx_doctor.causes.clock import exchange_offset, largest_agreement, ntp_offset
from okx_doctor.causes.conversation import contradiction, described, final_call
from okx_doctor.credentials.variables import SLOT_TITLES
from okx_doctor.model import counted
from okx_doctor.observations import (
    STRAY_PACKETS,
    BodyForm,
    BotSetting,
    Connection,
    CredentialValue,
    DialectsDiffer,
    Evidence,
    FileExposure,
    FileMangled,
    KeyFacts,
    NtpSilence,
    NtpTime,
    PassphraseShared,
    Resolution,
    RetiredSocket,
    SignedCall,
    SlotsSwapped,
    SocketLogin,
    SourceAgreeing,
    SourceShadowed,
    Target,
    VectorRun,
)
from okx_doctor.protocol.outcome import Outcome, login_outcome


def target(own: Evidence, _: Evidence) -> str:
    target = own.first(Target)
    if target is None:
        return ""
    ignored = (
        f"; {target.file_url_ignored} in {target.file_url_place or 'the file'} is left aside: a file may send "
        "credentials to OKX's own hosts only, --base-url anywhere"
        if target.file_url_ignored
        else ""
    )
    retired = "".join(
        f"; {seen.variable or seen.client} goes to port {seen.port}, which OKX has retired"
        for seen in own.all(RetiredSocket)
    )
    return f"{target.base_url}, {'demo' if target.demo else 'live'}{ignored}{retired}"


def setting(row: BotSetting) -> str:
    """A setting of the bot's own in a sentence, with whether it is used."""
    match row.kind, row.used:
        case "proxy", True:
            return f"through the proxy {row.value}, {row.place}{f'; but {row.remark}' if row.remark else ''}"
        case "proxy", False:
            return f"not through the proxy {row.value}, {row.place}: {row.remark}"
        case "demo", True:
            return f"{'demo trading' if row.value == 'demo' else 'live trading'} by {row.place}"
        case "demo", False:
            return f"{row.place} says {row.value}, and is not used: {row.remark}"
        case _:
            return f"without the header {row.value}, {row.place}: {row.remark}"


def presence(own: Evidence, _: Evidence) -> str:
    return ", ".join(
        f"{value.source} ({counted(value.length, 'character')}{', an alias' if value.alias else ''})"
        if value.source
        else f"no {SLOT_TITLES[value.slot]}"
        for value in own.all(CredentialValue)
    )


def sources(own: Evidence, _: Evidence) -> str:
    lines = [
        f"{row.file}{f' line {row.line}' if row.line else ''} {row.what}"
        + ("" if row.suspected else ", which may be meant")
        for row in own.all(FileMangled)
    ]
    lines += [f"{row.used} hides a different value, {row.shadowed}" for row in own.all(SourceShadowed)]
    lines += [f"{row.also} agrees" for row in own.all(SourceAgreeing)]
    lines += [f"{row.file} line {row.line} is not read alike by all loaders" for row in own.all(DialectsDiffer)]
    return "; ".join(lines) or "each value has one source, and is as written there"


def exposure(own: Evidence, _: Evidence) -> str:
    lines = [
        ", ".join(
            (
                row.file,
                *((f"mode {row.mode}",) if row.mode else ()),
                *(() if row.git in ("outside", "unknown") else (f"{row.git} by git",)),
            )
        )
        for row in own.all(FileExposure)
    ]
    lines += [f"the passphrase is also that of {', '.join(row.profiles)}" for row in own.all(PassphraseShared)]
    return "; ".join(lines) or "no file with credentials to look at"


_SHAPES: Mapping[str, str] = {
    "uuid": "a UUID",
    "hex32": "32 hexadecimal digits",
    "placeholder": "sample text",
    "reference": "a reference",
    "pem": "a PEM file",
    "empty": "empty",
    "absent": "absent",
}


def shape(own: Evidence, everything: Evidence) -> str:
    if own.first(SlotsSwapped):
        return "values stand in one another's slots"
    return ", ".join(map(_form, everything.all(CredentialValue)))


def _form(value: CredentialValue) -> str:
    form = _SHAPES.get(value.shape) or counted(value.length, "character")
    odd = (*value.edges, *value.wrapped, *value.odd_characters)
    beside = f" with {', '.join(odd)}" if odd else ""
    same = f", the same text as the {' and '.join(name.replace('_', ' ') for name in value.same_as)}"
    return f"{SLOT_TITLES[value.slot]}: {form}{beside}{same if value.same_as else ''}"


def case(_: Evidence, everything: Evidence) -> str:
    for value in everything.all(CredentialValue):
        if value.slot == "passphrase" and value.length:
            letters = {"mixed": "letters of both cases", "lower": "lower case only", "upper": "upper case only"}
            return f"as loaded: {letters.get(value.letter_case, 'no letters')}"
    return "no passphrase"


def vectors(own: Evidence, _: Evidence) -> str:
    run = own.first(VectorRun)
    return f"{run.total - len(run.mismatches)} of {run.total} published signatures come out" if run else ""


def bodies(own: Evidence, _: Evidence) -> str:
    forms = own.all(BodyForm)
    wrong = [form for form in forms if form.own and not form.same_bytes]
    if wrong:
        return f"{wrong[0].signed_as} arrives changed: {wrong[0].difference}"
    risky = [form for form in forms if not form.own and not form.same_bytes]
    kept = f"{sum(form.own for form in forms)} ways to send the signed text keep its bytes"
    if not risky:
        return kept
    return f"{kept}; {risky[0].sent_with} writes another text than {risky[0].signed_as}"


def resolution(own: Evidence, _: Evidence) -> str:
    found = own.first(Resolution)
    if found is None:
        return ""
    return found.failure or f"{found.host}: {' and '.join(found.families)} in {found.milliseconds:.0f} ms"


def connection(own: Evidence, _: Evidence) -> str:
    seen = own.first(Connection)
    if seen is None:
        return ""
    if seen.failure is not None:
        return seen.failure.detail
    steps = [f"TCP {seen.tcp_ms:.0f} ms"] if seen.tcp_ms >= 0 else ["a connection that was open"]
    steps += [f"{seen.tls_version} {seen.tls_ms:.0f} ms"] if seen.tls_ms >= 0 else []
    way = f"through {seen.proxy}" if seen.proxy else "no proxy"
    answer = f", HTTP {seen.answer.status}" if seen.answer else ""
    return ", ".join((f"over {seen.family or 'an unknown family'}", way, *steps)) + answer


def ntp(own: Evidence, _: Evidence) -> str:
    offset = ntp_offset(own)
    told = own.all(NtpTime)
    silent = own.all(NtpSilence)
    asked = len(told) + len(silent)
    stray = "".join(f"; {one.server}: {one.reason}" for one in silent if one.reason == STRAY_PACKETS)
    if offset is None:
        return f"{len(told)} of {asked} time servers answered, and no majority agrees{stray}"
    outliers = [sample.server for sample in told if sample not in largest_agreement(told)]
    apart = f", {' and '.join(outliers)} against the others" if outliers else ""
    return f"{offset}; {len(told)} of {asked} answered{apart}{stray}"


def exchange(own: Evidence, everything: Evidence) -> str:
    offset = exchange_offset(everything)
    return str(offset) if offset else "OKX's time could not be read"


def calls(own: Evidence, everything: Evidence) -> str:
    calls = own.all(SignedCall)
    if not calls:
        return ""
    differing = contradiction(everything)
    doubt = f"; {differing}" if differing else ""
    if len(calls) == 1:
        return described(calls[0]) + doubt
    last = calls[-1] if (final := final_call(own)) is None or final is calls[0] else final
    put_right = f" with {len(last.corrections)} corrected" if last.corrections else ""
    return f"{described(calls[0])}; {described(last)}{put_right} ({len(calls)} calls){doubt}"


def permissions(_: Evidence, everything: Evidence) -> str:
    facts = everything.first(KeyFacts)
    if facts is None:
        return ""
    return ", ".join(facts.permissions) + (" (sub-account)" if facts.sub_account else "")


def binding(_: Evidence, everything: Evidence) -> str:
    facts = everything.first(KeyFacts)
    if facts is None:
        return ""
    if not facts.bound_addresses:
        lasting = not {"trade", "withdraw"} & set(facts.permissions)
        return "bound to no IP" + ("; only a key that may trade or withdraw expires" if lasting else "")
    return f"bound to {facts.bound_addresses} address" + ("es" if facts.bound_addresses > 1 else "")


def login(own: Evidence, _: Evidence) -> str:
    login = own.first(SocketLogin)
    if login is None:
        return ""
    if login.failure is not None:
        return login.failure.detail
    accepted = login_outcome(login.code) is Outcome.ACCEPTED
    return f"{login.url} accepts the login" if accepted else f"{login.url} answers {login.code or 'nothing'}"
