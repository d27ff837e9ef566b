"""What ``check`` makes of every scenario of the grid, and what holds for each of them."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest
from jsonschema import Draft202012Validator

from okx_doctor.causes.rule import Rule
from okx_doctor.causes.rules import ALL as RULES
from okx_doctor.checking.assemble import judge_again
from okx_doctor.checking.checks import ALL as CHECKS
from okx_doctor.checking.checks import IDS
from okx_doctor.checking.simulation import STAGES, simulate
from okx_doctor.gate import answering
from okx_doctor.gate.api.replies import Reply
from okx_doctor.gate.evaluate import Trace
from okx_doctor.gate.serve import exchange
from okx_doctor.gate.serve.events import Handled
from okx_doctor.model import CheckStatus, Health, Severity
from okx_doctor.observations import Evidence, Observation, T
from okx_doctor.protocol.wire import WireRequest
from okx_doctor.report.json import render_json
from okx_doctor.secrets.redactor import redactor_of
from okx_doctor.settings import Options
from tests.scenarios import alone
from tests.scenarios.grid import GRID, outcome
from tests.scenarios.running import a_resolver_that_knows_no_such_name, run
from tests.scenarios.scenario import Scenario
from tests.scenarios.stages import SECRET, alter, swap
from tests.schemas import schema_of

pytestmark = pytest.mark.slow

_HEALTH = {0: Health.HEALTHY, 1: Health.UNHEALTHY, 3: Health.UNDETERMINED}


each = pytest.mark.parametrize("scenario", [pytest.param(scenario, id=scenario.name) for scenario in GRID])


@each
def test_check_names_exactly_what_is_staged_in_the_order_to_fix_it(scenario: Scenario) -> None:
    found = outcome(scenario.name)
    assert found.named == scenario.causes
    assert found.report.status is _HEALTH[scenario.exit]
    assert found.report.exit_status() == scenario.exit
    warned = scenario.exit == 0 and bool(scenario.causes)
    assert found.report.exit_status(fail_on_warning=True) == (1 if warned else scenario.exit)
    verdict = found.report.verdict
    assert set(scenario.open) <= {row.id for row in verdict.undetermined}
    said = [line for cause in verdict.causes for line in (*cause.because, cause.remedy.text, *cause.remedy.commands)]
    for text in scenario.texts:
        assert any(text in line for line in said), f"{text!r} is nowhere in {said}"


@each
def test_the_exchange_is_asked_with_care(scenario: Scenario) -> None:
    found = outcome(scenario.name)
    assert list(found.crashes) == []
    signed = [handled for handled in found.handled if handled.trace is not None]
    assert len(signed) + len(found.logins) <= 12
    allowed = 6 if found.bench.try_case or scenario.options.try_case else 2
    assert sum(handled.code == "50105" for handled in signed) <= allowed
    asked = {(handled.request.method, handled.request.path) for handled in found.handled}
    assert asked <= {
        ("GET", "/api/v5/public/time"),
        ("GET", "/api/v5/account/config"),
        ("GET", "/api/v5/account/balance"),
        ("POST", "/api/v5/account/position-builder"),
    }
    secret = found.bench.account.secret.reveal()
    if secret not in (found.bench.account.api_key, found.bench.account.passphrase.reveal()):
        assert not [
            name for handled in found.handled for name, value in _headers(handled) if secret.lower() in value.lower()
        ]
    assert not [name for handled in found.handled for name, value in _headers(handled) if _looks_like_a_secret(value)]


@each
def test_the_report_is_whole_and_can_be_judged_again(scenario: Scenario) -> None:
    found = outcome(scenario.name)
    report = found.report
    assert tuple(check.id for check in report.checks) == IDS
    assert all(check.summary for check in report.checks if check.status is not CheckStatus.PASS)
    assert not any(check.status is CheckStatus.CRASH for check in report.checks)

    verdict = report.verdict
    placed = [row.id for rows in (verdict.causes, verdict.ruled_out, verdict.undetermined) for row in rows]
    assert sorted(placed) == sorted(rule.cause for rule in RULES)
    severities = [cause.severity for cause in verdict.causes]
    assert severities == sorted(severities, key=lambda severity: severity is Severity.WARNING)
    for cause in verdict.causes:
        assert set(cause.checks) <= set(IDS)
        assert cause.remedy.verify.startswith("okx-doctor check")

    saved = render_json(report)
    assert not redactor_of(found.credentials.secrets()).finds(saved)
    document = json.loads(saved)
    _schema().validate(document)
    again = judge_again(saved, CHECKS)
    assert (again.verdict, again.status) == (verdict, report.status)
    assert json.loads(render_json(again)) == document

    for text in found.bench.environ.values():
        assert len(text) < 8 or text not in saved
    assert found.bench.account.secret.reveal() not in saved


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.cause) for rule in RULES])
def test_a_rule_reads_exactly_what_it_declares(rule: Rule) -> None:
    read: set[type] = set()
    for scenario in GRID:
        evidence = _Recording(outcome(scenario.name).observations)
        rule.judge(evidence)
        read |= evidence.read
    assert {kind.__name__ for kind in read} == {kind.__name__ for kind in rule.reads}


@pytest.mark.parametrize("cause", sorted(STAGES))
def test_a_simulation_of_one_cause_comes_to_what_the_grid_says(cause: str) -> None:
    scenario = next(scenario for scenario in alone.SCENARIOS if scenario.name == f"alone {cause}")
    with a_resolver_that_knows_no_such_name():
        report, _ = simulate(Options(), (cause,))
    assert tuple(found.id for found in report.verdict.causes) == tuple(named[0] for named in scenario.causes)
    assert report.exit_status() == scenario.exit


def test_a_healthy_run_names_nothing_and_leaves_nothing_open() -> None:
    report = outcome("healthy").report
    assert report.verdict.undetermined == ()
    assert {check.status for check in report.checks} == {CheckStatus.PASS, CheckStatus.SKIP}
    assert [check.id for check in report.checks if check.status is CheckStatus.SKIP] == ["websocket.login"]


def test_no_two_scenarios_share_a_name() -> None:
    names = [scenario.name for scenario in GRID]
    assert len(names) == len(set(names))


def test_from_a_base_url_that_is_not_okx_no_other_site_is_asked() -> None:
    for name in (
        "unknown key at a base URL that is not OKX's",
        "EEA key at a base URL that is not OKX's",
    ):
        assert {handled.site for handled in outcome(name).handled} == {"global"}


def test_a_swapped_secret_that_went_out_has_to_be_replaced_and_another_has_not() -> None:
    for what, exposed in (
        ("secret and passphrase", True),
        ("key and passphrase", False),
        ("all three, one way", True),
        ("all three, the other way", True),
    ):
        (cause,) = outcome(f"swapped {what}").report.verdict.causes
        assert ("make a new one" in cause.remedy.text) is exposed


@pytest.mark.parametrize("slot", ["api_key", "passphrase"])
@pytest.mark.parametrize(
    "form",
    ["{}\u200b", "\ufeff{}", "\"'{}'\"", "{},", "{};", "secret={}"],
    ids=["zero-width space", "byte order mark", "quotes within quotes", "comma", "semicolon", "name"],
)
def test_a_secret_in_a_header_s_slot_is_not_sent_whatever_hangs_on_it(slot: str, form: str) -> None:
    found = run(
        Scenario(
            name=slot,
            steps=(
                alter(SECRET, lambda text: form.replace("{}", text)),
                swap(**{slot: "secret", "secret": slot}),
            ),
        )
    )
    assert not [name for handled in found.handled for name, value in _headers(handled) if _looks_like_a_secret(value)]


@pytest.mark.parametrize(
    ("status", "document"),
    [
        (401, {"msg": "A refusal of next year", "code": "50199"}),
        (401, {"msg": "Exchange ID does not exist.", "code": "50108"}),
        (401, {"code": -2014, "msg": "API-key format invalid."}),
        (403, {"code": 403, "message": "denied"}),
        (404, {"code": 404, "msg": "Not Found"}),
        (400, {"code": -1121, "msg": "Invalid symbol."}),
    ],
    ids=lambda value: str(value.get("code")) if isinstance(value, dict) else f"HTTP {value}",
)
def test_an_answer_that_okx_does_not_document_does_not_pass_for_acceptance(
    status: int, document: dict[str, object]
) -> None:
    def answer(request: WireRequest, **rest: Any) -> tuple[Reply, Trace | None]:
        reply, trace = answering.answer(request, **rest)
        if request.path == "/api/v5/account/config":
            reply = Reply(status=status, body=json.dumps(document).encode())
        return reply, trace

    with patch.object(exchange, "answer", answer):
        report = run(Scenario(name=str(document))).report
    signed = next(check for check in report.checks if check.id == "signed.config")
    assert signed.status is not CheckStatus.PASS
    assert report.exit_status() == 3


class _Recording(Evidence):
    """Evidence that notes which kinds of observation were asked for."""

    def __init__(self, observations: tuple[Observation, ...]) -> None:
        super().__init__(observations)
        self.read: set[type] = set()

    def all(self, kind: type[T]) -> tuple[T, ...]:
        self.read.add(kind)
        return super().all(kind)


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(schema_of("report"))


def _headers(handled: Handled) -> list[tuple[str, str]]:
    return [(str(name), str(value)) for name, value in handled.request.headers]


_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_HEX32 = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32}(?![0-9A-Fa-f])")


def _looks_like_a_secret(value: str) -> bool:
    """32 hexadecimal digits, also where invisible characters stand between them or O for 0."""
    try:
        text = value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        text = value
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return bool(_HEX32.search(plain) or _HEX32.search(plain.translate(str.maketrans("OolI", "0011"))))
