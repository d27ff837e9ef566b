"""Whatever a request holds: no false proof, no exception, and a right signature is always valid."""

from __future__ import annotations

import hashlib
import hmac
import json
from io import BytesIO
from typing import get_args

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.forensics.captures.capture import Capture
from okx_doctor.forensics.captures.detect import FORMS, pieces
from okx_doctor.forensics.search.encodings import WRONG, TextForm, readings
from okx_doctor.forensics.search.hashing import hasher
from okx_doctor.forensics.search.parts import HmacVariant, OpenKeys, Recipe
from okx_doctor.forensics.search.rebuild import digest as plain_digest
from okx_doctor.forensics.search.rebuild import message
from okx_doctor.forensics.search.search import search
from okx_doctor.forensics.variants.layouts import HASH_NAMES
from okx_doctor.forensics.verdict import Validity
from okx_doctor.forensics.writers import trees
from okx_doctor.forensics.writers.styles import STYLES, text_of
from okx_doctor.protocol.keyed import key_block
from tests.forensics.bench import PASSPHRASE, SECRET, b64, capture, inspected, mac, proven, subject

pytestmark = pytest.mark.slow

SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=48) | st.text(
    "0123456789ABCDEF", min_size=32, max_size=32
)
TARGETS = st.from_regex(
    r"/api/v5/[a-z]{1,8}/[a-z-]{1,12}(\?[A-Za-z]{1,8}=[A-Za-z0-9,%:-]{0,12}(&[a-z]{1,5}=[A-Z]{0,5}){0,3})?",
    fullmatch=True,
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-10, 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.just(b"") | st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode())
ANY = st.text(max_size=40)


@given(SECRETS, TARGETS, BODIES, st.binary(min_size=32, max_size=32))
@settings(max_examples=60, deadline=None)
def test_a_random_signature_is_never_explained(secret: str, target: str, body: bytes, digest: bytes) -> None:
    made = capture("POST" if body else "GET", target, body, sign=b64(digest))
    found = search(subject(made, OpenKeys(secret=secret, api_key="key", passphrase="pass-phrase")), depth=0)

    assert found.hits == ()


@given(SECRETS, SECRETS, TARGETS, BODIES)
@example("T3RoZXItU2VjcmV0LTE=", "Other-Secret-1", "/api/v5/account/balance", b"")  # another exchange's habit as well
@example("414141414141414100", "AAAAAAAA", "/api/v5/account/balance", b"")  # a zero more is the same key
@settings(max_examples=60, deadline=None)
def test_another_secret_is_never_explained_unless_it_is_a_mistake_of_this_one(
    secret: str, other: str, target: str, body: bytes
) -> None:
    assume(secret != other)
    made = capture("POST" if body else "GET", target, body)
    signed = replace_sign(made, other)
    found = search(subject(signed, OpenKeys(secret=secret)), depth=0)

    for hit in found.hits:
        values = [choice.value for choice in hit.hypothesis if choice.axis in ("key", "recipe")]
        (key,) = [value.key if isinstance(value, Recipe) else value for value in values]
        assert isinstance(key, bytes)
        assert hmac.digest(key, b"any", "sha256") == hmac.digest(other.encode(), b"any", "sha256")


def replace_sign(made: Capture, secret: str) -> Capture:
    stamp = made.request.header("OK-ACCESS-TIMESTAMP") or ""
    text = f"{stamp}{made.request.method}{made.request.target}".encode() + made.request.body
    return capture(made.request.method, made.request.target, made.request.body, sign=b64(mac(text, secret)))


@given(TARGETS, BODIES)
@settings(max_examples=150, deadline=None)
def test_a_right_signature_is_valid(target: str, body: bytes) -> None:
    made = capture("POST" if body else "GET", target, body)
    found = inspected(made)

    assert found.prehash.signed == found.prehash.expected
    assert proven(found) == set()
    assert found.verdict in (Validity.VALID, Validity.INVALID)
    if found.verdict is Validity.INVALID:  # a body that is a form, or JSON in quotes; a value such as :A or {A}
        wrong = (["body-form-encoded"], ["body-double-encoded"], ["template-not-filled"])
        assert [cause.id for cause in found.causes] in wrong


@given(TARGETS, BODIES, st.data())
@settings(max_examples=25, deadline=None)
def test_whatever_is_proven_makes_the_signature_when_it_is_made_again(
    target: str, body: bytes, data: st.DataObject
) -> None:
    method = "POST" if body else "GET"
    stamp = "2026-11-20T09:08:57.715Z"
    path, mark, query = target.partition("?")
    right = (stamp, method, path, mark + query, SECRET)
    wrong = ("1795165737715", method.lower(), path.removeprefix("/api/v5"), "", PASSPHRASE)
    changed = data.draw(st.sets(st.integers(0, 4), max_size=2))
    *parts, key = (wrong[at] if at in changed else right[at] for at in range(5))
    text = "".join(parts).encode() + data.draw(st.sampled_from([body, b""]))
    digest = hmac.digest(key.encode(), text, "sha256")
    as_hex = data.draw(st.booleans())
    found = inspected(capture(method, target, body, sign=digest.hex() if as_hex else b64(digest)))

    right_text = f"{stamp}{method}{target}".encode() + body
    assert found.prehash.signed is not None
    made_again = found.prehash.signed.encode() if text.isascii() else text
    assert hmac.digest(key.encode(), made_again, "sha256") == digest
    assert bool(proven(found)) == (as_hex or text != right_text or 4 in changed)


