"""A tested signer for people and as JSON (schema ``okx-doctor/signer-test/1``)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, Unpack

from msgspec import Meta, Struct, to_builtins

from okx_doctor.forensics.masked_verdict import masked
from okx_doctor.forensics.signers import Group, SignerVerdict, Stage, VectorResult
from okx_doctor.model import Cause, CauseId, Sentence, Tool
from okx_doctor.protocol.steps import Channel
from okx_doctor.report.difference import compared, verbatim
from okx_doctor.report.inspection import Look
from okx_doctor.report.text import Answer, NumberedCause, Paragraph, render_paragraphs
from okx_doctor.secrets.request_masks import Mask

SCHEMA: Final = "okx-doctor/signer-test/1"
_LISTED: Final = 8
_UNEXPLAINED: Final = "signature-unexplained"


Mode = Literal["lines", "each"]
"""One run of the signer for all vectors, or one for each."""


class WrongGroup(Struct, frozen=True, kw_only=True):
    """Wrong answers with the same causes; ``next`` is the command that tells more about them."""

    causes: tuple[CauseId, ...]
    vectors: Annotated[tuple[Sentence, ...], Meta(min_length=1)]
    next: Annotated[str, Meta(pattern="^okx-doctor ")]


class SignedText(Struct, frozen=True, kw_only=True):
    """The text that OKX expects, and the one that was signed."""

    expected: Sentence
    signed: Annotated[str | None, Meta(description="null where it is not known, or the answer is right.")]


class TestedVector(Struct, frozen=True, kw_only=True):
    """One vector, in the order in which the signer got it."""

    id: Sentence
    channel: Channel
    right: bool
    stage: Annotated[
        Stage | None,
        Meta(
            description="prehash: another text was signed; signature: the right text was signed in another way; "
            "null: right."
        ),
    ]
    expected: Annotated[str, Meta(min_length=44, max_length=44)]
    answer: Annotated[str, Meta(description="The line that the signer printed.")]
    prehash: SignedText
    causes: tuple[Cause, ...]
    equally_simple: Annotated[
        tuple[Annotated[tuple[CauseId, ...], Meta(min_length=1)], ...],
        Meta(description="Other sets of causes that make the same signature with as few mistakes."),
    ]
    hypotheses_tried: Annotated[int, Meta(ge=0)]
    source: Annotated[Sentence, Meta(description="Where the vector was published.")]


class SignerTest(Struct, frozen=True, kw_only=True, tag_field="schema", tag=SCHEMA):
    """A tested signer as JSON. The signer's answers are masked."""

    tool: Tool
    mode: Annotated[Mode, Meta(description="One run for all vectors, or one for each.")]
    vectors: Annotated[int, Meta(ge=1)]
    right: Annotated[int, Meta(ge=0)]
    pattern: Annotated[str, Meta(description="What shows only in all answers together; empty where nothing does.")]
    groups: Annotated[tuple[WrongGroup, ...], Meta(description="The wrong answers by cause, the largest group first.")]
    results: Annotated[tuple[TestedVector, ...], Meta(min_length=1)]
    notes: tuple[Sentence, ...]


def render_json(verdict: SignerVerdict, tool: Tool, *, mask: Mask, mode: Mode, notes: Sequence[str] = ()) -> str:
    """One JSON object. ``mask`` takes out what is secret in the signer's answers."""
    document = SignerTest(
        tool=tool,
        mode=mode,
        vectors=len(verdict.results),
        right=verdict.right,
        pattern=verdict.pattern,
        groups=tuple(
            WrongGroup(
                causes=tuple(cause.id for cause in group.causes),
                vectors=tuple(member.vector.id for member in group.members),
                next=_page(group),
            )
            for group in verdict.groups
        ),
        results=tuple(_tested(result, mask) for result in verdict.results),
        notes=tuple(notes),
    )
    return json.dumps(to_builtins(document), indent=2, ensure_ascii=False) + "\n"


def _tested(result: VectorResult, mask: Mask) -> TestedVector:
    signed = result.prehash.signed
    return TestedVector(
        id=result.vector.id,
        channel=result.vector.channel,
        right=result.right,
        stage=result.stage,
        expected=result.vector.signature,
        answer=mask.value(result.answer),
        prehash=SignedText(expected=result.vector.prehash, signed=None if signed is None else mask.value(signed)),
        causes=tuple(masked(cause, mask) for cause in result.causes),
        equally_simple=result.equally_simple,
        hypotheses_tried=result.hypotheses_tried,
        source=result.vector.source,
    )


