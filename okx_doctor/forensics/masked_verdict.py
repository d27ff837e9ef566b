"""Tells the verdict on an inspected request: no text of it but through a mask."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct
from msgspec.structs import replace

from okx_doctor.forensics.verdict import Inspection, Prehash, Validity
from okx_doctor.model import Cause, CauseId, Sentence
from okx_doctor.secrets.request_masks import Mask


class RequestVerdict(Struct, frozen=True, kw_only=True):
    """One request, in the order of the input: what ``inspect --format json`` prints of it.

    ``target`` is path and query as they were sent. ``causes`` is the simplest explanation, the surest first, and
    ``equally_simple`` other sets of cause ids that make the same signature with as few mistakes. ``prehash`` holds
    what OKX expects to be signed and what was signed, each ``None`` where it is not known.
    """

    method: Sentence
    target: Annotated[Sentence, Meta(description="The raw request target.")]
    verdict: Validity
    causes: Annotated[
        tuple[Cause, ...],
        Meta(description="The simplest explanation, structural faults beside it; the surest first."),
    ]
    equally_simple: Annotated[
        tuple[Annotated[tuple[CauseId, ...], Meta(min_length=1)], ...],
        Meta(description="Other sets of causes that make the same signature with as few mistakes."),
    ]
    prehash: Prehash
    hypotheses_tried: Annotated[int, Meta(ge=0, description="0: there was no secret to try with.")]

    @property
    def healthy(self) -> bool:
        """Whether nothing is wrong with it. A request without a signature that needs none is right."""
        return self.verdict in (Validity.VALID, Validity.UNSIGNED) and not any(cause.convicts for cause in self.causes)


def masked_verdict(inspection: Inspection, mask: Mask) -> RequestVerdict:
    """The verdict on a request with every text that came from it masked."""
    expected, signed = inspection.prehash.expected, inspection.prehash.signed
    return RequestVerdict(
        method=mask.sentence(inspection.capture.request.method),
        target=mask.value(inspection.capture.request.target),
        verdict=inspection.verdict,
        causes=tuple(masked(cause, mask) for cause in inspection.causes),
        equally_simple=inspection.equally_simple,
        prehash=Prehash(
            expected=None if expected is None else mask.value(expected),
            signed=None if signed is None else mask.value(signed),
        ),
        hypotheses_tried=inspection.hypotheses_tried,
    )


def masked(cause: Cause, mask: Mask) -> Cause:
    """A cause without what is secret in the request that it is about, before its sentences are broken into lines."""
    return replace(cause, because=tuple(map(mask.sentence, cause.because)))
