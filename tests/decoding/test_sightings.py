from __future__ import annotations

import pytest

from okx_doctor.decoding.sighting import Sighting
from okx_doctor.decoding.sightings import find_sightings
from okx_doctor.protocol.codes import all_codes, documented
from okx_doctor.protocol.outcome import GATE_CODES

REFUSAL = '{"msg":"Invalid Sign","code":"50113"}'
OTHER = '{"msg":"Timestamp request expired","code":"50102"}'


def _codes(text: str) -> list[str]:
    return [sighting.code for sighting in find_sightings(text)]


def _only(text: str) -> Sighting:
    (sighting,) = find_sightings(text)
    return sighting


def test_each_answer_is_seen_once_however_often_it_stands_there() -> None:
    assert _codes("\n".join([REFUSAL, OTHER, REFUSAL, REFUSAL, OTHER])) == ["50113", "50102"]


def test_what_proves_most_leads_a_later_step_of_the_check_more_than_an_earlier_one() -> None:
    assert _codes(f"{OTHER}\n{REFUSAL}\n{OTHER}") == ["50113", "50102"]
    assert _codes("50111 Invalid OK-ACCESS-KEY\n50119 API key doesn't exist") == ["50119", "50111"]


def test_equals_come_in_the_order_in_which_they_first_appear_and_typed_codes_as_they_were_typed() -> None:
    assert _codes("okx error 51000\nokx error 51008") == ["51000", "51008"]
    assert _codes("50102 50113") == ["50102", "50113"]


def test_headers_that_are_missing_prove_less_than_a_connection_that_failed() -> None:
    text = (
        "ccxt.base.errors.RequestTimeout: okx GET https://www.okx.com/api/v5/asset/currencies\n"
        'in the browser: {"msg":"Request header OK-ACCESS-KEY can not be empty.","code":"50103"}'
    )
    found = find_sightings(text)

    assert [(one.kind, one.failure, one.code) for one in found] == [
        ("no-answer", "no answer in time", ""),
        ("code", "", "50103"),
    ]


def test_the_line_of_the_first_appearance_is_told() -> None:
    lines = [sighting.line for sighting in find_sightings(f"started\n{OTHER}\nretry\n{REFUSAL}\n{OTHER}")]

    assert lines == [4, 2]


def test_a_status_in_one_place_and_a_code_in_another_are_one_answer() -> None:
    text = (
        f"401 Client Error: Unauthorized for url: https://www.okx.com/api/v5/x\n...\nAuthenticationError: okx {REFUSAL}"
    )

    assert _only(text).http_status == 401


def test_a_status_that_a_code_never_comes_with_stands_for_itself() -> None:
    found = find_sightings(f"403 Client Error: Forbidden for url: https://www.okx.com/api/v5/x\nlater: okx {REFUSAL}")

    assert [(one.code, one.http_status) for one in found] == [("50113", None), ("", 403)]


@pytest.mark.parametrize("status", [403, 451, 500, 502, 504])
@pytest.mark.parametrize("reason", ["", " not accessible from this location", " <html>", " Nicht verfügbar"])
@pytest.mark.parametrize("name", ["NetworkError", "ExchangeNotAvailable", "RequestTimeout"])
def test_a_status_behind_an_address_counts_whatever_the_client_makes_of_it(name: str, reason: str, status: int) -> None:
    text = f"ccxt.base.errors.{name}: okx GET https://www.okx.com/api/v5/account/balance {status}{reason}"

    assert _only(text).http_status == status


def test_a_failure_on_another_line_than_a_status_is_told_as_well() -> None:
    text = "RequestTimeout: okx GET https://www.okx.com/api/v5/x\nokx GET https://www.okx.com/api/v5/y 451 no"

    assert {one.kind for one in find_sightings(text)} == {"no-answer", "status"}


@pytest.mark.parametrize("said", ["failed with status 50101", "below error with status 50101", "okx: status 50101."])
def test_a_code_that_is_called_a_status_is_one(said: str) -> None:
    assert _codes(f"Msg: Broker id of APIKey does not match current environment\n{said}") == ["50101"]


@pytest.mark.parametrize("status", [50119, 50120])
def test_the_observed_status_counts_where_the_documented_one_is_wrong(status: int) -> None:
    text = f"401 Client Error: Unauthorized for url: https://www.okx.com/x\nokx {{'code': '{status}', 'msg': ''}}"

    assert _only(text).http_status == 401


def test_success_is_an_answer_only_where_there_is_no_other() -> None:
    success = '{"code":"0","msg":"","data":[{"ordId":"1","sCode":"0"}]}'

    assert _codes(success) == ["0"]
    assert _codes(f"{success}\n{REFUSAL}") == ["50113"]


def test_a_batch_is_told_by_its_rows() -> None:
    batch = '{"code":"2","data":[{"sCode":"0"},{"sCode":"51008"},{"sCode":"51020"}],"msg":""}'

    assert _codes(batch) == ["51008", "51020"]
    assert _codes('{"code":"1","data":[],"msg":"All operations failed"}') == ["1"]


@pytest.mark.parametrize(
    "text",
    [
        "Process finished with exit code 1",
        "child exited with code 0",
        "return code 2",
        '{"code":0}',
        "zip code 50113",
        "volume 50113 and 51000 and 60009",
        "BTC 50113.5",
        "order 501134",
        "id=x50113",
        "port 4001",
        "4001 orders",
        "1009 candles loaded",
        '{"code":4001,"message":"User rejected the request."}',
        '{"retCode":50113}',
        "",
        " \n\t",
        "{}",
        "[]",
        "null",
        "<",
        "{",
        "code",
        "99999",
        "123",
    ],
)
def test_a_number_that_only_looks_like_a_code_is_none(text: str) -> None:
    assert _codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        'binance {"code":50113,"msg":"x"}',
        'bitmart {"message":"Header X-BM-KEY not found","code":30002}',
        "bitget API Request Error(code=50101): x",
        "HTTP 401 from https://api.bybit.com/v5/account",
        "kraken: Too Many Requests",
        "gateio error 50105",
    ],
)
def test_an_answer_of_another_exchange_is_left_alone(text: str) -> None:
    assert _codes(text) == []


