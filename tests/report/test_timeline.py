"""The requests of a run as a reader is told of them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from okx_doctor.model import Report
from okx_doctor.report.timeline import requests


def test_every_request_stands_in_order_with_what_was_corrected_and_what_came_of_it(
    reports: Mapping[str, Report],
) -> None:
    told = [(made.what, made.state, made.outcome, made.answer) for made in requests(reports["requests"])]
    assert told == [
        ("GET public/time", "unsigned, through http://10.9.8.7:3128", "accepted", "accepted"),
        ("NTP", "time server", "accepted", "stratum 2"),
        ("NTP", "time server", "unanswered", "no answer in 1 s"),
        ("GET account/config", "as it was loaded", "refused", "50102 Timestamp request expired"),
        ("GET account/config", "with OKX's time", "accepted", "accepted"),
        ("GET account/config", "taken back: OKX's time", "refused", "50102 Timestamp request expired"),
        (
            "GET account/config",
            "with site:eea; still with OKX's time",
            "refused",
            "50110 Your IP … is not included in your API key's … IP whitelist",
        ),
        ("GET account/config", "with site:us; still with OKX's time", "unanswered", "HTTP 502 without a code of OKX's"),
        ("GET account/config", "with site:tr; still with OKX's time", "unanswered", "no answer to GET account/config"),
        ("WebSocket login", "with what was accepted", "refused", "60005 Invalid apiKey"),
    ]


def test_durations_are_told_where_they_are_known(reports: Mapping[str, Report]) -> None:
    made = requests(reports["requests"])
    assert [(one.started_ms, one.duration_ms) for one in made if one.what == "GET account/config"] == [
        (None, None),  # as a report of an older version
        (200, 23),
        (300, 24),
        (400, 25),
        (500, 26),
        (600, 27),
    ]
    assert made[0].duration_ms == 40  # half the round trip, and a millisecond of OKX's own, is the doubt


@pytest.mark.parametrize(("seconds", "told"), [(1e308, 86_400_000), (-1e308, 0)])
def test_a_duration_that_none_can_be_is_bounded(seconds: float, told: int, reports: Mapping[str, Report]) -> None:
    report = reports["requests"]
    checks = tuple(
        replace(
            check,
            observations={
                name: [{**row, "uncertainty_s": seconds} if "uncertainty_s" in row else row for row in rows]
                for name, rows in check.observations.items()
            },
        )
        for check in report.checks
    )
    made = requests(replace(report, checks=checks))
    assert [made[0].duration_ms, made[1].duration_ms] == [told, told]


def test_a_demo_call_says_so(reports: Mapping[str, Report]) -> None:
    assert [made.asked for made in requests(reports["requests"]) if "demo" in made.asked] == [
        "https://openapi.okx.com (demo)",
        "wss://ws.okx.com/ws/v5/private (demo)",
    ]


def test_a_report_without_requests_tells_of_none(reports: Mapping[str, Report]) -> None:
    assert requests(reports["healthy-offline"]) == ()
