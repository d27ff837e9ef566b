"""A key whose states are made once signs as one that is set up anew for every message."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.protocol.keyed import Keyed, Signer
from okx_doctor.protocol.signing import sign
from okx_doctor.secrets.secret import Secret


@given(
    st.text() | st.sampled_from(["", "k" * 63, "k" * 64, "k" * 65, "\udcff"]),
    st.lists(st.binary(max_size=300), max_size=4),
)
def test_a_signer_signs_every_message_as_if_it_were_the_first(secret: str, messages: list[bytes]) -> None:
    signer = Signer(Secret(secret))

    for message in messages:
        assert signer.sign(message) == sign(secret, message)


@given(st.binary(max_size=200), st.binary(max_size=200), st.sampled_from(["sha256", "sha512", "sha1", "md5"]))
def test_the_digest_is_that_of_the_standard_library(key: bytes, message: bytes, algorithm: str) -> None:
    keyed = Keyed(key, algorithm)

    assert keyed.digest(message) == keyed.digest(message) == hmac.digest(key, message, algorithm)