def test_the_exchange_that_is_named_last_before_an_answer_counts() -> None:
    assert _codes(f"copied from binance to okx: {REFUSAL}") == ["50113"]
    assert _codes(f"binance is fine\nerror {REFUSAL}") == ["50113"]


@pytest.mark.parametrize("code", sorted(GATE_CODES | {"50120", "60009", "60032", "51000", "51008_1000", "58350"}))
@pytest.mark.parametrize(
    "form",
    [
        "{code}",
        '{{"msg":"x","code":"{code}"}}',
        "{{'code': '{code}', 'msg': 'x'}}",
        "{{ msg: 'x', code: '{code}' }}",
        '{{\\"msg\\":\\"x\\",\\"code\\":\\"{code}\\"}}',
        "API Request Error(code={code}): x",
        "okx error {code}",
        "Error {code}: x",
        "code = {code}",
        "Code:{code} Msg:x",
        '["code"]=> string(5) "{code}"',
        "[code] => {code}",
        'Some("x"), code: Some("{code}")',
        "错误码：{code}",
    ],
)
def test_every_code_is_seen_in_every_spelling(code: str, form: str) -> None:
    assert _codes(form.format(code=code)) == [code]


def test_every_documented_code_is_seen_bare() -> None:
    codes = {row.code for row in all_codes()} | set(documented())

    assert [code for code in codes if _codes(code) != [code]] == []


def test_a_rest_code_over_a_socket_is_of_the_socket() -> None:
    event = '{"event":"error","code":"50101","msg":"x","connId":"a4d3ae55"}'

    assert _only(event).channel == "websocket"
    assert _only("{'event': 'error', 'code': '50101', 'msg': 'x'}").channel == "websocket"
    assert _only('{"code":"50101","msg":"x"}').channel == "rest"


def test_an_envelope_belongs_to_the_number_that_is_looked_at() -> None:
    assert _codes(f"{REFUSAL} then {{'code': '50105'}}") == ["50113", "50105"]


def test_wording_is_used_only_where_there_is_no_code() -> None:
    found = _only("401 Unauthorized: Request header OK-ACCESS-PASSPHRASE incorrect.")

    assert (found.code, found.by_text, found.http_status) == ("50105", True, 401)
    assert [one.by_text for one in find_sightings(f'{REFUSAL} "Invalid OK-ACCESS-KEY"')] == [False]


@pytest.mark.parametrize(
    "text",
    [
        '{ "msg": "Not in any table", "code": "50126" }',
        "code 50126",
        "Cod: 50126 [x]",
        "okx request failed [code 50126]",
        "HTTP 401 / OKX 50126",
        "(OKX: 50126)",
        "okx error [50126]",
    ],
)
def test_a_code_that_no_table_has_is_one_behind_a_word_for_it_or_behind_okx_s_name(text: str) -> None:
    assert "50126" in _codes(text)


@pytest.mark.parametrize("text", ["took code 50126 ms", "OKX 58123 USDT", "okx 50126.5", "OKX BTC 50126", "okx: 57126"])
def test_a_measure_or_a_price_is_none(text: str) -> None:
    assert _codes(text) == []


def test_a_transcript_tells_an_empty_body_from_one_that_was_not_pasted() -> None:
    head = "HTTP/1.1 401 Unauthorized\nContent-Type: application/json\nContent-Length: {length}\n\n"

    assert _only(head.format(length=0)).kind == "empty"
    assert _only(head.format(length=37)).kind == "status"
    assert _only(head.format(length=37) + REFUSAL).code == "50113"


def test_a_redirect_is_one() -> None:
    assert _only("HTTP/1.1 302 Found\nLocation: https://www.okx.com/\nContent-Length: 0\n\n").kind == "redirect"


def test_a_har_of_another_host_is_left_alone() -> None:
    entry = '{"request":{"url":"https://api.example.com/"},"response":{"status":401,"content":{"text":""}}}'

    assert _codes(entry) == []


def test_colours_and_typographic_quotes_are_no_hindrance() -> None:
    assert _codes("\x1b[31m{\x1b[0m “msg”: “x”, “code”: \x1b[32m“50119”\x1b[0m }") == ["50119"]


@pytest.mark.parametrize("number", ["50123", "50199", "50999", "57777", "60777", "60999"])
@pytest.mark.parametrize(
    "line",
    [
        "HTTP 401 OKX {}",
        "HTTP 401 code {}",
        "HTTP 401 code={}",
        "HTTP 401 Cod {}",
        "HTTP 401 OKX Cod. {}",
        "Código {} OKX HTTP 401",
        "HTTP 401 [{}] order",
        "HTTP 401 ({}) refused",
    ],
)
def test_a_number_where_a_code_is_said_is_never_an_answer_without_a_code(line: str, number: str) -> None:
    (answer,) = find_sightings(line.format(number))

    assert (answer.code, answer.http_status) == (number, 401)


@pytest.mark.parametrize(
    "line",
    [
        "OKX BTC-USDT last (60123) volume (50012)",
        "okx balance (50120) USDT",
        "OKX bid 60123 ask 60124",
        "okx bought [60123] at HTTP 200",
        "OKX 60999 USDT",
    ],
)
def test_a_price_in_brackets_is_no_code(line: str) -> None:
    assert find_sightings(line) == ()
