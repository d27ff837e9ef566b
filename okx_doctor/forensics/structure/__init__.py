"""Finds faults of a request that can be seen without the secret key.

Confidence follows the cause's page: what OKX's own answer in the capture says is ``stated``, the rest at most
``likely``; nothing here is ``proven``.
"""

from __future__ import annotations

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding
from okx_doctor.forensics.structure import answers, headers, payload, stamps, target, values


def findings(capture: Capture) -> list[Finding]:
    """All faults that show in a signed request."""
    given = headers.by_name(capture)
    first = {name: found[0] for name, found in given.items()}
    return [
        *target.findings(capture),
        *headers.findings(capture, given),
        *stamps.findings(capture, first),
        *values.findings(capture, first),
        *payload.findings(capture, first),
        *answers.findings(capture),
    ]


__all__ = ["findings"]
