"""The signed calls read as a story: what got past which refusal, where it ended, whether it contradicts itself. Pure.

Whatever is concluded is concluded from the state that the conversation ended in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.causes.clock import agrees, explains_refusal
from okx_doctor.model import Confidence
from okx_doctor.observations import SLOTS, Correction, Evidence, ExchangeTime, SignedCall, SocketLogin
from okx_doctor.protocol.codes import find, without_values
from okx_doctor.protocol.outcome import Outcome, is_later, outcome, passed_refused_step
from okx_doctor.protocol.steps import as_rest, correction_of, refuses

READS = (SignedCall, Correction, ExchangeTime, SocketLogin)

_OF_THE_CALL = ("signature", "authority", "permission")
"""Steps whose refusals may differ from endpoint to endpoint: of the signature over it, and of what the key may do."""


class Layer(Struct, frozen=True, kw_only=True):
    """One correction that got past a refusal. ``undone`` is the call made with it alone taken back.

    ``conclusive``: it is proven as soon as ``undone`` gets the same refusal as ``before``.
    """

    correction: Correction
    before: SignedCall
    after: SignedCall
    undone: SignedCall | None = None
    conclusive: bool = False

    @property
    def confidence(self) -> Confidence:
        """Proven only when the same refusal came back with the correction taken back from the final state."""
        proven = self.conclusive and self.undone is not None and _same(self.before, self.undone)
        return Confidence.PROVEN if proven else Confidence.LIKELY

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


class Story(Struct, frozen=True, kw_only=True):
    """The calls of a run and the layers peeled from them. ``final`` is the call whose refusal nothing got past.

    ``differing`` are two calls that were equal in everything the refusal is about and yet got different answers.
    """

    calls: tuple[SignedCall, ...]
    corrections: Mapping[str, Correction]
    final: SignedCall | None
    layers: tuple[Layer, ...]
    differing: tuple[SignedCall, SignedCall] | None


@lru_cache(maxsize=1)
def story(evidence: Evidence) -> Story:
    """Read the signed calls of a run. Every rule asks, so the same evidence, which never changes, is read once."""
    calls = evidence.all(SignedCall)
    corrections = {correction.id: correction for correction in evidence.all(Correction)}
    samples = evidence.all(ExchangeTime)
    found: dict[str, Layer] = {}
    final: SignedCall | None = None
    for call in calls:
        if call.purpose == "as loaded":
            final = call
        elif (
            call.purpose == "correction"
            and final is not None
            and passed_refused_step(
                final.answer, call.answer, _fields({*final.corrections} ^ {*call.corrections}, corrections)
            )
        ):
            for name in call.about:
                found[name] = Layer(correction=corrections[name], before=final, after=call)
            found = {name: layer for name, layer in found.items() if name in call.corrections}
            final = call
    layers = [_complete(layer, final, calls, corrections) for layer in found.values()]
    differing = _differing(calls, corrections, samples)
    if differing is None and final is not None and not _brings_another_key(final, corrections):
        differing = next(_taken_back_and_accepted(layers), None)
    logins = evidence.all(SocketLogin)
    return Story(
        calls=calls,
        corrections=corrections,
        final=final,
        layers=tuple(
            replace(layer, conclusive=layer.conclusive and differing is None and _can_explain(layer, samples, logins))
            for layer in layers
            if not _is_refuted(layer, calls, corrections)
        ),
        differing=differing,
    )


def layers(evidence: Evidence) -> tuple[Layer, ...]:
    """Every correction that is still in force at the end, in the order it was found."""
    return story(evidence).layers


def layer(evidence: Evidence, cause: str, slot: str | None = None) -> Layer | None:
    """The layer that convicts this cause, of one slot where a slot is given."""
    return next((found for found in layers(evidence) if _is_for(found.correction, cause, slot)), None)


def has_failed_correction(evidence: Evidence, cause: str, slot: str | None = None) -> bool:
    """Whether a correction for this cause was tried and OKX refused just the same."""
    told = story(evidence)
    standing = {found.correction.id for found in told.layers}
    return any(
        name not in standing and _is_for(told.corrections[name], cause, slot)
        for call in told.calls
        if call.purpose == "correction" and outcome(call.answer) is Outcome.REFUSED
        for name in call.about
    )


def was_refused_earlier(evidence: Evidence, cause: str) -> bool:
    """Whether every correction tried for this cause was refused, and with another code than what it was to correct."""
    told = story(evidence)
    codes = [
        call.answer.code
        for call in told.calls
        if call.purpose == "correction"
        and call.answer is not None
        and outcome(call.answer) is Outcome.REFUSED
        and any(cause in told.corrections[name].causes for name in call.about)
    ]
    return bool(codes) and layer(evidence, cause) is None and final_refusal_code(evidence) not in codes


def final_call(evidence: Evidence) -> SignedCall | None:
    """The call at which the conversation ended: accepted, or refused with nothing left to correct."""
    return story(evidence).final


def final_refusal_slot(evidence: Evidence) -> str:
    """The slot whose value the last refusal is about; ``""`` where it is about none."""
    field = correction_of(final_refusal_code(evidence))
    return field if field in SLOTS else ""


def final_refusal_code(evidence: Evidence) -> str:
    """The code of the last refusal that nothing got past; ``""`` when accepted, unanswered or never asked."""
    call = final_call(evidence)
    if call is None or call.answer is None or outcome(call.answer) is not Outcome.REFUSED:
        return ""
    return call.answer.code


def is_refused_at(evidence: Evidence, *step_ids: str) -> bool:
    """Whether the last refusal that nothing got past is one of these steps'."""
    return refuses(final_refusal_code(evidence), *step_ids)


