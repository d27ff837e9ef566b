"""Rules about OKX's answers on the key: the code where it refuses, the key's own settings where it accepts."""

from __future__ import annotations

from collections.abc import Callable

from okx_doctor.catalogue.clients.client import Client
from okx_doctor.catalogue.clients.words import environment_lines, site_lines
from okx_doctor.causes.clients import client_of, words
from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import (
    Layer,
    accepted,
    contradiction,
    described,
    final_call,
    final_refusal_code,
    has_failed_correction,
    is_refused_at,
    layer,
    with_another_key,
)
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.network import SHELL_SAFE
from okx_doctor.causes.shells import for_shell
from okx_doctor.model import Confidence, Remedy, Severity
from okx_doctor.observations import (
    BotClient,
    CredentialValue,
    Evidence,
    FileMangled,
    KeyFacts,
    Machine,
    PeelingEnded,
    SignedCall,
    SlotsSwapped,
    SocketLogin,
    Target,
    VectorRun,
)
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.outcome import SITE_PROVED, Outcome, outcome
from okx_doctor.protocol.signing import DEMO_HEADER
from okx_doctor.protocol.sites import SITES, Site
from okx_doctor.protocol.steps import refuses, step_named, step_of

_ASKED = ("signed.config",)
_NO_CALL = "a signed call that OKX answers"


def _login_code(evidence: Evidence) -> str:
    login = evidence.first(SocketLogin)
    return login.code if login else ""


def judge_site(evidence: Evidence) -> Judgement:
    """``wrong-site``: another site knows the key that this one does not."""
    found = layer(evidence, "wrong-site")
    if found is not None:
        return _at_another_site(evidence, found)
    if refuses(_login_code(evidence), "key-known"):
        return Holds(
            confidence=Confidence.LIKELY,
            because=("OKX answers 60032 to the WebSocket login of a key that its REST host accepts",),
            remedy=Remedy(text="Use the WebSocket host of the same site as the REST host."),
            checks=("websocket.login",),
        )
    if is_refused_at(evidence, "key-known"):
        unasked = unasked_sites(evidence)
        if unasked:
            return Abstains(missing=unasked)
        return Excluded(because="no other site knows the key either")
    if is_refused_at(evidence, "environment"):  # which once was OKX's answer to a key of another site
        return Abstains(missing=unasked_sites(evidence) or "a site where OKX answers something else than 50101")
    return _otherwise(evidence, "this site knows the key", about_key=True)


def _at_another_site(evidence: Evidence, found: Layer) -> Holds:
    ids = found.correction.id.removeprefix("site:").split("+")
    names = [site.name for site in SITES if site.id in ids]
    demo = found.after.demo
    known = next((site for site in SITES if site.id in ids), None)
    lines = words(evidence, lambda client: site_lines(client, known.id, demo)) if known else ()
    own = client_of(evidence)
    return Holds(
        confidence=found.confidence,
        because=found.because,
        remedy=Remedy(
            text=f"The key belongs to {' or '.join(names)}, {'demo' if demo else 'live'} trading: point the bot at "
            f"{found.after.base_url}{_socket(known, found.after.base_url, demo)}. {_where_to_write(own)}",
            lines=lines,
            commands=() if own else _set_variable(evidence, "OKX_API_BASE_URL", found.after.base_url),
            verify=f"okx-doctor check --site {ids[0]}{' --demo' if demo else ''}",
        ),
        checks=_ASKED,
    )


def _where_to_write(client: Client | None) -> str:
    return f"In {client.name} write:" if client else "In the usual clients:"


def _socket(known: Site | None, rest: str, demo: bool) -> str:
    """The site's sockets, where it is asked at an address of its own."""
    address = (known.websocket_demo if demo else known.websocket) if known and rest in known.rest else None
    return f" and its sockets at {address}" if address else ""


