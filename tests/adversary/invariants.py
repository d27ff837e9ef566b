"""What must hold of every run, judged from the exchange's own log and the faults that are really there."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from okx_doctor.checking.assemble import judge_again
from okx_doctor.checking.checks import ALL
from okx_doctor.model import Confidence, Health, Report, Severity
from okx_doctor.report.json import render_json
from tests.adversary.answers import LOGIN_TWINS, accepted, past_authentication, refused
from tests.adversary.asked import BALANCE, BUILDER, CONFIG, LOGIN, Entry, State
from tests.adversary.bots import SLOTS, WINDOW_SECONDS, Bot, Slot, Values, bare, faults
from tests.adversary.running import Case, Seen, run
from tests.adversary.servers import LATER

MOST_CALLS: Final = 12
MOST_REFUSED_PASSPHRASES: Final = 2
MOST_WITH_TRY_CASE: Final = 6
LEAST_DRIFT_SECONDS: Final = 29.0
"""Less than this is refused by no exchange whose window is 30 seconds."""

_AFTER_429: Final = "asked after 429"
_TIMES: Final = 20
_NETWORK: Final = (
    *("base-url-invalid", "dns-failure", "connection-refused", "connection-timeout", "tls-untrusted", "tls-clock"),
    *("proxy-failure", "blocked-by-edge", "rate-limited", "exchange-unavailable"),
)
_EXPLAINS: Final = {
    "wrong-environment": ("50101",),
    "wrong-site": ("50119",),
    "clock-drift": ("50102",),
    "clock-timezone": ("50102",),
    "passphrase-case": ("50105",),
}
_OF_KEY: Final = ("50111", "50119")
_EXPLAINS_OF_SLOT: Final = {"key": _OF_KEY, "passphrase": ("50105",), "secret": ("50113",)}
_OF_VALUES: Final = ("credential-quoted", "credential-whitespace", "credential-characters", "env-file-mangled")
_IN_ORDER: Final = ("50112", "50102", "50111", "50119", "50100", "50110", "50101", "50105", "50113", "50120")
"""The steps as the rulebook places them; that of the last seven among themselves is only assumed."""


class Violation(Struct, frozen=True, kw_only=True):
    """An invariant that a run broke, and how."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


def judged(case: Case) -> tuple[Seen, tuple[Violation, ...]]:
    """A case run, and everything that is wrong with it.

    What goes out together may cross: a call that came after a 429 counts only where it does so every time.
    """
    seen = run(case)
    found = violations(seen)
    for _ in range(_TIMES):
        if {violation.kind for violation in found} != {_AFTER_429}:
            break
        seen = run(case)
        found = violations(seen)
    return seen, found


def violations(seen: Seen) -> tuple[Violation, ...]:
    """Everything that is wrong with a run."""
    rendered = render_json(seen.report)
    return tuple(
        Violation(kind=kind, what=what)
        for kind, found in (
            ("healthy without acceptance", _healthy_wrongly(seen)),
            ("unhealthy without a fault", _unhealthy_wrongly(seen)),
            ("proven wrongly", _proven_wrongly(seen)),
            ("too many calls", _too_many_calls(seen)),
            ("too many refused passphrases", _too_many_refusals(seen)),
            (_AFTER_429, _asked_after_429(seen)),
            ("a secret was sent", _sent_secrets(seen)),
            ("status and JSON disagree", _status_disagrees(seen.report, rendered)),
            ("diagnose disagrees", _diagnosed_otherwise(seen.report, rendered)),
            ("asked after the deadline", _asked_late(seen)),
            ("a check crashed", (check.id for check in seen.report.checks if check.status.value == "crash")),
        )
        for what in found
    )


def _healthy_wrongly(seen: Seen) -> Iterator[str]:
    if seen.report.status is not Health.HEALTHY:
        return
    if not any(entry.asked.path == CONFIG and accepted(entry.answer) for entry in seen.log):
        yield "account/config was never accepted"
    for entry in seen.log:
        let_in = entry.asked.channel == "rest" and past_authentication(entry.answer)
        if not accepted(entry.answer) and not let_in:
            yield f"{entry}"
    asked = {entry.asked.path for entry in seen.log}
    for path in (BALANCE, BUILDER, *((LOGIN,) if seen.case.bot.websocket else ())):
        if path not in asked:
            yield f"{path} was never asked"


