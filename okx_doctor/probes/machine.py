"""Measures this machine itself: published signatures recomputed, and bodies seen on a wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import httpx

from okx_doctor.observations import BodyForm, Evidence, VectorRun
from okx_doctor.probes.context import Context, Ending, Measured, Unknown, WireTap
from okx_doctor.probes.http import no_authorities
from okx_doctor.protocol.endpoints import POSITION_BUILDER
from okx_doctor.protocol.signing import prehash, signed_headers
from okx_doctor.protocol.timestamps import rest_timestamp
from okx_doctor.protocol.vectors import compare

_BODY = {"instId": "BTC-USDT", "note": "caf\u00e9", "px": 2.5, "sz": "1"}

_TEXTS: Final[Mapping[str, str]] = {
    "json.dumps(body)": json.dumps(_BODY),
    "json.dumps(body, separators=(',', ':'))": json.dumps(_BODY, separators=(",", ":")),
    "json.dumps(body, ensure_ascii=False)": json.dumps(_BODY, ensure_ascii=False),
    "str(body)": str(_BODY),
}
"""How bots write down the body that they sign."""

_OWN: Final = "content= the same text"
_SENT: Final[tuple[tuple[str, str], ...]] = (
    ("json.dumps(body)", _OWN),
    ("json.dumps(body, separators=(',', ':'))", _OWN),
    ("json.dumps(body, ensure_ascii=False)", _OWN),
    ("json.dumps(body)", "json=body"),
    ("json.dumps(body, separators=(',', ':'))", "json=body"),
    ("str(body)", "json=body"),
    ("json.dumps(body)", "data=body, a form"),
)
"""The signed text, and how it is handed to the HTTP library."""


def measure_vectors(context: Context, evidence: Evidence) -> Ending:
    """Recompute every published signature with this machine's Python."""
    mismatches = tuple(f"{found.vector_id}: {found.stage}" for found in compare(context.vectors))
    return Measured(observations=(VectorRun(total=len(context.vectors), mismatches=mismatches),))


def measure_bodies(context: Context, evidence: Evidence) -> Ending:
    """Sign a body each common way, send it to the embedded exchange, and compare with what arrived there."""
    with context.wire_tap() as tap, httpx.Client(trust_env=False, verify=no_authorities(), timeout=2.0) as client:
        for signed_as, sent_with in _SENT:
            text = _TEXTS[signed_as]
            request = _request(tap.base_url + POSITION_BUILDER.target, text, sent_with)
            _sign(request, tap, text.encode(), rest_timestamp(context.now()))
            client.send(request)
        arrived = tap.received()
    if len(arrived) != len(_SENT):
        return Unknown(reason="the embedded exchange did not see every request")
    return Measured(
        observations=tuple(
            BodyForm(
                signed_as=signed_as,
                sent_with=sent_with,
                own=sent_with == _OWN,
                same_bytes=request.body == _TEXTS[signed_as].encode(),
                accepted=accepted,
                difference=_difference(_TEXTS[signed_as].encode(), request.body),
            )
            for (signed_as, sent_with), (request, accepted) in zip(_SENT, arrived, strict=True)
        )
    )


def _request(url: str, text: str, sent_with: str) -> httpx.Request:
    match sent_with:
        case "json=body":
            return httpx.Request("POST", url, json=_BODY)
        case "data=body, a form":
            return httpx.Request("POST", url, data=_BODY)
        case _:
            return httpx.Request("POST", url, content=text.encode())


def _sign(request: httpx.Request, tap: WireTap, body: bytes, timestamp: str) -> None:
    target = request.url.raw_path.decode("ascii")
    message = prehash(timestamp, "POST", target, body)
    request.headers.update(signed_headers(tap.api_key, tap.secret, tap.passphrase, timestamp, message))
    request.headers["Content-Type"] = "application/json"


def _difference(signed: bytes, sent: bytes) -> str:
    if signed == sent:
        return ""
    at = next((i for i, (a, b) in enumerate(zip(signed, sent, strict=False)) if a != b), min(len(signed), len(sent)))
    return f"byte {at}: signed {signed[at : at + 8]!r}, sent {sent[at : at + 8]!r}"
