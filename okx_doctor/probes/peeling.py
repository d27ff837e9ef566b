"""How the conversation goes on after a refusal: which one thing to put right next. Pure; no call is made here.

OKX stops at the first thing it dislikes, so one error hides the next. What was just convicted is corrected in
memory and the call repeated; at the end each correction is taken back alone, to see the same refusal again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from okx_doctor.observations import Correction, SignedCall
from okx_doctor.standing import Standing, got_past, standing

MOST_CALLS: Final = 12
MOST_PASSPHRASE_REFUSALS: Final = 2
MORE_WITH_TRY_CASE: Final = 4

_BY_CODE: Final[dict[str, tuple[str, ...]]] = {
    "50102": ("clock",),
    "50101": ("environment",),
    "50119": ("site", "source"),
    "50111": ("api_key", "source"),
    "50105": ("passphrase", "source", "case"),
    "50113": ("secret", "source"),
}
"""Code to the kinds of correction that may get past it, in the order to try."""

Kind = Literal["clock", "environment", "site", "api_key", "secret", "passphrase", "source", "case", "swap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A correction that can be tried, with the kind that ties it to codes."""

    kind: Kind
    correction: Correction


Purpose = Literal["as loaded", "correction", "taken back"]
Ask = Callable[[tuple[str, ...], Purpose, tuple[str, ...]], SignedCall | str]
"""Make the signed call with these corrections in force, for this purpose and about these corrections.

A text instead of a call tells why it may not be made.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The calls made, in order, what was in force at the end, and why it ended early (or ``""``)."""

    calls: tuple[SignedCall, ...]
    in_force: tuple[str, ...]
    ended: str


def converse(
    ask: Ask, options: Sequence[Option], start: tuple[str, ...], *, try_case: bool, reserved: int = 0
) -> Conversation:
    """Peel layer by layer, then take each correction back alone.

    ``start`` names corrections in force from the first call on: a swap that must never be sent as it stands.
    ``reserved`` calls of the twelve are kept for what follows an acceptance.
    """
    calls: list[SignedCall] = []
    in_force = start
    tried: set[str] = set(start)
    allowed = MOST_PASSPHRASE_REFUSALS + (MORE_WITH_TRY_CASE if try_case else 0)
    ended = ""
    passphrase_spent = False
    most = MOST_CALLS - reserved

    def make(corrections: tuple[str, ...], purpose: Purpose, about: tuple[str, ...]) -> SignedCall | None:
        nonlocal ended
        if len(calls) >= most:
            ended = f"the limit of {MOST_CALLS} signed calls was reached"
            return None
        made = ask(corrections, purpose, about)
        if isinstance(made, str):
            ended = made
            return None
        calls.append(made)
        return made

    last = make(in_force, "as loaded", start)
    while last is not None and _peelable(last):
        if _refusals(calls) >= allowed and _code(last) == "50105":
            ended = "no further attempt with a refused passphrase is allowed"
            passphrase_spent = True
            break
        step = _next_step(last, options, in_force, tried)
        if not step:
            break
        names = tuple(option.correction.id for option in step)
        tried |= set(names)
        then = make(_merged(in_force, step, options), "correction", names)
        if then is None:
            break
        if got_past(last, then, _fields(step)):
            in_force, last = then.corrections, then
        elif standing(then.answer, then.failure) is Standing.THROTTLED and step[0].kind != "site":
            ended = "OKX limits the rate, so nothing further was asked"
            break
    if last is not None and _peelable(last):
        most = MOST_CALLS  # nothing follows a refusal
    for undone in in_force:
        if undone in start or (ended and not passphrase_spent):
            continue
        if _refusals(calls) >= allowed and _guards_passphrase(undone, options):
            continue
        without = tuple(other for other in in_force if other != undone)
        undid = make(without, "taken back", (undone,))
        if undid is None or standing(undid.answer, undid.failure) is Standing.THROTTLED:
            break
    return Conversation(calls=tuple(calls), in_force=in_force, ended=ended)


def _next_step(
    last: SignedCall, options: Sequence[Option], in_force: tuple[str, ...], tried: set[str]
) -> tuple[Option, ...]:
    """The correction to try after this call; several at once only where no call can leave without all of them."""
    fresh = [option for option in options if option.correction.id not in tried]
    if last.failure is not None:
        firsts: dict[str, Option] = {}
        for option in fresh:
            if option.kind in ("api_key", "passphrase"):
                firsts.setdefault(option.kind, option)
        return tuple(firsts.values()) or tuple(option for option in fresh if option.kind == "source")[:1]
    for kind in _BY_CODE.get(_code(last), ()):
        for option in fresh:
            if option.kind == kind:
                return (option,)
    return ()


def _merged(in_force: tuple[str, ...], step: Sequence[Option], options: Sequence[Option]) -> tuple[str, ...]:
    """The corrections in force with a new one; one that changes the same field is replaced by it."""
    by_id = {option.correction.id: option.correction for option in options}
    fields = _fields(step)
    kept = tuple(
        name for name in in_force if name not in by_id or not fields & {field for field, _ in by_id[name].changes}
    )
    return (*kept, *(option.correction.id for option in step))


def _fields(step: Sequence[Option]) -> set[str]:
    return {field for option in step for field, _ in option.correction.changes}


def _guards_passphrase(correction_id: str, options: Sequence[Option]) -> bool:
    correction = next((o.correction for o in options if o.correction.id == correction_id), None)
    return correction is not None and any(field == "passphrase" for field, _ in correction.changes)


def _peelable(call: SignedCall) -> bool:
    if call.failure is not None:
        return call.failure.kind in ("unsendable", "withheld")
    return standing(call.answer, call.failure) is Standing.REFUSED


def _refusals(calls: Sequence[SignedCall]) -> int:
    return sum(_code(call) == "50105" for call in calls)


def _code(call: SignedCall) -> str:
    return call.answer.code if call.answer else ""
