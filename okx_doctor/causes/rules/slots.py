"""Rules about values that are in one another's slots, or may be: what looks like a secret was not sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import accepted, final_refusal_code, final_refusal_slot, is_refused_at
from okx_doctor.causes.rule import Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.key import judge_malformed
from okx_doctor.credentials.secret_shape import MAX_SECRET_DIGITS, MIN_SECRET_DIGITS
from okx_doctor.credentials.variables import SLOT_TITLES, title_of
from okx_doctor.model import Confidence, Remedy, counted
from okx_doctor.observations import (
    CredentialValue,
    Evidence,
    FileMangled,
    PeelingEnded,
    Slot,
    SlotsSwapped,
    SocketLogin,
)


def judge_swapped(evidence: Evidence) -> Judgement:
    """``credentials-swapped``: each value's shape belongs to another slot."""
    swapped = evidence.first(SlotsSwapped)
    values = {value.slot: value for value in evidence.all(CredentialValue)}
    rotate = "A bot that has run with this has been sending the secret in clear: delete the key and make a new one."
    if swapped is not None:
        taken = accepted(evidence) is not None
        because = [
            f"the {title_of(slot)} slot holds what looks like the {title_of(owner)}" for slot, owner in swapped.holds
        ]
        because += ["OKX takes them put back into their own slots"] if taken else []
        exposed = any(slot != "secret" and owner == "secret" for slot, owner in swapped.holds)
        still = tuple(slot for slot, _ in swapped.holds if slot == final_refusal_slot(evidence))
        return Holds(
            confidence=Confidence.LIKELY,
            because=tuple(because),
            remedy=Remedy(text=" ".join((_apart(owner for _, owner in swapped.holds), *([rotate] if exposed else [])))),
            checks=("credentials.shape", "signed.config"),
            slots=tuple(slot for slot, _ in swapped.holds),
            refused_too=still,
        )
    found = [value for value in values.values() if value.holds_secret and not _named_otherwise(value, values)]
    if not found:
        return Excluded(because="no value has the shape of another slot's")
    unsure = all(value.slot == "passphrase" and _by_its_looks(value) for value in found) and _good_secret(values)
    advice = [_apart(value.slot for value in found)]
    if unsure:
        advice.append("If this is the passphrase itself: it cannot be told from a secret key, and so is not tried.")
    if any(not _a_key(value) for value in found):
        advice.append(rotate)
    return Holds(
        confidence=Confidence.POSSIBLE if unsure else Confidence.LIKELY,
        because=tuple(f"the {SLOT_TITLES[value.slot]} slot {_holding(value)}; it was not sent" for value in found),
        remedy=Remedy(text=" ".join(advice)),
        checks=("credentials.shape",),
        slots=tuple(value.slot for value in found),
    )


def _apart(slots: Iterable[str]) -> str:
    """The first thing to do, with the slots that it is to be done to."""
    return f"Put each value into its own variable: look at the {' and the '.join(map(title_of, dict.fromkeys(slots)))}."


def _holding(value: CredentialValue) -> str:
    if _a_key(value):
        return "holds what looks like an API key"
    return {
        "secret-slot": "holds what stands in the secret slot",
        "another-source": "holds what another source has as the secret key",
        "base64": "holds what looks like a secret key in base64",
    }.get(value.held, "holds what looks like a secret key")


def _by_its_looks(value: CredentialValue) -> bool:
    """Whether only the form of a value suggests that it is a secret, and no comparison with another value does."""
    return value.held in ("digits", "base64") or (not value.held and "secret" not in value.same_as)


def _a_key(value: CredentialValue) -> bool:
    return value.slot == "passphrase" and value.shape == "uuid" and _by_its_looks(value)


def _good_secret(values: Mapping[Slot, CredentialValue]) -> bool:
    """Whether the secret slot holds what a secret is, blanks, quotes and signs left aside."""
    secret = values.get("secret")
    return secret is not None and (
        secret.shape == "hex32" or (secret.shape == "other" and MIN_SECRET_DIGITS <= secret.digits <= MAX_SECRET_DIGITS)
    )


