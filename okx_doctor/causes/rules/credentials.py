"""Rules about the three values: presence, shape, source, slot. Shapes suspect; OKX's answers convict or acquit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from okx_doctor.catalogue.clients.words import passphrase_line
from okx_doctor.causes.clients import own_words
from okx_doctor.causes.conversation import READS as CONVERSATION
from okx_doctor.causes.conversation import (
    Layer,
    accepted,
    accepted_value,
    corrected,
    final_refusal_code,
    final_refusal_slot,
    has_failed_correction,
    is_corrected_from_start,
    is_refused_at,
    layer,
    layers,
    was_refused_earlier,
)
from okx_doctor.causes.rule import Abstains, Excluded, Holds, Judgement, Rule
from okx_doctor.causes.rules.key import judge_malformed
from okx_doctor.credentials.secret_shape import MAX_SECRET_DIGITS, MIN_SECRET_DIGITS
from okx_doctor.credentials.shapes import PASSPHRASE_LENGTHS
from okx_doctor.credentials.variables import SLOT_TITLES, VARIABLES
from okx_doctor.model import Confidence, Remedy, counted
from okx_doctor.observations import (
    BotClient,
    CredentialValue,
    DialectsDiffer,
    Evidence,
    FileMangled,
    Machine,
    NearName,
    PeelingEnded,
    PlaceSearched,
    Slot,
    SlotsSwapped,
    SocketLogin,
    SourceShadowed,
)

_IN_ENVIRONMENT = " in the environment"
_EMPTY_HIDES = (
    "an empty variable counts as set, and the file's value is not read. Each shell, service and container has an "
    "environment of its own: look also at the unit's Environment= and at Compose's environment, where the bot starts."
)

Facts = Sequence[tuple[str, str]]
"""(slot, what is seen there)."""


def judge_missing(evidence: Evidence) -> Judgement:
    """``credentials-missing``: no source names the value, or names it empty."""
    values = evidence.all(CredentialValue)
    if not values:
        return Abstains(missing="the credentials")
    absent = [value for value in values if value.shape in ("absent", "empty")]
    if not absent:
        return Excluded(because="all three values are there")
    if all(value.shape == "absent" for value in values):
        return _nothing_configured(evidence)
    hiding = {row.slot: row for row in evidence.all(SourceShadowed) if row.used.endswith(_IN_ENVIRONMENT)}
    near = [row for row in evidence.all(NearName) if any(value.slot == row.slot for value in absent)]
    because = tuple(
        f"{SLOT_TITLES[value.slot]}: {value.source} is set but empty"
        + (f", and hides {hiding[value.slot].shadowed}" if value.slot in hiding else "")
        if value.source
        else f"{SLOT_TITLES[value.slot]}: no source sets {VARIABLES[value.slot][0]} or a usual alias"
        for value in absent
    )
    because += tuple(f"{row.file} line {row.line} has {row.variable}: is that the {_title(row.slot)}?" for row in near)
    in_files = [value.source for value in absent if value.source and not value.variable]
    hidden = [value.variable for value in absent if value.slot in hiding]
    names = [
        value.variable or VARIABLES[value.slot][0]
        for value in absent
        if value.source not in in_files and value.slot not in hiding
    ]
    steps: list[str] = []
    if hidden:
        steps.append(f"Unset {', '.join(hidden)}: {_EMPTY_HIDES}")
    if names:
        steps.append(f"Set {', '.join(names)}, in the environment or in a file (--env-file, --credentials, --profile).")
    if in_files:
        steps.append(f"Fill in {', '.join(in_files)}.")
    if near:
        steps.append("Or say with --name which variables they are.")
    return Holds(
        confidence=Confidence.PROVEN,
        because=(*because, *_searched(evidence)),
        remedy=Remedy(
            text=" ".join(steps),
            commands=(*(_unset(evidence, " ".join(hidden)) if hidden else ()), *_named_so(near)),
            lines=own_words(evidence, passphrase_line) if any(value.slot == "passphrase" for value in absent) else (),
        ),
        checks=("credentials.presence",),
        slots=tuple(value.slot for value in absent),
    )


def _named_so(near: Sequence[NearName]) -> tuple[str, ...]:
    """The command that takes the lines at their names, the first for each value."""
    first: dict[Slot, NearName] = {}
    for row in near:
        first.setdefault(row.slot, row)
    if not all(re.fullmatch(r"[A-Za-z_]\w*", row.variable, re.ASCII) for row in first.values()):
        return ()
    options = " ".join(f"--name {slot}={row.variable}" for slot, row in first.items())
    return (f"okx-doctor check {options}",) if options else ()


def _nothing_configured(evidence: Evidence) -> Holds:
    """None of the three values is set anywhere: which places were looked at, and how to begin."""
    usual = [names[0] for names in VARIABLES.values()]
    near = [seen for seen in evidence.all(PlaceSearched) if seen.near]
    text = f"Set {', '.join(usual[:-1])} and {usual[-1]}, in the environment or in ./.env."
    if near:
        text += f" Of {near[0].place}, rename {', '.join(near[0].near)} if they are OKX's."
    return Holds(
        confidence=Confidence.PROVEN,
        because=("no API key, secret key or passphrase is set", *_searched(evidence)),
        remedy=Remedy(
            text=f"{text} Other places: --env-file, --credentials, --profile. Without an account, try okx-doctor "
            "against an exchange of its own.",
            commands=("okx-doctor check --simulate",),
        ),
        checks=("credentials.presence",),
        slots=tuple(SLOT_TITLES),
    )


def _searched(evidence: Evidence) -> tuple[str, ...]:
    """The places that were looked at, and the names in them that are nearly right."""
    return tuple(
        f"looked at {seen.place}: {', but '.join(filter(None, (seen.found, ', '.join(seen.near))))}"
        for seen in evidence.all(PlaceSearched)
    )


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
        remedy=Remedy(text="Put the real value in its place; OKX shows the secret only when the key is created."),
        checks=("credentials.shape",),
        slots=tuple(value.slot for value in found),
    )


def judge_swapped(evidence: Evidence) -> Judgement:
    """``credentials-swapped``: each value's shape belongs to another slot."""
    swapped = evidence.first(SlotsSwapped)
    values = {value.slot: value for value in evidence.all(CredentialValue)}
    rotate = "A bot that has run with this has been sending the secret in clear: delete the key and make a new one."
    if swapped is not None:
        taken = accepted(evidence) is not None
        because = [
            f"the {_title(slot)} slot holds what looks like the {_title(owner)}" for slot, owner in swapped.holds
        ]
        because += ["OKX takes them put back into their own slots"] if taken else []
        exposed = any(slot != "secret" and owner == "secret" for slot, owner in swapped.holds)
        still = tuple(slot for slot, _ in swapped.holds if slot == final_refusal_slot(evidence))
        return Holds(
            confidence=Confidence.LIKELY,
            because=tuple(because),
            remedy=Remedy(text="Put each value into its own variable. " + (rotate if exposed else "")),
            checks=("credentials.shape", "signed.config"),
            slots=tuple(slot for slot, _ in swapped.holds),
            refused_too=still,
        )
    found = [value for value in values.values() if value.holds_secret and not _named_otherwise(value, values)]
    if not found:
        return Excluded(because="no value has the shape of another slot's")
    unsure = all(value.slot == "passphrase" and _by_its_looks(value) for value in found) and _good_secret(values)
    advice = ["Put each value into its own variable."]
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


