"""Ways in which a secret key gets into another slot, and the way back, written without the package's own code."""

from __future__ import annotations

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Callable, Mapping
from urllib.parse import quote, unquote

Dressing = Callable[[str], str]

KEY = "5e17c0de-9b3a-4d6f-8a21-7f40c2d1b96e"


def grouped(size: int, joiner: str) -> Dressing:
    return lambda text: joiner.join(text[at : at + size] for at in range(0, len(text), size))


def formed(form: str) -> Dressing:
    """A form with ``{}`` where the text stands."""
    return lambda text: form.replace("{}", text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _standard(text: str) -> str:
    return base64.b64encode(_encoded(text)).decode()


def _url_safe(text: str) -> str:
    return base64.urlsafe_b64encode(_encoded(text)).decode()


def _of_bytes(text: str) -> str:
    return base64.b64encode(bytes.fromhex(text)).decode()


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in _encoded(text))


PLAIN: Mapping[str, Dressing] = {
    "as it is": str,
    "lower case": str.lower,
    "both cases": lambda text: text[:16].lower() + text[16:].upper(),
    "twice in a row": lambda text: text + text,
    "twice with a blank": lambda text: f"{text} {text}",
    "behind the key": lambda text: KEY + text,
    "before the key": lambda text: text + KEY,
    "behind the key and a colon": lambda text: f"{KEY}:{text}",
    "behind the key without hyphens": lambda text: KEY.replace("-", "") + text,
    "two digits before": formed("ab{}"),
    "two digits behind": formed("{}ab"),
    "two digits before and behind": formed("12{}34"),
    "33 digits": formed("{}7"),
    "31 digits of it and a letter": lambda text: text[:31] + "z",
    "0x before": formed("0x{}"),
    "a blank in the middle": grouped(16, " "),
    "a tab in the middle": grouped(16, "\t"),
    "an underscore in the middle": grouped(16, "_"),
    "a no-break space in the middle": grouped(16, "\u00a0"),
    "a thin space in the middle": grouped(16, "\u2009"),
    "an ideographic space in the middle": grouped(16, "\u3000"),
    "a zero-width space in the middle": grouped(16, "\u200b"),
    "a soft hyphen in the middle": grouped(16, "\u00ad"),
    "a newline in the middle": grouped(16, "\n"),
    "groups of 4 with blanks": grouped(4, " "),
    "groups of 8 with blanks": grouped(8, " "),
    "groups of 4 with hyphens": grouped(4, "-"),
    "groups of 8 with hyphens": grouped(8, "-"),
    "groups of 8 with underscores": grouped(8, "_"),
    "pairs with colons": grouped(2, ":"),
    "pairs with commas": grouped(2, ", "),
    "pairs as a list of bytes": lambda text: "0x" + grouped(2, ", 0x")(text),
    "pairs as a string literal": lambda text: "\\x" + grouped(2, "\\x")(text),
    "groups of 4 with full stops": grouped(4, "."),
    "groups of 4 with slashes": grouped(4, "/"),
    "groups of 8 with plus signs": grouped(8, "+"),
    "groups of 8 with en dashes": grouped(8, "\u2013"),
    "groups of 8 in quotes": grouped(8, "' '"),
    "groups of 8 with two signs": grouped(8, " - "),
    "every digit by itself": grouped(1, "-"),
    "full-width digits": lambda text: "".join(chr(ord(char) + 0xFEE0) for char in text),
    "Arabic digits": lambda text: text.translate({ord("0") + n: 0x0660 + n for n in range(10)}),
    "Cyrillic letters": lambda text: text.upper().translate(str.maketrans("ABE", "\u0410\u0412\u0415")),
    "O for zero and l for one": lambda text: text.replace("0", "O").replace("1", "l"),
    "underlined": lambda text: "".join(char + "\u0332" for char in text),
}
"""What is done to the digits themselves."""