def _named_otherwise(value: CredentialValue, values: Mapping[Slot, CredentialValue]) -> bool:
    """Whether another cause says what is wrong: the key is ill-formed, or it is the secret slot that is wrong."""
    secret = values.get("secret")
    if value.slot == "api_key" and _by_its_looks(value):
        return _good_secret(values)
    return secret is not None and value.slot in secret.same_as and not _good_secret(values)


def judge_malformed_key(evidence: Evidence) -> Judgement:
    """``api-key-malformed``: withheld as it may hold a secret, beside a good secret; or OKX answers 50111."""
    values = {value.slot: value for value in evidence.all(CredentialValue)}
    value = values.get("api_key")
    swapped = evidence.first(SlotsSwapped) is not None
    if value is None or swapped or not value.holds_secret or not _by_its_looks(value) or not _good_secret(values):
        judged = judge_malformed(evidence)
        suspected = value is not None and not swapped and not value.holds_secret and value.shape == "other"
        if isinstance(judged, Holds) or value is None or not suspected or _is_past(evidence, "key-shaped"):
            return judged
        return Holds(
            confidence=Confidence.LIKELY,
            because=(
                f"the API key ({value.source}) has {counted(value.length, 'character')} and is no UUID, as OKX's keys "
                "are: 36 characters in groups of 8, 4, 4, 4 and 12",
            ),
            remedy=Remedy(text="Copy the whole API key from OKX's list of keys into its variable."),
            checks=("credentials.shape",),
            slots=("api_key",),
        )
    form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
    text = f"Put the API key itself into its variable, with nothing around it: {form}, hexadecimal digits for the x."
    if value.shape == "hex32":
        what = "is 32 hexadecimal digits, a UUID without its hyphens; it was not sent, as a secret key looks the same"
        text = f"Write the key with its hyphens, as OKX shows it: {form}, in groups of 8, 4, 4, 4 and 12 digits."
    elif value.held == "base64":
        what = "is not a UUID, and may be base64 of a secret key; it was not sent"
    elif value.digits and value.digits != 32:
        what = f"has {value.digits} hexadecimal digits, where a key has 32; it was not sent, as a secret may be in it"
    else:
        what = "is not a UUID, 8-4-4-4-12; it was not sent, as a secret key has 32 hexadecimal digits too"
    return Holds(
        confidence=Confidence.LIKELY,
        because=(f"the API key ({value.source}) {what}",),
        remedy=Remedy(text=text),
        checks=("credentials.shape",),
        slots=("api_key",),
    )


def _is_past(evidence: Evidence, step: str) -> bool:
    """Whether OKX accepted a call or refused it at a later step: then its word counts, not a value's looks."""
    return accepted(evidence) is not None or bool(final_refusal_code(evidence) and not is_refused_at(evidence, step))


def _judge_same_value(other: Slot, evidence: Evidence) -> Judgement:
    """``passphrase-as-secret`` and ``api-key-as-secret``: the secret slot holds the value of another slot."""
    secret = next((value for value in evidence.all(CredentialValue) if value.slot == "secret"), None)
    if secret is None or other not in secret.same_as or secret.shape in ("empty", "placeholder"):
        return Excluded(because=f"the secret key is not the same text as the {other.replace('_', ' ')}")
    if secret.shape == "hex32":
        return Excluded(because="the secret key looks like one, so it is the other slot that holds a foreign value")
    return Holds(
        confidence=Confidence.LIKELY,
        because=(
            f"the secret key ({secret.source}) is the same text as the {other.replace('_', ' ')}; it was not sent",
        ),
        remedy=Remedy(text="Put the secret key that OKX showed when the key was created into its variable."),
        checks=("credentials.shape",),
        slots=("secret",),
    )


RULES = (
    Rule(
        cause="api-key-malformed",
        reads=(CredentialValue, SlotsSwapped, FileMangled, *CONVERSATION, SocketLogin, PeelingEnded),
        judge=judge_malformed_key,
    ),
    Rule(cause="credentials-swapped", reads=(CredentialValue, SlotsSwapped, *CONVERSATION), judge=judge_swapped),
    Rule(cause="passphrase-as-secret", reads=(CredentialValue,), judge=partial(_judge_same_value, "passphrase")),
    Rule(cause="api-key-as-secret", reads=(CredentialValue,), judge=partial(_judge_same_value, "api_key")),
)