@given(ANY, ANY, st.lists(st.tuples(ANY, ANY), max_size=6), st.binary(max_size=40), ANY, ANY, ANY)
@settings(max_examples=150, deadline=None)
def test_no_request_whatever_makes_the_inspection_raise(
    method: str, target: str, headers: list[tuple[str, str]], body: bytes, sign: str, stamp: str, origin: str
) -> None:
    made = capture(method, target, body, sign=sign[:20], stamp="2026-11-20T09:08:57.715Z", origin=origin)
    more = tuple((name, value) for name, value in headers)
    odd = replace(made, request=replace(made.request, headers=(*made.request.headers, *more)))
    stamped = replace(
        odd,
        request=replace(odd.request, headers=tuple((n, stamp if "TIME" in n else v) for n, v in odd.request.headers)),
    )
    for one in (odd, stamped):
        assert inspected(one, None).hypotheses_tried == 0
        assert inspected(one).verdict is not Validity.VALID


@given(st.binary(max_size=400), st.sampled_from([None, *FORMS]))
@settings(max_examples=300, deadline=None)
def test_no_input_whatever_makes_reading_raise(raw: bytes, form: str | None) -> None:
    for piece in pieces(BytesIO(raw), form):
        assert piece.place


@given(
    st.sampled_from(
        [
            "curl ",
            "GET /a HTTP/1.1\n",
            '{"url":',
            '[{"url"',
            '{"log":{"entries":[',
            "fetch Request: okx ",
            "send: b'",
            "header: {'Content-Type'",
        ]
    ),
    st.text(max_size=200),
)
@settings(max_examples=300, deadline=None)
def test_no_rest_of_a_known_beginning_makes_reading_raise(start: str, rest: str) -> None:
    for piece in pieces(BytesIO((start + rest).encode("utf-8", "surrogatepass"))):
        assert piece.place
        if isinstance(piece, Capture):
            inspected(piece, None)


@given(st.text(max_size=120))
def test_an_encoding_is_only_recognised_where_it_gives_the_text_back(text: str) -> None:
    for digest, form in readings(text):
        assert form.write(digest) == text


@given(st.binary(min_size=32, max_size=32), st.sampled_from(WRONG))
def test_every_encoding_that_changes_a_digest_is_recognised(digest: bytes, form: TextForm) -> None:
    written = form.write(digest)
    assert (digest, written) in [(found, other.write(found)) for found, other in readings(written)]


@given(JSON)
def test_python_writes_json_as_its_style_says(value: object) -> None:
    tree = trees.read(json.dumps(value).encode())
    styles = {style.id: style for style in STYLES}

    assert text_of(tree, styles["python"]) == json.dumps(value)
    assert text_of(tree, styles["python-compact"]) == json.dumps(value, separators=(",", ":"))
    assert text_of(tree, styles["indent-4-ascii"]) == json.dumps(value, indent=4)
    assert text_of(tree, styles["python-repr"]) == repr(value)
    assert text_of(tree, styles["python"], trees.by_name) == json.dumps(value, sort_keys=True)


@given(
    st.binary(max_size=200),
    st.binary(max_size=200),
    st.sampled_from([name for name in ("sha256", *HASH_NAMES) if name in hashlib.algorithms_available]),
    st.sampled_from(get_args(HmacVariant)),
)
def test_shared_states_give_the_digest_that_python_gives_in_one_call(
    key: bytes, text: bytes, algorithm: str, manner: HmacVariant
) -> None:
    digest = plain_digest(text, key, algorithm, manner)
    for split in (0, len(text) // 2, len(text)):
        way = hasher(manner, key, algorithm)
        assert way.digest_size == len(digest)
        assert way.scan(text[:split], [b"other"], bytes(len(digest))) == []
        assert way.scan(text[:split], [b"other", text[split:]], digest) == ([0, 1] if text[split:] == b"other" else [1])


@given(st.binary(max_size=70))
def test_a_key_filled_with_zeros_is_the_same_key(key: bytes) -> None:
    same = hmac.digest(key, b"x", "sha256") == hmac.digest(key + b"\0", b"x", "sha256")
    assert same == (key_block(key, "sha256") == key_block(key + b"\0", "sha256"))


def test_the_text_of_a_hypothesis_without_mistakes_is_what_okx_expects() -> None:
    made = subject(capture("POST", "/api/v5/trade/order?x=1", b"{}"))
    assert message(made, ()) == made.prehash == b"2026-11-20T09:08:57.715ZPOST/api/v5/trade/order?x=1{}"
