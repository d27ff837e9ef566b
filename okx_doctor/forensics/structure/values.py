"""The values of the key and signature headers, by their look alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from okx_doctor.credentials import shapes
from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.findings import Finding, likely, possible, stated
from okx_doctor.forensics.search import encodings
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER
from okx_doctor.protocol.steps import refuses

_NOT_COMPUTED: Final = re.compile(
    r"""(?x)
      \[object\ \w+\] | Promise\b.* | undefined | null | None | nil | NaN | true | false | \(null\)
    | <(?:coroutine|function|built-in|bound|Task|Future|_hashlib|hmac|generator)\b.*
    | (?:async\s+)?function\b.* | \(\)\s*=>.* | System\.\w+.* | \[[BC]@[0-9a-f]+ | [\w.$]+@[0-9a-f]{5,8}
    | \$\{?\w+\}? | \{\{.*\}\} | <[\w -]+> | %!\w\(.*\) | Error\b.* | [Ss]ign(?:ature)? | \[hidden\]
    """
)
_SHOWN: Final = 60
_RIGHT: Final = re.compile(r"[A-Za-z0-9+/]{43}=", re.ASCII)
_KEY, _SIGN, _PASSPHRASE = (name.lower() for name in (KEY_HEADER, SIGN_HEADER, PASSPHRASE_HEADER))
_HASHES: Final = {16: "MD5", 20: "SHA-1", 28: "SHA-224", 48: "SHA-384", 64: "SHA-512"}


def findings(capture: Capture, header: Mapping[str, str]) -> Iterator[Finding]:
    """Causes that the look of a value suggests."""
    signature = header.get(_SIGN)
    if signature and not is_signature(signature):
        yield from _signature(signature)
    key = header.get(_KEY)
    if key and not is_key(key):
        yield from _key(key, capture)
    passphrase = header.get(_PASSPHRASE)
    if passphrase and not is_no_example(passphrase):
        yield likely("credentials-placeholder", f"{PASSPHRASE_HEADER} reads like an example's text")


_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def is_key(text: str) -> bool:
    """Whether a text has the form of an API key of OKX's."""
    return _UUID.fullmatch(text) is not None


def is_signature(text: str) -> bool:
    """Whether a text has the form of a signature that OKX takes."""
    return _RIGHT.fullmatch(text) is not None


def is_no_example(passphrase: str) -> bool:
    """Whether a passphrase reads like one, and not like an example's text."""
    return shapes.shape(passphrase) != "placeholder"


def _signature(text: str) -> Iterator[Finding]:
    found = list(encodings.readings(text))
    wrong = [(digest, form) for digest, form in found if form.cause and len(digest) == 32]
    if not wrong and _NOT_COMPUTED.fullmatch(text):
        shown = text if len(text) <= _SHOWN else f"{text.split()[0][:_SHOWN]}…"
        yield likely("signature-not-computed", f"the signature is the text {shown!r}")
    elif wrong:
        yield likely(wrong[0][1].cause, f"the signature has {len(text)} characters: {_look(wrong[0][1].cause)}")
    elif found:
        name = _HASHES.get(len(found[0][0]), "")
        said = f"the signature has {len(text)} characters, those of {name}; SHA-256 makes 44"
        yield possible("wrong-hash", said)


def _look(cause: str) -> str:
    return {
        "signature-hex": "hexadecimal digits, where OKX expects 44 of base64",
        "signature-base64-of-hex": "base64 of hexadecimal digits, where OKX expects 44",
        "signature-base64-twice": "base64 of base64, where OKX expects 44",
        "signature-quoted": "base64 in quotes",
        "signature-base64url": "base64 with - or _, the alphabet of URLs",
        "signature-url-encoded": "base64 that was percent-encoded",
        "signature-padding": "base64 with too little or too much = at its end",
        "signature-bytes-repr": "the printed form of bytes",
    }[cause]


def _key(key: str, capture: Capture) -> Iterator[Finding]:
    code = capture.response.code if capture.response else ""
    kind = shapes.shape(key)
    if kind == "placeholder":
        yield likely("credentials-placeholder", f"{KEY_HEADER} reads like an example's text")
    elif kind == "reference":
        return  # a template that was not filled in, which structure/templates tells
    elif kind == "hex32":
        yield likely("credentials-swapped", f"{KEY_HEADER} has 32 hexadecimal digits, the form of a secret key")
    elif shapes.wrapped(key):
        yield likely("credential-quoted", f"{KEY_HEADER} has {', '.join(shapes.wrapped(key))} around it")
    elif refuses(code, "key-shaped"):
        yield stated("api-key-malformed", f"{KEY_HEADER} is no UUID", f"OKX answered {code}")
    else:
        yield likely("api-key-malformed", f"{KEY_HEADER} has {len(key)} characters that are no UUID")