def _unhealthy_wrongly(seen: Seen) -> Iterator[str]:
    """A faithful exchange that lets everything in is healthy, and never convicts a bot without a fault."""
    if not seen.case.faithful or not all(accepted(e.answer) or past_authentication(e.answer) for e in seen.log):
        return
    bot = seen.case.bot
    if seen.log and not faults(bot) and bot.timeout > 20 and seen.report.status is not Health.HEALTHY:
        yield f"{seen.report.status.value}: {[cause.id for cause in seen.report.verdict.causes]}"


def _proven_wrongly(seen: Seen) -> Iterator[str]:
    there = faults(seen.case.bot)
    for cause in proven(seen.report):
        if seen.case.faithful and cause not in there and cause != "credential-sources-conflict":
            yield f"{cause}, while there is {', '.join(sorted(there)) or 'nothing'}"
        elif why_not := unlicensed(cause, seen.case, seen.log):
            yield f"{cause}, {why_not}"


def proven(report: Report) -> tuple[str, ...]:
    """The causes that a report calls proven."""
    return tuple(cause.id for cause in report.verdict.causes if cause.confidence is Confidence.PROVEN)


def unlicensed(cause: str, case: Case, log: Sequence[Entry]) -> str:
    """Why the exchange's answers do not bear this cause out; ``""`` where they do.

    They do where some call of ``account/config`` passed the step that the cause explains, where the same refusal came
    back once that one thing alone was put back as the bot has it, and where no later call of the same key on the same
    site was refused for it all the same. An answer that tells nothing contradicts nothing.
    """
    rest = [entry for entry in log if entry.asked.channel == "rest"]
    if twice := _contradiction(rest):
        return f"although equal calls were answered differently: {twice}"
    claims = tuple(_claims(cause, case.bot))
    if not claims:
        return "of which this bot shows nothing"
    objections = [
        _objection(claim, entry, rest[at + 1 :], case.bot)
        for claim in claims
        for at, entry in enumerate(rest)
        if entry.asked.path == CONFIG and claim.holds_in(entry.asked.state)
    ]
    if not objections:
        return "without a call that shows it"
    return "" if "" in objections else objections[0]


class Claim(Struct, frozen=True, kw_only=True):
    """What a proven cause says: with these fields so, and not as the bot has them, these codes go away.

    ``also`` are fields that have to be so beside them, but are not put back with them.
    """

    right: State
    wrong: State
    fields: tuple[str, ...]
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()
    anything_but: bool = False
    whole: bool = False

    def holds_in(self, state: State) -> bool:
        now, right, wrong = state._asdict(), self.right._asdict(), self.wrong._asdict()
        fields = (*self.fields, *self.also)
        return all(now[name] != wrong[name] if self.anything_but else now[name] == right[name] for name in fields)

    def goes_on(self, state: State, later: State) -> bool:
        """Whether a later state is of the same key on the same site, with nothing put back to what the bot has."""
        if (state.key, state.site) != (later.key, later.site):
            return False
        return all(now == then or then == was for then, now, was in zip(state, later, self.wrong, strict=True))

    def taken_back(self, state: State) -> State:
        wrong = self.wrong._asdict()
        return State(**{name: wrong[name] if name in self.fields else now for name, now in state._asdict().items()})


def _claims(cause: str, bot: Bot) -> Iterator[Claim]:
    loaded = bot.loaded()
    base = State(
        site=bot.site,
        demo=bot.demo,
        key=loaded.get("key", ""),
        passphrase=loaded.get("passphrase", ""),
        secret=loaded.get("secret", ""),
        fresh=abs(bot.offset) <= WINDOW_SECONDS,
    )
    codes: tuple[str, ...] = _EXPLAINS.get(cause, ())
    if cause in ("clock-drift", "clock-timezone"):
        if abs(bot.offset) >= LEAST_DRIFT_SECONDS:
            yield Claim(right=base._replace(fresh=True), wrong=base, fields=("fresh",), codes=codes)
    elif cause == "wrong-environment":
        yield Claim(right=base._replace(demo=not bot.demo), wrong=base, fields=("demo",), codes=codes)
    elif cause == "wrong-site":
        yield Claim(right=base, wrong=base, fields=("site",), codes=codes, anything_but=True)
        # a key's site once answered so in the wrong region: nothing less than acceptance elsewhere shows it
        yield Claim(right=base, wrong=base, fields=("site",), codes=("50101",), anything_but=True, whole=True)
    elif cause == "passphrase-case" and bot.try_case:
        yield Claim(right=base, wrong=base, fields=("passphrase",), codes=codes, anything_but=True)
    elif cause in _OF_VALUES:
        for slot, causes in bot.dressed.items():
            if cause in causes:
                for text in (bot.cleaned(slot), bare(bot.mangled.get(slot, loaded.get(slot, "")))):
                    right = _with(base, {slot: text})
                    yield Claim(right=right, wrong=base, fields=(slot,), codes=_EXPLAINS_OF_SLOT[slot])
        if cause == "credential-quoted":  # signs that are the passphrase's own
            right = base._replace(passphrase=bare(base.passphrase))
            yield Claim(right=right, wrong=base, fields=("passphrase",), codes=_EXPLAINS_OF_SLOT["passphrase"])
    elif cause == "credential-sources-conflict":
        for hidden, taken in _sets_of(bot):
            codes = tuple(code for slot in taken for code in _EXPLAINS_OF_SLOT[slot])
            codes = (*LATER, *_OF_KEY) if "key" in hidden else codes  # another key is another account
            also = tuple(slot for slot in hidden if slot not in taken)
            right = _with(base, hidden)
            yield Claim(right=right, wrong=base, fields=taken, codes=codes, also=also, whole="key" in hidden)