def render_text(verdict: SignerVerdict, *, mask: Mask, notes: Sequence[str] = (), **look: Unpack[Look]) -> str:
    """For people: how many are right, then each group of wrong ones with an example, its cause and its page.

    The end is what to do about them. ``mask`` takes out what is secret before lines are broken.
    """

    def paragraphs() -> Iterator[Paragraph | NumberedCause | Answer]:
        yield _headline(verdict)
        if verdict.pattern:
            yield Paragraph(text=verdict.pattern, indent=2)
        for group in verdict.groups:
            yield Paragraph(text="")
            yield from _group(group, mask, look["width"], alone=len(verdict.groups) == 1)
        for note in notes:
            yield Paragraph(text="")
            yield Paragraph(text=note)
        causes = {cause.id: masked(cause, mask) for group in verdict.groups for cause in group.causes}
        if causes:
            right = f"{len(verdict.results)} vectors: {verdict.right} right"
            said = f"{right}. {next(iter(causes.values())).title}" if len(causes) == 1 else right
            yield Paragraph(text="")
            yield Answer(sign="✗", headline=said, causes=tuple(causes.values()))

    return render_paragraphs(paragraphs(), **look)


def _headline(verdict: SignerVerdict) -> Paragraph:
    total = len(verdict.results)
    if verdict.all_right:
        return Paragraph(text=f"✓ {total} vectors, all right: this signer signs as OKX does", style="bold green")
    text = f"✗ {total} vectors: {verdict.right} right"
    if len(verdict.groups) == 1 and (names := _names(verdict.groups[0])):
        which = "every wrong one" if verdict.right else "every one"
        titles = ", and ".join(cause.title for cause in verdict.groups[0].causes)
        known = f"is explained by {names}: {titles}"
        if names != _UNEXPLAINED:
            text += f"; {which} {known}"
        elif not verdict.pattern:
            text += f"; {which} stays unexplained"
    return Paragraph(text=text, style="bold red")


def _names(group: Group) -> str:
    return " with ".join(cause.id for cause in group.causes)


def _group(group: Group, mask: Mask, width: int, *, alone: bool) -> Iterator[Paragraph | NumberedCause]:
    first = group.members[0]
    if not alone:
        yield Paragraph(text=f"{_names(group) or 'without a cause'}: {_listed(group)}", indent=2, style="bold")
    yield Paragraph(text=f"{first.vector.id} left the vector at the {_stage(first)}", indent=2)
    signed, expected = first.prehash.signed, first.vector.prehash
    yield Paragraph(text="")
    if signed is not None and signed != expected:
        yield from compared("Signed", mask.value(signed), "OKX expects", expected, width)
    else:
        yield Paragraph(text="Answer", indent=2, style="bold")
        yield from verbatim(mask.value(first.answer) or "(an empty line)", width, "red")
        yield Paragraph(text="OKX expects", indent=2, style="bold")
        yield from verbatim(first.vector.signature, width, "green")
    for number, cause in enumerate(group.causes, 1):
        yield Paragraph(text="")
        yield NumberedCause(cause=masked(cause, mask), number=number if len(group.causes) > 1 else 0)
    if first.equally_simple:
        others = "; or ".join(" with ".join(some) for some in first.equally_simple)
        yield Paragraph(text=f"As few mistakes that make the same signature: {others}.", indent=2)


def _stage(result: VectorResult) -> str:
    if result.stage == "prehash":
        return "prehash: another text was signed"
    if result.stage == "signature":
        return "signature: the text is right, what was made of it is not"
    known = result.causes and result.names != (_UNEXPLAINED,)
    return (
        "signature: it does not look like one"
        if known or not result.answer
        else "signature, and nothing known makes this one"
    )


def _listed(group: Group) -> str:
    names = [member.vector.id for member in group.members]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"{len(names)} vector{'' if len(names) == 1 else 's'} ({', '.join(names[:_LISTED])}{more})"


def _page(group: Group) -> str:
    return f"okx-doctor explain {group.causes[0].id}" if group.causes else "okx-doctor explain"