ENCODED: Mapping[str, Dressing] = {
    "not encoded": str,
    "base64": _standard,
    "base64 without padding": lambda text: _standard(text).rstrip("="),
    "url-safe base64": _url_safe,
    "url-safe base64 without padding": lambda text: _url_safe(text).rstrip("="),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le", "surrogatepass")).decode(),
    "base64 of base64": lambda text: _standard(_standard(text)),
    "percent-encoded": _percent,
    "percent-encoded twice": lambda text: quote(_percent(text), safe=""),
    "hexadecimal": lambda text: _encoded(text).hex(),
    "hexadecimal in base64": lambda text: _standard(_encoded(text).hex()),
    "percent-encoded base64": lambda text: quote(_standard(text), safe=""),
    "HTML entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "a JSON text": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
}
"""What is made of the text as a whole."""

BYTES: Mapping[str, Dressing] = {
    "base64 of the bytes": _of_bytes,
    "url-safe base64 of the bytes": lambda text: base64.urlsafe_b64encode(bytes.fromhex(text)).decode(),
    "base64 of the bytes, in quotes": lambda text: f'"{_of_bytes(text)}"',
    "base64 of the bytes, behind a name": lambda text: f"secret={_of_bytes(text)}",
    "base64 of the bytes, in groups": lambda text: grouped(4, " ")(_of_bytes(text)),
}
UNPADDED_BYTES: Mapping[str, Dressing] = {
    "base64 of the bytes without padding": lambda text: _of_bytes(text).rstrip("="),
    "url-safe base64 of the bytes without padding": lambda text: BYTES["url-safe base64 of the bytes"](text).rstrip(
        "="
    ),
}

AROUND: Mapping[str, Dressing] = {
    "nothing around": str,
    "blanks around": formed(" {} "),
    "a newline behind": formed("{}\n"),
    "single quotes": formed("'{}'"),
    "double quotes": formed('"{}"'),
    "backticks": formed("`{}`"),
    "curly quotes": formed("\u201c{}\u201d"),
    "an equals sign before": formed("={}"),
    "a comma behind": formed("{},"),
    "a semicolon behind": formed("{};"),
    "a line of an env file": formed("OKX_SECRET_KEY={}"),
    "a line of YAML": formed("secret: {}"),
    "a line of JSON": formed('"secret": "{}",'),
    "a comment behind": formed("{} # live"),
    "a scheme before": formed("Basic {}"),
    "angle brackets": formed("<{}>"),
    "a byte order mark before": formed("\ufeff{}"),
    "words before and behind": formed("my {} zz"),
}
"""What stands around it."""

DRESSINGS: Mapping[str, Dressing] = {
    **PLAIN,
    **{name: dress for name, dress in ENCODED.items() if dress is not str},
    **BYTES,
    **{name: dress for name, dress in AROUND.items() if dress is not str},
}
"""Each alone."""


def shows(text: str, secret: str) -> bool:
    """Whether the secret's digits stand in a text once escapes and base64 are undone and signs taken away."""
    digits = secret.lower()
    layer = {text}
    for _ in range(4):
        layer |= {undone for one in layer for undone in (unquote(one), html.unescape(one), _unescaped(one))}
        if any(digits in _squeezed(one) for one in layer):
            return True
        layer = {decoded for one in layer for decoded in _decoded(one)}
    return False


def _unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def _squeezed(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).lower().replace("0x", "").replace("\\x", "")
    return re.sub(r"[\W_]", "", plain)


def _decoded(text: str) -> set[str]:
    found: set[str] = set()
    for word in {*re.findall(r"[A-Za-z0-9+/_-]{16,}", text), re.sub(r"[^A-Za-z0-9+/]", "", text)}:
        try:
            raw = base64.urlsafe_b64decode(word.translate(str.maketrans("+/", "-_")) + "=" * (-len(word) % 4))
        except (binascii.Error, ValueError):
            continue
        found |= {raw.decode("latin-1").replace("\0", ""), raw.hex()}
    squeezed = _squeezed(text)
    if re.fullmatch(r"(?:[0-9a-f]{2}){8,}", squeezed):
        found.add(bytes.fromhex(squeezed).decode("latin-1"))
    return found
