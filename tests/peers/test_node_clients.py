"""The npm packages okx-api and ccxt against the embedded exchange.

One Node process per package goes through all scenarios, each with an exchange of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from okx_doctor.gate.events import Handled
from tests.peers.programs import Run
from tests.peers.scenarios import READ_ONLY, SCENARIOS, Scenario, assert_judged, stand

pytestmark = pytest.mark.peer

ALL_RIGHT = SCENARIOS[0]
EVERYTHING = (*SCENARIOS, READ_ONLY)
PATHS = ("/api/v5/account/config", "/api/v5/account/balance", "/api/v5/trade/order")
SPACED = "BTC, ETH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a client reported for its three calls, and what the exchange made of them."""

    reports: tuple[tuple[str, str], ...]
    handled: tuple[Handled, ...]


def _drive(program: Path, node: str, run: Run, scenarios: Sequence[Scenario], ccy: str = "") -> list[Outcome]:
    with ExitStack() as stack:
        stands = [stack.enter_context(stand(scenario)) for scenario in scenarios]
        setups = [at.for_a_driver() | ({"ccy": ccy} if ccy else {}) for at in stands]
        done = run(node, program, said=json.dumps(setups))
        assert done.returncode == 0, done.stderr
        return [
            Outcome(
                reports=tuple((report["code"], report["error"]) for report in reports),
                handled=tuple(at.exchange.handled),
            )
            for at, reports in zip(stands, json.loads(done.stdout), strict=True)
        ]


@pytest.fixture(scope="module")
def okx_api(node: str, node_folder: Path, run: Run) -> dict[str, Outcome]:
    outcomes = _drive(node_folder / "okx_api.mjs", node, run, EVERYTHING)
    return {scenario.name: outcome for scenario, outcome in zip(EVERYTHING, outcomes, strict=True)}


@pytest.fixture(scope="module")
def ccxt(node: str, node_folder: Path, run: Run) -> dict[str, Outcome]:
    outcomes = _drive(node_folder / "ccxt.mjs", node, run, EVERYTHING)
    return {scenario.name: outcome for scenario, outcome in zip(EVERYTHING, outcomes, strict=True)}


def _assert_reported(outcome: Outcome, scenario: Scenario) -> None:
    assert [code for code, _ in outcome.reports] == [scenario.code] * len(PATHS)
    for handled, path in zip(outcome.handled, PATHS, strict=True):
        assert_judged(handled, scenario, path)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_okx_api_reports_the_code_of_the_one_thing_that_is_wrong(
    okx_api: dict[str, Outcome], scenario: Scenario
) -> None:
    _assert_reported(okx_api[scenario.name], scenario)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_ccxt_reports_the_code_of_the_one_thing_that_is_wrong(ccxt: dict[str, Outcome], scenario: Scenario) -> None:
    _assert_reported(ccxt[scenario.name], scenario)


def test_a_read_only_key_is_refused_only_where_it_orders(okx_api: dict[str, Outcome], ccxt: dict[str, Outcome]) -> None:
    for client in (okx_api, ccxt):
        outcome = client[READ_ONLY.name]
        assert [code for code, _ in outcome.reports] == ["0", "0", "50120"]
        assert_judged(outcome.handled[-1], READ_ONLY, PATHS[-1])


def test_each_encodes_a_comma_in_its_own_way_and_both_sign_what_they_send(
    okx_api: dict[str, Outcome], ccxt: dict[str, Outcome]
) -> None:
    sent = [client[ALL_RIGHT.name].handled[1].request.target for client in (okx_api, ccxt)]

    assert sent == [f"{PATHS[1]}?ccy=BTC,ETH", f"{PATHS[1]}?ccy=BTC%2CETH"]


def test_a_space_in_a_query_makes_okx_api_sign_another_text_than_axios_sends(
    node: str, node_folder: Path, run: Run
) -> None:
    own, axios_free = (
        _drive(node_folder / program, node, run, [ALL_RIGHT], SPACED)[0] for program in ("okx_api.mjs", "ccxt.mjs")
    )

    assert own.handled[1].request.target == f"{PATHS[1]}?ccy=BTC,+ETH"
    assert own.reports[1] == ("50113", "Invalid Sign")
    assert axios_free.reports[1][0] == "0"


def test_the_lock_file_names_exact_versions_and_no_registry(node_folder: Path) -> None:
    lock = json.loads((node_folder / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((node_folder / "package.json").read_text("utf-8"))["dependencies"]

    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for package in lock["packages"].values():
        assert "resolved" not in package
