"""The values in the headers against those that were loaded. Nothing of either is shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, stated
from okx_doctor.forensics.search.parts import OpenKeys
from okx_doctor.forensics.stand_ins import UNKNOWN
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER
from okx_doctor.protocol.steps import refuses


def findings(capture: Capture, keys: OpenKeys) -> Iterator[Finding]:
    """Causes about a value that the bot sends and that is not the loaded one: ``stated`` where the answer agrees."""
    code = capture.response.code if capture.response else ""
    yield from _key(capture.request.header(KEY_HEADER) or "", keys, code)
    sent = capture.request.header(PASSPHRASE_HEADER) or ""
    refused = refuses(code, "passphrase")
    found = stated if refused else likely
    answered = (f"OKX answered {code}",) if refused else ()
    if not sent or not keys.passphrase or sent == keys.passphrase:
        return
    if sent in (keys.secret, keys.api_key):
        whose = "secret key" if sent == keys.secret else "API key"
        yield likely("credentials-swapped", f"{PASSPHRASE_HEADER} carries the loaded {whose}")
    elif sent.casefold() == keys.passphrase.casefold():
        yield found("passphrase-case", f"{PASSPHRASE_HEADER} is the loaded passphrase in another case", *answered)
    else:
        because = f"{PASSPHRASE_HEADER} is not the loaded passphrase: {_how(sent, keys)}"
        yield found("passphrase-differs", because, *answered)


def _key(sent: str, keys: OpenKeys, code: str) -> Iterator[Finding]:
    if not sent or not keys.api_key or sent == keys.api_key:
        return
    if sent in (keys.secret, keys.passphrase):
        whose = "secret key" if sent == keys.secret else "passphrase"
        yield likely("credentials-swapped", f"{KEY_HEADER} carries the loaded {whose}")
        return
    because = f"{KEY_HEADER} is not the loaded API key: {_other_key(sent, keys.api_key)}"
    if refuses(code, "key-shaped", "key-known"):
        yield stated("api-key-differs", because, f"OKX answered {code}")
    else:
        yield likely("api-key-differs", because)


def _other_key(sent: str, loaded: str) -> str:
    if sent.casefold() == loaded.casefold():
        return "it is the same in another case"
    return "it has something around it" if loaded in sent else "it is another one"


def _how(sent: str, keys: OpenKeys) -> str:
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
    if sent == UNKNOWN:
        return "it was recorded as another one"
    if loaded.startswith(sent) or loaded.endswith(sent):
        return f"it has only {len(sent)} of its {len(loaded)} characters"
    return f"it has {len(sent)} characters, the loaded one {len(loaded)}"
