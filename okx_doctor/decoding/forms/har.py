"""A HAR export of the browser or a proxy, or one entry of it: the bodies are JSON inside JSON, some in base64."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Final

from okx_doctor.decoding.forms.pages import page_sighting
from okx_doctor.decoding.paste import Paste, is_okx_host
from okx_doctor.decoding.sighting import Kind, Sighting
from okx_doctor.protocol.answers import Form, read_answer

_MOST: Final = 500


def har_entries(paste: Paste) -> Iterator[Sighting]:
    """The answers in a HAR's entries, those to other hosts left out."""
    if '"response"' not in paste.text or paste.text.lstrip()[:1] != "{":
        return
    try:
        document = json.loads(paste.text)
    except (ValueError, RecursionError):
        return
    log = _member(document, "log")
    entries = _member(log, "entries") if log else None
    for entry in (entries if isinstance(entries, list) else [document])[:_MOST]:
        seen = _entry(entry)
        if seen is not None:
            yield seen


def _entry(entry: object) -> Sighting | None:
    response = _member(entry, "response")
    status = _member(response, "status")
    url = _member(_member(entry, "request"), "url")
    if not isinstance(status, int) or status < 400 or (isinstance(url, str) and not is_okx_host(_host(url))):
        return None
    content = _member(response, "content")
    kind = _member(content, "mimeType")
    headers = {"content-type": kind if isinstance(kind, str) else ""}
    answer = read_answer(status, headers, body := _body(content))
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
    if answer.form in (Form.EMPTY, Form.OTHER_JSON) and _member(content, "text") is not None:
        edge: Kind = "empty" if answer.form is Form.EMPTY else "gateway"
        return Sighting(code="", channel="edge", kind=edge, form="HAR entry", at=0, http_status=status)
    return Sighting(code="", channel="rest", kind="status", form="HAR entry", at=0, http_status=status)


def _body(content: object) -> bytes:
    text = _member(content, "text")
    if not isinstance(text, str):
        return b""
    if _member(content, "encoding") == "base64":
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return b""
    return text.encode("utf-8", "replace")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].partition(":")[0]


def _member(of: object, name: str) -> object:
    return of.get(name) if isinstance(of, dict) else None
