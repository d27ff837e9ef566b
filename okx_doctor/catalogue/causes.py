"""Every cause that okx-doctor can name. Adding one is one literal here; its id is never renamed or reused.

``step`` is its place in the order to fix things: a name of ``FIX_ORDER``, or ``OF_ITS_SLOT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.model import Severity
from okx_doctor.protocol.steps import order


class KnownCause(Struct, frozen=True):
    """A cause as the catalogue has it; ``model.Cause`` is one that holds, with its proof.

    ``title`` states the fault in one sentence. ``slot`` is set for a general cause about one credential: a specific
    cause explains it only where it is about the same. ``absorbs`` are the causes that this one explains. ``group`` is
    its heading in the index.
    """

    id: str
    step: str
    title: str
    slot: str = ""
    absorbs: tuple[str, ...] = ()
    group: str = ""
    severity: Severity = Severity.ERROR


NETWORK_GROUP: Final = "Network"

BEFORE_OKX: Final = ("target", "network", "edge", "request-complete", "values-in-place")
"""The steps before OKX checks anything: where the request goes, the way there, whoever answers in OKX's place, the
parts that every signed request has, and whether the three values are in their own slots."""

OKX_STEPS: Final = tuple(step.id for step in order("rest"))
"""The steps of OKX's check, in its order."""

STOPS_NOTHING: Final = "stops nothing"
"""The step of a cause that no call fails for. It is named after the credentials, with the signature's."""

OF_ITS_SLOT: Final = "of its slot"
"""The step of a cause that may be about any credential: that of the credential it is found in."""

STEP_OF_SLOT: Final[Mapping[str, str]] = {"api_key": "key-shaped", "passphrase": "passphrase", "secret": "signature"}

FIX_ORDER: Final[Mapping[str, int]] = {
    **{step: at for at, step in enumerate((*BEFORE_OKX, *OKX_STEPS))},
    STOPS_NOTHING: len(BEFORE_OKX) + OKX_STEPS.index("signature"),
}
"""Maps every step to its place in the fix order: first the steps in front of OKX, then OKX's own."""


def _group(group: str, *causes: KnownCause, severity: Severity = Severity.ERROR) -> tuple[KnownCause, ...]:
    return tuple(replace(cause, group=group, severity=severity) for cause in causes)


_WRONG_VALUES: Final = (
    "api-key-malformed",
    "passphrase-wrong",
    "secret-wrong",
    "secret-malformed",
    "passphrase-case-suspect",
    "passphrase-form",
)
_WRONG_BODIES: Final = ("body-reserialised", "body-differs", "prehash-partial")

