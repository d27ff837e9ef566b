"""The exchange on a port and what reaches it: what is judged, counted, given up and held."""

from __future__ import annotations

import time
from functools import partial

import pytest
from msgspec.structs import replace

from okx_doctor.gate.serve.exchange import Plan
from okx_doctor.listening.listener import Judged, ListenedRequest, Listener, Summary
from okx_doctor.listening.received import OrdinaryRequest, ReceivedRequest
from okx_doctor.testing.explaining import keys_of
from tests.gate.bot import LIVE, altered, call, connect, raw, send, signed
from tests.listening.command import until

pytestmark = pytest.mark.slow

REFUSED = ReceivedRequest(
    number=1, kind="request", method="GET", target="/", status=401, code="50113", accepted=False, signed=True
)


def _listener(*, lines_only: bool = False) -> Listener:
    keys = keys_of(LIVE)
    return Listener(Plan(accounts=(LIVE,), sites=("global",), remembered=0), (keys,), lines_only=lines_only)


def test_what_there_was_no_time_to_judge_is_counted_and_what_of_it_was_refused() -> None:
    with _listener() as listener:
        for account in (LIVE, altered(LIVE, secret="wrong"), LIVE):
            call(listener.site.rest[0], account)
        listener.close()
        left = list(listener.unexplained())

    assert (left, listener.lost, listener.lost_refused) == ([], 3, 1)


@pytest.mark.parametrize(
    "more", [[(f"X-{number}", "v" * 200) for number in range(200)], [("OK-ACCESS-SIGN", "s" * 60_000)]], ids=len
)
def test_what_waits_to_be_written_is_bounded_with_all_its_headers(
    more: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("okx_doctor.listening.listener.HELD_BYTES", 1_000_000)
    heavy = replace(signed(LIVE, now=time.time()), target="/api/v5/public/time")
    named = {name.lower() for name, _ in more}
    heavy = replace(heavy, headers=(*(row for row in heavy.headers if row[0].lower() not in named), *more))
    with _listener() as listener:
        for _ in range(30):
            assert send(listener.site.rest[0], raw(heavy)).status == 200
        assert listener.untaken < 20
        assert listener.untaken + listener.lost == 30


@pytest.mark.parametrize("lines_only", [False, True])
def test_of_an_ordinary_request_as_much_is_kept_as_is_asked_for(lines_only: bool) -> None:
    wrong = altered(LIVE, secret="wrong")
    with _listener(lines_only=lines_only) as listener:
        for account in (LIVE, wrong):
            call(listener.site.rest[0], account)
        ordinary, refused = _given(listener, 2)

    assert isinstance(ordinary, OrdinaryRequest)
    assert (ordinary.what.event is None, ordinary.heard.sent is None) == (lines_only, lines_only)
    assert (ordinary.heard.number, ordinary.heard.accepted, ordinary.heard.signed) == (1, True, True)
    assert refused.heard.sent is not None


def _is_closed(url: str) -> bool:
    try:
        connect(url).close()
    except ConnectionRefusedError:
        return True
    return False


def test_whether_anything_came_is_known_before_it_is_taken_and_after() -> None:
    with _listener() as listener:
        known = [listener.came]
        call(listener.site.rest[0], LIVE)
        listener.wait(10.0)
        known.append(listener.came)
        taken = list(listener.take(0.0, 10))
        known.append(listener.came)

    assert (known, len(taken)) == ([False, True, True], 1)


def test_nobody_waits_longer_than_until_the_listener_is_woken() -> None:
    with _listener() as listener:
        listener.wake()
        listener.wait(3600.0)

        assert not listener.came


def test_a_failure_of_the_exchange_is_something_to_tell_though_nothing_came() -> None:
    def broken() -> float:
        raise ZeroDivisionError

    with Listener(Plan(accounts=(LIVE,), sites=("global",)), (keys_of(LIVE),), now=broken) as listener:
        with connect(listener.site.rest[0]) as connection:
            connection.sendall(raw(signed(LIVE, now=time.time())))
            assert connection.recv(1) == b""
        until(lambda: bool(listener.crashes))

        assert (listener.came, listener.untaken) == (True, 0)


def test_a_closed_port_takes_nothing_more() -> None:
    with _listener() as listener:
        url = listener.site.rest[0]
        assert call(url, LIVE).status == 200
        listener.close()
        until(partial(_is_closed, url))  # a worker that is just being forked holds it for a moment
        assert listener.untaken == 1


@pytest.mark.parametrize("part", ["target", "body", "header"])
def test_what_is_too_large_to_wait_for_its_explanation_is_told_without_one(
    monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr("okx_doctor.listening.listener.WAITING_BYTES", 10_000)
    large = "x" * 20_000
    wrong = signed(
        altered(LIVE, secret="wrong"),
        "POST",
        f"/api/v5/trade/order?{large}" if part == "target" else "/api/v5/trade/order",
        large.encode() if part == "body" else b"{}",
        now=time.time(),
    )
    if part == "header":
        wrong = replace(wrong, headers=(*wrong.headers, ("X-Large", large)))
    with _listener() as listener:
        assert send(listener.site.rest[0], raw(wrong)).status == 401
        (judged,) = listener.take(10.0, 1)
        assert (judged.refused, judged.inspection, listener.explaining) == (True, None, 0)


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"accepted": True, "reason": "anything"}, ()),
        ({"reason": "OKX documents no such path"}, ("OKX documents no such path",)),
        ({}, ("code 50113",)),
        ({"kind": "message", "code": "60018", "reason": "subscribe x: no such channel"}, ("WebSocket code 60018",)),
    ],
)
def test_without_a_cause_a_refusal_is_named_by_its_reason_and_an_acceptance_by_nothing(
    changes: dict[str, object], names: tuple[str, ...]
) -> None:
    assert ListenedRequest(heard=replace(REFUSED, **changes)).names == names


