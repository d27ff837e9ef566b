"""Reads OKX's own answer, where the capture has it. Codes decide, texts never do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible, stated
from okx_doctor.protocol.steps import refuses, step_of

_STATED: Final[Mapping[str, str]] = {
    "key-shaped": "api-key-malformed",
    "key-active": "api-key-frozen",
    "ip-allowed": "ip-not-allowlisted",
    "environment": "wrong-environment",
    "passphrase": "passphrase-wrong",
    "permission": "permission-missing",
    "authority": "permission-missing",
}
"""The cause that a step's refusal states."""


def findings(capture: Capture) -> Iterator[Finding]:
    """Causes that the answer's code names; codes about time, headers and signature are judged with those."""
    code = capture.response.code if capture.response else ""
    step = step_of(code)
    if step and step.id in _STATED:
        yield stated(_STATED[step.id], f"OKX answered {code}")
    elif refuses(code, "key-known"):
        yield likely("wrong-site", f"OKX answered {code}: this site does not know the key")
        yield possible("api-key-unknown", f"OKX answered {code}: the key may also be deleted")
