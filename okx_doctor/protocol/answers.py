"""Classifies answers by status, envelope and code. Texts are kept for display, never for judging."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from okx_doctor.protocol.steps import refuses

BODY_LIMIT: Final = 1024 * 1024
"""Bytes of an answer that are read at most."""


class Form(StrEnum):
    """The kind of body that an answer has."""

    OKX = "okx"  # an envelope with a code
    PAGE = "page"  # HTML, so not from the API itself
    OTHER_JSON = "other-json"  # JSON without a usable code: a gateway speaks
    EMPTY = "empty"
    UNREADABLE = "unreadable"  # truncated JSON, binary, an encoding that was not asked for


class Answer(Struct, frozen=True, kw_only=True):
    """One answer. ``code`` is ``""`` where there is none; ``message`` is foreign text, not yet redacted."""

    status: int
    form: Form
    code: str = ""
    message: str = ""
    data: tuple[Mapping[str, object], ...] = ()
    caller_ip: str = ""
    redirect_host: str = ""


KNOWN_TITLES: Final = (
    "Attention Required! | Cloudflare",
    "Just a moment...",
    "Access denied",
    "Access denied | www.okx.com used Cloudflare to restrict access",
    "Sorry, you have been blocked",
    "You are being rate limited",
    "ERROR: The request could not be satisfied",
    "Access to this page has been denied.",
    "Error 1020",
    "Maintenance",
    "301 Moved Permanently",
    "302 Found",
    "400 Bad Request",
    "400 The plain HTTP request was sent to HTTPS port",
    "401 Authorization Required",
    "401 Unauthorized",
    "403 Forbidden",
    "404 Not Found",
    "405 Not Allowed",
    "405 Method Not Allowed",
    "407 Proxy Authentication Required",
    "413 Request Entity Too Large",
    "414 Request-URI Too Large",
    "429 Too Many Requests",
    "451 Unavailable For Legal Reasons",
    "500 Internal Server Error",
    "502 Bad Gateway",
    "503 Service Unavailable",
    "503 Service Temporarily Unavailable",
    "504 Gateway Time-out",
    "504 Gateway Timeout",
)
"""Titles of pages from servers in front of an API: Cloudflare's, CloudFront's, nginx', Apache's, Google's."""

_TITLES: Final = {title.lower(): title for title in (*KNOWN_TITLES, *(title[4:] for title in KNOWN_TITLES[10:]))}


def known_title(title: str) -> str:
    """A page's title where it is one of those known; ``""`` for any other, which may say whatever its server chose."""
    return _TITLES.get(title.lower(), "")


_CODE = re.compile(r"-?\d{1,6}(?:_\d{1,6})?", re.ASCII)
_IP = re.compile(r"[0-9A-Fa-f:.]{3,45}")


def read_answer(status: int, headers: Mapping[str, str], body: bytes) -> Answer:
    """Classify an HTTP answer. ``headers`` must compare names without case. Never raises."""
    if 300 <= status < 400:
        found = re.match(r"(?:\w+:)?//(?:[^/?#]*@)?([^/:?#]*)", headers.get("location", ""))
        return Answer(status=status, form=Form.EMPTY, redirect_host=found.group(1)[:100] if found else "")
    text = body[:BODY_LIMIT].decode("utf-8", "replace").strip("\ufeff \t\r\n")
    if not text:
        return Answer(status=status, form=Form.EMPTY)
    if "html" in headers.get("content-type", "").lower() or text[:1] == "<":
        return Answer(status=status, form=Form.PAGE, message=_title(text))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Answer(status=status, form=Form.UNREADABLE, message=text[:200])
    return _envelope(status, document)


def _envelope(status: int, document: object) -> Answer:
    if not isinstance(document, dict):
        return Answer(status=status, form=Form.OTHER_JSON)
    message = _text(document.get("msg") or document.get("message") or document.get("error_message"))
    code = document.get("code")
    if not isinstance(code, (str, int)) or isinstance(code, bool) or not _CODE.fullmatch(str(code).strip()):
        return Answer(status=status, form=Form.OTHER_JSON, message=message)
    rows = document.get("data")
    return Answer(
        status=status,
        form=Form.OKX,
        code=str(code).strip(),
        message=message,
        data=tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else (),
        caller_ip=caller_ip(message) if refuses(str(code), "ip-allowed", "caller-region") else "",
    )


def caller_ip(message: str) -> str:
    """The IP address that a 50110 repeats, so that it can be put on the allowlist; ``""`` without one."""
    import ipaddress

    for match in _IP.finditer(message):
        try:
            found = ipaddress.ip_address(match.group().strip("."))
        except ValueError:
            continue
        mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
        return str(mapped or found)
    return ""


def _text(value: object) -> str:
    return value[:500] if isinstance(value, str) else ""


def _title(page: str) -> str:
    found = re.search(r"<title[^>]{0,200}>([^<]{1,200})", page, re.IGNORECASE)
    return " ".join(found.group(1).split()) if found else ""