def accepted(evidence: Evidence) -> SignedCall | None:
    """The call that the conversation ended with, where it is past authentication."""
    call = final_call(evidence)
    return call if call is not None and outcome(call.answer) in (Outcome.ACCEPTED, Outcome.PAST) else None


def accepted_value(evidence: Evidence, slot: str) -> bool:
    """Whether OKX accepted the value of a slot as it was loaded, whatever else was corrected."""
    call = accepted(evidence)
    if call is None:
        return False
    return slot not in _fields(call.corrections, story(evidence).corrections)


def corrected(evidence: Evidence, slot: str) -> bool:
    """Whether a correction of this slot was in force at the end."""
    told = story(evidence)
    return told.final is not None and slot in _fields(told.final.corrections, told.corrections)


def is_corrected_from_start(evidence: Evidence, cause: str) -> bool:
    """Whether a fault was put right before the first call, because the value as it was must not be sent."""
    told = story(evidence)
    return bool(told.calls) and any(cause in told.corrections[name].causes for name in told.calls[0].corrections)


def with_another_key(evidence: Evidence) -> bool:
    """Whether the conversation ended with a key from another source, which may be another account's."""
    told = story(evidence)
    return told.final is not None and _brings_another_key(told.final, told.corrections)


def contradiction(evidence: Evidence) -> str:
    """In words, two answers of OKX's that cannot both be true; ``""`` without such."""
    pair = story(evidence).differing
    if pair is None:
        return ""
    one, other = pair
    return (
        f"answers differ from call to call: {described(one)} (call {one.number}), and with that left as it was, "
        f"{described(other)} (call {other.number})"
    )


def described(call: SignedCall) -> str:
    """A call's outcome in a few words: its code with the wire's usual text, or its failure."""
    what = call.endpoint.replace("/api/v5/", "")
    if call.answer is not None and call.answer.code:
        came_to = outcome(call.answer)
        if came_to is Outcome.ACCEPTED:
            return f"OKX accepts {what}"
        known = find(call.answer.code)
        text = f" ({without_values(known.wording).strip(' .')})" if known else ""
        past = ", past authentication" if came_to is Outcome.PAST else ""
        return f"OKX answers {call.answer.code}{text} to {what}{past}"
    if call.answer is not None:
        return f"HTTP {call.answer.status} without an OKX code to {what}"
    if call.failure is not None and call.failure.kind == "unsendable":
        return "the request cannot be sent: a header value holds what HTTP does not allow"
    if call.failure is not None and call.failure.kind == "withheld":
        return f"not sent: {call.failure.detail}"
    return f"no answer to {what}"


def _complete(
    layer: Layer, final: SignedCall | None, calls: Iterable[SignedCall], corrections: Mapping[str, Correction]
) -> Layer:
    """A layer with the call that takes it back from the final state, and whether that state is past its refusal."""
    if final is None:
        return layer
    without = set(final.corrections) - {layer.correction.id}
    undone = [call for call in calls if call.purpose == "taken back" and call.about == (layer.correction.id,)]
    undone = [call for call in undone if set(call.corrections) == without]
    return replace(
        layer,
        undone=undone[0] if undone else None,
        conclusive=_is_past(layer, final) and _is_of_this_account(layer.correction, final, corrections),
    )


def _is_past(layer: Layer, final: SignedCall) -> bool:
    """Whether the final state is past what the layer's correction was to get past.

    What could not be sent was refused by nobody: OKX must then find no fault with the value that was put right.
    """
    before = layer.before.answer
    if before is not None and refuses(before.code, "environment") and layer.before.base_url != layer.after.base_url:
        return outcome(final.answer) is Outcome.ACCEPTED  # a 50101 rarely means the site: nothing less shows it
    if before is not None:
        return is_later(before.code, final.answer)
    if final.answer is None or outcome(final.answer) is not Outcome.REFUSED:
        return outcome(final.answer) is not Outcome.UNCLEAR
    return correction_of(final.answer.code) not in {field for field, _ in layer.correction.changes}


def _is_of_this_account(correction: Correction, final: SignedCall, corrections: Mapping[str, Correction]) -> bool:
    """Whether what the final state shows can be said of the account that is in force.

    A key from another source may be another account's: then the final state shows only that the whole set of that
    source is accepted, or, where the secret in force stayed, that the key belongs to it. The clock is the same for all.
    """
    if not _brings_another_key(final, corrections) or correction.id == "clock":
        return True
    changed = {field for field, _ in correction.changes}
    own_secret = "secret" not in _fields(final.corrections, corrections)
    return (
        "api_key" in changed
        and "credential-sources-conflict" in correction.causes
        and outcome(final.answer) is Outcome.ACCEPTED
        and (correction.whole_set or own_secret)
    )