_HEX = "the secret key is 32 hexadecimal digits"


_ONE_CASE = {"small letter", "capital letter"}
"""Kinds whose absence is left to ``passphrase-case-suspect``."""


def judge_passphrase_form(evidence: Evidence) -> Judgement:
    """``passphrase-form``: not what OKX asks of a new passphrase; excluded where OKX takes it."""
    value = next((value for value in evidence.all(CredentialValue) if value.slot == "passphrase"), None)
    if value is None or value.shape in ("absent", "empty"):
        return Abstains(missing="the passphrase")
    swapped = evidence.first(SlotsSwapped)
    if swapped is not None and any(slot == "passphrase" for slot, _ in swapped.holds):
        return Abstains(missing="the passphrase in its own slot")
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


def judge_mangled(evidence: Evidence) -> Judgement:
    """``env-file-mangled``: what the file says and what was loaded differ, and the file's is what OKX wants."""
    rows = [row for row in evidence.all(FileMangled) if row.suspected or layer(evidence, "env-file-mangled", row.slot)]
    facts: list[tuple[str, str]] = [
        (
            row.slot,
            f"{_where(row)}: the {SLOT_TITLES[row.slot]} {row.what}{f' ({row.character})' if row.character else ''}",
        )
        for row in rows
    ]
    facts += [
        (field, f"the value in force is not what the file says, and OKX takes {found.correction.what}")
        for found in layers(evidence)
        if "env-file-mangled" in found.correction.causes and not rows
        for field, _ in found.correction.changes
    ]
    corrected = [f"{_where(row)}: {row.corrected}" for row in rows if row.corrected]
    remedy = Remedy(
        text=f"Write it so in {'; '.join(corrected)}"
        if corrected
        else "Write the value in the file so that it is kept."
    )
    return _suspected(
        evidence, "env-file-mangled", facts, remedy, ("credentials.source",), "the files say what was loaded"
    )