def _sets_of(bot: Bot) -> Iterator[tuple[Values, tuple[Slot, ...]]]:
    """What may be taken over from another home: all that it has otherwise, or of the same account some of it.

    With each the slots to put back alone: what the bot would come to without that home is no part of them.
    """
    own = bare(bot.loaded().get("key", ""))  # in other dress it is the same key
    for held in bot.hidden():
        hidden = {slot: text for slot, text in held.items() if slot != "key" or bare(text) != own}
        yield hidden, tuple(hidden)
        if "key" in hidden:
            stayed = {**hidden, "secret": bot.cleaned("secret")}  # in force: then the key belongs to it
            for values in (hidden, stayed):
                yield values, tuple(slot for slot, text in values.items() if text != bot.cleaned(slot))
        else:
            yield from (({slot: text}, (slot,)) for slot, text in hidden.items())


def _with(state: State, values: Values) -> State:
    return state._replace(
        key=values.get("key", state.key),
        passphrase=values.get("passphrase", state.passphrase),
        secret=values.get("secret", state.secret),
    )


def _objection(claim: Claim, entry: Entry, after: Sequence[Entry], bot: Bot) -> str:
    """Why a call in which the claim's fields are right does not bear it out."""
    back = (CONFIG, claim.taken_back(entry.asked.state))
    came_back = [
        other.answer.code
        for other in after
        if (other.asked.path, other.asked.state) == back and refused(other.answer) and other.answer.code in claim.codes
    ]
    convicted = next(iter(came_back), "")
    unsendable = any(not _sendable(bot.loaded().get(slot, ""), slot, bot) for slot in claim.fields if slot in SLOTS)
    if not convicted and not unsendable:
        return "which was not refused for it when it was put back as the bot has it"
    if claim.whole and not accepted(entry.answer):
        return f"although the whole of it was not accepted: {entry}"
    if not accepted(entry.answer) and not past_authentication(entry.answer):
        if not refused(entry.answer) or (entry.answer.code in claim.codes and not convicted):
            return f"although put right it is not past it: {entry}"
        if convicted and not _later(entry.answer.code, convicted):
            return f"although put right it came no further: {entry}"
    still = tuple(code for code in claim.codes if not convicted or not _later(code, convicted))
    for other in after:
        if claim.holds_in(other.asked.state) and claim.goes_on(entry.asked.state, other.asked.state):
            if not refused(other.answer) or other.answer.code not in still:
                continue
            return f"although put right it was refused for it all the same: {other}"
    return ""


def _contradiction(entries: Iterable[Entry]) -> str:
    """Two equal calls that were answered differently, as far as both answers tell something."""
    answered: dict[tuple[str, State], Entry] = {}
    for entry in entries:
        if not (said := _said(entry)):
            continue
        first = answered.setdefault((entry.asked.path, entry.asked.state), entry)
        if _said(first) != said:
            return f"{first} | {entry}"
    return ""


def _said(entry: Entry) -> str:
    """What an answer tells of authentication: whether it lets in, with which code; or nothing. No status does."""
    if accepted(entry.answer) or past_authentication(entry.answer):
        return f"in with {entry.answer.code}"
    return f"refused with {entry.answer.code}" if refused(entry.answer) else ""


def _later(code: str, than: str) -> bool:
    """Whether a step comes after another."""
    if code not in _IN_ORDER or than not in _IN_ORDER:
        return False
    return _IN_ORDER.index(code) > _IN_ORDER.index(than)


