from __future__ import annotations

import json
import time

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from okx_doctor.protocol.answers import BODY_LIMIT, Answer, Form, caller_ip, read_answer

JSON = httpx.Headers({"content-type": "application/json"})
REFUSAL = b'{"msg":"Invalid Sign","code":"50113"}'


def _read(body: bytes, status: int = 401, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read_answer(status, httpx.Headers(named) if named else JSON, body)


def test_a_refusal_at_the_gateway_is_an_envelope_without_data() -> None:
    answer = _read(REFUSAL)

    assert answer == Answer(status=401, form=Form.OKX, code="50113", message="Invalid Sign")


def test_a_business_answer_carries_its_rows() -> None:
    answer = _read(b'{"code":"0","data":[{"ts":"1597026383085"},"no row",3],"msg":""}', status=200)

    assert answer == Answer(status=200, form=Form.OKX, code="0", data=({"ts": "1597026383085"},))


@pytest.mark.parametrize("data", ["{}", "null", '"x"', "7", "[]", "[[]]"])
def test_data_that_is_no_list_of_rows_is_no_data_but_still_from_behind_the_gateway(data: str) -> None:
    answer = _read(f'{{"code":"50004","data":{data},"msg":"timeout"}}'.encode())

    assert answer.data == ()


@pytest.mark.parametrize(
    ("code", "read"),
    [
        ('"50113"', "50113"),
        ("50113", "50113"),
        ("500", "500"),
        ("0", "0"),
        ('" 50113 "', "50113"),
        ('"51008_1000"', "51008_1000"),
        ("-1", "-1"),
    ],
)
def test_a_code_is_read_as_text_or_as_a_whole_number(code: str, read: str) -> None:
    answer = _read(f'{{"code":{code},"msg":"m"}}'.encode())

    assert (answer.form, answer.code, answer.message) == (Form.OKX, read, "m")


@pytest.mark.parametrize("code", ["true", "false", "null", "1.5", '""', '"  "', "[]", "{}", "1e400", "NaN"])
def test_a_code_of_any_other_kind_is_no_code(code: str) -> None:
    answer = _read(f'{{"code":{code},"msg":"m"}}'.encode())

    assert (answer.form, answer.code, answer.message) == (Form.OTHER_JSON, "", "m")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message":"An unexpected error occurred"}', "An unexpected error occurred"),
        (b'{"error_message":"Internal Server Error"}', "Internal Server Error"),
        (b'{"msg":"","message":"said"}', "said"),
        (b'{"msg":["no text"]}', ""),
        (b"{}", ""),
        (b"[]", ""),
        (b'[{"code":"50113"}]', ""),
        (b'"50113"', ""),
        (b"50113", ""),
        (b"null", ""),
        (b"true", ""),
    ],
)
def test_json_without_a_code_is_a_gateways(body: bytes, message: str) -> None:
    answer = _read(body)

    assert (answer.form, answer.code, answer.message) == (Form.OTHER_JSON, "", message)


def test_the_older_envelope_with_a_number_for_a_code_is_read() -> None:
    answer = _read(
        b'{"code":500,"data":{},"detailMsg":"","error_code":"500","error_message":"E","msg":"Internal"}', 500
    )

    assert (answer.form, answer.code, answer.message) == (Form.OKX, "500", "Internal")


@pytest.mark.parametrize(
    "body",
    [
        REFUSAL[:-1],
        REFUSAL[:20],
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"code":' + b"9" * 5_000 + b"}",
        b"OK",
        b"upstream connect error",
        b"\x00\x01\x02\x03",
        b"\xff\xfe\x00\x00garbage",
        REFUSAL.decode().encode("utf-16-le"),
        REFUSAL + REFUSAL,
        b"{'code': '50113'}",
    ],
    ids=lambda body: repr(body[:24]),
)
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    answer = _read(body)

    assert (answer.form, answer.code) == (Form.UNREADABLE, "")
    assert len(answer.message) <= 200


@pytest.mark.parametrize("body", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_nothing_is_empty(body: bytes) -> None:
    assert _read(body) == Answer(status=401, form=Form.EMPTY)


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\xef\xbb\xbf \n"])
def test_a_byte_order_mark_and_blanks_in_front_do_not_matter(before: bytes) -> None:
    assert _read(before + REFUSAL + b"\n").code == "50113"


def test_bytes_that_are_not_utf8_cost_the_text_only() -> None:
    answer = _read(b'{"msg":"caf\xe9","code":"50113"}')

    assert (answer.code, answer.message) == ("50113", "caf\ufffd")


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (
            b"<!DOCTYPE html><html><head><title>Attention Required! | Cloudflare</title>",
            "Attention Required! | Cloudflare",
        ),
        (b"<html><TITLE class='x'>\n  525: SSL\n handshake failed </TITLE>", "525: SSL handshake failed"),
        (b"<html></html>", ""),
        (b"<html><title>", ""),
        (b"<?xml version='1.0'?><Error/>", ""),
        (b"\xef\xbb\xbf\n<html><title>t</title>", "t"),
    ],
)
def test_a_page_is_told_by_its_first_sign_and_named_by_its_title(body: bytes, title: str) -> None:
    answer = _read(body, 403)

    assert (answer.form, answer.message, answer.code) == (Form.PAGE, title, "")