def test_a_summary_counts_everything_and_tells_a_thousand_kinds_apart() -> None:
    summary = Summary()
    summary.add(ListenedRequest(heard=replace(REFUSED, accepted=True)))
    summary.add(ListenedRequest(heard=replace(REFUSED, accepted=True, signed=False)))
    for number in (*range(1_200), 7, 1_100):
        summary.add(ListenedRequest(heard=replace(REFUSED, reason=f"reason {number}")))

    assert (summary.accepted, summary.refused, summary.signed, summary.total) == (2, 1_202, 1_203, 1_204)
    assert len(summary.causes) == 1_000
    assert (summary.causes["reason 7"], summary.causes["reason 999"], summary.causes["reason 1100"]) == (2, 1, 0)


def test_a_request_that_comes_alone_is_given_by_the_first_look() -> None:
    with _listener() as listener:
        for number in (1, 2, 3):
            call(listener.site.rest[0], LIVE)
            assert [one.heard.number for one in listener.take(10.0, 100)] == [number]


def test_all_that_came_before_the_port_was_closed_is_given_once_and_in_order() -> None:
    with _listener() as listener:
        for _ in range(50):
            call(listener.site.rest[0], LIVE)
        listener.close()
        given = [one for _ in range(20) for one in listener.take(0.0, 7)]
        given += listener.unexplained()

    assert [one.heard.number for one in given] == list(range(1, 51))
    assert (listener.untaken, listener.lost) == (0, 0)


def test_requests_are_given_in_the_order_in_which_they_came_however_long_one_is_explained() -> None:
    accounts = [LIVE, altered(LIVE, secret="wrong"), *[LIVE] * 5, altered(LIVE, secret="wrong"), LIVE]
    with _listener() as listener:
        for account in accounts:
            call(listener.site.rest[0], account)
        given = _given(listener, len(accounts))

    assert [one.heard.number for one in given] == list(range(1, len(accounts) + 1))
    assert [one.refused for one in given] == [account is not LIVE for account in accounts]
    assert all(one.inspection for one in given if one.refused)


@pytest.mark.parametrize(("limit", "value"), [("_LINE_SECONDS", 0.0), ("_LINE", 1)])
def test_what_takes_too_long_to_explain_holds_up_nobody_and_is_given_when_it_is(
    limit: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"okx_doctor.listening.listener.{limit}", value)
    with _listener() as listener:
        for account in (altered(LIVE, secret="wrong"), LIVE, LIVE, LIVE):
            call(listener.site.rest[0], account)
        given = _given(listener, 4)

    assert [one.heard.number for one in given if not one.refused] == [2, 3, 4]
    assert [bool(one.inspection) for one in given if one.refused] == [True]


def test_what_stands_in_line_at_the_end_is_given_in_its_order() -> None:
    with _listener() as listener:
        for account in (LIVE, altered(LIVE, secret="wrong"), LIVE):
            call(listener.site.rest[0], account)
        given = [*listener.take(10.0, 3)]
        listener.close()
        given += listener.unexplained()

    assert [one.heard.number for one in given] == [1, 2, 3]


def _given(listener: Listener, count: int) -> list[Judged]:
    """What ``take`` gives until so many have come."""
    given: list[Judged] = []
    for _ in range(2_000):
        given += listener.take(0.1, 1024)
        if len(given) == count:
            return given
    raise AssertionError(f"only {len(given)} of {count} were given")
