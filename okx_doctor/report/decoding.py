"""Decoded answers for people and for scripts: what OKX says, what causes it, what it rules out, what decides."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct, to_builtins

from okx_doctor.catalogue.usual import PossibleCause
from okx_doctor.decoding.decode import Decoded
from okx_doctor.decoding.numbers import CLOSE_CODES
from okx_doctor.decoding.sighting import Channel
from okx_doctor.model import CauseId, Confidence, RuledOut, Sentence, counted
from okx_doctor.protocol.codes import all_codes

if TYPE_CHECKING:
    from okx_doctor.report.text import Paragraph

SCHEMA: Final = "okx-doctor/decoding/1"
_MAX_CAUSES: Final = 5
"""Causes of one answer that are shown; JSON has them all."""
_LISTED: Final = 12
"""Names that are ruled out for one reason and all shown."""
_CAPTURED: Final = (
    "if that is healthy, the fault is in the bot's request; okx-doctor inspect without a file says how to capture it"
)
_MAX_REPEATED: Final = 3
"""Answers of one paste that the last lines repeat."""


_COMMAND: Final = "^(okx-doctor .*)?$"


class CauseOfAnswer(Struct, frozen=True, kw_only=True):
    """A cause of an answer, and how much speaks for it."""

    id: CauseId
    confidence: Annotated[
        Confidence, Meta(extra_json_schema={"enum": [Confidence.LIKELY.value, Confidence.POSSIBLE.value]})
    ]
    share: (
        Annotated[
            float,
            Meta(
                ge=0, le=1, description="Share of the public reports of this code; null where there is no report of it."
            ),
        ]
        | None
    )


class DecodedAnswer(Struct, frozen=True, kw_only=True):
    """One answer as a JSON object."""

    code: Annotated[
        str,
        Meta(
            pattern=r"^(\d{1,6}(_\d{4})?)?$",
            description="OKX's code, or Cloudflare's number on the edge; empty where the answer has none.",
        ),
    ]
    channel: Annotated[
        Channel,
        Meta(description="edge is everything that is not OKX's API: a CDN, a gateway, a proxy, the client."),
    ]
    http_status: (
        Annotated[
            int,
            Meta(
                ge=100,
                le=599,
                description="Where the paste tells it, or where it follows from Cloudflare's number.",
            ),
        ]
        | None
    )
    meaning: Annotated[Sentence, Meta(description="Whole sentences. A 50110's holds the address that OKX sees.")]
    causes: Annotated[
        tuple[CauseOfAnswer, ...],
        Meta(description="Those that the answer makes likely first, the others by how often public reports had them."),
    ]
    rules_out: tuple[RuledOut, ...]
    next: Annotated[
        str,
        Meta(
            pattern=_COMMAND,
            description="The command that decides between the causes; empty where nothing failed that it could find.",
        ),
    ]
    then: Annotated[
        str,
        Meta(
            pattern=_COMMAND,
            description="The command after it, where that one finds nothing; empty where there is none.",
        ),
    ]


class Decoding(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """The answers of a paste as JSON."""

    answers: Annotated[
        tuple[DecodedAnswer, ...],
        Meta(min_length=1, description="Each answer that stands in the paste, once, what proves most first."),
    ]


def render_json(answers: Sequence[Decoded]) -> str:
    """One JSON object (schema ``okx-doctor/decoding/1``)."""
    document = Decoding(answers=tuple(map(decoded_answer, answers)))
    return json.dumps(to_builtins(document), indent=2, ensure_ascii=False) + "\n"


def decoded_answer(answer: Decoded) -> DecodedAnswer:
    """One answer, without what only people read."""
    return DecodedAnswer(
        code=answer.code,
        channel=answer.channel,
        http_status=answer.http_status,
        meaning=answer.meaning,
        causes=tuple(
            CauseOfAnswer(id=cause.id, confidence=cause.confidence, share=cause.share) for cause in answer.causes
        ),
        rules_out=answer.rules_out,
        next=answer.next,
        then=answer.then,
    )


def render_text(answers: Sequence[Decoded], *, width: int = 80, colour: bool = False, ascii_only: bool = False) -> str:
    """Lines of at most ``width`` columns: an answer after the other, then what to do about them."""
    from okx_doctor.report.text import render_paragraphs

    lines = any(answer.sighting.line > 1 for answer in answers)

    def paragraphs() -> Iterator[Paragraph]:
        for number, answer in enumerate(answers, 1):
            if number > 1:
                yield _paragraph("")
            yield from _answer(answer, number if len(answers) > 1 else 0, with_line=lines)
        yield from last_lines(answers)

    return render_paragraphs(paragraphs(), width=width, colour=colour, ascii_only=ascii_only)


def last_lines(answers: Sequence[Decoded], *, beside_its_page: bool = False) -> Iterator[Paragraph]:
    """The answer itself, which stays on the screen: what came, its first cause, and the next command.

    ``beside_its_page``: below the page of the code, which is not named again.
    """
    failures = [(number, answer) for number, answer in enumerate(answers, 1) if answer.next]
    lines = any(answer.sighting.line > 1 for answer in answers)
    command = ""
    for number, answer in failures[:_MAX_REPEATED]:
        if not command:
            yield _paragraph("")
        yield _headed(answer, number if len(answers) > 1 else 0, with_line=lines)
        if answer.causes:
            yield _paragraph(_first_cause(answer.causes[0]), indent=2)
        elif meaning := _beyond_the_wording(answer):
            yield _paragraph(meaning, indent=2)
        if answer.next != command:
            command = answer.next
            yield _paragraph(command, indent=2, command="$")
            if answer.then:
                yield _paragraph(_CAPTURED, indent=2)
                yield _paragraph(answer.then, indent=2, command="$")
        if answer.causes and " explain " not in answer.next and not (beside_its_page and _page(answer) == answer.code):
            yield _paragraph(f"okx-doctor explain {_page(answer)}", indent=2, command="more:")
    if len(failures) > _MAX_REPEATED:
        yield _paragraph(f"and {len(failures) - _MAX_REPEATED} more, above")


def _first_cause(cause: PossibleCause) -> str:
    share = f" ({cause.reports} of {counted(cause.out_of, 'report')})" if cause.reports else ""
    return f"{_word(cause).capitalize()}{share}: {cause.title}"


def _answer(answer: Decoded, number: int, *, with_line: bool) -> Iterator[Paragraph]:
    yield _headed(answer, number, with_line=with_line)
    yield from explained(answer, 2)


def explained(answer: Decoded, indent: int) -> Iterator[Paragraph]:
    """The meaning of an answer, its causes, and the causes that it rules out."""
    if meaning := _beyond_the_wording(answer):
        yield _paragraph(meaning, indent=indent)
    if answer.causes:
        yield _paragraph(_causes_heading(answer), indent=indent, style="bold")
        for cause in answer.causes[:_MAX_CAUSES]:
            yield _paragraph(cause.title, indent=indent + 2, bullet=True)
            yield _paragraph(f"{cause.id}: {_weight(cause)}", indent=indent + 4)
        more = len(answer.causes) - _MAX_CAUSES
        if more > 0:
            yield _paragraph(f"{more} more; --format json has them all", indent=indent + 2, bullet=True)
    if answer.rules_out:
        yield _paragraph("Rules out", indent=indent, style="bold")
        for because, names in _by_reason(answer):
            yield _paragraph(f"{_list(names)}: {because}", indent=indent + 2, bullet=True)


def _headed(answer: Decoded, number: int, *, with_line: bool) -> Paragraph:
    glyph, style = ("✓", "green") if answer.code == "0" else ("✗", "red") if answer.is_failure else ("●", "cyan")
    place = f"{number}. " if number else ""
    line = answer.sighting.line if number and with_line else 0
    return _paragraph(f"{glyph} {place}{headline(answer, line)}", style=f"bold {style}")


def _paragraph(text: str, *, indent: int = 0, style: str = "", bullet: bool = False, command: str = "") -> Paragraph:
    from okx_doctor.report.text import Paragraph

    return Paragraph(text=text, indent=indent, style=style, bullet=bullet, command=command)


def headline(answer: Decoded, line: int = 0) -> str:
    """Who says what, and in which line of the paste: of the paste only code and status."""
    place = [f"line {line}"] if line else []
    where = f" ({place[0]})" if place else ""
    status = f" ({', '.join([f'HTTP {answer.http_status}', *place])})" if answer.http_status else where
    says = f": {answer.says.rstrip('.')}" if answer.says else ""
    match answer.sighting.kind:
        case "code" if answer.channel == "edge":
            return f"Cloudflare answers {answer.code}{status}, not OKX"
        case "code" if answer.sighting.by_text:
            return f"Perhaps {answer.code}{status}{says}"
        case "code" if answer.channel == "websocket" and answer.code in CLOSE_CODES:
            return f"OKX closes the WebSocket with {answer.code}{where}{says}"
        case "code" if answer.channel == "websocket":
            return f"OKX's WebSocket answers {answer.code}{where}{says}"
        case "code":
            return f"OKX answers {answer.code}{status}{says}"
        case "status":
            return f"HTTP {answer.http_status} without a code of OKX's{where}"
        case "empty":
            return f"HTTP {answer.http_status} without a body{where}"
        case "page":
            return f"A page of HTML{status}, not OKX's API"
        case "gateway":
            return f"A gateway in front of OKX's API answers{status}"
        case "redirect":
            return f"A redirect{status}, not OKX's API"
        case "proxy":
            return f"A proxy answers{status}, not OKX"
        case "no-json":
            return f"No JSON came back{status}, so not from OKX's API"
        case "refused-by-client":
            return f"The client did not send the request{where}"
        case "no-answer":
            return f"No answer came back{where}"
        case "target":
            return f"The request does not go where OKX's API is{where}"


def _beyond_the_wording(answer: Decoded) -> str:
    """The meaning without OKX's documented wording where the headline already has it."""
    documented = f"OKX documents: {answer.says.rstrip('.')}"
    return (
        answer.meaning.removesuffix(".").removesuffix(documented).rstrip()
        if documented in answer.meaning
        else answer.meaning
    )


def _causes_heading(answer: Decoded) -> str:
    total = answer.causes[0].out_of
    if not total:
        return "Causes (no public report to count)"
    return f"Causes, with their share of {counted(total, 'public report')}"


def _weight(cause: PossibleCause) -> str:
    word = _word(cause)
    return f"{word}, {cause.reports} of {cause.out_of}" if cause.reports else word


def _word(cause: PossibleCause) -> str:
    return "likely" if cause.confidence is Confidence.LIKELY else "possible"


def _page(answer: Decoded) -> str:
    """The page to read on: of the likely cause, else of the code, which lists the usual ones."""
    first = answer.causes[0]
    listed = answer.channel != "edge" and any(row.code == answer.code for row in all_codes())
    return answer.code if listed and first.confidence is Confidence.POSSIBLE else first.id


def _list(names: Sequence[str]) -> str:
    if len(names) <= _LISTED:
        return ", ".join(names)
    return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"


def _by_reason(answer: Decoded) -> Iterable[tuple[str, list[str]]]:
    grouped: dict[str, list[str]] = {}
    for row in answer.rules_out:
        grouped.setdefault(row.because, []).append(row.id)
    return grouped.items()