def test_a_page_is_told_by_its_content_type_too() -> None:
    assert _read(b"error code: 1020", 403, content_type="Text/HTML; charset=UTF-8").form is Form.PAGE


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://www.okx.com/api/v5/account/config", "www.okx.com"),
        ("http://login.portal.example:8080/?from=okx", "login.portal.example"),
        ("https://portal.example?x", "portal.example"),
        ("https://portal.example", "portal.example"),
        ("https://user:pw@portal.example/x@y", "portal.example"),
        ("//portal.example/x", "portal.example"),
        ("/login", ""),
    ],
)
def test_a_redirect_tells_where_it_points_and_nothing_of_its_body(location: str, host: str) -> None:
    answer = _read(REFUSAL, 302, location=location)

    assert answer == Answer(status=302, form=Form.EMPTY, redirect_host=host)


def test_a_redirect_that_points_nowhere_is_still_one() -> None:
    assert _read(b"", 308) == Answer(status=308, form=Form.EMPTY)


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::", "fe80::"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
    ],
)
@pytest.mark.parametrize(
    "said",
    [
        "Your IP {} is not included in your API key's 37c541a1-11aa-22bb-33cc-10fe7a038418 IP whitelist.",
        "Your IP {} is not included in your API key's IP whitelist.",
        "You can't access our services through the IP address ({})",
        "{}",
        "IP={}, time 12:30:45",
        "at 12:30:45 from {}.",
    ],
)
def test_the_callers_address_is_read_from_a_refusal_of_it(address: str, read: str, said: str) -> None:
    for code in ("50110", "50121"):
        body = json.dumps({"msg": said.format(address), "code": code}).encode()

        assert _read(body).caller_ip == read


@pytest.mark.parametrize(
    "message",
    [
        "Invalid IP",
        "Your IP {param0} is not included",
        "key 37c541a1-11aa-22bb-33cc-10fe7a038418",
        "at 12:30:45",
        "version 1.2.3",
        "999.1.1.1",
        "1:2",
        "",
    ],
)
def test_what_is_no_address_is_not_taken_for_one(message: str) -> None:
    assert caller_ip(message) == ""


def test_an_address_in_any_other_answer_is_left_alone() -> None:
    assert _read(b'{"code":"50113","msg":"from 203.0.113.7"}').caller_ip == ""


def test_foreign_texts_are_cut_short() -> None:
    long = "x" * 5_000

    assert len(_read(json.dumps({"code": "1", "msg": long}).encode()).message) == 500
    assert _read(json.dumps({"code": long}).encode()).code == ""
    assert len(_read(f"<title>{long}".encode()).message) == 200
    assert len(_read(long.encode()).message) == 200
    assert len(_read(b"", 302, location=f"https://{long}/").redirect_host) == 100


def test_a_page_of_titles_that_never_begin_is_read_at_once() -> None:
    began = time.process_time()

    assert _read(b"<title" * (BODY_LIMIT // 6)).form is Form.PAGE
    assert time.process_time() - began < 10, "seconds of computing; some milliseconds are usual"


def test_no_more_than_the_limit_is_looked_at() -> None:
    padded = b" " * BODY_LIMIT + REFUSAL

    assert _read(padded).form is Form.EMPTY


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
ENVELOPES = st.fixed_dictionaries({}, optional=dict.fromkeys(("code", "msg", "data", "message"), JSON_VALUES))
BODIES = st.one_of(
    st.binary(max_size=200),
    ENVELOPES.map(json.dumps).map(str.encode),
    JSON_VALUES.map(json.dumps).map(str.encode),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@given(
    status=st.integers(100, 599),
    headers=st.dictionaries(
        st.sampled_from(["content-type", "location", "x"]), st.text(st.characters(codec="ascii"), max_size=30)
    ),
    body=BODIES,
)
@example(status=401, headers={}, body=b'{"code":"50110","msg":"::::::: 1.2.3.4.5.6 999.999.999.999 :"}')
@example(status=200, headers={}, body=b'{"code":"\\ud800","msg":"\\ud800"}')
@example(status=302, headers={"location": "://"}, body=b"")
def test_no_answer_whatever_makes_reading_it_fail(status: int, headers: dict[str, str], body: bytes) -> None:
    answer = read_answer(status, httpx.Headers(headers), body)

    assert answer.status == status
    assert bool(answer.code) is (answer.form is Form.OKX)
