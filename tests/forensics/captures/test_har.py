"""A HAR file's requests to OKX are read with their answers, and a bad entry stops none."""

from __future__ import annotations

import json

import pytest

from okx_doctor.forensics.captures.capture import Capture, Response, Unreadable
from tests.forensics.bench import ORDER_BODY, one, read
from tests.forensics.captures.making import HEADERS, URL, entry, har, okx_headers


@pytest.mark.parametrize("indent", [None, 2])
def test_a_har_files_okx_requests_are_read_with_their_answers(indent: int | None) -> None:
    text = json.dumps(json.loads(har(entry("https://example.com/api/v5/x"), entry())), indent=indent)
    text = text.replace("OK-ACCESS", "xx-ACCESS", 4)  # the other site's request is not signed for OKX
    (found,) = read(text)

    assert isinstance(found, Capture)
    assert (found.form, found.place) == ("har", "entry 2")
    assert (found.request.body, okx_headers(found)) == (ORDER_BODY, HEADERS)
    assert found.sent_at == 1795165737.8
    assert found.response is not None
    assert (found.response.status, found.response.code, found.response.date) == (401, "50113", 1795165738.0)


def test_a_bad_entry_of_a_har_file_is_told_by_its_number() -> None:
    text = har(entry(), {"request": {"method": 1}}, entry(encoding="base64", text="***"), entry())
    first, bad, worse, last = read(text)

    assert isinstance(first, Capture)
    assert isinstance(last, Capture)
    assert isinstance(bad, Unreadable)
    assert isinstance(worse, Unreadable)
    assert (bad.place, worse.place, last.place) == ("entry 2", "entry 3", "entry 4")


def test_a_body_that_the_har_file_leaves_out_is_not_taken_for_none() -> None:
    left_out = entry()
    left_out["request"] = {**left_out["request"], "bodySize": 95}  # type: ignore[dict-item]
    del left_out["request"]["postData"]  # type: ignore[attr-defined]
    emptied = entry(text="")
    emptied["request"] = {**emptied["request"], "bodySize": 95}  # type: ignore[dict-item]
    for found in read(har(left_out, emptied)):
        assert isinstance(found, Unreadable)
        assert "95 bytes" in found.why


def test_a_query_that_a_har_file_holds_apart_from_the_address_is_not_taken_for_none() -> None:
    apart, beside = entry(), entry(url=f"{URL}?a=1")
    for made in (apart, beside):
        made["request"] = {**made["request"], "queryString": [{"name": "a", "value": "1"}]}  # type: ignore[dict-item]
    first, second = read(har(apart, beside))

    assert isinstance(first, Unreadable)
    assert "query" in first.why
    assert isinstance(second, Capture)


def test_null_in_a_har_file_is_nothing() -> None:
    text = har(entry(text=None, encoding=None))
    text = text.replace('"headers": [{"name": "date"', '"headers": null, "x": [{"name": "date"')
    text = text.replace('"status": 401', '"status": null').replace(
        '"content": {"text"', '"content": {"text": null, "x"'
    )
    capture = one(text)

    assert capture.request.body == b""
    assert capture.response == Response(status=None, code="", date=None)


def test_a_har_file_that_is_cut_off_gives_what_came_before() -> None:
    text = har(entry(), entry())
    first, cut = read(text[:-200])

    assert isinstance(first, Capture)
    assert isinstance(cut, Unreadable)
    assert "no end" in cut.why
