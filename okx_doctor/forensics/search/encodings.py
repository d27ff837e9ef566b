"""How a digest is written into the header: the right way and the wrong ones, each both ways.

A wrong text is undone once, and its digest compared in all that is tried: no encoding costs a hash. What is found
is written again and must be the header to the character.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple
from urllib.parse import quote, unquote

from okx_doctor.protocol.scheme import OKX


class TextForm(NamedTuple):
    """One way to write a digest. ``read`` raises ``ValueError`` for a text that is not of this form."""

    id: str
    cause: str
    done: str
    write: Callable[[bytes], str]
    read: Callable[[str], bytes]


DIGEST_SIZES: Final = frozenset((16, 20, 28, 32, 48, 64))


def _base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _write64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def _url64(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).decode()


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


def _read_url64(text: str) -> bytes:
    return base64.b64decode(_padded(text), b"-_", validate=True)


def _hex(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]+", text):
        raise ValueError(text)
    return bytes.fromhex(text)


def _inside(left: str, right: str) -> Callable[[str], str]:
    def strip(text: str) -> str:
        if not (text.startswith(left) and text.endswith(right) and len(text) > len(left) + len(right)):
            raise ValueError(text)
        return text[len(left) : len(text) - len(right)]

    return strip


def _numbers(text: str) -> bytes:
    return bytes(int(number) for number in re.findall(r"\d+", text))


def _listed(left: str, between: str, right: str) -> TextForm:
    strip = _inside(left, right)
    return TextForm(
        "list",
        "signature-bytes-repr",
        "the digest's bytes were printed as a list of numbers",
        lambda digest: left + between.join(map(str, digest)) + right,
        lambda text: _numbers(strip(text)),
    )


def _wrapped(left: str, right: str, cause: str, done: str) -> TextForm:
    strip = _inside(left, right)
    return TextForm(
        "wrapped", cause, done, lambda digest: f"{left}{_write64(digest)}{right}", lambda text: _base64(strip(text))
    )


def _of_hex(name: str, upper: bool, write: Callable[[bytes], str], read: Callable[[str], bytes]) -> TextForm:
    def spell(digest: bytes) -> bytes:
        return (digest.hex().upper() if upper else digest.hex()).encode()

    return TextForm(
        name,
        "signature-base64-of-hex",
        "base64 was made of the hexadecimal text" + (" in capitals" if upper else ""),
        lambda digest: write(spell(digest)),
        lambda text: _hex(read(text).decode("ascii")),
    )


def _grouped(separator: str, upper: bool) -> TextForm:
    def write(digest: bytes) -> str:
        text = digest.hex(separator) if separator else digest.hex()
        return text.upper() if upper else text

    words = f" with {separator!r} between the bytes" if separator else ""
    capitals = " in capitals" if upper else ""
    return TextForm(
        "hex",
        "signature-hex",
        f"the digest was written in hexadecimal{capitals}{words}",
        write,
        lambda text: _hex(text.replace(separator, "") if separator else text),
    )


def _escaped(safe: str, lower: bool, times: int, words: str) -> TextForm:
    def write(digest: bytes) -> str:
        text = _write64(digest)
        for _ in range(times):
            text = quote(text, safe=safe)
        return re.sub(r"%[0-9A-F]{2}", lambda hit: hit.group().lower(), text) if lower else text

    def read(text: str) -> bytes:
        if "%" not in text:
            raise ValueError(text)
        for _ in range(times):
            text = unquote(text)
        return _base64(text)

    return TextForm("url", "signature-url-encoded", f"the signature was percent-encoded{words}", write, read)


def _buffer(digest: bytes) -> str:
    return json.dumps({"type": "Buffer", "data": list(digest)}, separators=(",", ":"))


def _read_blank(text: str) -> bytes:
    if " " not in text:
        raise ValueError(text)
    return _base64(text.replace(" ", "+"))


def _twice(end: str) -> TextForm:
    words = ", a newline behind it" if end else ""
    return TextForm(
        "base64-twice",
        "signature-base64-twice",
        f"base64 was made of the base64 text{words}",
        lambda digest: _write64((_write64(digest) + end).encode()),
        lambda text: _base64(_inside("", end)(_base64(text).decode("ascii")) if end else _base64(text).decode("ascii")),
    )


STANDARD: Final = TextForm(OKX.encoding, "", "", _write64, _base64)

WRONG: Final[tuple[TextForm, ...]] = (
    _grouped("", False),
    _grouped("", True),
    _grouped("-", True),
    _grouped("-", False),
    _grouped(":", False),
    _grouped(":", True),
    _grouped(" ", False),
    TextForm(
        "hex",
        "signature-hex",
        "the digest was written in hexadecimal with 0x in front",
        lambda digest: "0x" + digest.hex(),
        lambda text: _hex(_inside("0x", "")(text)),
    ),
    _of_hex("base64-of-hex", False, _write64, _base64),
    _of_hex("base64-of-hex-upper", True, _write64, _base64),
    _of_hex("base64url-of-hex", False, lambda raw: _url64(raw).rstrip("="), _read_url64),
    _twice(""),
    _twice("\n"),
    *(
        _wrapped(quote, quote, "signature-quoted", f"the signature was put into {words}")
        for quote, words in (('"', "double quotes"), ("'", "single quotes"), ("`", "backticks"))
    ),
    TextForm(
        "unpadded",
        "signature-padding",
        "the padding was taken off",
        lambda digest: _write64(digest).rstrip("="),
        lambda text: _base64(_padded(text)),
    ),
    TextForm("base64url", "signature-base64url", "the URL-safe alphabet was used", _url64, _read_url64),
    TextForm(
        "base64url-bare",
        "signature-base64url",
        "the URL-safe alphabet was used, without padding",
        lambda digest: _url64(digest).rstrip("="),
        _read_url64,
    ),
    TextForm(
        "overpadded",
        "signature-padding",
        "padding was added once more",
        lambda digest: _write64(digest) + "=",
        lambda text: _base64(_inside("", "=")(text)),
    ),
    _escaped("", False, 1, ""),
    _escaped("/", False, 1, " except for /"),
    _escaped("+/", False, 1, " in its = only"),
    _escaped("", True, 1, " with small letters"),
    _escaped("", False, 2, " twice"),
    TextForm(
        "plus-as-blank",
        "signature-url-encoded",
        "the signature was percent-decoded, so that + became a blank",
        lambda digest: _write64(digest).replace("+", " "),
        _read_blank,
    ),
    *(
        _wrapped(left, right, "signature-bytes-repr", "the signature is the printed form of a bytes object")
        for left, right in (("b'", "'"), ('b"', '"'), ("bytearray(b'", "')"), ("b'", "\\n'"))
    ),
    TextForm(
        "repr",
        "signature-bytes-repr",
        "the digest itself was printed as a bytes object",
        repr,
        lambda text: _unrepr(text),
    ),
    TextForm(
        "buffer",
        "signature-bytes-repr",
        "a Node Buffer was written as JSON",
        _buffer,
        lambda text: _numbers(_inside('{"type":"Buffer","data":[', "]}")(text)),
    ),
    TextForm(
        "buffer-inspected",
        "signature-bytes-repr",
        "a Node Buffer was printed",
        lambda digest: f"<Buffer {digest.hex(' ')}>",
        lambda text: _hex(_inside("<Buffer ", ">")(text).replace(" ", "")),
    ),
    _listed("[", " ", "]"),
    _listed("[", ", ", "]"),
    _listed("[", ",", "]"),
    _listed("", ",", ""),
    _listed("Uint8Array(32) [", ", ", "]"),
)
"""Every wrong way to write a digest."""


def _unrepr(text: str) -> bytes:
    if not re.fullmatch(r"b(['\"]).*\1", text, re.DOTALL) or len(text) > 400:
        raise ValueError(text)
    inner = text[2:-1].encode("latin-1", "backslashreplace")
    return inner.decode("unicode_escape").encode("latin-1")


def readings(text: str) -> Iterator[tuple[bytes, TextForm]]:
    """Every digest that the header may stand for, with the form it is then written in; the right form first.

    Only forms that give the header back to the character.
    """
    for form in (STANDARD, *WRONG) if len(text) <= 1000 else ():
        try:
            digest = form.read(text)
        except ValueError:
            continue
        if len(digest) in DIGEST_SIZES and form.write(digest) == text:
            yield digest, form
