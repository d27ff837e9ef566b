"""Templates that were sent as they are written, before anybody filled them in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from okx_doctor.credentials.references import reference
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely
from okx_doctor.forensics.variants import templates
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, TIMESTAMP_HEADER


def is_template(value: str) -> bool:
    """Whether a whole value is a place to fill in, in a request or in a file of settings."""
    return templates.is_place(value) or reference(value) is not None


def findings(capture: Capture) -> Iterator[Finding]:
    """``template-not-filled``, for each part of a request that holds a place to fill in."""
    path, _, query = capture.request.target.partition("?")
    if templates.in_path(unquote(path)):
        yield likely("template-not-filled", "the path that was sent holds a place to fill in")
    names = [one.partition("=")[0] for one in query.split("&") if templates.is_place(unquote(one.partition("=")[2]))]
    for name in names:
        yield likely(
            "template-not-filled",
            f"the value of {name} in the query is a place to fill in"
            if name.isalnum()
            else "a value in the query is a place to fill in",
        )
    if templates.in_body(capture.request.body):
        yield likely("template-not-filled", "the body that was sent holds a place to fill in")
    for header in (KEY_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER):
        value = capture.request.header(header) or ""
        if header.lower() not in capture.masked and is_template(value):
            yield likely("template-not-filled", f"{header} is a place to fill in", about=header)