def judge_unknown_key(evidence: Evidence) -> Judgement:
    """``api-key-unknown``: every site that exists answers 50119."""
    if not is_refused_at(evidence, "key-known"):
        return _otherwise(evidence, "a site of OKX knows the key", about_key=True)
    unasked = unasked_sites(evidence)
    if unasked:
        return Abstains(missing=unasked)
    asked = dict.fromkeys(call.base_url for call in evidence.all(SignedCall) if refuses(_code(call), "key-known"))
    return Holds(
        confidence=Confidence.STATED,
        because=(f"OKX answers 50119 on every site: {', '.join(asked)}",),
        remedy=Remedy(
            text="The key was deleted, expired, or has a typing error: compare it with the list under API "
            "management, or make a new key."
        ),
        checks=_ASKED,
        slots=("api_key",),
    )


def unasked_sites(evidence: Evidence) -> str:
    """The obstacle to "every site was asked, and none lets the key in"; ``""`` without one."""
    target = evidence.first(Target)
    if target is None:
        return "the base URL"
    if target.site == "custom":
        return "the other OKX sites: from a base URL that is not OKX's none is asked; run okx-doctor check --site …"
    asked = {
        name
        for call in evidence.all(SignedCall)
        if refuses(_code(call), "key-known", "environment")
        for about in call.about
        for name in about.removeprefix("site:").split("+")
    }
    missing = [site for site in target.other_sites if site not in asked]
    return f"an answer from {', '.join(missing)} that tells whether the key is known there" if missing else ""


def judge_environment(evidence: Evidence) -> Judgement:
    """``wrong-environment``: 50101, and the other header value is what OKX wants."""
    found = layer(evidence, "wrong-environment")
    if found is not None:
        demo = found.after.demo
        kind, option, header = ("demo", "--demo", "1") if demo else ("live", "--live", "0")
        target, own = evidence.first(Target), client_of(evidence)
        known = next((site for site in SITES if target and site.id == target.site), None)
        place = f"{found.after.base_url}{_socket(known, found.after.base_url, demo)}"
        other, how = ("live", " with every request") if demo else ("demo", ", or leave the header out")
        send = "" if own else f" (send {DEMO_HEADER}: {header}{how})"
        return Holds(
            confidence=found.confidence,
            because=found.because,
            remedy=Remedy(
                text=f"This is a {kind} key for {place}: set the bot to {kind} trading{send}, or use a {other} key. "
                + (f"In {own.name} write:" if own else "In the usual clients:"),
                lines=words(evidence, lambda client: environment_lines(client, demo)),
                verify=f"okx-doctor check {option}",
            ),
            checks=_ASKED,
        )
    socket = refuses(_login_code(evidence), "environment")
    if is_refused_at(evidence, "environment") or socket:
        if has_failed_correction(evidence, "wrong-environment"):
            return Abstains(missing="why OKX answers 50101 with and without the demo header")
        return Holds(
            confidence=Confidence.STATED,
            because=("OKX answers 50101: the key does not match the environment",),
            remedy=Remedy(text="Use the other environment's header and hosts, or the other environment's key."),
            checks=("websocket.login",) if socket else _ASKED,
        )
    return _otherwise(evidence, "the key matches the environment")


def judge_case(evidence: Evidence) -> Judgement:
    """``passphrase-case``: refused as loaded, accepted in another case (only with --try-case)."""
    found = layer(evidence, "passphrase-case")
    if found is not None:
        return Holds(
            confidence=found.confidence,
            because=found.because,
            remedy=Remedy(text="Write the passphrase in upper and lower case exactly as it was set."),
            checks=("credentials.passphrase", "signed.config"),
            slots=("passphrase",),
        )
    if not is_refused_at(evidence, "passphrase"):
        return _otherwise(evidence, "OKX did not refuse the passphrase")
    if has_failed_correction(evidence, "passphrase-case"):
        return Excluded(because="the passphrase is refused in other cases too")
    return Abstains(missing="a run with --try-case")


_LINE_FIRST = Remedy(
    text="Put the line right first, as env-file-mangled says, and check again: what was loaded is not what the file "
    "says, so that nothing is known yet of the value that is meant."
)


def _is_mangled(evidence: Evidence, slot: str) -> bool:
    """Whether a loader's change can still explain the refusal."""
    return any(row.slot == slot and row.suspected for row in evidence.all(FileMangled))


