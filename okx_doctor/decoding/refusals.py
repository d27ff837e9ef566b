"""Why a client sent nothing: what it would not put into a header, or could not sign with. The value is never kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from okx_doctor.decoding.failures.failure import Failure

_PRINTED: Final = "Its message may hold the value: take that out before you share it."

REFUSALS: Final[tuple[Failure, ...]] = (
    Failure(
        id="header value whitespace",
        side="client",
        meaning=(
            "A header's value holds a line feed, a carriage return or a blank at "
            f"its edge, as secrets made with echo, CI variables and files have them. {_PRINTED}"
        ),
        likely=("credential-whitespace",),
    ),
    Failure(
        id="header value characters",
        side="client",
        meaning=(
            "A header's value holds a character that a header may not have, such "
            f"as a typographic dash or quote, an invisible one, or a letter beyond Latin. {_PRINTED}"
        ),
        likely=("credential-characters",),
    ),
    Failure(
        id="header value",
        side="client",
        meaning=(
            "A header's value holds something that a header may not have, a line "
            f"feed most often, else a character beyond Latin. {_PRINTED}"
        ),
        likely=("client-refused-header",),
        possible=("credential-whitespace", "credential-characters"),
    ),
    Failure(
        id="request not built",
        side="client",
        meaning=(
            "The client could not build the request, so nothing was sent: its address is no URL, or a header's value "
            "holds what a header may not have. Print the error with its cause."
        ),
        likely=("client-refused-header",),
        possible=("credential-whitespace", "credential-characters", "base-url-invalid"),
    ),
    Failure(
        id="header without a value",
        side="client",
        meaning=(
            "A header has no value at all (None, undefined, null). A variable is "
            "not set where this program runs, or goes by another name."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="key without a value",
        side="client",
        meaning=(
            "Nothing was sent: the key of the HMAC has no value (None, undefined, null), so there was nothing to sign "
            "with. The variable of the secret key is not set where this program runs, or goes by another name."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="bytes where text belongs",
        side="client",
        meaning=(
            "Nothing was sent: the program put bytes where JSON wants a text, most often the signature. Decode it "
            "after base64: base64.b64encode(digest).decode()."
        ),
        likely=("signature-bytes-repr",),
    ),
    Failure(
        id="nothing where text belongs",
        side="client",
        meaning=(
            "The program found nothing (None, nil) where it wanted a text. In code that signs, that is most often a "
            "credential's variable that is not set."
        ),
        possible=("credentials-missing",),
    ),
    Failure(
        id="credential missing",
        side="client",
        meaning=(
            "The client sent nothing, because it misses a credential. It wants three: the API key, the secret key and "
            "the passphrase."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="credential missing for ccxt",
        side="client",
        meaning=(
            "The client sent nothing, because it misses a credential. ccxt wants three: apiKey, secret and, as "
            "password, the passphrase."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="no session of OKX's CLI",
        side="client",
        meaning=(
            "OKX's own command line has no OAuth session, or its session ended: log in again with okx-auth. Such a "
            "session is no API key, and okx-doctor cannot check it. An API key in the profile or the environment "
            "always wins over it; where one was meant to be used, it was not found."
        ),
        possible=("credentials-missing",),
    ),
    Failure(
        id="part of the credentials for OKX's CLI",
        side="client",
        meaning=(
            "OKX's own command line found a part of key, secret key and passphrase, not all three, and sent nothing. "
            "There an empty variable counts as set and hides the whole profile: look at the environment of this shell "
            "or service first."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="no credentials for OKX's CLI",
        side="client",
        meaning=(
            "OKX's own command line found neither an API key nor an OAuth session where it runs, and sent nothing. "
            "Another shell, service or container has an environment of its own."
        ),
        likely=("credentials-missing",),
    ),
    Failure(
        id="credentials claimed missing",
        side="client",
        meaning=(
            "The client says that it has no credentials; that is its own claim, no answer of OKX's. Perhaps the object "
            "that opens this connection was never given them, or the words hide another refusal: look at the raw "
            "answer of the socket or the call."
        ),
        possible=("credentials-missing", "header-missing"),
    ),
)

REFUSAL: Final[Mapping[str, Failure]] = {refusal.id: refusal for refusal in REFUSALS}
