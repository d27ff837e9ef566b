"""The body and its type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, stated
from okx_doctor.protocol.steps import refuses

_FORM: Final = re.compile(rb"[\w.%+-]+=[^&=\s{}\"]*(?:&[\w.%+-]+=[^&=\s{}\"]*)*", re.ASCII)
_TYPE: Final = re.compile(r"[\w.+-]{1,40}/[\w.+-]{1,60}", re.ASCII)
_FORM_LIMIT: Final = 64 * 1024


def findings(capture: Capture, header: Mapping[str, str]) -> Iterator[Finding]:
    """Causes about what was sent as a body."""
    body = capture.request.body
    if not body or capture.channel != "rest":
        return
    if body[:2] in (b'"{', b'"['):
        yield likely("body-double-encoded", "the body sent is a JSON text in quotes, not an object")
    elif body[:1] not in (b"{", b"[") and len(body) < _FORM_LIMIT and _FORM.fullmatch(body):
        yield likely("body-form-encoded", "the body sent is a form, name=value, where OKX expects JSON")
    kind = header.get("content-type")
    named = (kind or "").partition(";")[0].strip()
    if named.lower() != "application/json":
        shown = named if _TYPE.fullmatch(named) else "no type at all"
        said = f"the body is sent as {shown}" if kind else "the body is sent without a Content-Type"
        if capture.response and refuses(capture.response.code, "content-type"):
            yield stated("content-type", said, f"OKX answered {capture.response.code}")
        else:
            yield likely("content-type", f"{said}, where OKX wants application/json")
