"""Reports requests to a listener, for people and as JSON lines (schema ``okx-doctor/listening/1``), one at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from okx_doctor.forensics.verdict import Inspection, Validity
from okx_doctor.listening.received import ReceivedRequest
from okx_doctor.model import Cause
from okx_doctor.report.inspection import Look, explanation, row
from okx_doctor.report.text import Answer, Paragraph, render_paragraphs
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


def json_line(heard: ReceivedRequest, inspection: Inspection | None, mask: Mask) -> str:
    """One JSON object and its line end: an inspection's request with how it was answered."""
    what: dict[str, object] = {"method": mask.sentence(heard.method), "target": mask.value(heard.target)}
    judged = {"verdict": _reason_unjudged(heard), "causes": []} if inspection is None else row(inspection, mask)
    found = {
        "schema": SCHEMA,
        "number": heard.number,
        "kind": heard.kind,
        **what,
        **judged,
        **what,  # a login is shown as a login, not as the request whose signature it has
        "answer": {"status": heard.status, "code": heard.code},
        "accepted": heard.accepted,
        "reason": heard.reason,
        "received_at": _date(heard.received_at),
        "steps": [{"id": step.id, "passed": step.passed, "provenance": step.provenance} for step in heard.steps],
    }
    return _encode(found) + "\n"


def _encode(document: Mapping[str, object]) -> str:
    try:
        return msgspec.json.encode(document).decode()
    except UnicodeEncodeError:  # bytes of a credential that are not UTF-8
        return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _reason_unjudged(heard: ReceivedRequest) -> str | None:
    return "unsigned" if heard.kind == "request" and not heard.signed else None


def _date(moment: float | None) -> str | None:
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


def text_line(heard: ReceivedRequest, inspection: Inspection | None, mask: Mask, look: Look, same_as: int = 0) -> str:
    """One line: number, how it was answered, what it was, and why it was refused.

    ``same_as`` is the number of the earlier request that was refused alike and is explained in full; 0 without one.
    """
    number = f"{heard.number:>{_NUMBER}}"
    return _line(number, _rest(heard, inspection, mask, look, len(number), same_as), look)


class PlainLines:
    """Lines of accepted requests in which no fault was found.

    A bot asks for the same few things over and over, so that their lines differ only in the number: the text
    behind it is laid out and masked once.
    """

    def __init__(self, mask: Mask, look: Look) -> None:
        self._mask, self._look = mask, look
        self._rests: dict[tuple[object, ...], _Rest] = {}

    def line(self, heard: ReceivedRequest) -> str:
        """The line that ``text_line`` makes of it."""
        number = f"{heard.number:>{_NUMBER}}"
        same = (len(number), heard.method, heard.target, heard.status, heard.code, heard.reason)
        rest = self._rests.get(same) or _rest(heard, None, self._mask, self._look, len(number))
        if len(heard.target) <= _MAX_CACHED_TARGET_LENGTH and len(self._rests) < _MAX_CACHED_LINES:
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
        "nothing came"
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