def _where(row: FileMangled) -> str:
    return f"{row.file} line {row.line}" if row.line else row.file


def judge_dialects(evidence: Evidence) -> Judgement:
    """``env-file-dialects``: the file would mean something else to another loader; says nothing against this one's."""
    rows = evidence.all(DialectsDiffer)
    if not rows:
        return Excluded(because="no line in use need be written otherwise for other loaders")
    advice: dict[str, list[str]] = {}
    for row in rows:
        but = f" ({', '.join(row.exceptions)} will still read that otherwise)" if row.exceptions else ""
        advice.setdefault(row.spelling + but, []).append(row.variable)
    text = "; ".join(f"{', '.join(names)}: {spelling}" for spelling, names in advice.items())
    return Holds(
        confidence=Confidence.LIKELY,
        because=tuple(
            f"{row.variable}, {row.file} line {row.line}: {'; '.join(f'{name} {why}' for name, why in row.others)}"
            for row in rows
        ),
        remedy=Remedy(text=f"{text}."),
        checks=("credentials.source",),
        slots=tuple(row.slot for row in rows),
    )


def judge_conflict(evidence: Evidence) -> Judgement:
    """``credential-sources-conflict``: the value in force hides another one, which is what OKX wants."""
    empty = {value.slot for value in evidence.all(CredentialValue) if value.shape == "empty"}
    said = {row.slot for row in evidence.all(SourceShadowed) if row.used.endswith(_IN_ENVIRONMENT)} & empty
    rows = [row for row in evidence.all(SourceShadowed) if row.slot not in said]  # credentials-missing tells of these
    found = [layer for layer in layers(evidence) if "credential-sources-conflict" in layer.correction.causes]
    facts: list[tuple[str, str]] = [
        (row.slot, f"{row.used} hides a different {SLOT_TITLES[row.slot]}: {row.shadowed}") for row in rows
    ]
    facts += [
        (field, f"the value in force is not the one that works: {found[0].correction.what}")
        for field, _ in (found[0].correction.changes if found and not rows else ())
    ]
    judged = _suspected(
        evidence,
        "credential-sources-conflict",
        facts,
        Remedy(text="Remove the stale value, so that the one that is meant is read."),
        ("credentials.source",),
        "no source hides a different value",
    )
    about, hidden = final_refusal_slot(evidence), {slot for slot, _ in facts}
    if isinstance(judged, Holds) and not found and about and not hidden & {about, "api_key"}:
        return Excluded(because=f"what OKX refuses is the {_title(about)}, of which there is no other value")
    if isinstance(judged, Holds) and was_refused_earlier(evidence, "credential-sources-conflict"):
        return Excluded(because="OKX refuses the hidden value at an earlier step still")
    asked = final_refusal_code(evidence) or empty
    if isinstance(judged, Holds) and not found and not asked:
        return Abstains(missing="OKX's word on which of the two values is right")
    if isinstance(judged, Holds):
        used = [row.used for row in rows if row.slot in judged.slots and row.used.endswith(_IN_ENVIRONMENT)]
        names = " ".join(dict.fromkeys(name.removesuffix(_IN_ENVIRONMENT) for name in used))
        return replace(judged, remedy=replace(judged.remedy, commands=_unset(evidence, names)))
    return judged


def _unset(evidence: Evidence, names: str) -> tuple[str, ...]:
    if not re.fullmatch(r"[A-Z_0-9 ]+", names):
        return ()
    machine = evidence.first(Machine)
    if machine is not None and machine.system == "windows":
        return tuple(f"Remove-Item Env:{name}" for name in names.split())
    return (f"unset {names}",)


def _shape_rule(cause: str, seen: Callable[[CredentialValue], Sequence[str]], remedy: Remedy, clean: str) -> Rule:
    def judge(evidence: Evidence) -> Judgement:
        facts = [
            (value.slot, f"{SLOT_TITLES[value.slot]} ({value.source}): {what}")
            for value in evidence.all(CredentialValue)
            for what in seen(value)
            if value.shape not in ("absent", "empty")
        ]
        return _suspected(evidence, cause, facts, remedy, ("credentials.shape",), clean)

    return Rule(cause=cause, reads=(CredentialValue, *CONVERSATION), judge=judge)