def _stuck_rule(
    step_id: str, confidence: Confidence, remedy: Remedy, slot: str, otherwise: str
) -> Callable[[Evidence], Judgement]:
    def judge(evidence: Evidence) -> Judgement:
        call = final_call(evidence)
        if not is_refused_at(evidence, step_id) or call is None:
            return _denied_on_the_socket(evidence, step_id) or _otherwise(
                evidence, otherwise, about_key=slot == "api_key"
            )
        ended = evidence.first(PeelingEnded)
        return Holds(
            confidence=confidence,
            because=(
                f"OKX answers {final_refusal_code(evidence)} to {call.endpoint}"
                + (", with every correction above in force" if _peeled(call) else ""),
                *((ended.reason,) if ended and step_id == "passphrase" else ()),
            ),
            remedy=_LINE_FIRST if _is_mangled(evidence, slot) else remedy,
            checks=_ASKED,
            slots=(slot,) if slot else (),
        )

    return judge


def _denied_on_the_socket(evidence: Evidence, step_id: str) -> Abstains | None:
    """Where the socket refuses what REST accepts: they contradict one another, and neither is believed."""
    if accepted(evidence) is None or not refuses(_login_code(evidence), step_id):
        return None
    code = step_named(step_id).code()
    return Abstains(missing=f"why the WebSocket login is refused as with {code}, which REST does not answer")


judge_malformed = _stuck_rule(
    "key-shaped",
    Confidence.STATED,
    Remedy(text="Put the API key itself into its variable: 8-4-4-4-12 hexadecimal digits."),
    "api_key",
    "the API key has the form of one",
)
judge_passphrase = _stuck_rule(
    "passphrase",
    Confidence.STATED,
    Remedy(
        text="Use the passphrase that was set when this key was made; it is not the login password. "
        "OKX cannot show it again: if it is lost, delete the key and make a new one."
    ),
    "passphrase",
    "OKX did not refuse the passphrase",
)
judge_frozen = _stuck_rule(
    "key-active",
    Confidence.STATED,
    Remedy(text="Ask OKX's customer service why the key is frozen; nothing on this machine changes it."),
    "",
    "the key is not frozen",
)


def judge_secret(evidence: Evidence) -> Judgement:
    """``secret-wrong``: 50113 while this machine's signer is proven right by the published vectors."""
    if not is_refused_at(evidence, "signature"):
        return _denied_on_the_socket(evidence, "signature") or _otherwise(evidence, "OKX did not refuse the signature")
    run = evidence.first(VectorRun)
    if run is not None and run.mismatches:
        return Abstains(missing="a machine that computes the published signatures")
    values = [value for value in evidence.all(CredentialValue) if value.slot == "secret"]
    shape = [
        f"it is not 32 hexadecimal digits, as OKX's secrets are in every sample (it has {value.length} characters)"
        for value in values
        if value.shape == "other" and evidence.first(SlotsSwapped) is None
    ]
    proof = (f"this machine computes {run.total} published signatures right",) if run else ()
    return Holds(
        confidence=Confidence.LIKELY,
        because=("OKX answers 50113: the signature does not match", *proof, *shape),
        remedy=_LINE_FIRST
        if _is_mangled(evidence, "secret")
        else Remedy(
            text="Copy the secret key again and make sure it belongs to this API key; OKX shows it only once, so "
            "if in doubt delete the key and make a new one."
        ),
        checks=("signed.config", "signature.vectors"),
        slots=("secret",),
    )


def judge_signer(evidence: Evidence) -> Judgement:
    """``signing-broken``: the published signatures do not come out on this machine."""
    run = evidence.first(VectorRun)
    if run is None:
        return Abstains(missing="a run of the published signatures")
    if not run.mismatches:
        return Excluded(because=f"{run.total} published signatures come out right")
    return Holds(
        confidence=Confidence.PROVEN,
        because=(
            f"{len(run.mismatches)} of {run.total} published signatures differ",
            f"first: {run.mismatches[0]}",
        ),
        remedy=Remedy(text="Reinstall Python; something has replaced hmac, hashlib or base64 on this machine."),
        checks=("signature.vectors",),
    )


