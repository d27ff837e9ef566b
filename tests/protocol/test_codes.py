from __future__ import annotations

import re
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest

from okx_doctor.catalogue.causes import ids
from okx_doctor.catalogue.usual import causes_behind
from okx_doctor.protocol.codes import Code, all_codes, find
from okx_doctor.protocol.outcome import GATE_CODES
from okx_doctor.protocol.steps import Channel


def _codes(text: str) -> list[str]:
    return text.split()


AUTHENTICATION = [str(code) for code in range(50100, 50123) if code != 50117]  # 50117 is documented nowhere
CONNECTIVITY = _codes("""
    0 1 2 50000 50001 50002 50004 50005 50006 50007 50008 50009 50010 50011 50012 50013 50014 50026 50027 50028
    50029 50030 50035 50036 50037 50038 50044 50051 50052 50053 50059 50060 50061 50067 51010 51024 51009 51155
    51732 51734 51737 51735 51054 51149 58016 58102 58127 58128 58207 58209 58228 58239 59500 59501 59503 59504
    59505 59506 59604
""")
WEBSOCKET = _codes("""
    60004 60005 60006 60007 60008 60009 60011 60012 60013 60014 60018 60019 60023 60024 60026 60027 60028 60031
    60032 60033 63999 64000 64001 64002 64003 64004 64007 64008 1009 4001 4002 4003 4004 4005 4006 4007 4008
    4009
""")
UNDOCUMENTED = ["50003", "50043", "50054", "50117", "50126", "99999", ""]


@pytest.mark.parametrize("row", all_codes(), ids=lambda row: f"{row.channel}-{row.code}")
def test_every_row_says_where_it_is_from_and_of_when(row: Code) -> None:
    assert len(row.source) > 10
    assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", row.date)
    assert row.observed is None or (len(row.observed.source) > 5 and row.observed.confidence)


@pytest.mark.parametrize("row", all_codes(), ids=lambda row: f"{row.channel}-{row.code}")
def test_every_cause_of_a_row_is_in_the_catalogue_once(row: Code) -> None:
    assert set(row.causes) <= set(ids())
    assert len(row.causes) == len(set(row.causes))


def test_no_row_stands_there_twice() -> None:
    rows = Counter((row.channel, row.code, row.kind, row.status) for row in all_codes())

    assert [row for row, times in rows.items() if times > 1] == []


def test_rest_rows_come_before_websocket_rows() -> None:
    channels = [row.channel for row in all_codes()]

    assert channels == sorted(channels)


@pytest.mark.parametrize("code", [*AUTHENTICATION, *CONNECTIVITY])
def test_the_table_holds_every_rest_code_of_the_way_to_an_accepted_call(code: str) -> None:
    row = find(code)

    assert row is not None
    assert (row.channel, row.code) == ("rest", code)


@pytest.mark.parametrize("code", WEBSOCKET)
def test_the_table_holds_every_websocket_code(code: str) -> None:
    row = find(code, "websocket")

    assert row is not None
    assert (row.channel, row.code) == ("websocket", code)


@pytest.mark.parametrize("code", UNDOCUMENTED)
def test_a_code_that_okx_does_not_document_is_not_invented(code: str) -> None:
    assert find(code) is None
    assert find(code, "websocket") is None


@pytest.mark.parametrize(
    ("code", "documented", "wire"), [("50119", 200, 401), ("50120", 200, 401), ("50113", 401, 401)]
)
def test_the_status_on_the_wire_wins_over_the_documented_one(code: str, documented: int, wire: int) -> None:
    row = find(code)

    assert row is not None
    assert (row.status, row.wire_status) == (documented, wire)


def test_the_text_on_the_wire_wins_over_the_documented_one() -> None:
    row = find("50113")

    assert row is not None
    assert (row.text, row.wire_text) == ("Invalid signature.", "Invalid Sign")


@pytest.mark.parametrize(
    ("code", "wire"),
    [
        ("50103", "Request header OK-ACCESS-KEY can not be empty."),
        ("50105", "Request header OK-ACCESS-PASSPHRASE incorrect."),
        ("50114", "Invalid Authority"),
    ],
)
def test_the_wording_differs_from_the_documentation(code: str, wire: str) -> None:
    row = find(code)

    assert row is not None
    assert row.wire_text == wire != row.text