CAUSES: Final[tuple[KnownCause, ...]] = (
    *_group(
        "Request target",
        KnownCause("host-not-api", "target", "The base URL is a host that does not serve OKX's API"),
        KnownCause("websocket-port-retired", "target", "The WebSocket is asked for on a port that OKX has retired"),
    ),
    *_group(
        NETWORK_GROUP,
        KnownCause("base-url-invalid", "target", "The base URL in a file with credentials cannot be used as one"),
        KnownCause("dns-failure", "network", "The exchange's host name does not resolve"),
        KnownCause("proxy-failure", "network", "The proxy between this machine and OKX refuses or fails"),
        KnownCause("connection-refused", "network", "The connection is refused or cut off"),
        KnownCause("connection-timeout", "network", "The exchange does not answer in time"),
        KnownCause("tls-untrusted", "edge", "The exchange's certificate is not trusted here"),
        KnownCause("blocked-by-edge", "edge", "A gateway in front of OKX's API turns the call away"),
        KnownCause("rate-limited", "edge", "OKX limits the rate of requests"),
        KnownCause("exchange-unavailable", "edge", "OKX answers, but is not in service"),
    ),
    *_group(
        "Time",
        KnownCause(
            "tls-clock",
            "edge",
            "The certificate looks invalid only because this machine's clock is wrong",
            absorbs=("tls-untrusted",),
        ),
        KnownCause(
            "clock-timezone",
            "timestamp-fresh",
            "This machine's clock holds local time as if it were UTC",
            absorbs=("clock-drift",),
        ),
        KnownCause("clock-drift", "timestamp-fresh", "This machine's clock is off"),
        KnownCause(
            "timestamp-unit",
            "timestamp-readable",
            "The timestamp is in the wrong unit",
            absorbs=("timestamp-format", "timestamp-precision"),
        ),
        KnownCause("timestamp-format", "timestamp-readable", "The timestamp is not in a form that OKX reads"),
        KnownCause("timestamp-precision", "timestamp-readable", "The timestamp's fraction does not have three digits"),
        KnownCause("timestamp-stale", "timestamp-fresh", "The timestamp was made too long before the request left"),
        KnownCause("timestamp-differs", "signature", "One timestamp is signed and another is sent"),
    ),
    *_group(
        "Credentials",
        KnownCause(
            "credentials-missing",
            "request-complete",
            "A credential is missing or empty",
            absorbs=("client-refused-header",),
        ),
        KnownCause(
            "credentials-placeholder",
            "request-complete",
            "A credential is still an example's placeholder",
            absorbs=(*_WRONG_VALUES, "api-key-unknown", "passphrase-as-secret", "api-key-as-secret"),
        ),
        KnownCause(
            "credentials-swapped",
            "values-in-place",
            "Credentials stand in one another's slots",
            absorbs=(*_WRONG_VALUES, "api-key-unknown", "passphrase-as-secret", "api-key-as-secret"),
        ),
        KnownCause(
            "env-file-mangled",
            OF_ITS_SLOT,
            "The file says one thing and its loader made another of it",
            absorbs=(
                *_WRONG_VALUES,
                "env-file-dialects",
                "credential-quoted",
                "credential-whitespace",
                "credential-characters",
            ),
        ),
        KnownCause(
            "credential-sources-conflict",
            OF_ITS_SLOT,
            "Another source hides the value that is meant",
            absorbs=_WRONG_VALUES,
        ),
        KnownCause(
            "credential-whitespace",
            OF_ITS_SLOT,
            "A credential has whitespace at its edge",
            absorbs=(*_WRONG_VALUES, "env-file-dialects", "client-refused-header"),
        ),
        KnownCause(
            "credential-quoted",
            OF_ITS_SLOT,
            "A credential has quotes or a stray sign around it",
            absorbs=(*_WRONG_VALUES, "env-file-dialects"),
        ),
        KnownCause(
            "credential-characters",
            OF_ITS_SLOT,
            "A credential holds characters that only look right",
            absorbs=(*_WRONG_VALUES, "client-refused-header"),
        ),
        KnownCause(
            "api-key-malformed",
            "key-shaped",
            "The API key does not have the form of one",
            slot="api_key",
            absorbs=("api-key-differs",),
        ),
        KnownCause("client-refused-header", "values-in-place", "The client will not send what a header is to hold"),
        KnownCause("wrong-site", "key-known", "The key belongs to another OKX site", absorbs=("api-key-unknown",)),
        KnownCause("api-key-unknown", "key-known", "No OKX site knows this API key", slot="api_key"),
        KnownCause(
            "web3-key",
            "key-known",
            "The key or the request is of OKX's Web3 product, not of the exchange",
            absorbs=("api-key-unknown", "wrong-site"),
        ),
        KnownCause("api-key-frozen", "key-active", "OKX has frozen this API key"),
        KnownCause("ip-not-allowlisted", "ip-allowed", "This machine's IP address is not on the key's allowlist"),
        KnownCause("wrong-environment", "environment", "A demo key is used live, or a live key in demo trading"),
        KnownCause(
            "passphrase-case",
            "passphrase",
            "The passphrase is right except for upper and lower case",
            absorbs=("passphrase-wrong", "passphrase-differs", "passphrase-case-suspect"),
        ),
        KnownCause(
            "passphrase-wrong", "passphrase", "The passphrase is not the one set for this key", slot="passphrase"
        ),
        KnownCause("secret-wrong", "signature", "The secret key does not belong to this API key", slot="secret"),
        KnownCause(
            "secret-not-hmac",
            "values-in-place",
            "A private key in PEM form stands in the secret slot",
            absorbs=("secret-wrong", "secret-malformed", "credential-whitespace", "credential-characters"),
        ),
        KnownCause(
            "secret-malformed",
            "signature",
            "The secret key does not have the form of one",
            slot="secret",
            absorbs=("secret-wrong",),
        ),
        KnownCause("permission-missing", "permission", "The key lacks a permission"),
        KnownCause("permission-market", "permission", "The key may not trade this instrument or market"),
        KnownCause("account-restricted", "account-open", "OKX restricts the account, not the key"),
    ),
    *_group(
        "Signature text",
        KnownCause("signature-hex", "signature", "The signature is sent as hexadecimal instead of base64"),
        KnownCause("signature-base64-of-hex", "signature", "The signature is base64 of the hexadecimal text"),
        KnownCause("signature-base64-twice", "signature", "The signature is base64 of base64"),
        KnownCause("signature-quoted", "signature", "The signature is sent with quotes around it"),
        KnownCause("signature-base64url", "signature", "The signature is in the URL-safe base64 alphabet"),
        KnownCause("signature-url-encoded", "signature", "The signature is percent-encoded"),
        KnownCause("signature-padding", "signature", "The signature lacks its base64 padding"),
        KnownCause("signature-bytes-repr", "signature", "The signature is the printed form of a bytes object"),
        KnownCause("signature-not-computed", "signature", "The signature header holds no signature at all"),
        KnownCause("wrong-hash", "signature", "The signature is made with another hash than SHA-256"),
        KnownCause("unkeyed-hash", "signature", "The signature is a plain hash, not an HMAC"),
        KnownCause("hmac-arguments-swapped", "signature", "Key and message of the HMAC are swapped"),
    ),
    *_group(
        "Signing key",
        KnownCause("secret-altered", "signature", "The request was signed with an altered secret key"),
        KnownCause("secret-decoded", "signature", "The secret key was decoded before it was used"),
        KnownCause("secret-empty", "signature", "The request was signed with an empty secret key"),
        KnownCause(
            "passphrase-as-secret",
            "signature",
            "The passphrase stands where the secret key belongs",
            slot="secret",
            absorbs=("secret-wrong", "secret-malformed"),
        ),
        KnownCause(
            "api-key-as-secret",
            "signature",
            "The API key stands where the secret key belongs",
            slot="secret",
            absorbs=("secret-wrong", "secret-malformed"),
        ),
        KnownCause("signing-broken", "request-complete", "This machine does not compute the published signatures"),
    ),
    *_group(
        "Prehash",
        KnownCause("method-case", "signature", "The method is signed in another case"),
        KnownCause("method-mismatch", "signature", "One method is signed and another is sent"),
        KnownCause(
            "full-url-signed", "signature", "The whole URL is signed instead of its path", absorbs=("path-differs",)
        ),
        KnownCause(
            "path-prefix-missing", "signature", "The signed path lacks its /api/v5 prefix", absorbs=("path-differs",)
        ),
        KnownCause("path-differs", "signature", "One path is signed and another is sent"),
        KnownCause("query-not-signed", "signature", "The query is sent but not signed"),
        KnownCause("query-reordered", "signature", "The query is signed in another order than it is sent"),
        KnownCause("query-encoding", "signature", "The query is signed in another encoding than it is sent"),
        KnownCause("query-parameters-differ", "signature", "The signed query has other parameters than the sent one"),
        KnownCause(
            "template-not-filled",
            "signature",
            "A reference or template is used before it is filled in",
            absorbs=(
                *(*_WRONG_VALUES, "api-key-unknown", "passphrase-as-secret", "api-key-as-secret"),
                *("credentials-missing", "credentials-placeholder", "env-file-dialects", "signature-not-computed"),
                *("query-parameters-differ", "body-differs", "path-differs"),
            ),
        ),
        KnownCause(
            "query-trailing-mark",
            "signature",
            "A dangling question mark is signed or sent, not both",
            absorbs=("query-encoding",),
        ),
        KnownCause(
            "get-body-signed", "signature", "A GET's parameters are signed as a body", absorbs=("query-not-signed",)
        ),
        KnownCause("body-not-signed", "signature", "The body is sent but not signed", absorbs=_WRONG_BODIES),
        KnownCause("body-reserialised", "signature", "The body is serialised twice, and the two texts differ"),
        KnownCause("body-differs", "signature", "One body is signed and another is sent"),
        KnownCause("body-double-encoded", "signature", "The body is JSON inside a JSON string", absorbs=_WRONG_BODIES),
        KnownCause("body-form-encoded", "signature", "The body is sent form-encoded", absorbs=_WRONG_BODIES),
        KnownCause("passphrase-in-prehash", "signature", "The passphrase is part of what is signed"),
        KnownCause("prehash-order", "signature", "The parts are signed in another order"),
        KnownCause("prehash-separator", "signature", "The parts are signed with something between them"),
        KnownCause("prehash-encoding", "signature", "The text is signed in another encoding than UTF-8"),
        KnownCause("prehash-partial", "signature", "A part is missing from what is signed"),
        KnownCause("other-exchange-recipe", "signature", "The signature follows another exchange's recipe"),
        KnownCause("signature-unexplained", "signature", "The signature matches no known mistake"),
    ),
    *_group(
        "Request",
        KnownCause("header-missing", "key-present", "A required header does not arrive at OKX"),
        KnownCause("header-misspelt", "key-present", "A required header is misspelt", absorbs=("header-missing",)),
        KnownCause("header-duplicated", "request-complete", "A header is sent twice"),
        KnownCause("content-type", "content-type", "The Content-Type is not application/json"),
        KnownCause(
            "passphrase-differs",
            "passphrase",
            "The bot sends another passphrase than was loaded",
            absorbs=("passphrase-wrong",),
        ),
        KnownCause(
            "api-key-differs",
            "key-known",
            "The bot sends another API key than was loaded",
            absorbs=("api-key-unknown", "wrong-site"),
        ),
        KnownCause("api-version-retired", "path", "The request goes to a retired API version"),
        KnownCause(
            "websocket-login-missing", "request-complete", "The WebSocket connection was not logged in for what it asks"
        ),
        KnownCause(
            "websocket-timestamp", "timestamp-fresh", "The WebSocket login's timestamp is not whole Unix seconds"
        ),
    ),
    *_group(
        "Warnings",
        KnownCause("withdraw-permission-granted", STOPS_NOTHING, "The key may withdraw funds"),
        KnownCause("api-key-expiring", STOPS_NOTHING, "The key is bound to no IP and expires after 14 idle days"),
        KnownCause(
            "passphrase-case-suspect", "passphrase", "The passphrase has letters of one case only", slot="passphrase"
        ),
        KnownCause(
            "passphrase-form",
            "passphrase",
            "The passphrase has not the form that OKX asks for today",
            slot="passphrase",
            absorbs=("passphrase-case-suspect",),
        ),
        KnownCause("passphrase-reused", "passphrase", "The passphrase is also another profile's"),
        KnownCause("env-file-dialects", OF_ITS_SLOT, "Another loader would make another value of the env file"),
        KnownCause("credentials-exposed", STOPS_NOTHING, "A file with credentials is open to others"),
        KnownCause("facts-old", STOPS_NOTHING, "What okx-doctor knows of OKX was not confirmed for half a year"),
        severity=Severity.WARNING,
    ),
)


@cache
def _by_id() -> Mapping[str, KnownCause]:
    return {cause.id: cause for cause in CAUSES}


def entry(cause_id: str) -> KnownCause:
    """The catalogue's entry. Raises ``KeyError`` for an id that does not exist."""
    return _by_id()[cause_id]


def ids() -> tuple[str, ...]:
    """Every cause id, in catalogue order."""
    return tuple(_by_id())


def page(cause_id: str) -> str:
    """The page that explains a cause, Markdown."""
    return files(__package__).joinpath("pages", f"{cause_id}.md").read_text("utf-8")