def judge_ip(evidence: Evidence) -> Judgement:
    """``ip-not-allowlisted``: 50110 repeats the address that has to go on the list."""
    call = final_call(evidence)
    if not is_refused_at(evidence, "ip-allowed") or call is None or call.answer is None:
        return _otherwise(evidence, "OKX did not refuse this machine's address")
    address = call.answer.caller_ip
    family = "IPv6" if ":" in address else "IPv4"
    seen = f"OKX sees this machine as {address} ({family})" if address else "OKX does not name the address"
    return Holds(
        confidence=Confidence.STATED,
        because=("OKX answers 50110: the address is not on the key's allowlist", seen),
        remedy=Remedy(
            text=f"Add {address or 'this address'} to the key's IP allowlist on OKX"
            + (", or make the bot connect over IPv4" if family == "IPv6" and address else "")
            + ". A machine with changing addresses (a CI runner) needs a key without binding."
        ),
        checks=_ASKED,
    )


def judge_header(evidence: Evidence) -> Judgement:
    """``header-missing``: okx-doctor sent every header and OKX misses one, so something removed it."""
    step = step_of(final_refusal_code(evidence))
    if step is None or not step.header:
        return _otherwise(evidence, "every header arrives at OKX")
    return Holds(
        confidence=Confidence.STATED,
        because=(
            f"OKX answers {final_refusal_code(evidence)}: {step.header} does not arrive",
            "okx-doctor has sent it",
        ),
        remedy=Remedy(text="Something between this machine and OKX removes the header: a proxy or a redirect."),
        checks=_ASKED,
    )


def judge_account(evidence: Evidence) -> Judgement:
    """``account-restricted``: OKX answers past authentication that the account itself is barred."""
    for call in evidence.all(SignedCall):
        known = find(_code(call)) if _code(call) else None
        if known is not None and "account-restricted" in known.causes and "permission-missing" not in known.causes:
            return Holds(
                confidence=Confidence.STATED,
                because=(f"OKX answers {known.code} to {call.endpoint}: {known.text[:90]}",),
                remedy=Remedy(text="Log in to OKX and see what the account is asked for, or ask its customer service."),
                checks=_ASKED,
            )
    return _otherwise(evidence, "OKX names no restriction of the account")


def judge_permission(evidence: Evidence) -> Judgement:
    """``permission-missing``: a permission that was asked for with --require, or a call that OKX refused for it."""
    for call in evidence.all(SignedCall):
        if refuses(_code(call), "permission", "authority", "entitlement"):
            return Holds(
                confidence=Confidence.STATED,
                because=(f"OKX answers {_code(call)} to {call.endpoint}",),
                remedy=Remedy(text="Give the key the permission under API management on OKX, Read at the least."),
                checks=("key.permissions", "signed.config"),
            )
    facts, target = evidence.first(KeyFacts), evidence.first(Target)
    if facts is None or target is None:
        return Abstains(missing="OKX's account of the key's permissions")
    wanted = [name for name in target.require if _permission(name) not in facts.permissions]
    has = ", ".join(facts.permissions) or "none"
    if not wanted:
        return Excluded(because=f"the key has: {has}")
    return Holds(
        confidence=Confidence.STATED,
        because=(f"the key has: {has}", f"asked for with --require: {', '.join(target.require)}"),
        remedy=Remedy(
            text=f"Give the key the permission {', '.join(wanted)} under API management on OKX.",
            verify=" ".join(("okx-doctor check", *(f"--require {name}" for name in target.require))),
        ),
        checks=("key.permissions",),
    )


def judge_withdraw(evidence: Evidence) -> Judgement:
    """``withdraw-permission-granted``: a warning, an error with --forbid withdraw."""
    facts, target = evidence.first(KeyFacts), evidence.first(Target)
    if facts is None or target is None:
        return Abstains(missing="OKX's account of the key's permissions")
    if "withdraw" not in facts.permissions or "withdraw" in target.require:
        return Excluded(because="the key may not withdraw, or is meant to")
    forbidden = "withdraw" in target.forbid
    return Holds(
        confidence=Confidence.STATED,
        because=(f"the key has: {', '.join(facts.permissions)}",),
        remedy=Remedy(text="Take the withdraw permission from the key: a trading bot does not need it."),
        checks=("key.permissions",),
        severity=Severity.ERROR if forbidden else Severity.WARNING,
    )


