from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okx_doctor.protocol.timestamps import (
    WINDOW_SECONDS,
    parse_rest_timestamp,
    parse_websocket_timestamp,
    rest_timestamp,
    websocket_timestamp,
)

DOCUMENTED = 1607418537.715  # 2020-12-08T09:08:57.715Z, by `date -u -d 2020-12-08T09:08:57 +%s`
TIMES = st.floats(min_value=0, max_value=4_102_444_800, allow_nan=False)


def test_the_documented_timestamp_is_made_and_read() -> None:
    assert rest_timestamp(DOCUMENTED) == "2020-12-08T09:08:57.715Z"
    assert parse_rest_timestamp("2020-12-08T09:08:57.715Z") == pytest.approx(DOCUMENTED, abs=1e-6)


@given(moment=TIMES)
def test_a_timestamp_that_is_made_has_three_digits_and_reads_back_to_the_millisecond(moment: float) -> None:
    text = rest_timestamp(moment)

    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    assert parse_rest_timestamp(text) == pytest.approx(moment, abs=0.00051)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (0.0004, "1970-01-01T00:00:00.000Z"),
        (0.9996, "1970-01-01T00:00:01.000Z"),
        (1735689599.9999, "2025-01-01T00:00:00.000Z"),
        (1709164800.05, "2024-02-29T00:00:00.050Z"),
    ],
)
def test_milliseconds_are_rounded_and_carried(moment: float, text: str) -> None:
    assert rest_timestamp(moment) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020-12-08T09:08:57Z", DOCUMENTED - 0.715),
        ("2020-12-08T09:08:57.7Z", DOCUMENTED - 0.015),
        ("2020-12-08T09:08:57.57Z", DOCUMENTED - 0.145),
        ("2020-12-08T09:08:57.715000Z", DOCUMENTED),
        ("2020-12-08T09:08:57.715000000Z", DOCUMENTED),
        ("1607418537", DOCUMENTED - 0.715),
        ("1607418537.715", DOCUMENTED),
    ],
)
def test_forms_that_run_in_production_are_read(text: str, moment: float) -> None:
    assert parse_rest_timestamp(text) == pytest.approx(moment, abs=1e-6)


def test_epoch_milliseconds_are_read_as_a_time_far_in_the_future_not_as_unreadable() -> None:
    read = parse_rest_timestamp("1607418537715")

    assert read is not None
    assert read - DOCUMENTED > 1000 * WINDOW_SECONDS


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "now",
        "None",
        "2020-12-08T09:08:57.715",
        "2020-12-08T09:08:57.715+00:00",
        "2020-12-08T09:08:57.715z",
        "2020-12-08 09:08:57.715Z",
        "2020-12-08T09:08:57,715Z",
        "2020-12-08T09:08Z",
        "20201208T090857Z",
        "2020-13-08T09:08:57.715Z",
        "2020-02-30T09:08:57.715Z",
        "2020-12-08T24:08:57.715Z",
        "2020-12-08T09:08:60.715Z",
        "0000-12-08T09:08:57.715Z",
        "2020-12-08T09:08:57.Z",
        "2020-12-08T09:08:57.1234567890Z",
        "2020-12-08T09:08:57.715Z\n",
        " 2020-12-08T09:08:57.715Z",
        "Tue, 08 Dec 2020 09:08:57 GMT",
        "-1607418537",
        "+1607418537",
        "1.6e9",
        "1607418537.",
        ".5",
        "0x5fcf4069",
        "inf",
        "nan",
        "16074185377150000",
        "２０２０-12-08T09:08:57.715Z",
        "١٦٠٧٤١٨٥٣٧",
    ],
)
def test_text_that_is_no_time_is_not_read(text: str) -> None:
    assert parse_rest_timestamp(text) is None


@given(text=st.text(max_size=40))
def test_reading_a_timestamp_never_raises(text: str) -> None:
    for read in (parse_rest_timestamp(text), parse_websocket_timestamp(text)):
        assert read is None or isinstance(read, float)


@given(text=st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", fullmatch=True))
def test_reading_whatever_looks_like_a_timestamp_never_raises(text: str) -> None:
    read = parse_rest_timestamp(text)

    assert read is None or parse_rest_timestamp(text[:19] + "Z") == pytest.approx(read, abs=1.0)


@given(moment=TIMES)
def test_a_websocket_timestamp_is_whole_seconds(moment: float) -> None:
    text = websocket_timestamp(moment)

    assert text.isdigit()
    assert parse_websocket_timestamp(text) == pytest.approx(moment, abs=1.0)


@pytest.mark.parametrize("text", ["", "2020-12-08T09:08:57.715Z", "1607418537s", "-1", "1e9", "1607418537\n"])
def test_a_login_timestamp_that_is_no_number_is_not_read(text: str) -> None:
    assert parse_websocket_timestamp(text) is None


def test_a_login_timestamp_with_a_fraction_is_read() -> None:
    assert parse_websocket_timestamp("1607418537.715") == pytest.approx(DOCUMENTED)
