"""From findings and a search to the verdict on one request."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Struct, field
from msgspec.structs import replace

from okx_doctor.catalogue.absorption import Claim, is_explained
from okx_doctor.catalogue.causes import entry
from okx_doctor.forensics import remedies
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely
from okx_doctor.forensics.search.hits import Hit, causes_of
from okx_doctor.forensics.search.parts import Subject
from okx_doctor.forensics.search.rebuild import message
from okx_doctor.forensics.search.recall import Names
from okx_doctor.forensics.search.search import TOO_LONG, Outcome
from okx_doctor.model import Cause, Confidence, Severity
from okx_doctor.protocol.signing import TIMESTAMP_HEADER, prehash
from okx_doctor.protocol.steps import refuses
from okx_doctor.secrets.secret import shows_only


class Validity(StrEnum):
    """``UNEXPLAINED``: the signature is not right and nothing known makes it, or there was no secret to tell."""

    VALID = "valid"
    INVALID = "invalid"
    UNEXPLAINED = "unexplained"
    UNSIGNED = "unsigned"


@shows_only()
class Prehash(Struct, frozen=True, kw_only=True):
    """The text that OKX expects and the one that was signed; ``None`` where it is not known. Not yet redacted."""

    expected: Annotated[str | None, Meta(description="What OKX signs; null without a signed request.")] = None
    signed: Annotated[str | None, Meta(description="What was signed; null where it is not known.")] = None


@shows_only("verdict", "causes", "equally_simple", "hypotheses_tried", "checked", "in_full")
class Inspection(Struct, frozen=True, kw_only=True):
    """The verdict on one request.

    ``causes`` is the simplest explanation, structural faults beside it; ``equally_simple`` holds other sets of causes
    that make the same signature with as few mistakes. ``checked`` tells whether there was a secret to check the
    signature with, ``in_full`` whether everything within the bounds was tried, ``mistakes`` which entries of the
    table explain it, ``also`` which explain it equally well.
    """

    capture: Capture
    verdict: Validity
    causes: tuple[Cause, ...] = ()
    equally_simple: tuple[tuple[str, ...], ...] = ()
    prehash: Prehash = field(default=Prehash())
    hypotheses_tried: int = 0
    checked: bool = True
    in_full: bool = True
    mistakes: Names = ()
    also: tuple[Names, ...] = ()
    client: str = ""

    @property
    def convicts(self) -> bool:
        """Whether one of the causes does."""
        return any(cause.convicts for cause in self.causes)


def valid(capture: Capture, signed: bytes | None = None) -> Inspection:
    """The verdict on a request whose signature is known to be right and that has nothing else wrong with it."""
    request = capture.request
    stamp = request.header(TIMESTAMP_HEADER) or ""
    text = _text(signed or prehash(stamp, request.method.upper(), request.target, request.body))
    return Inspection(
        capture=capture,
        verdict=Validity.VALID,
        prehash=Prehash(expected=text, signed=text),
        hypotheses_tried=1,
    )


_CHECK: Final = "inspect"
_BY_LOOK: Final = frozenset(
    {
        "signature-hex",
        "signature-base64-of-hex",
        "signature-base64-twice",
        "signature-quoted",
        "signature-base64url",
        "signature-url-encoded",
        "signature-padding",
        "signature-bytes-repr",
        "signature-not-computed",
        "wrong-hash",
    }
)
"""Causes that the look of a signature suggests, and that a reproduced signature decides."""


_NOT_OF_THE_REQUEST: Final = frozenset({"ip-not-allowlisted", "permission-missing", "api-key-frozen"})
"""Reasons for which OKX may refuse a request that is right."""


def judged(
    capture: Capture,
    found: Sequence[Finding],
    subject: Subject | None,
    outcome: Outcome | None,
    *,
    in_full: bool = True,
) -> Inspection:
    """The verdict on a signed request, from what was found by its look and by the search, if there was one."""
    best = outcome.best if outcome else None
    client = remedies.family(capture)
    findings = list(found)
    others: tuple[tuple[str, ...], ...] = ()
    right = best is not None and not best.mistakes
    if best is not None and outcome is not None and subject is not None:
        findings = [finding for finding in findings if finding.cause not in _BY_LOOK]
        findings += proven(best, noted=not capture.body_file)
        findings += _refused_although_right(capture) if right else ()
        others = _others(outcome)
    elif outcome is not None and subject is not None and not _explained_by_look(findings):
        findings.append(unexplained(capture, subject, outcome, in_full=in_full))
    causes = tuple(_cause(finding, client) for finding in settled(findings))
    return Inspection(
        capture=capture,
        verdict=_validity(causes, right=right, searched=outcome is not None),
        causes=causes,
        equally_simple=others,
        prehash=texts(capture, subject, message(subject, best.hypothesis) if best else None) if subject else Prehash(),
        hypotheses_tried=outcome.tried if outcome else 0,
        checked=outcome is not None,
        in_full=in_full,
        mistakes=_names(best) if best else (),
        also=tuple(map(_names, outcome.hits[1:])) if outcome else (),
        client=client,
    )


def _names(hit: Hit) -> Names:
    return tuple(choice.mistake for choice in hit.hypothesis)


def proven(hit: Hit, *, noted: bool = True) -> list[Finding]:
    """A reproduced signature as findings, one per cause, each with all that was done.

    Without ``noted`` the findings have no notes on single values, since a note may name a field of the body.
    """
    said: dict[str, list[str]] = {}
    for choice in hit.hypothesis:
        words = f"{choice.done}: {choice.note}" if choice.note and noted else choice.done
        for cause in choice.causes:
            said.setdefault(cause, []).append(words)
    if hit.form.cause:
        said.setdefault(next(iter(said)) if hit.is_recipe else hit.form.cause, []).append(hit.form.done)
    count = len(said)
    others = (
        "" if count < 2 else "with the other mistake named here, " if count == 2 else "with the others named here, "
    )
    return [
        Finding(
            cause=cause,
            confidence=Confidence.PROVEN,
            because=(*words, f"so made, {others}the signature comes out byte for byte as it was sent"),
        )
        for cause, words in said.items()
    ]


def unexplained(capture: Capture, subject: Subject, outcome: Outcome, *, in_full: bool) -> Finding:
    """The finding that nothing known explains the signature, and what that leaves."""
    too_long = len(subject.prehash) > TOO_LONG
    if not outcome.tried:
        because = ["the signature is in no known form, so there was nothing to compare"]
    elif too_long:
        because = ["the signature is not the right one, and the request is too long to try all that could make it"]
    else:
        because = [f"none of {outcome.tried:,} ways to make it wrong gives this signature"]
    if not in_full and not too_long:
        because.append("only single mistakes were tried: other requests of this client stayed unexplained in full")
    if subject.keys.api_key and subject.sent_key and subject.keys.api_key != subject.sent_key:
        because.append("the request carries another API key than the one that was loaded: the secret may differ too")
    if capture.response is not None and capture.response.code == "0":
        because.append("OKX accepted this request, so it was signed with another secret than the one loaded")
    because.append("what is left: another secret, other bytes on the wire than in the capture, one hash object shared")
    return likely("signature-unexplained", *because)


def settled(findings: Sequence[Finding]) -> list[Finding]:
    """Each cause once, the ones explained by a more specific one left out, the surest and gravest first."""
    merged: dict[str, Finding] = {}
    for finding in findings:
        as_sure = [_claim(other) for other in findings if other.confidence.doubt <= finding.confidence.doubt]
        if is_explained(_claim(finding), as_sure):
            continue
        known = merged.get(finding.cause)
        if known is None:
            merged[finding.cause] = finding
        elif finding.confidence.doubt < known.confidence.doubt:
            merged[finding.cause] = finding if finding.confidence is Confidence.PROVEN else _joined(finding, known)
        elif known.confidence is not Confidence.PROVEN:
            merged[finding.cause] = _joined(known, finding)
    return sorted(merged.values(), key=lambda one: (_severity(one) is Severity.WARNING, one.confidence.doubt))


def _joined(surer: Finding, other: Finding) -> Finding:
    return replace(surer, because=tuple(dict.fromkeys((*surer.because, *other.because))))


def _severity(finding: Finding) -> Severity:
    return finding.severity or entry(finding.cause).severity


def _claim(finding: Finding) -> Claim:
    return Claim(cause=finding.cause, about=frozenset({finding.about} if finding.about else ()))


def _others(outcome: Outcome) -> tuple[tuple[str, ...], ...]:
    """Sets of causes that explain the signature as simply as the first, each once."""
    chosen, *rest = (_kept(causes_of(hit)) for hit in outcome.hits)
    return tuple(dict.fromkeys(kept for kept in rest if set(kept) != set(chosen)))


def _kept(causes: Sequence[str]) -> tuple[str, ...]:
    claims = [Claim(cause=cause) for cause in causes]
    return tuple(claim.cause for claim in claims if not is_explained(claim, claims))


def _explained_by_look(findings: Sequence[Finding]) -> bool:
    """Whether there is no signature to explain, or nothing to compute one from."""
    return any(finding.cause in ("signature-not-computed", "header-missing", "header-misspelt") for finding in findings)


def _refused_although_right(capture: Capture) -> tuple[Finding, ...]:
    code = capture.response.code if capture.response else ""
    if not refuses(code, "signature"):
        return ()
    because = f"the signature is right for the loaded secret, and OKX answered {code}"
    return (likely("secret-wrong", because, "so the secret does not belong to this API key"),)


def _cause(finding: Finding, client: str) -> Cause:
    return Cause(
        id=finding.cause,
        severity=_severity(finding),
        confidence=finding.confidence,
        title=entry(finding.cause).title,
        because=finding.because,
        remedy=remedies.remedy(finding.cause, client),
        checks=(_CHECK,),
    )


def _validity(causes: Sequence[Cause], *, right: bool, searched: bool) -> Validity:
    if any(cause.id == "signature-unexplained" for cause in causes):
        return Validity.UNEXPLAINED
    if any(cause.convicts for cause in causes if cause.id not in _NOT_OF_THE_REQUEST):
        return Validity.INVALID
    return Validity.VALID if right else Validity.INVALID if searched else Validity.UNEXPLAINED


def texts(capture: Capture, subject: Subject, signed: bytes | None) -> Prehash:
    """The expected and the signed text. A body that came from a file is described by its length only."""
    if not capture.body_file:
        return Prehash(expected=_text(subject.prehash), signed=None if signed is None else _text(signed))
    front = subject.prehash.removesuffix(subject.body)
    said = f"[a body of {len(subject.body):,} bytes from {capture.body_file}]"
    return Prehash(expected=_text(front) + said, signed=_text(front) + said if signed == subject.prehash else None)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