def _sendable(text: str, slot: str, bot: Bot) -> bool:
    """Whether a value can stand in a header as it is."""
    if slot == "secret":
        return True
    return bool(re.fullmatch(r"[!-~](?:[ -~]*[!-~])?", text)) and not any(
        True for _ in _digits_of_secrets(text, slot, bot)
    )


def _too_many_calls(seen: Seen) -> Iterator[str]:
    if len(seen.log) > MOST_CALLS:
        yield f"{len(seen.log)} signed calls"


def _too_many_refusals(seen: Seen) -> Iterator[str]:
    twins = ("50105", LOGIN_TWINS["50105"])
    found = sum(
        entry.answer.shape == "okx" and entry.answer.code in (twins if entry.asked.channel == "socket" else twins[:1])
        for entry in seen.log
    )
    if found > (MOST_WITH_TRY_CASE if seen.case.bot.try_case else MOST_REFUSED_PASSPHRASES):
        yield f"{found} refused passphrases"


def _asked_after_429(seen: Seen) -> Iterator[str]:
    first = min((entry.ended for entry in seen.log if entry.answer.status == 429), default=None)
    if first is not None:
        yield from (f"{entry}" for entry in seen.log if entry.began > first)


def _asked_late(seen: Seen) -> Iterator[str]:
    yield from (f"at {entry.at:.1f} s: {entry}" for entry in seen.log if entry.at > seen.case.bot.timeout)


def _sent_secrets(seen: Seen) -> Iterator[str]:
    bot = seen.case.bot
    for entry in seen.log:
        for name, text in entry.texts:
            slot = {"ok-access-key": "key", "apiKey": "key"}.get(name, "passphrase")
            for secret in _digits_of_secrets(text, slot, bot):
                yield f"{name} of call {entry.asked.number} ({text!r}) holds {secret}"


def _digits_of_secrets(text: str, slot: str, bot: Bot) -> Iterator[str]:
    """The secret keys of this bot whose digits, all but one at most, can be read out of a text."""
    known = {account.secret.lower() for account in bot.accounts}
    held = bot.loaded().get("secret", "").lower()
    if re.fullmatch(r"[0-9a-f]{31,33}", held):
        known.add(held)
    looks_like_a_key = re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower())
    for secret in known:
        forms = {_alone(form) for form in _undressed(text, unpadded=secret == held)}
        if slot == "key" and looks_like_a_key and secret != held:
            continue  # an API key is 32 digits too, and nothing tells them apart
        parts = {secret, secret[1:], secret[:-1]} if len(secret) == 32 else {secret}
        if any(part in form for part in parts for form in forms):
            yield secret


def _undressed(text: str, *, unpadded: bool) -> Iterator[str]:
    """The text, and what comes out where an encoding of it, or of a part of it, is undone.

    Without its padding base64 of 16 bytes looks like any passphrase: only who knows the secret can tell.
    """
    yield text
    yield unquote(text)
    for part in (text, *re.split(r"[\s,;:=\"'`]+", text)):
        padded = re.sub(r"[\s=]+", "", part).replace("-", "+").replace("_", "/")
        padded += "=" * (-len(padded) % 4)
        try:
            raw = base64.b64decode(padded, validate=True)
        except (binascii.Error, ValueError):
            continue
        yield raw.decode("latin-1")
        if unpadded or part.endswith("=") or len(raw) != 16:
            yield raw.hex()


def _alone(text: str) -> str:
    """Without all that only stands between letters and digits."""
    return re.sub(r"[^0-9a-z]", "", text.lower())


def _status_disagrees(report: Report, rendered: str) -> Iterator[str]:
    document = json.loads(rendered)
    expected = {0: "healthy", 1: "unhealthy", 3: "undetermined"}[report.exit_status()]
    if document["status"] != expected:
        yield f"exit status {report.exit_status()}, but {document['status']}"
    errors = [
        cause["id"]
        for cause in document["verdict"]["causes"]
        if cause["severity"] == Severity.ERROR and cause["confidence"] != Confidence.POSSIBLE
    ]
    own = [name for name in errors if name not in _NETWORK]
    if bool(own) != (document["status"] == "unhealthy"):
        yield f"{document['status']}, with {own or 'no cause of its own'}"
    if errors and document["status"] == "healthy":
        yield f"healthy, with {errors}"


def _diagnosed_otherwise(report: Report, rendered: str) -> Iterator[str]:
    again = judge_again(rendered, ALL)
    if (again.status, again.verdict) != (report.status, report.verdict):
        yield f"{report.status.value} became {again.status.value}"
