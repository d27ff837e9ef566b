"""From a capture and the loaded credentials to a subject: what OKX would sign, and with what."""

from __future__ import annotations

from okx_doctor.credentials.load import Credentials
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search import moments
from okx_doctor.forensics.search.parts import Keys, OpenKeys, Subject
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from okx_doctor.secrets.secret import Secret


def subject(capture: Capture, keys: OpenKeys) -> Subject:
    """The request taken apart. Its method counts in upper case, as OKX documents it."""
    request = capture.request
    path, mark, query = request.target.partition("?")
    stamp = request.header(TIMESTAMP_HEADER) or ""
    return Subject(
        timestamp=_bytes(stamp),
        method=_bytes(request.method.upper()),
        path=_bytes(path),
        query=_bytes(mark + query),
        body=request.body,
        signature=request.header(SIGN_HEADER) or "",
        keys=keys,
        channel=capture.channel,
        origin=capture.origin,
        moment=moments.read(stamp),
        sent_key=request.header(KEY_HEADER) or "",
        sent_passphrase=request.header(PASSPHRASE_HEADER) or "",
    )


def keys(credentials: Credentials) -> Keys | None:
    """What may have signed, from the loaded credentials; ``None`` without a secret key."""
    secret = credentials.secret.value
    if not secret:
        return None
    return Keys(
        secret=secret,
        api_key=credentials.api_key.value or Secret(""),
        passphrase=credentials.passphrase.value or Secret(""),
        others=tuple((other.value, other.causes, other.what) for other in credentials.secret.alternatives),
    )


def _bytes(text: str) -> bytes:
    """UTF-8; lone surrogates that stand for bytes that were none become those bytes again."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        escaped = all("\udc80" <= char <= "\udcff" for char in text if "\ud800" <= char <= "\udfff")
        return text.encode("utf-8", "surrogateescape" if escaped else "surrogatepass")