def _suspected(
    evidence: Evidence, cause: str, facts: Facts, remedy: Remedy, checks: tuple[str, ...], clean: str
) -> Judgement:
    """A fault seen in a value: proven by peeling, excluded when OKX accepts the value unchanged, else likely."""
    if not facts:
        return Excluded(because=clean)
    slots = tuple(dict.fromkeys(slot for slot, _ in facts))
    withheld = {value.slot for value in evidence.all(CredentialValue) if value.holds_secret}  # cleaned as well
    convicted = [found for slot in slots if (found := layer(evidence, cause, slot))]
    if is_corrected_from_start(evidence, cause):
        guilty = slots
    else:
        guilty = tuple(slot for slot in slots if layer(evidence, cause, slot) or not accepted_value(evidence, slot))
    if not guilty:
        return Excluded(because="OKX accepts the value as it stands")
    return Holds(
        confidence=max(
            (_weight(cause, found, facts) for found in convicted),
            default=Confidence.LIKELY,
            key=lambda confidence: confidence.doubt,
        ),
        because=(
            *(text for slot, text in facts if slot in guilty),
            *dict.fromkeys(line for found in convicted for line in found.because),
        ),
        remedy=remedy,
        checks=(*checks, *(("signed.config",) if convicted else ())),
        slots=guilty,
        refused_too=tuple(
            slot
            for slot in guilty
            if slot in withheld
            or has_failed_correction(evidence, cause, slot)
            or (slot == final_refusal_slot(evidence) and corrected(evidence, slot))
        ),
    )


def _weight(cause: str, found: Layer, facts: Facts) -> Confidence:
    """Proof of a correction that puts several things right at once proves none of them alone.

    A blank at the edge of a header is dropped by HTTP itself: this machine's library refuses to send it, which
    does not prove that it harmed the bot.
    """
    fields = {field for field, _ in found.correction.changes}
    blank_in_header = (
        cause == "credential-whitespace"
        and "secret" not in fields
        and all("space" in text or "tab" in text for slot, text in facts if slot in fields)
    )
    if len(found.correction.causes) > 1 or blank_in_header:
        return Confidence.LIKELY
    return found.confidence


def _title(slot: str) -> str:
    return {str(name): title for name, title in SLOT_TITLES.items()}[slot]


def judge_case_suspect(evidence: Evidence) -> Judgement:
    """``passphrase-case-suspect``: one case only, where OKX today asks for both."""
    value = next((value for value in evidence.all(CredentialValue) if value.slot == "passphrase"), None)
    if value is None or value.shape in ("absent", "empty"):
        return Abstains(missing="the passphrase")
    swapped = evidence.first(SlotsSwapped)
    if swapped is not None and any(slot == "passphrase" for slot, _ in swapped.holds):
        return Abstains(missing="the passphrase in its own slot")
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
    Rule(
        cause="api-key-malformed",
        reads=(CredentialValue, SlotsSwapped, FileMangled, *CONVERSATION, SocketLogin, PeelingEnded),
        judge=judge_malformed_key,
    ),
    Rule(
        cause="credentials-missing",
        reads=(CredentialValue, SourceShadowed, NearName, Machine, BotClient, PlaceSearched),
        judge=judge_missing,
    ),
    Rule(cause="credentials-placeholder", reads=(CredentialValue, *CONVERSATION), judge=judge_placeholder),
    Rule(cause="credentials-swapped", reads=(CredentialValue, SlotsSwapped, *CONVERSATION), judge=judge_swapped),
    Rule(cause="passphrase-as-secret", reads=(CredentialValue,), judge=partial(_judge_same_value, "passphrase")),
    Rule(cause="api-key-as-secret", reads=(CredentialValue,), judge=partial(_judge_same_value, "api_key")),
    Rule(
        cause="secret-malformed",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_malformed_secret,
    ),
    Rule(
        cause="passphrase-form",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_passphrase_form,
    ),
    Rule(cause="secret-not-hmac", reads=(CredentialValue, *CONVERSATION), judge=judge_not_hmac),
    Rule(cause="env-file-mangled", reads=(CredentialValue, FileMangled, *CONVERSATION), judge=judge_mangled),
    Rule(cause="env-file-dialects", reads=(DialectsDiffer,), judge=judge_dialects),
    Rule(
        cause="credential-sources-conflict",
        reads=(CredentialValue, SourceShadowed, *CONVERSATION, Machine),
        judge=judge_conflict,
    ),
    _shape_rule(
        "credential-whitespace",
        lambda value: value.edges,
        Remedy(text="Remove the whitespace at the edge of the value where it is stored."),
        "no value has whitespace at its edges",
    ),
    _shape_rule(
        "credential-quoted",
        lambda value: value.wrapped,
        Remedy(text="Remove the quotes or signs: they are part of the value where it is stored now."),
        "no value has quotes or signs around it",
    ),
    _shape_rule(
        "credential-characters",
        lambda value: value.odd_characters,
        Remedy(text="Copy the value again from where it was created, as plain text."),
        "every character of every value is printable ASCII",
    ),
    Rule(
        cause="passphrase-case-suspect",
        reads=(CredentialValue, SlotsSwapped, *CONVERSATION),
        judge=judge_case_suspect,
    ),
)
