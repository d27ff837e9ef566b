"""How the conversation with OKX goes on after a refusal. Pure; no call is made here.

Theory of operation
-------------------

OKX checks a request step by step and answers with the code of the first step that fails, so one fault hides the
next. Peeling therefore repeats one harmless call, ``GET account/config``, and changes one thing at a time:

1. *As loaded.* The call is made as the bot would make it. If OKX accepts it, nothing is peeled.
2. *Correction.* The code of the refusal says which kinds of correction may get past that step (OKX's time after a
   50102, the other environment after a 50101, another site after a 50119 or a 50101 that stays, a value as its file has
   it after a 50105 or a 50113). The first one not yet tried is put in force and the call is repeated. If the answer
   shows that the step was passed, the correction stays and the next refusal is peeled in the same way; if not, it is
   dropped and the next candidate is tried. A correction that changes a field replaces one that changed it before.
   Where a header cannot even be sent, all that keeps it from being sent is corrected together; where another site
   answers 50101, that site and the other environment are.
3. *Taken back.* At the end each correction is taken back by itself from the final state. Only if the same refusal
   comes again was that one thing the fault: this is what ``proven`` rests on (``causes/conversation.py``), and the
   reason why the corrections are taken back one by one and not all together.

Every call costs something, so peeling asks for each and may be denied it. ``budget.py`` counts signed calls and refused
passphrases over the whole run. OKX locks keys that guess, so a second wrong passphrase is the last; corrections of the
passphrase are taken back last, because they cost a refusal each. ``reserved`` calls are left for the second wave and
the socket, which show that an accepted state holds for a query, for a body and for a login; after a refusal nothing
follows, and they may be spent.

``peel`` is a function of a callback: the tests run it against scripted exchanges without a network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.observations import Correction, SignedCall
from okx_doctor.protocol.outcome import Outcome, Trouble, outcome, passed_refused_step, trouble
from okx_doctor.protocol.steps import refuses, step_of

Kind = Literal["clock", "environment", "site", "api_key", "secret", "passphrase", "source", "case", "swap"]

_KINDS: Final[Mapping[str, tuple[Kind, ...]]] = {
    "timestamp-fresh": ("clock",),
    "environment": ("environment", "site"),
    "key-known": ("site", "source"),
    "key-shaped": ("api_key", "source"),
    "passphrase": ("passphrase", "source", "case"),
    "signature": ("secret", "source"),
}
"""The kinds of correction that may get past a step, in the order to try."""


class Option(Struct, frozen=True, kw_only=True):
    """A correction that can be tried, with the kind that ties it to codes."""

    kind: Kind
    correction: Correction


Purpose = Literal["as loaded", "correction", "taken back"]


class Question(Struct, frozen=True, kw_only=True):
    """A signed call to make with these corrections in force, for this purpose and about these of them.

    ``spare`` calls of the budget are not for it.
    """

    corrections: tuple[str, ...]
    purpose: Purpose
    about: tuple[str, ...]
    spare: int


Ask = Callable[[Question], SignedCall | str]
"""Make the call. A text instead of a call tells why it may not be made."""


class PeelingTrace(Struct, frozen=True, kw_only=True):
    """The calls made, in order, what was in force at the end, and why it ended early (or ``""``)."""

    calls: tuple[SignedCall, ...]
    in_force: tuple[str, ...]
    ended: str


def peel(ask: Ask, options: Sequence[Option], start: tuple[str, ...], *, reserved: int = 0) -> PeelingTrace:
    """Peel layer by layer, then take each correction back alone.

    ``start`` names corrections in force from the first call on: swapped values must never be sent uncorrected.
    ``reserved`` calls are kept for what follows an acceptance.
    """
    calls: list[SignedCall] = []
    in_force = start
    tried: set[str] = set(start)
    ended = ""

    def make(corrections: tuple[str, ...], purpose: Purpose, about: tuple[str, ...], spare: int) -> SignedCall | None:
        nonlocal ended
        made = ask(Question(corrections=corrections, purpose=purpose, about=about, spare=spare))
        if isinstance(made, str):
            ended = ended or made
            return None
        calls.append(made)
        return made

    last = make(in_force, "as loaded", start, reserved)
    while last is not None and _peelable(last):
        step = _next_step(last, calls[-1], options, tried)
        if not step:
            break
        names = tuple(option.correction.id for option in step)
        tried |= {*names, "+".join(names)}
        then = make(_merge(in_force, step, options), "correction", names, reserved)
        if then is None:
            break
        between = {*in_force} ^ {*then.corrections}  # with what the step took the place of
        if passed_refused_step(last.answer, then.answer, _fields([o for o in options if o.correction.id in between])):
            in_force, last = then.corrections, then
        elif trouble(then.answer) is Trouble.RATE_LIMITED:
            ended = "OKX limits the rate, so nothing further was asked"
            break
    spare = 0 if last is not None and _peelable(last) else reserved  # nothing follows a refusal
    for undone in _passphrases_last(in_force, options):
        if undone in start:
            continue
        without = tuple(other for other in in_force if other != undone)
        if make(without, "taken back", (undone,), spare) is None:
            break
    return PeelingTrace(calls=tuple(calls), in_force=in_force, ended=ended)


def _next_step(last: SignedCall, asked: SignedCall, options: Sequence[Option], tried: set[str]) -> tuple[Option, ...]:
    """The correction to try after ``last``, the call that nothing got past yet; ``asked`` is the latest of all.

    Several at once where no call can leave without all of them, and where another site says that it knows the key,
    but in the other environment.
    """
    fresh = [option for option in options if option.correction.id not in tried]
    if last.answer is None:
        return _sendable_step(options, fresh, tried)
    step = step_of(last.answer.code)
    if step is None:
        return ()
    if asked is not last and asked.answer is not None and refuses(asked.answer.code, "environment"):
        elsewhere = [option for option in options if option.kind == "site" and asked.about == (option.correction.id,)]
        flipped = [option for option in options if option.kind == "environment"]
        both = (*elsewhere, *flipped)
        if elsewhere and "+".join(option.correction.id for option in both) not in tried:
            return both
    for kind in _KINDS.get(step.id, ()):
        for option in fresh:
            if option.kind == kind and (kind != "source" or _fields((option,)) & {step.correction, "api_key"}):
                return (option,)
    return ()


def _sendable_step(options: Sequence[Option], fresh: Sequence[Option], tried: set[str]) -> tuple[Option, ...]:
    """The corrections where a header cannot be sent: each value by itself, then both together, then another source's.

    What cannot be sent costs nothing.
    """
    firsts: dict[str, Option] = {}
    for option in options:
        if option.kind in ("api_key", "passphrase"):
            firsts.setdefault(option.kind, option)
    alone: list[tuple[Option, ...]] = [(option,) for option in fresh if option.kind in ("api_key", "passphrase")]
    both = tuple(firsts.values())
    if len(both) == 2 and "+".join(option.correction.id for option in both) not in tried:
        alone.append(both)
    others = [(option,) for option in fresh if option.kind == "source" and _fields((option,)) - {"secret"}]
    return next(iter((*alone, *others)), ())


def _merge(in_force: tuple[str, ...], step: Sequence[Option], options: Sequence[Option]) -> tuple[str, ...]:
    """The corrections in force with a new one; one that changes the same field is replaced by it."""
    by_id = {option.correction.id: option.correction for option in options}
    fields = _fields(step)
    kept = tuple(
        name for name in in_force if name not in by_id or not fields & {field for field, _ in by_id[name].changes}
    )
    return (*kept, *(option.correction.id for option in step))


def _passphrases_last(in_force: tuple[str, ...], options: Sequence[Option]) -> tuple[str, ...]:
    """The corrections in the order to take them back: a refused passphrase may be the last call that is allowed."""
    passphrases = {option.correction.id for option in options if "passphrase" in _fields((option,))}
    return tuple(sorted(in_force, key=lambda name: name in passphrases))


def _fields(step: Sequence[Option]) -> set[str]:
    return {field for option in step for field, _ in option.correction.changes}


def _peelable(call: SignedCall) -> bool:
    if call.failure is not None:
        return call.failure.kind in ("unsendable", "withheld")
    return outcome(call.answer) is Outcome.REFUSED
