"""Reports requests to a listener, for people and as JSON lines (schema ``okx-doctor/listening/1``), one at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, to_builtins
from msgspec.structs import replace

from okx_doctor.forensics.masked_verdict import masked_verdict
from okx_doctor.forensics.verdict import Inspection, Prehash, Validity
from okx_doctor.listening.received import Kind, OrdinaryRequest, ReceivedRequest
from okx_doctor.model import Cause, CauseId, Sentence
from okx_doctor.protocol.steps import Provenance
from okx_doctor.report.inspection import Look, explanation
from okx_doctor.report.text import Answer, Paragraph, render_paragraphs
from okx_doctor.report.wording import NOTHING_CAME
from okx_doctor.secrets.foreign_text import visible
from okx_doctor.secrets.request_masks import Mask

SCHEMA: Final = "okx-doctor/listening/1"
_NUMBER: Final = 5
_OUTCOME: Final = 9
_MIN_TARGET_COLUMNS: Final = 24
_SGR: Final = {"✓": "32", "!": "33", "✗": "31", "-": "2"}
_MAX_CACHED_LINES: Final = 128
_MAX_CACHED_TARGET_LENGTH: Final = 256
_Rest = tuple[str, str]
_ASCII: Final = str.maketrans({"✓": "+", "✗": "x", "…": "."})


class ListenersAnswer(Struct, frozen=True, kw_only=True):
    """The HTTP status, 0 on a socket or for no answer, and OKX's code."""

    status: Annotated[int, Meta(ge=0)]
    code: str


class StepTaken(Struct, frozen=True, kw_only=True):
    """One step of the authentication; null where it could not be judged."""

    id: Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
    passed: bool | None
    provenance: Annotated[Provenance, Meta(description="Who says that the step exists and comes here.")]


