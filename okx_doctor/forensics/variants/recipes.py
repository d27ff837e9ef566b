"""Signing recipes of other exchanges, as their code applies them when it is pointed at OKX.

Each gives the whole text that is hashed. Sources: the exchanges' own API documentation, named beside each, and the
rows of ``protocol/scheme.py`` for the neighbours whose scheme is nearly OKX's. Where a recipe also has another key or
hash, those are named beside it and tried with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlencode

from okx_doctor.forensics.search import encodings, moments
from okx_doctor.forensics.search.parts import HmacVariant, Recipe, Subject, Variant, utf8
from okx_doctor.forensics.variants import queries
from okx_doctor.forensics.writers import trees
from okx_doctor.protocol import signing
from okx_doctor.protocol.scheme import LOGIN, NEIGHBOURS, OKX, Scheme, named

_STEPS: Final = 2
"""The fewest steps in which a request departs from OKX's scheme before it is attributed to a neighbour. A single
foreign step is a mistake by itself, whose cause says more."""


def neighbours(subject: Subject) -> Iterator[Variant]:
    """The recipes of the exchanges whose scheme is nearly OKX's, where a request shows more than one foreign step.

    Of neighbours that sign the same text with the same key those are named of which most shows.
    """
    found: dict[Recipe, dict[str, int]] = {}
    for scheme in NEIGHBOURS:
        key = utf8(subject.keys.secret)
        key = _from_base64(subject.keys.secret) if scheme.decodes_secret else key
        for stamp in _stamps(scheme, subject) if key else ():
            query = _sorted(subject.query) if scheme.sorts_query else subject.query
            text = signing.laid_out(
                scheme,
                timestamp=stamp,
                method=subject.method,
                path=subject.path,
                query=query,
                body=subject.body,
                nonce=subject.nonce or stamp,
            )
            steps = _foreign_steps(scheme, subject, stamp, query)
            if steps >= _STEPS:
                recipe = Recipe((text,), key if scheme.decodes_secret else None, scheme.digest)
                known = found.setdefault(recipe, {})
                known[scheme.exchange] = max(steps, known.get(scheme.exchange, 0))
    for recipe, shown in found.items():
        most = max(shown.values())
        yield Variant(recipe, named(tuple(name for name, steps in shown.items() if steps == most)), 1)


def _stamps(scheme: Scheme, subject: Subject) -> tuple[bytes, ...]:
    """The timestamp as a scheme writes it, and as it was sent."""
    if subject.moment is None:
        return (subject.timestamp,)
    return tuple(dict.fromkeys((moments.written(scheme.timestamp, subject.moment).encode(), subject.timestamp)))


def _foreign_steps(scheme: Scheme, subject: Subject, stamp: bytes, query: bytes) -> int:
    """In how many steps of this scheme the request, made so, departs from OKX's scheme."""
    form = LOGIN.timestamp if subject.channel == "websocket" else OKX.timestamp
    keys = subject.keys
    transformed = signing.sent_passphrase(scheme, utf8(keys.secret), utf8(keys.passphrase))
    return sum(
        (
            subject.sign_header == scheme.headers.sign,
            scheme.timestamp != form and moments.form_of(stamp.decode("utf-8", "replace")) == scheme.timestamp,
            scheme.layout != OKX.layout,
            query != subject.query,
            scheme.decodes_secret,
            scheme.signs_passphrase and bool(keys.passphrase) and subject.sent_passphrase == transformed,
            scheme.encoding != OKX.encoding
            and any(written.id == scheme.encoding for _, written in encodings.readings(subject.signature)),
        )
    )


def _sorted(query: bytes) -> bytes:
    """The parameters sorted by name and not percent-encoded."""
    found = [unquote(one) for one in sorted(queries.parameters(query), key=lambda one: one.partition("=")[0])]
    return queries.joined(found)


