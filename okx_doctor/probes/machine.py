"""What this machine itself does: the published signatures recomputed, and bodies seen on a wire."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx

from okx_doctor.observations import BodyForm, Evidence, VectorRun
from okx_doctor.probes.check import Context, Ending, Measured, Unknown, WireTap
from okx_doctor.probes.http import no_authorities
from okx_doctor.protocol.endpoints import POSITION_BUILDER
from okx_doctor.protocol.signing import (
    KEY_HEADER,
    PASSPHRASE_HEADER,
    SIGN_HEADER,
    TIMESTAMP_HEADER,
    prehash,
    sign,
)
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.vectors import compare

_BODY = {"instId": "BTC-USDT", "note": "caf\u00e9", "px": 2.5, "sz": "1"}

Send = Callable[[httpx.Client, str, str], httpx.Request]

_FORMS: tuple[tuple[str, Callable[[], str], str, Send, bool], ...] = (
    (
        "json.dumps(body)",
        lambda: json.dumps(_BODY),
        "content= the same text",
        lambda client, url, text: client.build_request("POST", url, content=text.encode()),
        True,
    ),
    (
        "json.dumps(body, separators=(',', ':'))",
        lambda: json.dumps(_BODY, separators=(",", ":")),
        "content= the same text",
        lambda client, url, text: client.build_request("POST", url, content=text.encode()),
        True,
    ),
    (
        "json.dumps(body, ensure_ascii=False)",
        lambda: json.dumps(_BODY, ensure_ascii=False),
        "content= the same text",
        lambda client, url, text: client.build_request("POST", url, content=text.encode()),
        True,
    ),
    (
        "json.dumps(body)",
        lambda: json.dumps(_BODY),
        "json=body",
        lambda client, url, _: client.build_request("POST", url, json=_BODY),
        False,
    ),
    (
        "json.dumps(body, separators=(',', ':'))",
        lambda: json.dumps(_BODY, separators=(",", ":")),
        "json=body",
        lambda client, url, _: client.build_request("POST", url, json=_BODY),
        False,
    ),
    (
        "str(body)",
        lambda: str(_BODY),
        "json=body",
        lambda client, url, _: client.build_request("POST", url, json=_BODY),
        False,
    ),
    (
        "json.dumps(body)",
        lambda: json.dumps(_BODY),
        "data=body (form)",
        lambda client, url, _: client.build_request("POST", url, data=_BODY),
        False,
    ),
)


def measure_vectors(context: Context, evidence: Evidence) -> Ending:
    """Recompute every published signature with this machine's Python."""
    mismatches = tuple(f"{found.vector_id}: {found.stage}" for found in compare(context.vectors))
    return Measured(observations=(VectorRun(total=len(context.vectors), mismatches=mismatches),))


def measure_bodies(context: Context, evidence: Evidence) -> Ending:
    """Sign a body each common way, send it to the embedded exchange, and compare with what arrived there."""
    with (
        context.wire_tap() as tap,
        httpx.Client(trust_env=False, verify=no_authorities(), timeout=2.0) as client,
    ):
        for _, text, _, send, _ in _FORMS:
            request = send(client, tap.base_url + POSITION_BUILDER.target, text())
            _sign(request, tap, text().encode(), rest_timestamp(context.now()))
            client.send(request)
        arrived = tap.received()
    if len(arrived) != len(_FORMS):
        return Unknown(reason="the embedded exchange did not see every request")
    forms = tuple(
        BodyForm(
            signed_as=signed_as,
            sent_with=sent_with,
            own=own,
            same_bytes=request.body == text().encode(),
            accepted=accepted,
            difference=_difference(text().encode(), request.body),
        )
        for (signed_as, text, sent_with, _, own), (request, accepted) in zip(_FORMS, arrived, strict=True)
    )
    return Measured(observations=forms)


def _sign(request: httpx.Request, tap: WireTap, body: bytes, timestamp: str) -> None:
    target = request.url.raw_path.decode("ascii")
    request.headers.update(
        {
            KEY_HEADER: tap.api_key,
            SIGN_HEADER: sign(tap.secret.reveal(), prehash(timestamp, "POST", target, body)),
            TIMESTAMP_HEADER: timestamp,
            PASSPHRASE_HEADER: tap.passphrase.reveal(),
            "Content-Type": "application/json",
        }
    )


def _difference(signed: bytes, sent: bytes) -> str:
    if signed == sent:
        return ""
    at = next(
        (i for i, (a, b) in enumerate(zip(signed, sent, strict=False)) if a != b), min(len(signed), len(sent))
    )
    return f"byte {at}: signed {signed[at : at + 8]!r}, sent {sent[at : at + 8]!r}"
