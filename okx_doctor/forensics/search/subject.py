"""From a capture and the loaded credentials to a subject: what OKX would sign, and with what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from okx_doctor.credentials.load import Credentials
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.search import moments
from okx_doctor.forensics.search.parts import Keys, OpenKeys, Subject
from okx_doctor.protocol.scheme import NEIGHBOURS, spellings
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.secrets.secret import Secret

_KEYS, _SIGNATURES, _TIMESTAMPS, _PASSPHRASES = spellings()
_NONCES: Final = tuple(f"{start}{one.nonce_header}" for one in NEIGHBOURS if one.nonce_header for start in ("", "OK-"))


def subject(capture: Capture, keys: OpenKeys) -> Subject:
    """The request taken apart. Its method counts in upper case, as OKX documents it.

    What is not there under OKX's name is taken from the header in which a neighbour of OKX would carry it.
    """
    request = capture.request
    path, mark, query = request.target.partition("?")
    _, stamp = _carried(request, _TIMESTAMPS)
    sign_header, signature = _carried(request, _SIGNATURES)
    return Subject(
        timestamp=_bytes(stamp),
        method=_bytes(request.method.upper()),
        path=_bytes(path),
        query=_bytes(mark + query),
        body=request.body,
        signature=signature,
        keys=keys,
        channel=capture.channel,
        origin=capture.origin,
        moment=moments.read(stamp),
        sent_key=_carried(request, _KEYS)[1],
        sent_passphrase=_carried(request, _PASSPHRASES)[1],
        sign_header=sign_header,
        nonce=_bytes(_carried(request, _NONCES)[1]),
    )


def _carried(request: WireRequest, names: Sequence[str]) -> tuple[str, str]:
    """The first of these headers that is there, with its value."""
    for name in names:
        value = request.header(name)
        if value is not None:
            return name, value
    return names[0], ""


def keys(credentials: Credentials) -> Keys | None:
    """The keys that may have signed, from the loaded credentials; ``None`` without a secret key."""
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
