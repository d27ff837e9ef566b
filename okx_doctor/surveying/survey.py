"""One survey: ask, and hold each answer against what the facts say. The asking itself is handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from okx_doctor.gate.accounts import Account
from okx_doctor.gate.evaluate import Venue, evaluate
from okx_doctor.probes.http import Reply
from okx_doctor.protocol.answers import Answer, Form
from okx_doctor.protocol.codes import find
from okx_doctor.protocol.endpoints import TIME
from okx_doctor.protocol.outcome import RATE_CODES, UNAVAILABLE_CODES
from okx_doctor.protocol.sites import RETIRED_PORTS, Site, is_okx_name
from okx_doctor.protocol.steps import step_of
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.surveying.questions import MADE_UP, QUESTIONS, Question, Values, request_for

Verdict = Literal["agree", "differ", "new", "not asked"]
"""The fact holds, it does not, the answer is one that nobody knew, or OKX did not answer."""

MAX_CALLS: Final = 40

Ask = Callable[[str, WireRequest], Reply]
"""Send a request to a base URL. Keeps OKX's limits; never raises."""
Open = Callable[[str], str]
"""Open a socket at an address; how it failed, in a few words, or ``""``."""


class Row(Struct, frozen=True, kw_only=True):
    """One question and its answer. ``where`` is a host, ``expected`` and ``answered`` are as people read them."""

    question: str
    where: str
    expected: str
    answered: str
    verdict: Verdict


class Order(Struct, frozen=True, kw_only=True):
    """Two steps of OKX's check whose order an answer shows; ``agrees``: the facts have them so too."""

    first: str
    then: str
    agrees: bool


class Survey(Struct, frozen=True, kw_only=True):
    """Every row, in the order asked, and the orders of steps that the answers show."""

    rows: tuple[Row, ...]
    orders: tuple[Order, ...]

    def with_rows(self, rows: Sequence[Row]) -> Survey:
        """The same survey with more rows behind."""
        return Survey(rows=(*self.rows, *rows), orders=self.orders)

    @property
    def differs(self) -> bool:
        """Whether a fact no longer holds, or something new was answered."""
        return any(row.verdict in ("differ", "new") for row in self.rows)

    @property
    def reached(self) -> bool:
        """Whether OKX answered anything at all."""
        return any(row.verdict != "not asked" for row in self.rows)


def survey(ask: Ask, open_socket: Open, sites: Sequence[Site], now: Callable[[], float]) -> Survey:
    """Ask about every site's address, every socket's ports, and each question at the first site."""
    rows = [*_times(ask, sites), *_sockets(open_socket, sites)]
    asked: list[tuple[Question, Row, Answer | None]] = []
    first = sites[0]
    for question in QUESTIONS:
        moment = now()
        reply = ask(first.rest[0], request_for(question, moment, MADE_UP))
        row = judge(question, first, moment, reply)
        asked.append((question, row, reply.answer if row.verdict != "not asked" else None))
    orders = _orders([(question, answer) for question, _, answer in asked if answer], first, now())
    return Survey(rows=(*rows, *(row for _, row, _ in asked)), orders=orders)


def judge(
    question: Question,
    site: Site,
    moment: float,
    reply: Reply,
    accounts: tuple[Account, ...] = (),
    values: Values = MADE_UP,
) -> Row:
    """Hold the answer to a question against the gate's answer to the same request."""
    request = request_for(question, moment, values)
    venue = Venue(site=site.id, accounts=accounts)
    refusal = evaluate(request, venue=venue, now=moment, caller_ip="127.0.0.1").refusal
    status, code = (refusal.status, refusal.code) if refusal else (200, "0")
    return Row(
        question=question.id,
        where=_host(site.rest[0]),
        expected=f"{status} {code}",
        answered=_described(reply),
        verdict=_verdict(reply, status, code),
    )


def _verdict(reply: Reply, status: int, code: str) -> Verdict:
    answer = reply.answer
    if answer is None or answer.form is not Form.OKX or _is_in_the_way(answer):
        return "not asked"
    if find(answer.code) is None:
        return "new"
    return "agree" if (answer.status, answer.code) == (status, code) else "differ"


def _is_in_the_way(answer: Answer) -> bool:
    """Whether something between here and OKX's check answered: its limits, its maintenance, a gateway."""
    return answer.status in (429, 451) or answer.code in (*RATE_CODES, *UNAVAILABLE_CODES) or answer.status >= 500


def _described(reply: Reply) -> str:
    if reply.answer is None:
        return reply.failure.detail if reply.failure else "no answer"
    code = reply.answer.code or {Form.PAGE: "a page"}.get(reply.answer.form, "no code")
    return f"{reply.answer.status} {code}"


def _times(ask: Ask, sites: Sequence[Site]) -> Iterator[Row]:
    for url in dict.fromkeys(url for site in sites for url in site.rest):
        reply = ask(url, WireRequest(method=TIME.method, target=TIME.target, headers=()))
        yield Row(
            question="the public time",
            where=_host(url),
            expected="200 0",
            answered=_described(reply),
            verdict=_verdict(reply, 200, "0"),
        )


def _sockets(open_socket: Open, sites: Sequence[Site]) -> Iterator[Row]:
    urls = dict.fromkeys(url for site in sites for url in (site.websocket, site.websocket_demo) if url)
    for url in urls:
        failed = open_socket(url)
        yield _socket_row(url, "opens", failed, "not asked" if failed else "agree")
        for port in RETIRED_PORTS if is_okx_name(_host(url)) else ():
            failed = open_socket(f"{url}:{port.port}")
            yield _socket_row(f"{url}:{port.port}", "does not open", failed, "agree" if failed else "differ")


def _socket_row(url: str, expected: str, failed: str, verdict: Verdict) -> Row:
    where = url.partition("://")[2]
    return Row(question="a WebSocket", where=where, expected=expected, answered=failed or "opens", verdict=verdict)


def _orders(answers: Sequence[tuple[Question, Answer]], site: Site, now: float) -> tuple[Order, ...]:
    """Which step comes before which: of several that a request fails, the one that is answered is the first."""
    found: dict[tuple[str, str], Order] = {}
    for question, answer in answers:
        step = step_of(answer.code)
        venue = Venue(site=site.id, accounts=())
        trace = evaluate(request_for(question, now, MADE_UP), venue=venue, now=now, caller_ip="127.0.0.1")
        failing = [each.id for each in trace.steps if each.passed is False]
        if step is None or step.id not in failing:
            continue
        for other in failing:
            if other != step.id:
                agrees = failing.index(step.id) < failing.index(other)
                found.setdefault((step.id, other), Order(first=step.id, then=other, agrees=agrees))
    return tuple(found.values())


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]
