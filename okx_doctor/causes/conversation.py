"""The signed calls read as a story: what got past which refusal, and where it ended. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from okx_doctor.model import Confidence
from okx_doctor.observations import SLOTS, Correction, Evidence, SignedCall
from okx_doctor.protocol.codes import find, without_values
from okx_doctor.standing import FIELD_OF_CODE, Standing, got_past, standing

READS = (SignedCall, Correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One correction that got past a refusal. ``undone`` is the call made with it alone taken back."""

    correction: Correction
    before: SignedCall
    after: SignedCall
    undone: SignedCall | None = None

    @property
    def confidence(self) -> Confidence:
        """Proven only when the same refusal came back with the correction taken back."""
        return Confidence.PROVEN if self.undone and _same(self.before, self.undone) else Confidence.LIKELY

    @property
    def because(self) -> tuple[str, ...]:
        lines = [
            f"{described(self.before)} (call {self.before.number})",
            f"with {self.correction.what}: {described(self.after)} (call {self.after.number})",
        ]
        if self.undone:
            again = " again" if _same(self.before, self.undone) else ""
            lines.append(f"taken back alone: {described(self.undone)}{again} (call {self.undone.number})")
        return tuple(lines)


def layers(evidence: Evidence) -> tuple[Layer, ...]:
    """Every correction that is still in force at the end, in the order it was found."""
    corrections = _by_id(evidence)
    found: dict[str, Layer] = {}
    last: SignedCall | None = None
    for call in evidence.all(SignedCall):
        if call.purpose == "as loaded":
            last = call
        elif (
            call.purpose == "correction" and last is not None and got_past(last, call, _fields(call.about, corrections))
        ):
            for name in call.about:
                found[name] = Layer(correction=corrections[name], before=last, after=call)
            found = {name: layer for name, layer in found.items() if name in call.corrections}
            last = call
        elif call.purpose == "taken back":
            for name in call.about:
                if name in found:
                    found[name] = replace(found[name], undone=call)
    return tuple(found.values())


def layer(evidence: Evidence, cause: str, slot: str | None = None) -> Layer | None:
    """The layer that convicts this cause, of one slot where a slot is given."""
    for found in layers(evidence):
        if _is_for(found.correction, cause, slot):
            return found
    return None


def tried_in_vain(evidence: Evidence, cause: str, slot: str | None = None) -> bool:
    """Whether a correction for this cause was tried and OKX refused just the same."""
    corrections = _by_id(evidence)
    standing_ones = {found.correction.id for found in layers(evidence)}
    for call in evidence.all(SignedCall):
        if call.purpose != "correction" or standing(call.answer, call.failure) is not Standing.REFUSED:
            continue
        for name in call.about:
            if name not in standing_ones and _is_for(corrections[name], cause, slot):
                return True
    return False


def refused_earlier(evidence: Evidence, cause: str) -> bool:
    """Whether every correction tried for this cause was refused, and with another code than what it was to correct."""
    corrections = _by_id(evidence)
    final = stuck_code(evidence)
    codes = [
        call.answer.code
        for call in evidence.all(SignedCall)
        if call.purpose == "correction"
        and call.answer is not None
        and standing(call.answer, call.failure) is Standing.REFUSED
        and any(cause in corrections[name].causes for name in call.about)
    ]
    return bool(codes) and layer(evidence, cause) is None and final not in codes


def stuck(evidence: Evidence) -> SignedCall | None:
    """The call at which the conversation ended: accepted, or refused with nothing left to correct."""
    corrections = _by_id(evidence)
    last: SignedCall | None = None
    for call in evidence.all(SignedCall):
        if call.purpose == "as loaded" or (
            call.purpose == "correction" and last is not None and got_past(last, call, _fields(call.about, corrections))
        ):
            last = call
    return last


def stuck_slot(evidence: Evidence) -> str:
    """The slot whose value the last refusal is about; ``""`` where it is about none."""
    field = FIELD_OF_CODE.get(stuck_code(evidence), "")
    return field if field in SLOTS else ""


def stuck_code(evidence: Evidence) -> str:
    """The code of the last refusal that nothing got past; ``""`` when accepted, unanswered or never asked."""
    call = stuck(evidence)
    if call is None or call.answer is None or standing(call.answer, call.failure) is not Standing.REFUSED:
        return ""
    return call.answer.code


def accepted(evidence: Evidence) -> SignedCall | None:
    """The first call that OKX let past authentication."""
    for call in evidence.all(SignedCall):
        if standing(call.answer, call.failure) is Standing.ACCEPTED:
            return call
    return None


def accepted_value(evidence: Evidence, slot: str) -> bool:
    """Whether OKX accepted the value of a slot as it was loaded, whatever else was corrected."""
    call = accepted(evidence)
    if call is None:
        return False
    return slot not in _fields(call.corrections, _by_id(evidence))


def corrected(evidence: Evidence, slot: str) -> bool:
    """Whether a correction of this slot was in force at the end."""
    call = stuck(evidence)
    return call is not None and slot in _fields(call.corrections, _by_id(evidence))


def put_right_unasked(evidence: Evidence, cause: str) -> bool:
    """Whether a fault was put right before the first call, because the value as it was must not be sent."""
    corrections = _by_id(evidence)
    first = evidence.first(SignedCall)
    return first is not None and any(cause in corrections[name].causes for name in first.corrections)


def described(call: SignedCall) -> str:
    """A call's outcome in a few words: its code with the wire's usual text, or its failure."""
    what = call.endpoint.replace("/api/v5/", "")
    if call.answer is not None and call.answer.code:
        if standing(call.answer, call.failure) is Standing.ACCEPTED:
            return f"OKX accepts {what}"
        known = find(call.answer.code)
        text = f" ({without_values(known.wording).strip(' .')})" if known else ""
        return f"OKX answers {call.answer.code}{text} to {what}"
    if call.answer is not None:
        return f"HTTP {call.answer.status} without an OKX code to {what}"
    if call.failure is not None and call.failure.kind == "unsendable":
        return "the request cannot be sent: a header value holds what HTTP does not allow"
    if call.failure is not None and call.failure.kind == "withheld":
        return f"not sent: {call.failure.detail}"
    return f"no answer to {what}"


def _by_id(evidence: Evidence) -> Mapping[str, Correction]:
    return {correction.id: correction for correction in evidence.all(Correction)}


def _fields(names: Iterable[str], corrections: Mapping[str, Correction]) -> set[str]:
    """The fields that these corrections change."""
    return {field for name in names for field, _ in corrections[name].changes}


def _is_for(correction: Correction, cause: str, slot: str | None) -> bool:
    """Whether it puts this cause right, in this slot where one is given."""
    return cause in correction.causes and (slot is None or any(field == slot for field, _ in correction.changes))


def _same(one: SignedCall, other: SignedCall) -> bool:
    if one.answer is not None and other.answer is not None:
        return one.answer.code == other.answer.code
    return (
        one.failure is not None
        and other.failure is not None
        and one.failure.kind == other.failure.kind
        and one.failure.kind in ("unsendable", "withheld")
    )
