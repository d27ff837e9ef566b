"""A value that was masked is marked as such, whatever its mask looks like, and whichever header has it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from okx_doctor.forensics.captures.redacted import is_mask, marked
from okx_doctor.protocol.signing import KEY_HEADER, PASSPHRASE_HEADER, SIGN_HEADER, TIMESTAMP_HEADER
from tests.forensics.bench import capture

pytestmark = pytest.mark.slow

MASKS = st.from_regex(
    r"[xX*.\u2026\u2022#_?-]{1,12}"
    r"|[\[<({*_ ]{1,4}(redacted|Hidden|MASKED|removed|secret|api key|your_key)[\]>)}*_ ]{1,4}"
    r"|REDACTED|REMOVED|HIDDEN|MASKED|FILTERED|redacted"
    r"|[0-9a-fA-F-]{0,12}(\*{3,6}|\.{3,6}|\u2026|\u2022{3,6}|[xX]{5,9})[0-9a-fA-F-]{0,12}"
    r"|[0-9a-f*x#\u2022]{1,8}(-[0-9a-f*x#\u2022]{1,8}){2,5}",
    fullmatch=True,
)


@given(value=MASKS, header=st.sampled_from((KEY_HEADER, SIGN_HEADER, TIMESTAMP_HEADER, PASSPHRASE_HEADER)))
def test_a_value_that_is_a_mask_is_marked_beside_three_that_are_none(value: str, header: str) -> None:
    assume(is_mask(value))

    assert marked(capture(headers={header: value})).masked == {header.lower()}
