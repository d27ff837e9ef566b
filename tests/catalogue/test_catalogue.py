"""The catalogue against itself: pages, rules, stages and scenarios."""

from __future__ import annotations

import re
from importlib.resources import files

import click
import pytest

from okx_doctor.catalogue.causes import (
    CAUSES,
    FIX_ORDER,
    OF_ITS_SLOT,
    STEP_OF_SLOT,
    KnownCause,
    entry,
    ids,
    page,
)
from okx_doctor.causes.rule import Rule
from okx_doctor.causes.rules import ALL as RULES
from okx_doctor.checking.simulation import STAGES
from okx_doctor.cli import group
from okx_doctor.observations import SLOTS, Evidence
from okx_doctor.protocol.codes import all_codes
from tests.scenarios import alone
from tests.scenarios.grid import GRID

HEADINGS = ["What it means", "How we know", "Fix", "Check the fix", "Not this if"]
PAGES = files("okx_doctor.catalogue").joinpath("pages")

cause_ids = pytest.mark.parametrize("cause", ids())
rules = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.cause) for rule in RULES])


def test_no_id_stands_twice_in_the_catalogue() -> None:
    names = [known.id for known in CAUSES]
    assert len(names) == len(set(names))


@cause_ids
def test_a_title_states_the_fault_in_one_short_line(cause: str) -> None:
    title = entry(cause).title
    assert 8 <= len(title) <= 72
    assert title[0].isupper()
    assert not title.endswith((".", "!", "?", ":"))
    assert not re.match(r"(Set|Use|Remove|Put|Add|Check|Fix|Make|Give)\b", title), "a title is no remedy"


@cause_ids
def test_every_cause_has_a_page_with_its_five_headings(cause: str) -> None:
    lines = page(cause).splitlines()
    assert lines[0] == f"# {cause}"
    assert [line.removeprefix("## ") for line in lines if line.startswith("## ")] == HEADINGS


def test_every_page_has_a_cause() -> None:
    assert sorted(page.name for page in PAGES.iterdir()) == sorted(f"{cause}.md" for cause in ids())


@cause_ids
def test_a_page_names_only_commands_and_options_that_exist(cause: str) -> None:
    for command, rest in _commands(page(cause)):
        known = _command(command)
        assert known is not None, f"okx-doctor {command}"
        options = {name for option in known.params for name in (*option.opts, *option.secondary_opts)}
        assert {name.partition("=")[0] for name in rest if name.startswith("--")} <= options
        for name in rest:
            if name.startswith("--simulate="):
                assert set(name.partition("=")[2].split(",")) <= set(STAGES)
        if command == "explain" and rest and not rest[0].startswith("--"):
            assert rest[0] in {*ids(), *(row.code for row in all_codes())}


@cause_ids
def test_a_page_refers_only_to_causes_that_exist(cause: str) -> None:
    not_this_if = page(cause).partition("## Not this if")[2]
    families = {name.partition("-")[0] for name in ids()}
    for name in re.findall(r"`([a-z]+(?:-[a-z0-9]+)+)`", not_this_if):
        assert name in ids() or name.partition("-")[0] not in families, name


def test_no_rule_stands_twice() -> None:
    causes = [rule.cause for rule in RULES]
    assert len(causes) == len(set(causes))


@rules
def test_every_rule_judges_a_cause_of_the_catalogue_that_is_staged_and_has_a_scenario_and_a_twin(
    rule: Rule,
) -> None:
    assert rule.cause in ids()
    assert rule.cause in STAGES
    by_itself = [scenario for scenario in alone.SCENARIOS if scenario.steps == (rule.cause,)]
    assert [named[0] for scenario in by_itself for named in scenario.causes if named[0] == rule.cause]
    twins = [scenario for scenario in GRID if rule.cause in scenario.twin_of]
    assert twins
    for twin in twins:
        assert (twin.causes, twin.exit) == ((), 0)


def test_every_stage_has_a_rule() -> None:
    assert set(STAGES) == {rule.cause for rule in RULES}


def test_every_twin_is_the_twin_of_a_rule() -> None:
    assert {cause for scenario in GRID for cause in scenario.twin_of} == {rule.cause for rule in RULES}


@rules
def test_a_rule_without_any_evidence_convicts_nothing(rule: Rule) -> None:
    assert type(rule.judge(Evidence(()))).__name__ in ("Abstains", "Excluded")


def test_absorbing_concerns_only_causes_that_exist_and_never_goes_round() -> None:
    for specific in CAUSES:
        assert set(specific.absorbs) <= set(ids())
        assert specific.id not in specific.absorbs
        assert len(specific.absorbs) == len(set(specific.absorbs))
        assert not [name for name in specific.absorbs if specific.id in entry(name).absorbs]


def test_a_slot_that_a_cause_is_about_is_one_of_the_three() -> None:
    assert {known.slot for known in CAUSES} == {"", *SLOTS}


@pytest.mark.parametrize("known", CAUSES, ids=lambda known: known.id)
def test_every_cause_has_its_step_in_the_order_to_fix_things(known: KnownCause) -> None:
    assert known.step in {*FIX_ORDER, OF_ITS_SLOT}


def test_every_slot_has_a_step_in_the_order_that_okx_asks_for_them() -> None:
    assert set(STEP_OF_SLOT) == set(SLOTS)
    assert sorted(STEP_OF_SLOT, key=lambda slot: FIX_ORDER[STEP_OF_SLOT[slot]]) == ["api_key", "passphrase", "secret"]


def test_the_causes_behind_an_error_code_are_in_the_catalogue() -> None:
    assert {cause for row in all_codes() for cause in row.causes} <= set(ids())


def _commands(page: str) -> list[tuple[str, list[str]]]:
    """Every command line of okx-doctor's own in a page's code, as its command and the words behind it."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    spans = re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", re.sub(r"^```.*?^```", "", page, flags=re.S | re.M))
    lines = [line for block in blocks for line in block.splitlines()] + [" ".join(s.split()) for s in spans]
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        for call in re.findall(r"(?:^|[\s;&|(])okx-doctor\s+(\S[^#|;&]*)", line):
            command, *rest = call.split()
            found.append((command, rest))
    return found


def _command(name: str) -> click.Command | None:
    return group.get_command(click.Context(group), name)
