"""The text beside a request that got no answer, read as any paste is. Pure."""

from __future__ import annotations

from msgspec.structs import replace

from okx_doctor.decoding.decode import Decoded, decode
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.protocol.steps import step_of


def failures_beside(capture: Capture) -> tuple[Decoded, ...]:
    """How an unanswered request failed, the surest first; none where the text beside it does not say.

    An answer that misses a header which the request has is another request's, of a browser for example.
    """
    if capture.beside is None:
        return ()
    told = (answer for answer in decode(capture.beside.text) if answer.is_failure and answer.sighting.kind != "target")
    return tuple(replace(answer, then="") for answer in told if not _is_of_another(answer, capture))


def place_of(failure: Decoded, capture: Capture) -> str:
    """The place of a failure in the capture."""
    first = capture.beside.line if capture.beside else 0
    return f"line {first + failure.sighting.line - 1}" if first else capture.place


def _is_of_another(failure: Decoded, capture: Capture) -> bool:
    step = step_of(failure.code) if failure.sighting.kind == "code" else None
    return step is not None and bool(step.header) and bool(capture.request.header(step.header))
