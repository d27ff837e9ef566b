"""Inspected requests for people and as JSON (schema ``okx-doctor/inspection/1``), one request at a time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, TypedDict

from msgspec import Meta, Struct, to_builtins
from msgspec.structs import asdict

from okx_doctor.decoding.beside import place_of
from okx_doctor.decoding.decode import Decoded
from okx_doctor.forensics.captures.capture import UNREAD, Capture
from okx_doctor.forensics.masked_verdict import RequestVerdict, masked, masked_verdict
from okx_doctor.forensics.tally import Tally
from okx_doctor.forensics.verdict import Inspection, Validity
from okx_doctor.model import Cause, Confidence, Sentence, Tool
from okx_doctor.report.decoding import DecodedAnswer, decoded_answer, explained, headline, last_lines
from okx_doctor.report.difference import compared, verbatim
from okx_doctor.report.text import Answer, NumberedCause, Paragraph, render_paragraphs
from okx_doctor.secrets.request_masks import Mask

SCHEMA: Final = "okx-doctor/inspection/1"

_GLYPHS: Final = {
    Validity.VALID: ("✓", "bold green"),
    Validity.INVALID: ("✗", "bold red"),
    Validity.UNEXPLAINED: ("?", "bold yellow"),
    Validity.UNSIGNED: ("-", "bold"),
}
_MAX_TARGET_LENGTH: Final = 1200
_MAX_PLACES_LISTED: Final = 4
_MAX_UNSIGNED_HELD: Final = 1000
_FROM_OUTSIDE: Final = (
    "No secret key was loaded, so this is only what shows from outside. With OKX_SECRET_KEY set, or with --env-file, "
    "the signature is computed again under every known mistake: inspect then names the one that was made and shows "
    "what was signed beside what OKX expects. The secret stays on this machine."
)


class Look(TypedDict):
    """How text is laid out."""

    width: int
    colour: bool
    ascii_only: bool


class FailureBeside(DecodedAnswer, frozen=True):
    """As okx-doctor/decoding/1 has it, with its place in the capture."""

    place: Sentence  # not by keyword alone, so that it is the first field


class InspectedRequest(RequestVerdict, frozen=True, kw_only=True):
    """One request, in the order of the input."""

    beside: Annotated[
        tuple[FailureBeside, ...],
        Meta(description="How a request without an answer failed, as its client printed it beside the request."),
    ]


class InspectionDocument(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """All requests of a capture as JSON."""

    tool: Tool
    requests: Annotated[tuple[InspectedRequest, ...], Meta(min_length=1)]
    remarks: Annotated[
        tuple[Sentence, ...],
        Meta(
            description="What all requests together say: what only the failing ones have, a signature or timestamp "
            "kept."
        ),
    ]


class JsonDocument:
    """The JSON document, put together as the requests come: what each ``add`` and ``end`` return is to be written."""

    def __init__(self, tool: Tool) -> None:
        self._tool = tool
        self._held: list[str] = []
        self._begun = False

    def tells_of(self, inspection: Inspection, failures: Sequence[Decoded] = ()) -> bool:
        """Whether ``add`` has anything to say of it: of every request."""
        return True

    def add(self, inspection: Inspection, mask: Mask, failures: Sequence[Decoded] = ()) -> str:
        """One request and its failures. Nothing is written before the first one that is signed."""
        beside = tuple(
            FailureBeside(place_of(failure, inspection.capture), **asdict(decoded_answer(failure)))
            for failure in failures
        )
        request = InspectedRequest(**asdict(masked_verdict(inspection, mask)), beside=beside)
        line = "    " + json.dumps(to_builtins(request), ensure_ascii=False)
        if self._begun:
            return ",\n" + line
        self._held.append(line)
        bare = inspection.verdict is Validity.UNSIGNED and not inspection.causes and not failures
        if bare and len(self._held) < _MAX_UNSIGNED_HELD:
            return ""
        self._begun = True
        start, _ = self._around()
        return start + ",\n".join(self._held)

    def end(self, tally: Tally, mask: Mask) -> str:
        """The end of the document, with what all requests together say."""
        _, end = self._around(tuple(map(mask.sentence, tally.remarks())))
        return end

    def _around(self, remarks: tuple[str, ...] = ()) -> tuple[str, str]:
        """The text before the first request and the text after the last one: a field on each line."""
        document = InspectionDocument(tool=self._tool, requests=(), remarks=remarks)
        rows = (f'  "{name}": {json.dumps(value, ensure_ascii=False)}' for name, value in to_builtins(document).items())
        before, empty, after = ("{\n" + ",\n".join(rows) + "\n}\n").partition('"requests": []')
        return f"{before}{empty.removesuffix(']')}\n", f"\n  ]{after}"


class TextDocument:
    """Every request that is not right; those that are wrong in the same way are shown once and counted."""

    def __init__(self, *, width: int, colour: bool, ascii_only: bool) -> None:
        self._look: Look = {"width": width, "colour": colour, "ascii_only": ascii_only}
        self._again: dict[tuple[str, ...], list[str]] = {}
        self._more: Counter[tuple[str, ...]] = Counter()
        self._causes: dict[str, Cause] = {}
        self._failures: dict[str, Decoded] = {}

    def tells_of(self, inspection: Inspection, failures: Sequence[Decoded] = ()) -> bool:
        """Whether ``add`` has anything to say of it: not of a request that is right, or not signed at all."""
        fine = inspection.verdict in (Validity.VALID, Validity.UNSIGNED) and not inspection.causes and not failures
        return not fine or any(note.startswith(UNREAD) for note in inspection.capture.notes)

    def add(self, inspection: Inspection, mask: Mask, failures: Sequence[Decoded] = ()) -> str:
        """One request and its failures: the text to be written, ``""`` where there is nothing to say or it was said
        before.
        """
        if not self.tells_of(inspection, failures):
            return ""
        unchecked = inspection.verdict is Validity.UNEXPLAINED and not inspection.checked
        said = "not checked" if unchecked else inspection.verdict.value
        self._failures |= {
            headline(failure): failure for failure in failures if headline(failure) not in self._failures
        }
        kind = (said, *(cause.id for cause in inspection.causes), *map(headline, failures))
        if kind in self._again:
            self._again[kind][_MAX_PLACES_LISTED:] = [inspection.capture.place]
            self._more[kind] += 1
            return ""
        first = not self._again
        self._again[kind] = []
        self._causes |= {cause.id: masked(cause, mask) for cause in inspection.causes if cause.id not in self._causes}
        told = (*_request(inspection, mask, self._look["width"]), *_beside(inspection.capture, failures))
        text = render_paragraphs(told, **self._look)
        return text if first else f"\n{text}"

    def end(self, tally: Tally, mask: Mask) -> str:
        """A summary of all requests, and how many there were."""
        common = map(mask.sentence, tally.remarks())
        remarks = [
            *self._repeated(),
            *common,
            *((_FROM_OUTSIDE,) if tally.unchecked > tally.unread + tally.hidden else ()),
            *(() if self._causes else (count(tally),)),
        ]
        paragraphs: list[Paragraph | Answer] = []
        for remark in remarks:
            paragraphs += (Paragraph(text=""), Paragraph(text=remark))
        if self._causes:
            sign = "✗" if tally.convicted else "✓"
            causes = tuple(self._causes.values())
            said = f"{count(tally)} {causes[0].title}" if len(causes) == 1 else count(tally).rstrip(".")
            answer = Answer(sign=sign, headline=said, causes=causes)
            paragraphs += (Paragraph(text=""), answer)
        paragraphs += last_lines(tuple(self._failures.values()))
        return render_paragraphs(paragraphs if self._again else paragraphs[1:], **self._look)

    def _repeated(self) -> Iterator[str]:
        for kind, places in self._again.items():
            if places:
                more = self._more[kind] - len(places)
                others = f"{', '.join(places)}{f' and {more:,} more' if more else ''}"
                yield f"The same ({', '.join(kind)}): {others}."


def _beside(capture: Capture, failures: Sequence[Decoded]) -> Iterator[Paragraph]:
    """How an unanswered request failed, by the text beside it."""
    for failure in failures:
        yield Paragraph(text="")
        yield Paragraph(text=f"Beside it, {place_of(failure, capture)}: {headline(failure)}", indent=2, style="bold")
        yield from explained(failure, 4)


def count(tally: Tally) -> str:
    """How many there were of each verdict, in one line."""
    named = [(verdict.value, number) for verdict in Validity if (number := tally.verdicts[verdict])]
    if tally.unchecked:
        named = [("not checked" if name == Validity.UNEXPLAINED else name, number) for name, number in named]
    requests = "1 request" if tally.total == 1 else f"{tally.total:,} requests"
    return f"{requests}: {', '.join(f'{number:,} {name}' for name, number in named)}."


def _request(inspection: Inspection, mask: Mask, width: int) -> Iterator[Paragraph | NumberedCause]:
    yield _headline(inspection, mask)
    yield from explanation(inspection, mask, width)


def explanation(inspection: Inspection, mask: Mask, width: int) -> Iterator[Paragraph | NumberedCause]:
    """The signed and the expected text, the causes, and other explanations."""
    for note in inspection.capture.notes:
        yield Paragraph(text=f"note: {mask.sentence(note)}", indent=2)
    causes = inspection.causes
    proven = any(cause.confidence is Confidence.PROVEN for cause in causes)
    shown = proven or inspection.verdict is Validity.UNEXPLAINED or not inspection.checked
    if shown and inspection.prehash.expected is not None:
        yield Paragraph(text="")
        yield from _prehash(inspection, mask, width)
    for number, cause in enumerate(causes, 1):
        yield Paragraph(text="")
        yield NumberedCause(cause=masked(cause, mask), number=number if len(causes) > 1 else 0)
    if inspection.equally_simple:
        others = "; or ".join(" with ".join(some) for some in inspection.equally_simple)
        yield Paragraph(text="")
        yield Paragraph(text=f"As few mistakes that make the same signature: {others}.", indent=2)


def _headline(inspection: Inspection, mask: Mask) -> Paragraph:
    glyph, style = _GLYPHS[inspection.verdict]
    said = inspection.verdict.value
    if not inspection.checked and inspection.verdict is Validity.UNEXPLAINED:
        said = "the signature was not checked"
    elif not inspection.checked and inspection.verdict is Validity.INVALID:
        said = "invalid, as far as it shows without the secret"
    elif inspection.verdict is Validity.VALID and inspection.convicts:
        said = "signed rightly, refused for another reason"
    request = inspection.capture.request
    target = mask.value(request.target)
    target = target if len(target) <= _MAX_TARGET_LENGTH else f"{target[:_MAX_TARGET_LENGTH]}…"
    text = f"{glyph} {mask.sentence(request.method)} {target} ({inspection.capture.place}): {said}"
    return Paragraph(text=text, style=style)


def _prehash(inspection: Inspection, mask: Mask, width: int) -> Iterator[Paragraph]:
    expected = mask.value(inspection.prehash.expected or "")
    if inspection.prehash.signed is None:
        compare = "" if inspection.checked else "; compare what the bot signs"
        yield Paragraph(text=f"OKX expects this text to be signed{compare}", indent=2, style="bold")
        yield from verbatim(expected, width)
        return
    signed = mask.value(inspection.prehash.signed)
    if signed == expected:
        yield Paragraph(text="Signed, as OKX expects it; the fault is in what was made of it", indent=2, style="bold")
        yield from verbatim(expected, width)
        return
    yield from compared("Signed", signed, "OKX expects", expected, width)
