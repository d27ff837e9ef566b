"""Faults between a signed request and its answer, apart from a refusal.

Imports ``okx_doctor.protocol`` and the gate's own data.
"""

from __future__ import annotations

import zlib
from enum import StrEnum
from functools import cache
from typing import Final, assert_never

from okx_doctor.gate.api.replies import PAGE, Delivery, Reply, compact, refused
from okx_doctor.gate.steps import Refusal
from okx_doctor.protocol import codes

MEBIBYTE: Final = 1024 * 1024
HUGE_BYTES: Final = 50 * MEBIBYTE
BOMB_BYTES: Final = 64 * MEBIBYTE
REDIRECTED: Final = "/redirected"
"""Prefix of the path a redirect leads to: what arrives there was sent by a client that followed."""


class Fault(StrEnum):
    """A named fault; each is shaped like a published capture or, where none exists, like its nearest kin."""

    UNAVAILABLE = "unavailable"  # 503/50001, documented; python-okx#2
    RATE_LIMITED = "rate-limited"  # 429/50011, several captures
    EDGE_BLOCK = "edge-block"  # the CDN's own page, code 1020: cloudflare/cloudflare-docs#12287
    HANG = "hang"
    DRIP = "drip"
    RESET = "reset"
    TRUNCATED = "truncated"
    REDIRECT = "redirect"  # as okx.com -> www.okx.com, which strips signed headers
    GZIP_BOMB = "gzip-bomb"
    HUGE = "huge"
    GATEWAY_TEXT = "gateway-text"  # freqtrade#10704
    MARKUP = "markup"
    LOCALISED = "localised"  # python-okx#2
    OTHER_MARKET = "other-market"  # 50123, which public logs of 2026 have on calls that trade


REFUSING: Final = frozenset(Fault) - {Fault.HANG, Fault.RESET, Fault.TRUNCATED, Fault.DRIP}
"""Faults under which nothing was done; under the others a request may have been, and its answer is lost."""


def reply_of(fault: Fault, *, base_url: str, target: str) -> Reply:
    """The answer under a fault. ``base_url`` and ``target`` are those of the request, for a redirect."""
    match fault:
        case Fault.UNAVAILABLE:
            return _enveloped(503, "50001", "Service temporarily unavailable. Please try again later.")
        case Fault.LOCALISED:
            return _enveloped(503, "50001", "服务暂时不可用，请稍后重试")
        case Fault.MARKUP:
            return _enveloped(500, "50026", "[/red]System error \x1b[31m\x1b]0;title\x07 [bold")
        case Fault.RATE_LIMITED:
            return rate_limited()
        case Fault.EDGE_BLOCK:
            return Reply(status=403, body=_EDGE_PAGE.encode(), content_type=PAGE)
        case Fault.GATEWAY_TEXT:
            return Reply(status=500, body=compact({"message": "An unexpected error occurred"}))
        case Fault.OTHER_MARKET:
            return Reply(status=401, body=compact({"msg": "", "code": "50123"}), code="50123")
        case Fault.REDIRECT:
            return _redirect(base_url, target)
        case Fault.GZIP_BOMB:
            return Reply(status=200, body=gzip_bomb(), headers=(("Content-Encoding", "gzip"),))
        case Fault.HUGE:
            return Reply(status=200, body=_FILLING, repeat=HUGE_BYTES // len(_FILLING), close=True)
        case Fault.HANG:
            return Reply(status=0, delivery=Delivery.SILENCE)
        case Fault.RESET:
            return Reply(status=0, delivery=Delivery.RESET)
        case Fault.DRIP:
            return Reply(status=200, body=_ORDINARY_BODY, delivery=Delivery.DRIP)
        case Fault.TRUNCATED:
            return Reply(status=200, body=_ORDINARY_BODY, delivery=Delivery.CUT)
        case _:
            assert_never(fault)


_ORDINARY_BODY: Final = compact({"code": "0", "data": [{"ts": "1597026383085"}], "msg": ""})
_FILLING: Final = b'{"code":"0","data":[],"msg":"' + b"x" * (64 * 1024 - 29)

_EDGE_PAGE: Final = """<!DOCTYPE html>
<html lang="en-US">
<head><title>Access denied | www.okx.com used Cloudflare to restrict access</title></head>
<body><div id="cf-error-details"><h1><span>Error</span> <span>1020</span></h1>
<h2>Access denied</h2><p>This website is using a security service to protect itself from online attacks.</p>
</div></body></html>
"""


def _enveloped(status: int, code: str, message: str) -> Reply:
    return refused(Refusal(status=status, code=code, message=message, layer="business"))


def rate_limited() -> Reply:
    """429 and 50011, the usual form on the wire."""
    row = codes.find("50011")
    return refused(Refusal(status=429, code="50011", message=row.wire_text if row else "Too Many Requests"))


def _redirect(base_url: str, target: str) -> Reply:
    elsewhere = base_url.replace("127.0.0.1", "localhost", 1) + REDIRECTED + target
    return Reply(status=302, content_type=PAGE, headers=(("Location", elsewhere),))


@cache
def gzip_bomb() -> bytes:
    """Some 65 kB of gzip that inflate to 64 MiB of spaces.

    One compressed block is repeated instead of compressing the whole: the exchange must not stall over it.
    """
    block = b" " * MEBIBYTE
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(block) + deflate.flush(zlib.Z_FULL_FLUSH)
    count = BOMB_BYTES // MEBIBYTE
    checksum = 0
    for _ in range(count):
        checksum = zlib.crc32(block, checksum)
    header = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    trailer = checksum.to_bytes(4, "little") + BOMB_BYTES.to_bytes(4, "little")
    return header + packed * count + b"\x03\x00" + trailer
