"""Rules about the form of a value: sample text, another exchange's secret, a passphrase cut or in one case."""

from __future__ import annotations

from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import accepted, accepted_value, final_refusal_code, is_refused_at
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.credentials.shapes import PASSPHRASE_LENGTHS
from okx_doctor.credentials.variables import SLOT_TITLES
from okx_doctor.model import Confidence, Remedy, counted
from okx_doctor.observations import CredentialValue, Evidence, SlotsSwapped

_HEX = "the secret key is 32 hexadecimal digits"
_ONE_CASE = {"small letter", "capital letter"}
"""Kinds whose absence is left to ``passphrase-case-suspect``."""


def judge_placeholder(evidence: Evidence) -> Judgement:
    """``credentials-placeholder``: text of an example; not a fault where OKX accepts it."""
    found = [
        value
        for value in evidence.all(CredentialValue)
        if value.shape == "placeholder" and value.held not in ("digits", "base64")
    ]
    if not found:
        return Excluded(because="no value reads like an example's text")
    found = [value for value in found if not accepted_value(evidence, value.slot)]
    if not found:
        return Excluded(because="OKX accepts the values as they stand")
    return Holds(
        confidence=Confidence.LIKELY,
        because=tuple(f"{SLOT_TITLES[value.slot]} ({value.source}) reads like sample text" for value in found),
        remedy=Remedy(
            text=f"Put in the real {', '.join(SLOT_TITLES[value.slot] for value in found)}; OKX shows the secret only "
            "when the key is created."
        ),
        checks=("credentials.shape",),
        slots=tuple(value.slot for value in found),
    )


def judge_malformed_secret(evidence: Evidence) -> Judgement:
    """``secret-malformed``: not the 32 hexadecimal digits that OKX's secrets are; excluded where OKX accepts it."""
    secret = next((value for value in evidence.all(CredentialValue) if value.slot == "secret"), None)
    if secret is None or secret.shape in ("absent", "empty"):
        return Abstains(missing="the secret key")
    if evidence.first(SlotsSwapped) is not None:
        return Abstains(missing="the secret key in its own slot")
    if secret.shape != "other":
        return Excluded(because="the secret key has a form of its own" if secret.shape != "hex32" else _HEX)
    if accepted(evidence) is not None:
        return Excluded(because="OKX accepts what is signed with it")
    return Holds(
        confidence=Confidence.LIKELY,
        because=(
            f"the secret key ({secret.source}) has {counted(secret.length, 'character')} and is not 32 hexadecimal "
            "digits, as OKX's secrets are in every sample",
        ),
        remedy=Remedy(
            text="Copy the secret key again, all 32 hexadecimal digits. OKX shows it only once: if it is lost, delete "
            "the key and make a new one."
        ),
        checks=("credentials.shape",),
        slots=("secret",),
    )


def judge_not_hmac(evidence: Evidence) -> Judgement:
    """``secret-not-hmac``: a PEM in the secret slot. OKX signs by HMAC with a text of its own making."""
    secret = next((value for value in evidence.all(CredentialValue) if value.slot == "secret"), None)
    if secret is None:
        return Abstains(missing="the secret key")
    if secret.shape != "pem":
        return Excluded(because="the secret slot holds no private key in PEM form")
    if accepted_value(evidence, "secret"):
        return Excluded(because="OKX accepts what is signed with it")
    return Holds(
        confidence=Confidence.LIKELY,
        because=(f"the secret key ({secret.source}) begins as a PEM file does; OKX makes secrets for HMAC only",),
        remedy=Remedy(
            text="Put the secret key that OKX showed when the key was created into its variable: 32 hexadecimal "
            "digits. A private key in PEM form (Ed25519, RSA) is another exchange's."
        ),
        checks=("credentials.shape",),
        slots=("secret",),
    )


def _passphrase(evidence: Evidence) -> CredentialValue | Abstains:
    """The passphrase, where its own slot has one."""
    value = next((value for value in evidence.all(CredentialValue) if value.slot == "passphrase"), None)
    if value is None or value.shape in ("absent", "empty"):
        return Abstains(missing="the passphrase")
    swapped = evidence.first(SlotsSwapped)
    if swapped is not None and any(slot == "passphrase" for slot, _ in swapped.holds):
        return Abstains(missing="the passphrase in its own slot")
    return value


def judge_passphrase_form(evidence: Evidence) -> Judgement:
    """``passphrase-form``: not what OKX asks of a new passphrase; excluded where OKX takes it."""
    value = _passphrase(evidence)
    if isinstance(value, Abstains):
        return value
    if value.length in PASSPHRASE_LENGTHS and len(set(value.lacks) - _ONE_CASE) == 0:
        return Excluded(because="the passphrase has the form that OKX asks for, the case of its letters aside")
    if accepted(evidence) is not None or (final_refusal_code(evidence) and not is_refused_at(evidence, "passphrase")):
        return Excluded(because="OKX did not refuse the passphrase")
    lacks = (f"it has no {' and no '.join(value.lacks)}",) if value.lacks else ()
    return Holds(
        confidence=Confidence.POSSIBLE,
        because=(
            f"the passphrase ({value.source}) has {counted(value.length, 'character')}; OKX's form for a new key asks "
            "for 8 to 32 with a digit, letters of both cases and a sign. Older keys may differ",
            *lacks,
        ),
        remedy=Remedy(
            text="Compare its number of characters with what was set: a shell or a loader may have cut it at $ or #. "
            "Write it in single quotes in its file.",
        ),
        checks=("credentials.passphrase",),
        slots=("passphrase",),
    )


def judge_case_suspect(evidence: Evidence) -> Judgement:
    """``passphrase-case-suspect``: one case only, where OKX today asks for both."""
    value = _passphrase(evidence)
    if isinstance(value, Abstains):
        return value
    if value.letter_case not in ("lower", "upper"):
        return Excluded(because="the passphrase is not all of one case")
    if accepted(evidence) is not None or (final_refusal_code(evidence) and not is_refused_at(evidence, "passphrase")):
        return Excluded(because="OKX did not refuse the passphrase")
    return Holds(
        confidence=Confidence.POSSIBLE,
        because=(f"every letter of the passphrase is {value.letter_case} case; OKX compares it exactly",),
        remedy=Remedy(
            text="Compare upper and lower case with what was set, or let okx-doctor try at most four variants.",
            commands=("okx-doctor check --try-case",),
        ),
        checks=("credentials.passphrase",),
        slots=("passphrase",),
    )


RULES = (
    Rule(cause="credentials-placeholder", reads=(CredentialValue, *CONVERSATION), judge=judge_placeholder),
    Rule(
        cause="secret-malformed",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_malformed_secret,
    ),
    Rule(cause="secret-not-hmac", reads=(CredentialValue, *CONVERSATION), judge=judge_not_hmac),
    Rule(
        cause="passphrase-form",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_passphrase_form,
    ),
    Rule(
        cause="passphrase-case-suspect",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_case_suspect,
    ),
)
