from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.evaluate import Venue, evaluate_login
from okx_doctor.protocol import signing
from okx_doctor.protocol.timestamps import websocket_timestamp
from okx_doctor.protocol.wire import LoginRequest, WireRequest
from okx_doctor.secrets.secret import Secret
from tests.gate.bot import (
    BALANCE,
    CALLER,
    DEMO,
    GLOBAL,
    LIVE,
    NOW,
    ORDER,
    ORDER_BODY,
    altered,
    code,
    judge,
    signed,
    with_header,
)

pytestmark = pytest.mark.slow

ANY_TEXT = st.text(st.characters(), max_size=60)
OKX_HEADERS = (
    signing.KEY_HEADER,
    signing.SIGN_HEADER,
    signing.TIMESTAMP_HEADER,
    signing.PASSPHRASE_HEADER,
    signing.DEMO_HEADER,
    "Content-Type",
)


@given(st.data())
def test_any_single_changed_byte_in_the_target_ends_in_50113(data: st.DataObject) -> None:
    request = signed(LIVE, target=BALANCE)
    index = data.draw(st.integers(1, len(BALANCE) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=BALANCE[index]))

    changed = BALANCE[:index] + other + BALANCE[index + 1 :]

    assert code(judge(replace(request, target=changed))) == "50113"


@given(st.data())
def test_any_single_changed_byte_in_the_body_ends_in_50113(data: st.DataObject) -> None:
    request = signed(LIVE, "POST", ORDER, ORDER_BODY)
    index = data.draw(st.integers(0, len(ORDER_BODY) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != ORDER_BODY[index]))

    changed = ORDER_BODY[:index] + bytes([other]) + ORDER_BODY[index + 1 :]

    assert code(judge(replace(request, body=changed))) == "50113"


@given(st.data())
def test_any_single_changed_character_in_the_secret_ends_in_50113(data: st.DataObject) -> None:
    secret = LIVE.secret.reveal()
    index = data.draw(st.integers(0, len(secret) - 1))
    other = data.draw(st.characters(exclude_characters=secret[index], exclude_categories=["Cs"]))

    wrong = altered(LIVE, secret=secret[:index] + other + secret[index + 1 :])

    assert code(judge(signed(wrong))) == "50113"


@given(st.data())
def test_any_single_changed_character_in_the_signature_ends_in_50113(data: st.DataObject) -> None:
    request = signed(LIVE)
    right = request.header(signing.SIGN_HEADER) or ""
    index = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.characters(exclude_characters=right[index]))

    changed = right[:index] + other + right[index + 1 :]

    assert code(judge(with_header(request, signing.SIGN_HEADER, changed))) == "50113"


@given(ANY_TEXT.filter(lambda text: text not in ("", LIVE.passphrase.reveal())))
def test_any_other_passphrase_ends_in_50105(passphrase: str) -> None:
    assert code(judge(with_header(signed(LIVE), signing.PASSPHRASE_HEADER, passphrase))) == "50105"


@given(
    st.lists(st.tuples(st.sampled_from(OKX_HEADERS) | ANY_TEXT, ANY_TEXT), max_size=8),
    ANY_TEXT,
    ANY_TEXT,
    st.binary(max_size=60),
    ANY_TEXT,
)
def test_no_request_whatsoever_makes_the_evaluation_raise(
    headers: list[tuple[str, str]], method: str, target: str, body: bytes, caller: str
) -> None:
    trace = judge(WireRequest(method=method, target=target, headers=tuple(headers), body=body), caller_ip=caller)

    assert trace.refusal is not None


@given(st.sampled_from(OKX_HEADERS), ANY_TEXT)
def test_arbitrary_text_in_one_header_never_raises_and_unreached_follows_only_failure(header: str, text: str) -> None:
    trace = judge(with_header(signed(LIVE, "POST", ORDER, ORDER_BODY), header, text))

    outcomes = [step.passed for step in trace.steps]
    assert None not in outcomes or False in outcomes
    failed = [step.id for step in trace.steps if step.passed is False]
    assert [step.id for step in trace.steps if step.refusal] == failed[:1]


@given(st.builds(LoginRequest, api_key=ANY_TEXT, passphrase=ANY_TEXT, timestamp=ANY_TEXT, sign=ANY_TEXT))
def test_no_login_whatsoever_makes_the_evaluation_raise(login: LoginRequest) -> None:
    known = replace(login, api_key=DEMO.api_key, timestamp=websocket_timestamp(NOW))
    for attempt in (login, known):
        trace = evaluate_login(attempt, venue=GLOBAL, demo_socket=True, now=NOW, caller_ip=CALLER)
        assert trace.refusal is not None


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["GET", "POST"]))
@example("\ud800", "", "GET")
@settings(max_examples=50)
def test_no_text_of_a_trace_holds_the_secret_or_the_passphrase(secret: str, passphrase: str, method: str) -> None:
    account = generate(secret=Secret(f"S3CRET{secret}"), passphrase=Secret(f"P4SSPHRASE{passphrase}"))
    venue = Venue(site="global", accounts=(account,))

    shown = repr(judge(signed(altered(account, secret="x"), method, ORDER, ORDER_BODY), venue)) + repr(
        judge(with_header(signed(LIVE), signing.KEY_HEADER, account.secret.reveal()), venue)
    )

    assert "S3CRET" not in shown
    assert "P4SSPHRASE" not in shown
