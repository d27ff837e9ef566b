"""The signature OKX v5 asks for.

Source: https://www.okx.com/docs-v5/en/#overview-rest-authentication-signature and
https://www.okx.com/docs-v5/en/#overview-websocket-login
"""

from __future__ import annotations

import base64
import hmac

from okx_doctor.secrets.secret import Secret

WEBSOCKET_METHOD = "GET"
WEBSOCKET_PATH = "/users/self/verify"

KEY_HEADER = "OK-ACCESS-KEY"
SIGN_HEADER = "OK-ACCESS-SIGN"
TIMESTAMP_HEADER = "OK-ACCESS-TIMESTAMP"
PASSPHRASE_HEADER = "OK-ACCESS-PASSPHRASE"  # noqa: S105  a header's name, not its value
DEMO_HEADER = "x-simulated-trading"


def prehash(timestamp: str, method: str, target: str, body: bytes = b"") -> bytes:
    """The bytes that are signed: timestamp, upper-case method, raw request target with its query, body.

    ``target`` is the request target as it goes on the wire, percent-encoding included.
    """
    return f"{timestamp}{method}{target}".encode() + body


def websocket_prehash(timestamp: str) -> bytes:
    """The bytes that a WebSocket login signs; ``timestamp`` is Unix epoch seconds as text."""
    return prehash(timestamp, WEBSOCKET_METHOD, WEBSOCKET_PATH)


def sign(secret: str, message: bytes) -> str:
    """Standard padded base64 (44 characters) of HMAC-SHA256; the secret is used as its own bytes."""
    key = secret.encode("utf-8", "surrogateescape")  # the very bytes, also where they are no UTF-8
    return base64.b64encode(hmac.digest(key, message, "sha256")).decode()


def signed_headers(
    api_key: Secret, secret: Secret, passphrase: Secret, timestamp: str, message: bytes
) -> dict[str, str]:
    """The four headers of a request whose text to sign is ``message``: here the values leave, and only here."""
    return {
        KEY_HEADER: api_key.reveal(),
        SIGN_HEADER: sign(secret.reveal(), message),
        TIMESTAMP_HEADER: timestamp,
        PASSPHRASE_HEADER: passphrase.reveal(),
    }


def login_argument(api_key: Secret, secret: Secret, passphrase: Secret, timestamp: str) -> dict[str, str]:
    """The same as the one entry in ``args`` of a WebSocket login."""
    headers = signed_headers(api_key, secret, passphrase, timestamp, websocket_prehash(timestamp))
    names = {KEY_HEADER: "apiKey", PASSPHRASE_HEADER: "passphrase", TIMESTAMP_HEADER: "timestamp", SIGN_HEADER: "sign"}
    return {name: headers[header] for header, name in names.items()}