def test_of_two_rows_with_one_code_the_one_seen_on_the_wire_is_found() -> None:
    row = find("50011")

    assert [candidate.status for candidate in all_codes() if candidate.code == "50011"] == [200, 429]
    assert row is not None
    assert (row.wire_status, row.wire_text) == (429, "Too Many Requests")


def test_a_row_without_any_status_is_taken_for_200() -> None:
    rows = [row for row in all_codes() if row.status is None and row.observed is None]

    assert rows
    assert {row.wire_status for row in rows} == {200}


@pytest.mark.parametrize(
    ("code", "first_cause"),
    [
        ("50100", "api-key-frozen"),
        ("50101", "wrong-environment"),
        ("50103", "header-missing"),
        ("50104", "header-missing"),
        ("50105", "passphrase-wrong"),
        ("50106", "header-missing"),
        ("50107", "header-missing"),
        ("50110", "ip-not-allowlisted"),
        ("50111", "api-key-malformed"),
        ("50113", "body-reserialised"),
        ("50119", "wrong-site"),
        ("50120", "permission-missing"),
        ("50011", "rate-limited"),
        ("50001", "exchange-unavailable"),
    ],
)
def test_a_code_names_its_most_usual_cause_first(code: str, first_cause: str) -> None:
    row = find(code)

    assert row is not None
    assert causes_behind(row)[0].id == first_cause


@pytest.mark.parametrize(
    ("code", "never"),
    [
        ("50113", ("passphrase-wrong", "passphrase-case", "clock-drift", "rate-limited")),
        ("50105", ("secret-wrong", "clock-drift")),
        ("50110", ("api-key-expiring", "api-key-unknown", "permission-missing")),
        ("50100", ("permission-missing",)),
        ("50102", ("secret-wrong", "passphrase-wrong")),
        ("50112", ("secret-wrong", "passphrase-wrong", "clock-drift")),
        ("50119", ("clock-drift", "permission-missing", "passphrase-wrong", "secret-wrong")),
        ("50111", ("ip-not-allowlisted",)),
        ("50061", ("connection-refused",)),
    ],
)
def test_wrong_readings_in_circulation_are_not_repeated(code: str, never: tuple[str, ...]) -> None:
    row = find(code)

    assert row is not None
    assert set(row.causes).isdisjoint(never)


@pytest.mark.parametrize("code", sorted(GATE_CODES))
def test_every_code_of_the_gate_is_a_row(code: str) -> None:
    assert find(code) is not None


@pytest.mark.parametrize(
    ("rest", "websocket"),
    [("50119", "60032"), ("50105", "60024"), ("50113", "60007"), ("50102", "60006"), ("50111", "60005")],
)
def test_a_rest_code_and_its_websocket_twin_share_a_cause(rest: str, websocket: str) -> None:
    here, there = find(rest), find(websocket, "websocket")

    assert here is not None
    assert there is not None
    assert set(here.causes) & set(there.causes)


@pytest.mark.parametrize(
    ("code", "asked", "found"),
    [
        ("50113", "websocket", "rest"),  # seen: REST codes arrive over the socket
        ("50101", "websocket", "websocket"),
        ("60009", "rest", "websocket"),
        ("4007", "rest", "websocket"),
    ],
)
def test_a_code_is_looked_up_on_its_own_channel_first(code: str, asked: Channel, found: Channel) -> None:
    row = find(code, asked)

    assert row is not None
    assert row.channel == found


def test_retired_codes_are_kept_but_not_found() -> None:
    historic = {row.code for row in all_codes() if row.kind == "historic"}

    assert historic >= {"60001", "60002", "60003", "60025"}
    assert [code for code in historic if find(code, "websocket") is not None] == []


def test_codes_stand_in_the_rulebook_and_in_few_other_places() -> None:
    package = Path(str(files("okx_doctor")))
    written = re.compile(r"[\"'](50[01][0-9]{2}|600[0-9]{2})[\"']")
    with_codes = [path for path in package.rglob("*.py") if written.search(path.read_text("utf-8"))]

    assert len(with_codes) <= 10, sorted(path.relative_to(package).as_posix() for path in with_codes)
