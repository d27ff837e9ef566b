"""The signature OKX v5 asks for, made as ``scheme.OKX`` says."""

from __future__ import annotations

import binascii
import hmac

from okx_doctor.protocol.scheme import LOGIN, OKX, Scheme
from okx_doctor.secrets.secret import Secret

WEBSOCKET_METHOD = LOGIN.method
WEBSOCKET_PATH = LOGIN.path

KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER = OKX.headers
DEMO_HEADER = OKX.demo_header


def prehash(timestamp: str, method: str, target: str, body: bytes = b"") -> bytes:
    """The bytes that are signed: timestamp, upper-case method, raw request target with its query, body.

    ``target`` is the request target as it goes on the wire, percent-encoding included.
    """
    return laid_out(OKX, timestamp.encode(), method.encode(), target.encode(), b"", body)


def laid_out(
    scheme: Scheme, timestamp: bytes, method: bytes, path: bytes, query: bytes, body: bytes, nonce: bytes = b""
) -> bytes:
    """The parts of a request in the order in which a scheme signs them; ``query`` begins with its question mark."""
    parts = {"timestamp": timestamp, "method": method, "path": path, "query": query, "nonce": nonce, "body": body}
    return b"".join(map(parts.__getitem__, scheme.layout))


def websocket_prehash(timestamp: str) -> bytes:
    """The bytes that a WebSocket login signs; ``timestamp`` is Unix epoch seconds as text."""
    return prehash(timestamp, WEBSOCKET_METHOD, WEBSOCKET_PATH)


def sign(secret: str, message: bytes) -> str:
    """Standard padded base64 (44 characters) of HMAC-SHA256; the secret is used as its own bytes."""
    return written(hmac.digest(key_of(secret), message, OKX.digest))


def key_of(secret: str) -> bytes:
    """The bytes of a secret, the same even where they are not UTF-8."""
    return secret.encode("utf-8", "surrogateescape")


def written(digest: bytes) -> str:
    """A digest as its header has it."""
    return binascii.b2a_base64(digest, newline=False).decode()


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
    return login_entry(*headers.values())


def login_entry(key: str, sign: str, timestamp: str, passphrase: str) -> dict[str, str]:
    """The four values under their names in a login, in the order of OKX's documentation."""
    fields = LOGIN.fields
    return {fields.key: key, fields.passphrase: passphrase, fields.timestamp: timestamp, fields.sign: sign}


def sent_passphrase(scheme: Scheme, secret: bytes, passphrase: bytes) -> str:
    """The text that a scheme puts into the passphrase header."""
    if not scheme.signs_passphrase:
        return passphrase.decode("utf-8", "surrogatepass")
    return written(hmac.digest(secret, passphrase, scheme.digest))
