from __future__ import annotations

import base64
import hmac
import re
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.protocol.signing import prehash, sign, websocket_prehash
from okx_doctor.protocol.vectors import Mismatch, Vector, all_vectors, compare, good_vectors
from tests.needs import needs, program

BAD = tuple(vector for vector in all_vectors() if not vector.good)


def _openssl(key: str, message: bytes) -> str:
    """HMAC-SHA256 by a program that shares no line with Python's ``hmac``."""
    done = subprocess.run(
        [program("openssl"), "dgst", "-sha256", "-hmac", key, "-binary"], input=message, capture_output=True, check=True
    )
    assert len(done.stdout) == 32
    return base64.b64encode(done.stdout).decode()


@pytest.mark.machine
@needs("openssl")
@pytest.mark.parametrize("vector", good_vectors(), ids=lambda vector: vector.id)
def test_a_published_signature_is_what_openssl_and_okx_doctor_compute(vector: Vector) -> None:
    computed = _openssl(vector.secret, vector.prehash.encode())

    assert computed == vector.signature
    assert sign(vector.secret, vector.prehash.encode()) == computed


@pytest.mark.parametrize("vector", good_vectors(), ids=lambda vector: vector.id)
def test_the_prehash_of_a_published_request_is_the_published_one(vector: Vector) -> None:
    built = prehash(vector.timestamp, vector.method, vector.target, vector.body.encode())

    assert built == vector.prehash.encode()


def test_thirty_eight_vectors_verify_and_two_documentation_samples_do_not() -> None:
    assert (len(good_vectors()), [vector.id for vector in BAD]) == (38, ["N1", "N2"])
    assert len({vector.id for vector in all_vectors()}) == 40


@pytest.mark.machine
@needs("openssl")
@pytest.mark.parametrize("vector", BAD, ids=lambda vector: vector.id)
def test_a_documentation_sample_that_does_not_verify_says_why(vector: Vector) -> None:
    message = prehash(vector.timestamp, vector.method, vector.target, vector.body.encode())

    assert _openssl(vector.secret, message) != vector.signature
    assert sign(vector.secret, message) != vector.signature
    assert len(vector.note) > 20


@pytest.mark.parametrize("vector", all_vectors(), ids=lambda vector: vector.id)
def test_every_vector_names_where_it_was_published(vector: Vector) -> None:
    assert re.search(r"[\w.-]+[:/ ]\S+", vector.source)
    assert re.fullmatch(r"[A-Za-z0-9+/]{43}=", vector.signature)


@pytest.mark.machine
@needs("openssl")
@settings(max_examples=40)
@given(
    secret=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=80),
    message=st.binary(max_size=200),
)
def test_any_secret_and_message_are_signed_as_openssl_signs_them(secret: str, message: bytes) -> None:
    assert sign(secret, message) == _openssl(secret, message)


@pytest.mark.machine
@needs("openssl")
@settings(max_examples=20)
@given(
    secret=st.from_regex(r"[0-9A-F]{32}", fullmatch=True),
    query=st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), max_size=30),
    body=st.one_of(st.just(b""), st.binary(max_size=60)),
)
def test_a_whole_request_is_signed_as_openssl_signs_its_pasted_parts(secret: str, query: str, body: bytes) -> None:
    target = f"/api/v5/account/balance?{query}"
    pasted = b"2020-12-08T09:08:57.715Z" + b"POST" + target.encode() + body

    assert sign(secret, prehash("2020-12-08T09:08:57.715Z", "POST", target, body)) == _openssl(secret, pasted)


@pytest.mark.machine
@needs("openssl")
def test_a_websocket_login_is_signed_over_its_own_path() -> None:
    assert websocket_prehash("1538054050") == b"1538054050GET/users/self/verify"
    assert sign("mysecret", websocket_prehash("1538054050")) == _openssl("mysecret", b"1538054050GET/users/self/verify")


@given(body=st.binary(max_size=50))
def test_the_body_is_signed_byte_for_byte(body: bytes) -> None:
    digest = hmac.digest(b"mysecret", b"".join((b"t", b"POST", b"/p", body)), "sha256")

    assert sign("mysecret", prehash("t", "POST", "/p", body)) == base64.b64encode(digest).decode()


@pytest.mark.parametrize("target", ["/p?a=1,2", "/p?a=1%2C2", "/p?a=1%2c2", "/p?", "/p?a=&b", "/p?a=%20+"])
def test_the_target_is_signed_as_it_stands_on_the_wire(target: str) -> None:
    assert prehash("t", "GET", target) == f"tGET{target}".encode()


def test_comparing_finds_nothing_wrong_with_this_machine() -> None:
    assert compare(good_vectors()) == ()


def test_a_signer_that_is_wrong_is_told_by_its_first_wrong_stage() -> None:
    vector = good_vectors()[0]
    other = replace(vector, id="other", prehash=vector.prehash + " ")

    found = compare((vector, other), signer=lambda secret, message: sign(secret.lower() + "x", message))

    assert found == (
        Mismatch(vector_id=vector.id, stage="signature"),
        Mismatch(vector_id="other", stage="prehash"),
    )


def test_the_known_bad_samples_are_mismatches() -> None:
    assert {found.vector_id for found in compare(all_vectors())} == {vector.id for vector in BAD}
