"""The values in the headers against those that were loaded. Nothing of either is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely
from okx_doctor.forensics.parts import Keys
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER


def findings(capture: Capture, keys: Keys) -> Iterator[Finding]:
    """Causes about a value that the bot sends and that is not the loaded one."""
    sent_key = capture.request.header(KEY_HEADER) or ""
    sent = capture.request.header(PASSPHRASE_HEADER) or ""
    if sent_key and sent_key in (keys.secret, keys.passphrase):
        whose = "secret key" if sent_key == keys.secret else "passphrase"
        yield likely("credentials-swapped", f"{KEY_HEADER} carries the loaded {whose}")
    if not sent or not keys.passphrase or sent == keys.passphrase:
        return
    if sent in (keys.secret, keys.api_key):
        whose = "secret key" if sent == keys.secret else "API key"
        yield likely("credentials-swapped", f"{PASSPHRASE_HEADER} carries the loaded {whose}")
    elif sent.casefold() == keys.passphrase.casefold():
        yield likely("passphrase-case", f"{PASSPHRASE_HEADER} is the loaded passphrase in another case")
    else:
        yield likely("passphrase-differs", f"{PASSPHRASE_HEADER} is not the loaded passphrase: {_how(sent, keys)}")


def _how(sent: str, keys: Keys) -> str:
    loaded = keys.passphrase
    raw = loaded.encode("utf-8", "surrogatepass")
    digest = hmac.digest(keys.secret.encode("utf-8", "surrogatepass"), raw, hashlib.sha256)
    known = {
        quote(loaded, safe="", errors="replace"): "percent-encoded",
        quote(loaded, errors="replace"): "percent-encoded",
        quote_plus(loaded, errors="replace"): "percent-encoded",
        base64.b64encode(raw).decode(): "in base64",
        base64.b64encode(digest).decode(): "signed with the secret, as KuCoin wants it",
        loaded.strip(): "without the whitespace at its ends",
        loaded.strip("\"'"): "without its quotes",
        f'"{loaded}"': "in double quotes",
        f"'{loaded}'": "in single quotes",
        loaded.partition("#")[0].strip(): "cut off at #",
        loaded.partition("$")[0]: "cut off at $",
    }
    if sent in known:
        return f"it comes {known[sent]}"
    if loaded.startswith(sent) or loaded.endswith(sent):
        return f"it has only {len(sent)} of its {len(loaded)} characters"
    return f"it has {len(sent)} characters, the loaded one {len(loaded)}"