def judge_expiring(evidence: Evidence) -> Judgement:
    """``api-key-expiring``: trade or withdraw without an IP binding; demo keys do not expire."""
    facts = evidence.first(KeyFacts)
    if facts is None:
        return Abstains(missing="OKX's account of the key's IP binding")
    if facts.demo:
        return Excluded(because="demo keys do not expire")
    strong = [name for name in facts.permissions if name in ("trade", "withdraw")]
    if facts.bound_addresses or not strong:
        return Excluded(because="the key is bound to an IP, or may only read")
    return Holds(
        confidence=Confidence.STATED,
        because=(
            f"the key may {' and '.join(strong)} and is bound to no IP: OKX drops it after 14 days without a call",
        ),
        remedy=Remedy(text="Bind the key to the bot's IP address, or make sure that it is used every few days."),
        checks=("key.binding",),
    )


def _set_variable(evidence: Evidence, name: str, value: str) -> tuple[str, ...]:
    """The command that sets a variable in this platform's shell; none for a value that is not plain."""
    if not SHELL_SAFE.fullmatch(value):
        return ()
    return (for_shell(evidence)(f"export {name}={value}"),)


def _permission(name: str) -> str:
    return "read_only" if name == "read" else name


def _peeled(call: SignedCall | None) -> bool:
    return call is not None and bool(call.corrections)


def _code(call: SignedCall) -> str:
    return call.answer.code if call.answer else ""


def _otherwise(evidence: Evidence, healthy: str, *, about_key: bool = False) -> Judgement:
    """Excluded when OKX let a call past its gate; else left open, with the reason why it cannot be judged.

    ``about_key``: excluded too when the answer is one that only a known key gets.
    """
    differing = contradiction(evidence)
    if differing:
        return Abstains(missing=f"an exchange that does not contradict itself: {differing}")
    if with_another_key(evidence):
        return Abstains(missing="OKX's word on the key in force: it was asked with the one that is hidden")
    if accepted(evidence) is not None:
        return Excluded(because=healthy)
    if about_key and final_refusal_code(evidence) in SITE_PROVED:
        return Excluded(because=f"{healthy}: OKX answers {final_refusal_code(evidence)} only to a key it knows")
    call = final_call(evidence)
    if call is None:
        return Abstains(missing=_NO_CALL)
    if outcome(call.answer) is Outcome.REFUSED:
        return Abstains(missing=f"a call past the refusal: {described(call)}")
    return Abstains(missing=_NO_CALL)


_CODES = (*CONVERSATION, SocketLogin)

RULES = (
    Rule(cause="wrong-site", reads=(*_CODES, Target, Machine, BotClient), judge=judge_site),
    Rule(cause="api-key-unknown", reads=(*CONVERSATION, Target), judge=judge_unknown_key),
    Rule(cause="wrong-environment", reads=(*_CODES, Target, Machine, BotClient), judge=judge_environment),
    Rule(cause="api-key-frozen", reads=(*_CODES, PeelingEnded, FileMangled), judge=judge_frozen),
    Rule(cause="ip-not-allowlisted", reads=CONVERSATION, judge=judge_ip),
    Rule(cause="passphrase-case", reads=CONVERSATION, judge=judge_case),
    Rule(cause="passphrase-wrong", reads=(*_CODES, PeelingEnded, FileMangled), judge=judge_passphrase),
    Rule(
        cause="secret-wrong", reads=(*_CODES, VectorRun, CredentialValue, SlotsSwapped, FileMangled), judge=judge_secret
    ),
    Rule(cause="signing-broken", reads=(VectorRun,), judge=judge_signer),
    Rule(cause="header-missing", reads=CONVERSATION, judge=judge_header),
    Rule(cause="account-restricted", reads=CONVERSATION, judge=judge_account),
    Rule(cause="permission-missing", reads=(SignedCall, KeyFacts, Target), judge=judge_permission),
    Rule(cause="withdraw-permission-granted", reads=(KeyFacts, Target), judge=judge_withdraw),
    Rule(cause="api-key-expiring", reads=(KeyFacts,), judge=judge_expiring),
)
