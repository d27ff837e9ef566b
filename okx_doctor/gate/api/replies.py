"""Answers as bytes, and the ways in which they can go wrong on their way out.

Imports ``okx_doctor.protocol`` and the gate's own data.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import Struct

from okx_doctor.gate.refusals import Refused
from okx_doctor.gate.steps import Refusal
from okx_doctor.secrets.secret import shows_only

JSON: Final = "application/json"
PAGE: Final = "text/html; charset=UTF-8"


class Delivery(StrEnum):
    """How an answer leaves."""

    WHOLE = "whole"
    DRIP = "drip"  # a byte at a time
    CUT = "cut"  # half of the body, then the connection closes
    SILENCE = "silence"  # never
    RESET = "reset"  # the connection is reset instead


@shows_only("status", "code", "content_type", "delivery", "repeat", "close")
class Reply(Struct, frozen=True, kw_only=True):
    """One answer. ``body`` is sent ``repeat`` times over, so that a huge one takes no memory here."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""
    delivery: Delivery = Delivery.WHOLE
    repeat: int = 1
    close: bool = False


def answered(document: Mapping[str, object]) -> Reply:
    """The answer of an endpoint: HTTP 200 and its envelope."""
    return Reply(status=200, body=compact(document), code=str(document.get("code", "")))


def refused(refusal: Refusal) -> Reply:
    """A refusal in the envelope of its layer.

    ``gateway``: ``msg`` and ``code``, no ``data`` (raw captures: ccxt#11109, freqtrade#10967). ``business``:
    ``code``, ``data``, ``msg`` (okxapi/python-okx#2). ``router``: the shape of ccxt#15597, assumed for a 404.
    """
    document: dict[str, object]
    match refusal.layer:
        case "gateway":
            document = {"msg": refusal.message, "code": refusal.code}
        case "business":
            document = {"code": refusal.code, "data": [], "msg": refusal.message}
        case "router":
            document = {
                "code": refusal.status,
                "data": {},
                "detailMsg": "",
                "error_code": refusal.code,
                "error_message": refusal.message,
                "msg": refusal.message,
            }
    return Reply(status=refusal.status, body=compact(document), code=refusal.code)


def declined(refused: Refused) -> Reply:
    """The refusal of what a request asks, after its authentication."""
    document = {"code": refused.code, "data": [], "msg": refused.text}
    return Reply(status=refused.status, body=compact(document), code=refused.code)


def page(status: int, title: str, *, close: bool = False) -> Reply:
    """A page as the edge in front of OKX writes it for requests that are not HTTP or too large (assumed)."""
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n"
        "<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
    )
    return Reply(status=status, body=text.encode(), content_type=PAGE, close=close)


def compact(document: Mapping[str, object]) -> bytes:
    """JSON without spaces and with every character as itself, as the wire has it."""
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:  # half a pair of surrogates
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
