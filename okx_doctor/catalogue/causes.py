"""Every cause that okx-doctor can name: its group, its severity, and one sentence that states the fault.

An id is never renamed or reused. ``Layer`` orders causes the way they have to be fixed: what stands in front
of OKX first, then OKX's own steps in the order that public observations suggest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from okx_doctor.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One cause. ``group`` is the heading it stands under in the index."""

    id: str
    group: str
    title: str
    severity: Severity = Severity.ERROR


_GROUPS: Final[tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Request target",
        (("host-not-api", "The base URL is a host that does not serve OKX's API"),),
    ),
    (
        "Network",
        (
            ("base-url-invalid", "The base URL in a file with credentials cannot be used as one"),
            ("dns-failure", "The exchange's host name does not resolve"),
            ("proxy-failure", "The proxy between this machine and OKX refuses or fails"),
            ("connection-refused", "The connection is refused or cut off"),
            ("connection-timeout", "The exchange does not answer in time"),
            ("tls-untrusted", "The exchange's certificate is not trusted here"),
            ("blocked-by-edge", "A gateway in front of OKX's API blocks this machine"),
            ("rate-limited", "OKX limits the rate of requests"),
            ("exchange-unavailable", "OKX answers, but is not in service"),
        ),
    ),
    (
        "Time",
        (
            ("tls-clock", "The certificate looks invalid only because this machine's clock is wrong"),
            ("clock-timezone", "This machine's clock holds local time as if it were UTC"),
            ("clock-drift", "This machine's clock is off"),
            ("timestamp-unit", "The timestamp is in the wrong unit"),
            ("timestamp-format", "The timestamp is not in a form that OKX reads"),
            ("timestamp-precision", "The timestamp's fraction does not have three digits"),
            ("timestamp-stale", "The timestamp was made too long before the request left"),
            ("timestamp-differs", "One timestamp is signed and another is sent"),
        ),
    ),
    (
        "Credentials",
        (
            ("credentials-missing", "A credential is missing or empty"),
            ("credentials-placeholder", "A credential is still an example's placeholder"),
            ("credentials-swapped", "Credentials stand in one another's slots"),
            ("env-file-mangled", "The file says one thing and its loader made another of it"),
            ("credential-sources-conflict", "Another source hides the value that is meant"),
            ("credential-whitespace", "A credential has whitespace at its edge"),
            ("credential-quoted", "A credential has quotes or a stray sign around it"),
            ("credential-characters", "A credential holds characters that only look right"),
            ("api-key-malformed", "The API key does not have the form of one"),
            ("wrong-site", "The key belongs to another OKX site"),
            ("api-key-unknown", "No OKX site knows this API key"),
            ("api-key-frozen", "OKX has frozen this API key"),
            ("ip-not-allowlisted", "This machine's IP address is not on the key's allowlist"),
            ("wrong-environment", "A demo key is used live, or a live key in demo trading"),
            ("passphrase-case", "The passphrase is right except for upper and lower case"),
            ("passphrase-wrong", "The passphrase is not the one set for this key"),
            ("secret-wrong", "The secret key does not belong to this API key"),
            ("permission-missing", "The key lacks a permission"),
            ("account-restricted", "OKX restricts the account, not the key"),
        ),
    ),
    (
        "Signature text",
        (
            ("signature-hex", "The signature is sent as hexadecimal instead of base64"),
            ("signature-base64-of-hex", "The signature is base64 of the hexadecimal text"),
            ("signature-base64-twice", "The signature is base64 of base64"),
            ("signature-quoted", "The signature is sent with quotes around it"),
            ("signature-base64url", "The signature is in the URL-safe base64 alphabet"),
            ("signature-url-encoded", "The signature is percent-encoded"),
            ("signature-padding", "The signature lacks its base64 padding"),
            ("signature-bytes-repr", "The signature is the printed form of a bytes object"),
            ("signature-not-computed", "The signature header holds no signature at all"),
            ("wrong-hash", "The signature is made with another hash than SHA-256"),
            ("unkeyed-hash", "The signature is a plain hash, not an HMAC"),
            ("hmac-arguments-swapped", "Key and message of the HMAC are swapped"),
        ),
    ),
    (
        "Signing key",
        (
            ("secret-altered", "The request was signed with an altered secret key"),
            ("secret-decoded", "The secret key was decoded before it was used"),
            ("secret-empty", "The request was signed with an empty secret key"),
            ("passphrase-as-secret", "The passphrase stands where the secret key belongs"),
            ("api-key-as-secret", "The API key stands where the secret key belongs"),
            ("signing-broken", "This machine does not compute the published signatures"),
        ),
    ),
    (
        "Prehash",
        (
            ("method-case", "The method is signed in another case"),
            ("method-mismatch", "One method is signed and another is sent"),
            ("full-url-signed", "The whole URL is signed instead of its path"),
            ("path-prefix-missing", "The signed path lacks its /api/v5 prefix"),
            ("path-differs", "One path is signed and another is sent"),
            ("query-not-signed", "The query is sent but not signed"),
            ("query-reordered", "The query is signed in another order than it is sent"),
            ("query-encoding", "The query is signed in another encoding than it is sent"),
            ("query-parameters-differ", "The signed query has other parameters than the sent one"),
            ("query-trailing-mark", "A dangling question mark is signed or sent, not both"),
            ("get-body-signed", "A GET's parameters are signed as a body"),
            ("body-not-signed", "The body is sent but not signed"),
            ("body-reserialised", "The body is serialised twice, and the two texts differ"),
            ("body-differs", "One body is signed and another is sent"),
            ("body-double-encoded", "The body is JSON inside a JSON string"),
            ("body-form-encoded", "The body is sent form-encoded"),
            ("passphrase-in-prehash", "The passphrase is part of what is signed"),
            ("prehash-order", "The parts are signed in another order"),
            ("prehash-separator", "The parts are signed with something between them"),
            ("prehash-encoding", "The text is signed in another encoding than UTF-8"),
            ("prehash-partial", "A part is missing from what is signed"),
            ("other-exchange-recipe", "The signature follows another exchange's recipe"),
            ("signature-unexplained", "The signature matches no known mistake"),
        ),
    ),
    (
        "Request",
        (
            ("header-missing", "A required header does not arrive at OKX"),
            ("header-misspelt", "A required header is misspelt"),
            ("header-duplicated", "A header is sent twice"),
            ("content-type", "The Content-Type is not application/json"),
            ("passphrase-differs", "The bot sends another passphrase than was loaded"),
            ("api-key-differs", "The bot sends another API key than was loaded"),
            ("api-version-retired", "The request goes to a retired API version"),
            ("websocket-timestamp", "The WebSocket login's timestamp is not whole Unix seconds"),
        ),
    ),
)

