"""A HAR export of the browser or a proxy, or one entry of it: the bodies are JSON inside JSON, some in base64."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from okx_doctor.decoding.forms.pages import page_sighting
from okx_doctor.decoding.paste import Paste, is_okx_host
from okx_doctor.decoding.sighting import Kind, Sighting
from okx_doctor.protocol.answers import Form, read_answer

if TYPE_CHECKING:
    from okx_doctor.forensics.captures.har import AnsweredEntry

_MOST: Final = 500


def har_entries(paste: Paste) -> Iterator[Sighting]:
    """The answers in a HAR's entries, those to other hosts left out."""
    if '"response"' not in paste.text or paste.text.lstrip()[:1] != "{":
        return
    from okx_doctor.forensics.captures.har import answered  # loads slowly, and few pastes need it

    for entry in islice(answered(paste.text), _MOST):
        seen = _sighting(entry)
        if seen is not None:
            yield seen


def _sighting(entry: AnsweredEntry) -> Sighting | None:
    status, content = entry.response.status, entry.response.content
    url = entry.request.url if entry.request else None
    if status is None or status < 400 or (url is not None and not is_okx_host(_host(url))):
        return None
    body = entry.response.body
    answer = read_answer(status, {"content-type": (content and content.mimeType) or ""}, body)
    if answer.form is Form.OKX:
        return Sighting(
            code=answer.code,
            channel="rest",
            kind="code",
            form="HAR entry",
            at=0,
            http_status=status,
            caller_ip=answer.caller_ip,
        )
    if answer.form is Form.PAGE:
        return page_sighting(body.decode("utf-8", "replace"), 0, status)
    if answer.form in (Form.EMPTY, Form.OTHER_JSON) and content and content.text is not None:
        edge: Kind = "empty" if answer.form is Form.EMPTY else "gateway"
        return Sighting(channel="edge", kind=edge, form="HAR entry", at=0, http_status=status)
    return Sighting(channel="rest", kind="status", form="HAR entry", at=0, http_status=status)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition(":")[0]