def _brings_another_key(call: SignedCall, corrections: Mapping[str, Correction]) -> bool:
    return any(
        "credential-sources-conflict" in corrections[name].causes
        and any(field == "api_key" for field, _ in corrections[name].changes)
        for name in call.corrections
    )


def _is_refuted(layer: Layer, calls: Iterable[SignedCall], corrections: Mapping[str, Correction]) -> bool:
    """Whether OKX refuses the same key on the same site for the same reason although the correction is in force.

    What could not be sent was refused for no reason of OKX's: there any later refusal of the value put right will do.
    That a site does not know the key, as it said at once, is no matter of how the key is written.
    """
    with_it = set(layer.after.corrections)
    values = {field for field, _ in layer.correction.changes}
    return any(
        (_same(layer.before, call) or (layer.before.answer is None and _refused_field(call) in values))
        and not (_same(layer.after, call) and refuses(call.answer.code, "key-known"))
        and with_it <= set(call.corrections)
        and not _fields(set(call.corrections) - with_it, corrections) & _begins_anew(call)
        for call in calls
        if call.answer is not None
    )


def _begins_anew(call: SignedCall) -> set[str]:
    """The fields with which another conversation begins; how a key is written is judged alike on every site."""
    spelling = call.answer is not None and refuses(call.answer.code, "key-shaped")
    return {"api_key"} if spelling else {"api_key", "base_url"}


def _can_explain(layer: Layer, samples: Sequence[ExchangeTime], logins: Iterable[SocketLogin]) -> bool:
    """Whether the correction is large enough for the refusal, and the final state's login is not refused alike.

    Only of the clock's correction is there a size.
    """
    code = layer.before.answer.code if layer.before.answer else ""
    if any(as_rest(login.code) == code for login in logins if login.code):
        return False
    return layer.correction.id != "clock" or explains_refusal(samples)


def _differing(
    calls: Iterable[SignedCall], corrections: Mapping[str, Correction], samples: Sequence[ExchangeTime]
) -> tuple[SignedCall, SignedCall] | None:
    """The first two calls that were made in the same way and got different answers."""
    idle = {"clock"} if agrees(samples) else set[str]()

    def made(call: SignedCall) -> tuple[frozenset[str], str, bool]:
        return frozenset(call.corrections) - idle, call.base_url, call.demo

    clear = [call for call in calls if outcome(call.answer) is not Outcome.UNCLEAR]
    alike = (pair for pair in combinations(clear, 2) if made(pair[0]) == made(pair[1]))
    return next((pair for pair in alike if _contradict(*pair)), None)


def _taken_back_and_accepted(layers: Iterable[Layer]) -> Iterator[tuple[SignedCall, SignedCall]]:
    """Pairs of a refusal and the later call that was accepted although it had the refused value again."""
    for layer in layers:
        undone, refused = layer.undone, layer.before.answer is not None
        if undone is not None and refused and outcome(undone.answer) in (Outcome.ACCEPTED, Outcome.PAST):
            yield layer.before, undone


def _contradict(one: SignedCall, other: SignedCall) -> bool:
    if one.answer is None or other.answer is None:
        return False
    if one.endpoint == other.endpoint:
        return one.answer.code != other.answer.code
    refused = [call.answer.code for call in _refused(one, other) if call.answer is not None]
    return len(refused) == 1 and not refuses(refused[0], *_OF_THE_CALL)


def _refused(*calls: SignedCall) -> Iterator[SignedCall]:
    return (call for call in calls if outcome(call.answer) is Outcome.REFUSED)


def _refused_field(call: SignedCall) -> str:
    """The field that a refusal is about; ``""`` where it is about none, or there was no refusal."""
    return correction_of(call.answer.code) if call.answer and outcome(call.answer) is Outcome.REFUSED else ""


def _fields(names: Iterable[str], corrections: Mapping[str, Correction]) -> set[str]:
    """The fields that these corrections change."""
    return {field for name in names for field, _ in corrections[name].changes}


def _is_for(correction: Correction, cause: str, slot: str | None) -> bool:
    """Whether it puts this cause right, in this slot where one is given."""
    return cause in correction.causes and (slot is None or any(field == slot for field, _ in correction.changes))


def _same(one: SignedCall, other: SignedCall) -> bool:
    """Whether two calls were refused for the same reason. An unsendable call equals only another one."""
    if one.answer is not None and other.answer is not None:
        refused = outcome(one.answer) is outcome(other.answer) is Outcome.REFUSED
        return refused and one.answer.code == other.answer.code
    kinds = [call.failure.kind for call in (one, other) if call.answer is None and call.failure is not None]
    return kinds == ["unsendable", "unsendable"]
