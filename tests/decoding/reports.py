"""The public reports, and what their own words for a cause are in the catalogue's.

``public_cases.jsonl`` is a list of public bug reports, commits and articles: its code, the collector's word for
the cause, and where it can be read. What is counted here is shipped as ``okx_doctor/protocol/shares.json``;
``pytest tests/decoding/test_reports.py --update`` writes it anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from okx_doctor.protocol.codes import find

WORDS: dict[str, str] = {
    "body-reserialised": "body-reserialised",
    "clock-drift": "clock-drift",
    "demo-key-on-live": "wrong-environment",
    "full-url-signed": "full-url-signed",
    "get-body-signed": "get-body-signed",
    "header-missing": "header-missing",
    "ip-not-allowlisted": "ip-not-allowlisted",
    "key-deleted-or-expired": "api-key-unknown",
    "other:base-url-pasted-with-markup": "base-url-invalid",
    "other:bytes-repr-in-signature": "signature-bytes-repr",
    "other:client-hides-error-body": "api-key-malformed",
    "other:credentials-set-on-other-instance": "credentials-missing",
    "other:live-key-on-demo": "wrong-environment",
    "other:passphrase-altered-by-environment": "env-file-mangled",
    "other:passphrase-mismatch": "passphrase-wrong",
    "other:passphrase-special-characters": "passphrase-differs",
    "other:path-and-secret-empty-in-signature": "secret-empty",
    "other:placeholder-credentials-sent": "credentials-placeholder",
    "other:public-call-triggers-private-one": "secret-wrong",
    "other:query-order-differs": "query-reordered",
    "other:secret-does-not-belong-to-key": "secret-wrong",
    "other:secret-has-extra-characters": "credential-quoted",
    "other:secret-mistranscribed-O-for-0": "secret-altered",
    "other:server-time-parsed-wrongly": "timestamp-format",
    "other:shared-hmac-object-not-thread-safe": "signature-unexplained",
    "other:signature-is-unawaited-promise": "signature-not-computed",
    "other:timestamp-cached-at-construction": "timestamp-stale",
    "other:timestamp-fraction-digits": "timestamp-precision",
    "other:timestamp-utc-offset-instead-of-Z": "timestamp-format",
    "other:v3-key-on-v1-scheme": "api-version-retired",
    "other:v5-key-on-v3-api": "api-version-retired",
    "other:ws-login-old-format": "api-version-retired",
    "other:ws-timestamp-iso-instead-of-epoch": "websocket-timestamp",
    "passphrase-wrong-parameter-name": "passphrase-wrong",
    "permission-missing": "permission-missing",
    "query-string-not-signed": "query-not-signed",
    "secret-and-passphrase-swapped": "passphrase-as-secret",
    "signature-hex-instead-of-base64": "signature-hex",
    "timestamp-epoch-instead-of-iso": "timestamp-unit",
    "timestamp-local-time-not-utc": "clock-timezone",
    "timestamp-signed-differs-from-sent": "timestamp-differs",
    "url-encoded-query": "query-encoding",
    "wrong-hash": "wrong-hash",
    "wrong-regional-host": "wrong-site",
}
"""The collector's words and the catalogue's ids."""

BY_CASE: dict[str, str] = {
    "freqtrade-11492": "credentials-missing",  # the client refuses: no passphrase was given at all
    "nautilus-2553": "signature-base64-of-hex",  # base64 of the hexadecimal text, not the text itself
    "so-76158944-php": "signature-base64-of-hex",
    "okxapi-64": "websocket-timestamp",  # a login wants seconds, and got milliseconds
    "xinbiquan-71437-sorted": "other-exchange-recipe",  # sorted parameters and upper-case hex, yet SHA-256
}
"""Cases whose own description is more exact than the collector's word."""

UNKNOWN: dict[str, str] = {
    "talrasha-1": "closed without a cause",
    "region-eea-orbit-404": "an endpoint that one site does not have: nothing that could be put right",
    "env-live-50105-claim": "says 50105 where several measured 50101; the collector doubts it too",
    "okx-dualmode-toggle": "says 50113 for what everybody else gets 50101 for; the collector doubts it too",
}
"""Cases without a cause that could be counted, and why."""


class Case(Struct, frozen=True, kw_only=True):
    """One public report. ``cause`` is a catalogue id, or ``None`` where none can be named."""

    id: str
    code: str
    cause: str | None
    confirmed: bool


def cases() -> tuple[Case, ...]:
    """Every report of the list."""
    lines = Path(__file__).with_name("public_cases.jsonl").read_text("utf-8").splitlines()
    return tuple(_case(json.loads(line)) for line in lines)


def with_a_code() -> tuple[Case, ...]:
    """The reports whose symptom is a number: OKX's code, or an HTTP status."""
    return tuple(case for case in cases() if case.code.isdigit())


def counted(rows: Iterable[Case]) -> dict[str, Any]:
    """Reports and causes per code. Under 401 all refusals that come with HTTP 401 are counted together."""
    pools: dict[str, list[Case]] = {}
    for case in rows:
        pools.setdefault(case.code, []).append(case)
        row = find(case.code)
        if row is not None and row.channel == "rest" and row.wire_status == 401:
            pools.setdefault("401", []).append(case)
    return {
        code: {
            "reports": len(pool),
            "causes": dict(sorted(Counter(case.cause for case in pool if case.cause).items())),
        }
        for code, pool in sorted(pools.items())
    }


def _case(row: dict[str, Any]) -> Case:
    cause = None if row["id"] in UNKNOWN else BY_CASE.get(row["id"]) or WORDS[row["words"]]
    return Case(id=row["id"], code=row["code"], cause=cause, confirmed=row["confirmed"])