class ListenedLine(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """One line of JSON. Without an inspection three of its fields are left out."""

    number: Annotated[
        int,
        Meta(
            ge=1,
            description="In the order in which things came; lines stand in the order in which they were judged.",
        ),
    ]
    kind: Kind
    method: Annotated[Sentence, Meta(description="WS on a socket, - for what was no request.")]
    target: Annotated[str, Meta(description="The raw request target, the path of a socket, or that it was a login.")]
    verdict: Annotated[
        Validity | None,
        Meta(
            description="As inspect says it; null where nothing was signed, or where too many waited to be explained."
        ),
    ]
    causes: tuple[Cause, ...]
    equally_simple: tuple[Annotated[tuple[CauseId, ...], Meta(min_length=1)], ...] | UnsetType = UNSET
    prehash: Prehash | UnsetType = UNSET
    hypotheses_tried: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    answer: Annotated[
        ListenersAnswer,
        Meta(description="What was answered: the HTTP status (0 on a socket, or for no answer) and OKX's code."),
    ]
    accepted: bool
    reason: Annotated[str, Meta(description="Why, where that is no cause; what a message asked for.")]
    received_at: Annotated[str | None, Meta(description="UTC, by the listener's clock.")]
    steps: Annotated[
        tuple[StepTaken, ...],
        Meta(description="Every step of the authentication in OKX's order; null: it could not be judged."),
    ]


def json_line(heard: ReceivedRequest, inspection: Inspection | None, mask: Mask) -> str:
    """One JSON object and its line end: an inspection's request with how it was answered.

    Method and target are those that were heard: a login is shown as a login, not as the request whose signature it has.
    """
    judged = None if inspection is None else masked_verdict(inspection, mask)
    line = ListenedLine(
        number=heard.number,
        kind=heard.kind,
        method=mask.sentence(heard.method),
        target=mask.value(heard.target),
        verdict=_unjudged(heard) if judged is None else judged.verdict,
        causes=() if judged is None else judged.causes,
        equally_simple=UNSET if judged is None else judged.equally_simple,
        prehash=UNSET if judged is None else judged.prehash,
        hypotheses_tried=UNSET if judged is None else judged.hypotheses_tried,
        answer=ListenersAnswer(status=heard.status, code=heard.code),
        accepted=heard.accepted,
        reason=heard.reason,
        received_at=_date(heard.received_at),
        steps=tuple(StepTaken(id=step.id, passed=step.passed, provenance=step.provenance) for step in heard.steps),
    )
    return _encode(line) + "\n"


def _encode(line: ListenedLine) -> str:
    try:
        return msgspec.json.encode(line).decode()
    except UnicodeEncodeError:  # bytes of a credential that are not UTF-8
        return json.dumps(to_builtins(line), ensure_ascii=False, separators=(",", ":"))


def _unjudged(heard: ReceivedRequest) -> Validity | None:
    return Validity.UNSIGNED if heard.kind == "request" and not heard.signed else None


def _date(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def text_line(heard: ReceivedRequest, inspection: Inspection | None, mask: Mask, look: Look, same_as: int = 0) -> str:
    """One line: number, how it was answered, what it was, and why it was refused.

    ``same_as`` is the number of the earlier request that was refused alike and is explained in full; 0 without one.
    """
    number = f"{heard.number:>{_NUMBER}}"
    return _line(number, _rest(heard, inspection, mask, look, len(number), same_as), look)


class PlainLines:
    """Lines of ordinary requests.

    A bot asks for the same few things over and over, so that their lines differ only in the number: the text
    behind it is laid out, masked and given to ``check`` once.
    """

    def __init__(self, mask: Mask, look: Look, check: Callable[[str], str] = str) -> None:
        """``check`` raises for a text that must not be shown."""
        self._mask, self._look, self._check = mask, look, check
        self._rests: dict[tuple[object, ...], _Rest] = {}

    def line(self, one: OrdinaryRequest) -> str:
        """The line that ``text_line`` makes of it."""
        number, what = f"{one.number:>{_NUMBER}}", one.what
        same = (len(number), what.method, what.target, what.code)
        rest = self._rests.get(same)
        if rest is None:
            rest = _rest(one.heard, None, self._mask, self._look, len(number))
            self._check(rest[1])
            if len(what.target) <= _MAX_CACHED_TARGET_LENGTH and len(self._rests) < _MAX_CACHED_LINES:
                self._rests[same] = rest
        return _line(number, rest, self._look)


def _line(number: str, rest: _Rest, look: Look) -> str:
    sgr, text = rest
    return f"\x1b[{sgr}m{number}{text}\x1b[0m\n" if look["colour"] else f"{number}{text}\n"


def _rest(
    heard: ReceivedRequest, inspection: Inspection | None, mask: Mask, look: Look, used: int, same_as: int = 0
) -> _Rest:
    """The line's colour and its text behind the number, which takes ``used`` columns."""
    glyph, said = _outcome(heard, inspection)
    said += f", as {same_as} above" if same_as else ""
    answered = f"{heard.status or ''} {heard.code if heard.code not in ('', '0') else ''}".strip()
    front = f" {glyph} {answered:<{_OUTCOME}} {visible(mask.sentence(heard.method))[:8]:<4} "
    room = max(_MIN_TARGET_COLUMNS, look["width"] - used - len(front) - (len(said) + 2 if said else 0))
    plain = heard.accepted and "?" not in heard.target  # one of OKX's paths, and nothing else
    target = heard.target if plain else visible(mask.value(heard.target))
    target = target if len(target) <= room else f"{target[: room - 1]}…"
    text = f"{front}{target}{f'  {said}' if said else ''}".rstrip()
    if look["ascii_only"]:
        text = text.translate(_ASCII).encode("ascii", "replace").decode()
    return _SGR[glyph], text


def _outcome(heard: ReceivedRequest, inspection: Inspection | None) -> tuple[str, str]:
    causes = ", ".join(cause.id for cause in inspection.causes) if inspection else ""
    if heard.method == "CONNECT":
        return "✗", "this is no proxy: set the client's base URL"
    if heard.accepted:
        if not heard.signed:
            return ("-", "public") if heard.kind == "request" else ("✓", heard.reason)
        return ("!" if causes else "✓"), (causes or heard.reason)
    if causes and heard.reason:
        return "✗", f"{causes}; {heard.reason}"
    if causes or heard.reason:
        return "✗", causes or heard.reason
    return "✗", "" if heard.kind == "message" or not heard.signed else "not explained"


def text_explanation(heard: ReceivedRequest, inspection: Inspection, mask: Mask, look: Look) -> str:
    """Why a request is refused, in full, between empty lines; ``""`` where there is nothing to explain."""
    live = replace(inspection, causes=tuple(_let_it_run(cause) for cause in inspection.causes))
    paragraphs = list(explanation(live, mask, look["width"]))
    if not inspection.causes or not paragraphs:
        return ""
    paragraphs += _steps(heard, inspection)
    return render_paragraphs([*paragraphs, Paragraph(text="")], **look)


def _let_it_run(cause: Cause) -> Cause:
    """Where a bot runs against a listener, its next request is the check of the fix."""
    return replace(cause, remedy=replace(cause.remedy, verify="let the bot send it again"))


def _steps(heard: ReceivedRequest, inspection: Inspection) -> Iterator[Paragraph]:
    """Where OKX stops, and what it would object to next: it names one thing at a time."""
    failed = [step for step in heard.steps if step.passed is False]
    if not failed or (inspection.verdict is Validity.VALID and not inspection.convicts):
        return
    first, *later = failed
    said = f"OKX stops at its step {first.id}"
    if first.provenance == "assumed":
        said += " (that it comes here is assumed)"
    if later:
        said += f"; it would stop at {', '.join(step.id for step in later)} next"
    yield Paragraph(text="")
    yield Paragraph(text=f"{said}.", indent=2)


def text_summary(
    *,
    accepted: int,
    refused: int,
    signed: int,
    causes: Sequence[tuple[str, int]],
    explained: Mapping[str, Cause],
    lost: int,
    look: Look,
) -> str:
    """The summary: how many of each reason, and at the end what to do about those that were explained."""
    total = accepted + refused
    counted = (
        NOTHING_CAME
        if not total
        else f"{'1 request' if total == 1 else f'{total:,} requests'}: "
        + ", ".join(
            part
            for part in (f"{accepted:,} accepted" if accepted else "", f"{refused:,} refused" if refused else "")
            if part
        )
    )
    paragraphs: list[Paragraph | Answer] = [Paragraph(text=f"{counted}.")]
    width = max((len(name) for name, _ in causes), default=0)
    paragraphs += [Paragraph(text=f"{name:<{width}}  {count:,}", indent=2) for name, count in causes]
    if total and not signed:
        paragraphs.append(Paragraph(text="None of them was signed, so nothing was judged."))
    if lost:
        paragraphs.append(Paragraph(text=f"{lost:,} more came faster than they could be shown."))
    named = tuple(_let_it_run(explained[name]) for name, _ in causes if name in explained)
    if named:
        said = named[0].title if len(named) == 1 else f"{len(named)} causes, the most frequent first"
        paragraphs += [Paragraph(text=""), Answer(sign="✗", headline=said, causes=named)]
    return render_paragraphs(paragraphs, **look)
