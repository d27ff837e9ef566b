"""A survey against exchanges that are as the facts say, that changed, and that something stands before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from itertools import count, permutations

import pytest

from okx_doctor.gate.accounts import generate
from okx_doctor.gate.evaluate import Venue, evaluate
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.observations import CallFailure
from okx_doctor.probes.http import Http, Reply
from okx_doctor.protocol.answers import Answer, Form
from okx_doctor.protocol.endpoints import CONFIG, TIME
from okx_doctor.protocol.sites import SITES
from okx_doctor.protocol.steps import step_named
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.report.survey import render_json, render_text
from okx_doctor.secrets.secret import Secret
from okx_doctor.surveying.asking import paced
from okx_doctor.surveying.questions import QUESTIONS, Values
from okx_doctor.surveying.survey import MAX_CALLS, Survey, survey
from okx_doctor.surveying.with_key import NotADemoKey, survey_with_key

pytestmark = pytest.mark.slow

NOW = 1_790_000_000.0
PERMUTED = ("passphrase-present", "timestamp-readable", "timestamp-fresh", "key-shaped", "key-known")
VENUE = Venue(site="global", accounts=())


def envelope(status: int, code: str) -> Reply:
    return Reply(answer=Answer(status=status, form=Form.OKX, code=code))


def gate(request: WireRequest) -> Reply:
    """OKX as the facts have it."""
    if request.target == TIME.target:
        return envelope(200, "0")
    refusal = evaluate(request, venue=VENUE, now=NOW, caller_ip="127.0.0.1").refusal
    assert refusal is not None
    return envelope(refusal.status, refusal.code)


def permuted(order: tuple[str, ...]) -> Callable[[WireRequest], Reply]:
    """OKX with these five steps in another order. A malformed key is an unknown one too."""

    def answer(request: WireRequest) -> Reply:
        if request.target == TIME.target:
            return envelope(200, "0")
        trace = evaluate(request, venue=VENUE, now=NOW, caller_ip="127.0.0.1")
        passed = {step.id: step.passed for step in trace.steps}
        passed["key-known"] = False if request.header("OK-ACCESS-KEY") else None
        places = [step.id for step in trace.steps if step.id in PERMUTED]
        moved = dict(zip(places, order, strict=True))
        ids = [moved.get(step.id, step.id) for step in trace.steps]
        first = next(step_id for step_id in ids if passed[step_id] is False)
        return envelope(401, step_named(first).code())

    return answer


def on_443(url: str) -> bool:
    return "8443" not in url


def asked(answer: Callable[[WireRequest], Reply], opens: Callable[[str], bool] = on_443) -> Survey:
    return survey(
        lambda url, request: answer(request), lambda url: "" if opens(url) else "times out", SITES, lambda: NOW
    )


def test_an_exchange_that_is_as_the_facts_say_agrees_in_every_row() -> None:
    found = asked(gate)

    assert {row.verdict for row in found.rows} == {"agree"}
    assert all(order.agrees for order in found.orders)
    assert (found.differs, found.reached) == (False, True)


def test_a_survey_makes_at_most_forty_calls_to_hosts_of_okx_alone() -> None:
    urls: list[str] = []

    def ask(url: str, request: WireRequest) -> Reply:
        urls.append(url)
        return gate(request)

    def opened(url: str) -> str:
        urls.append(url)
        return ""

    survey(ask, opened, SITES, lambda: NOW)

    assert len(urls) <= MAX_CALLS
    assert {url.partition("://")[2].partition(":")[0].rpartition(".okx.com")[1] for url in urls} == {".okx.com"}


def test_every_site_s_address_and_both_ports_of_every_socket_are_asked() -> None:
    found = asked(gate)

    hosts = {url.partition("://")[2] for site in SITES for url in site.rest}
    assert {row.where for row in found.rows if row.question == "the public time"} == hosts
    sockets = {url.partition("://")[2] for site in SITES for url in (site.websocket, site.websocket_demo) if url}
    ports = {row.where for row in found.rows if row.question == "a WebSocket"}
    assert ports == sockets | {f"{host}:8443" for host in sockets}


def test_a_retired_port_that_opens_differs_and_one_that_still_serves_but_fails_here_was_not_asked() -> None:
    found = asked(gate, lambda url: "8443" in url)

    verdicts = {(row.verdict, "8443" in row.where) for row in found.rows if row.question == "a WebSocket"}
    assert verdicts == {("differ", True), ("not asked", False)}


def test_no_permutation_of_five_steps_is_taken_for_the_one_that_is_known() -> None:
    """120 orders, of which the answers show 54: a timestamp is not unreadable and stale at once.

    A row agrees only where its answer is the expected one, and whatever answers differently is said to differ.
    """
    usual = asked(gate).rows[-len(QUESTIONS) :]
    expected = {row.question: row.expected for row in usual}
    seen: dict[tuple[str, ...], list[tuple[str, ...]]] = {}

    for order in permutations(PERMUTED):
        found = asked(permuted(order))
        rows = found.rows[-len(QUESTIONS) :]
        for row in rows:
            assert (row.verdict == "agree") == (row.answered == expected[row.question]), (order, row)
        seen.setdefault(tuple(row.answered for row in rows), []).append(order)
        for shown in found.orders:
            if shown.first in order and shown.then in order:
                assert order.index(shown.first) < order.index(shown.then), (order, shown)

    assert sum(map(len, seen.values())) == 120
    alike = next(orders for orders in seen.values() if PERMUTED in orders)
    for answers, orders in seen.items():
        found = asked(permuted(orders[0]))
        assert found.differs == (orders is not alike), (answers, orders)
    assert len(seen) == 54


def test_of_two_exchanges_that_no_answer_tells_apart_neither_is_said_to_differ() -> None:
    """An unreadable timestamp cannot be stale, so the order of these two steps shows in nothing."""
    order = ("passphrase-present", "timestamp-fresh", "timestamp-readable", "key-shaped", "key-known")

    assert not asked(permuted(order)).differs


def test_a_code_that_nobody_knew_is_new() -> None:
    found = asked(lambda request: envelope(401, "50199") if request.target == CONFIG.target else gate(request))

    assert {row.verdict for row in found.rows if row.answered == "401 50199"} == {"new"}
    assert found.differs


@pytest.mark.parametrize(
    "reply",
    [
        Reply(answer=Answer(status=403, form=Form.PAGE)),
        Reply(answer=Answer(status=451, form=Form.OTHER_JSON)),
        Reply(answer=Answer(status=503, form=Form.OKX, code="50001")),
        envelope(429, "50011"),
        Reply(failure=CallFailure(kind="timeout", detail="no complete answer in time")),
        Reply(failure=CallFailure(kind="dns", detail="the name does not resolve")),
    ],
    ids=["page", "451", "maintenance", "rate limit", "timeout", "no name"],
)
def test_what_something_on_the_way_answers_was_not_asked_and_never_differs(reply: Reply) -> None:
    found = asked(lambda request: reply, lambda url: False)

    assert {row.verdict for row in found.rows if "8443" not in row.where} == {"not asked"}
    assert (found.differs, found.reached) == (False, any("8443" in row.where for row in found.rows))


def test_another_status_with_the_same_code_differs() -> None:
    def documented(request: WireRequest) -> Reply:
        answer = gate(request).answer
        assert answer is not None
        return envelope(200, answer.code)

    assert asked(documented).differs


def test_an_exchange_that_refuses_the_demo_header_differs_in_that_row_alone() -> None:
    found = asked(lambda request: envelope(401, "50101") if request.header("x-simulated-trading") else gate(request))

    assert [row.question for row in found.rows if row.verdict != "agree"] == ["the demo header"]


def test_the_embedded_exchange_itself_agrees() -> None:
    with Exchange(Plan(accounts=(generate(),), websocket=True)) as exchange:
        http = Http(user_agent="test", extra_ca=exchange.ca_pem)
        ask = paced(http, time.monotonic, lambda seconds: None)
        found = survey(ask, lambda url: "", exchange.sites, time.time)
        http.close()

    assert {row.verdict for row in found.rows} == {"agree"}, found.rows


def test_an_exchange_behind_a_blocking_edge_was_not_asked() -> None:
    from okx_doctor.gate.api.faults import Fault

    with Exchange(Plan(accounts=(generate(),), faults=(("*", Fault.EDGE_BLOCK),))) as exchange:
        http = Http(user_agent="test", extra_ca=exchange.ca_pem)
        found = survey(
            paced(http, time.monotonic, lambda seconds: None), lambda url: "times out", exchange.sites, time.time
        )
        http.close()

    assert {row.verdict for row in found.rows} == {"not asked"}
    assert not found.reached


def test_calls_keep_the_pace_of_the_endpoint_on_each_host() -> None:
    clock = [0.0]
    pauses: list[float] = []

    def wait(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    with Exchange(Plan(accounts=(generate(),))) as exchange:
        http = Http(user_agent="test", extra_ca=exchange.ca_pem)
        ask = paced(http, lambda: clock[0], wait)
        for _ in range(3):
            ask(exchange.sites[0].rest[0], WireRequest(method="GET", target=TIME.target, headers=()))
        ask(exchange.sites[1].rest[0], WireRequest(method="GET", target=TIME.target, headers=()))
        http.close()

    assert pauses == [pytest.approx(CONFIG.seconds / CONFIG.limit)] * 2


DEMO = generate(demo=True)
VALUES = Values(api_key=Secret(DEMO.api_key), secret=DEMO.secret, passphrase=DEMO.passphrase)


def of_account(request: WireRequest) -> Reply:
    venue = Venue(site="global", accounts=(DEMO,))
    refusal = evaluate(request, venue=venue, now=NOW, caller_ip="127.0.0.1").refusal
    return envelope(refusal.status, refusal.code) if refusal else envelope(200, "0")


def with_key(answer: Callable[[WireRequest], Reply]) -> tuple[Mapping[str, str], int]:
    """The verdicts by question, and how many calls were made."""
    calls = count()
    made: list[int] = []

    def ask(url: str, request: WireRequest) -> Reply:
        made.append(next(calls))
        return answer(request)

    rows = survey_with_key(ask, SITES[0], lambda: NOW, VALUES)
    return {row.question: row.verdict for row in rows}, len(made)


def test_a_demo_key_settles_the_pairs_that_need_an_account() -> None:
    verdicts, _ = with_key(of_account)

    assert set(verdicts.values()) == {"agree"}
    assert len(verdicts) == 6


def test_a_key_that_is_not_accepted_in_demo_trading_is_asked_nothing_more() -> None:
    made: list[WireRequest] = []

    def refuse(url: str, request: WireRequest) -> Reply:
        made.append(request)
        return envelope(401, "50101")

    with pytest.raises(NotADemoKey):
        survey_with_key(refuse, SITES[0], lambda: NOW, VALUES)
    assert len(made) == 1


def test_a_demo_key_is_refused_for_its_passphrase_twice_at_most() -> None:
    refused = 0

    def signature_last(url: str, request: WireRequest) -> Reply:
        nonlocal refused
        if request.header("OK-ACCESS-PASSPHRASE") != DEMO.passphrase.reveal():
            refused += 1
            return envelope(401, "50105")
        return of_account(request)

    survey_with_key(signature_last, SITES[0], lambda: NOW, VALUES)

    assert refused == 2


def test_an_exchange_that_wants_no_demo_header_shows_it() -> None:
    def answer(request: WireRequest) -> Reply:
        return of_account(request) if request.header("x-simulated-trading") else envelope(401, "50113")

    verdicts, _ = with_key(answer)

    assert verdicts["a wrong signature, without the demo header"] == "differ"


def test_the_text_names_what_changed_and_the_json_is_whole() -> None:
    order = ("passphrase-present", "key-shaped", "key-known", "timestamp-readable", "timestamp-fresh")
    changed = asked(permuted(order))

    text = render_text(changed)
    assert "✗ OKX asks key-known before timestamp-fresh" in text
    assert "120 s late (openapi.okx.com): 401 50119, expected 401 50102" in " ".join(text.split())
    for width in (80, 40):
        shown = render_text(changed, width=width).splitlines()
        assert max(map(len, shown)) <= width
        last = " ".join(" ".join(shown[-20:]).split())
        assert "✗ differ" in last and last.endswith("$ okx-doctor survey --format json")
    document = json.loads(render_json(changed))
    assert document["schema"] == "okx-doctor/survey/1"
    assert len(document["rows"]) == len(changed.rows)


def test_no_value_of_a_demo_key_is_in_what_is_written() -> None:
    rows = survey_with_key(lambda url, request: of_account(request), SITES[0], lambda: NOW, VALUES)
    found = asked(gate).with_rows(rows)

    for text in (render_text(found), render_json(found)):
        for value in (DEMO.api_key, DEMO.secret.reveal(), DEMO.passphrase.reveal()):
            assert value not in text