_WARNINGS: Final[tuple[tuple[str, str], ...]] = (
    ("withdraw-permission-granted", "The key may withdraw funds"),
    ("api-key-expiring", "The key is bound to no IP and expires after 14 idle days"),
    ("passphrase-case-suspect", "The passphrase has letters of one case only"),
    ("passphrase-reused", "The passphrase is also another profile's"),
    ("env-file-dialects", "Another loader would make another value of the env file"),
    ("credentials-exposed", "A file with credentials is open to others"),
)

NETWORK_GROUP: Final = "Network"

ENTRIES: Final[tuple[Entry, ...]] = (
    *(Entry(id=id, group=group, title=title) for group, rows in _GROUPS for id, title in rows),
    *(Entry(id=id, group="Warnings", title=title, severity=Severity.WARNING) for id, title in _WARNINGS),
)


@cache
def _by_id() -> dict[str, Entry]:
    return {entry.id: entry for entry in ENTRIES}


def entry(cause_id: str) -> Entry:
    """The catalogue's entry. Raises ``KeyError`` for an id that does not exist."""
    return _by_id()[cause_id]


def ids() -> tuple[str, ...]:
    """Every cause id, in catalogue order."""
    return tuple(_by_id())


ABSORBS: Final[dict[str, tuple[str, ...]]] = {
    "credentials-placeholder": (
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "api-key-unknown",
        "passphrase-as-secret",
        "api-key-as-secret",
        "passphrase-case-suspect",
    ),
    "credentials-swapped": (
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "api-key-unknown",
        "passphrase-as-secret",
        "api-key-as-secret",
        "passphrase-case-suspect",
    ),
    "env-file-mangled": (
        "env-file-dialects",
        "credential-quoted",
        "credential-whitespace",
        "credential-characters",
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "passphrase-case-suspect",
    ),
    "credential-whitespace": (
        "env-file-dialects",
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "passphrase-case-suspect",
    ),
    "credential-quoted": (
        "env-file-dialects",
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "passphrase-case-suspect",
    ),
    "credential-characters": (
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "passphrase-case-suspect",
    ),
    "credential-sources-conflict": (
        "api-key-malformed",
        "passphrase-wrong",
        "secret-wrong",
        "passphrase-case-suspect",
    ),
    "passphrase-as-secret": ("secret-wrong",),
    "api-key-as-secret": ("secret-wrong",),
    "wrong-site": ("api-key-unknown",),
    "passphrase-case": ("passphrase-wrong", "passphrase-differs", "passphrase-case-suspect"),
    "passphrase-differs": ("passphrase-wrong",),
    "api-key-differs": ("api-key-unknown", "wrong-site"),
    "api-key-malformed": ("api-key-differs",),
    "clock-timezone": ("clock-drift",),
    "tls-clock": ("tls-untrusted",),
    "header-misspelt": ("header-missing",),
    "get-body-signed": ("query-not-signed",),
    "full-url-signed": ("path-differs",),
    "path-prefix-missing": ("path-differs",),
    "query-trailing-mark": ("query-encoding",),
    "body-double-encoded": ("body-reserialised", "body-differs", "prehash-partial"),
    "body-form-encoded": ("body-reserialised", "body-differs", "prehash-partial"),
    "body-not-signed": ("body-reserialised", "body-differs", "prehash-partial"),
    "timestamp-unit": ("timestamp-format", "timestamp-precision"),
}
"""Specific cause to the ones it explains. It stands alone unless its corrected value was refused as well."""

SLOT_OF: Final[dict[str, str]] = {
    "api-key-malformed": "api_key",
    "api-key-unknown": "api_key",
    "passphrase-wrong": "passphrase",
    "passphrase-case-suspect": "passphrase",
    "passphrase-as-secret": "secret",
    "api-key-as-secret": "secret",
    "secret-wrong": "secret",
}
"""General causes that are about one slot: a specific cause absorbs them only where it is about the same."""