def every(subject: Subject) -> Iterator[Variant]:
    """All recipes of the other families that make a text for this request."""
    moment = subject.moment
    stamps: tuple[bytes, ...] = (subject.timestamp,)
    if moment is not None:
        written = (str(moment // 1000), str(moment // moments.SECOND), moments.iso(moment))
        stamps = tuple(dict.fromkeys((*stamps, *(text.encode() for text in written))))
    for stamp in stamps:
        yield from _signed_query(subject, stamp)
        yield from _signed_parts(subject, stamp)
    yield from _sorted_parameters(subject)


def _signed_query(subject: Subject, stamp: bytes) -> Iterator[Variant]:
    """Binance (https://developers.binance.com/docs/binance-spot-api-docs), Bybit (https://bybit-exchange.github.io/docs),
    MEXC (https://mexcdevelop.github.io/apidocs)."""
    query = subject.query[1:]
    key = utf8(subject.sent_key or subject.keys.api_key)
    parameters = query or subject.body
    for window in (b"", b"5000", b"10000", b"20000", b"60000"):
        both = b"&recvWindow=" + window if window else b""
        start = query + b"&" if query else b""
        yield _recipe("Binance's", (start + both[1:] + (b"&" if both else b"") + b"timestamp=" + stamp,))
        if both:
            yield _recipe("Binance's", (start + b"timestamp=" + stamp + both,))
        yield _recipe("Bybit's", (stamp + key + window + parameters,))
    yield _recipe("MEXC's", (key + stamp + parameters,))


def _signed_parts(subject: Subject, stamp: bytes) -> Iterator[Variant]:
    """Kraken
    (https://docs.kraken.com/api/docs/guides/spot-rest-auth), BitMEX (https://www.bitmex.com/app/apiKeysUsage), Gate
    (https://www.gate.com/docs/developers/apiv4), HTX (https://huobiapi.github.io/docs/spot/v1/en)."""
    target, body, method = subject.target, subject.body, subject.method
    decoded = _from_base64(subject.keys.secret)
    if decoded:
        yield _recipe("Kraken's", (subject.path + hashlib.sha256(stamp + body).digest(),), decoded, "sha512")
    if subject.moment is not None:
        yield _recipe("BitMEX's", (method + target + str(subject.moment // moments.SECOND).encode() + body,))
        yield _recipe("BitMEX's", (method + target + str(subject.moment // moments.SECOND + 5).encode() + body,))
    hashed = hashlib.sha512(body).hexdigest().encode()
    yield _recipe("Gate's", (b"\n".join((method, subject.path, subject.query[1:], hashed, stamp)),), None, "sha512")
    host = subject.origin.partition("://")[2].encode() or b"www.okx.com"
    yield _recipe("HTX's", (b"\n".join((method, host, subject.path, subject.query[1:])),))
    yield _recipe("Bitfinex's", (b"/api" + target + stamp + body,), None, "sha384")


def _sorted_parameters(subject: Subject) -> Iterator[Variant]:
    """OKX's own v1 (MD5) and the advice of old answers: https://www.xinbiquan.com/20251129/71437.html."""
    pairs = _pairs(subject)
    if not pairs:
        return
    key = subject.sent_key or subject.keys.api_key
    stamp = subject.timestamp.decode("utf-8", "replace")
    for extra in ((), (("api_key", key),), (("timestamp", stamp),), (("apiKey", key), ("timestamp", stamp))):
        ordered = sorted((*pairs, *extra))
        plain = "&".join(f"{name}={value}" for name, value in ordered)
        for text in dict.fromkeys((plain, urlencode(ordered, errors="replace"))):
            raw = utf8(text)
            yield _recipe("the one of sorted parameters", (raw,))
            secret = utf8(subject.keys.secret)
            yield _recipe("OKX's retired v1", (raw + b"&secret_key=" + secret,), None, "md5", "plain")
            yield _recipe("the one of sorted parameters", (raw + b"&secret=" + secret,), None, "sha256", "plain")


def _pairs(subject: Subject) -> list[tuple[str, str]]:
    try:
        if len(subject.query) > 1:
            form = trees.from_form("&".join(queries.parameters(subject.query)))
            return [(name, str(value)) for name, value in form.items]
        found = json.loads(subject.body) if subject.body[:1] == b"{" and len(subject.body) < trees.SIZE_LIMIT else {}
    except (ValueError, RecursionError):
        return []
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in found.items()]


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _recipe(
    words: str, layout: tuple[bytes], key: bytes | None = None, algorithm: str = "sha256", manner: HmacVariant = "hmac"
) -> Variant:
    return Variant(Recipe(layout, key, algorithm, manner), words, 1)
