"""HTTP messages between h11 and the gate's own values, with target and headers as they were sent. Pure."""

from __future__ import annotations

from contextlib import suppress
from email.utils import formatdate
from functools import cache
from typing import Final

import h11

from okx_doctor.gate.api.replies import Reply
from okx_doctor.protocol.wire import WireRequest

_EDGE_HEADERS: Final = (
    ("Server", "cloudflare"),  # good answers have it too: ccxt#11109
    ("CF-Ray", "6cf0a5c2ee3a9d12-LHR"),
    ("CF-Cache-Status", "DYNAMIC"),
    ("X-BrokerID", "0"),
)


def wire_request(head: h11.Request, body: bytes) -> WireRequest:
    """The request as it arrived."""
    return WireRequest(
        method=head.method.decode("latin-1"),
        target=head.target.decode("latin-1"),
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()),
        body=body,
    )


def response_of(reply: Reply, now: float) -> h11.Response:
    """The head of an answer that leaves at ``now`` in Unix seconds."""
    headers = [
        ("Date", formatdate(now, usegmt=True)),
        ("Content-Type", reply.content_type),
        ("Content-Length", str(len(reply.body) * reply.repeat)),
        ("Connection", "close" if reply.close else "keep-alive"),
        *_EDGE_HEADERS,
        *reply.headers,
    ]
    return h11.Response(status_code=reply.status, headers=headers, reason=reason_of(reply.status))


@cache
def reason_of(status: int) -> bytes:
    """The words beside a status in the first line of an answer."""
    from http import HTTPStatus

    with suppress(ValueError):
        return HTTPStatus(status).phrase.encode()
    return b"Unknown"
