"""Time, formats, destinations, accepted warnings, completion, and words near to a name."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from okx_doctor.catalogue.causes import ids
from okx_doctor.catalogue.meant import _MEANT, meant
from okx_doctor.checking.checks import ALL, IDS
from okx_doctor.checking.simulation import simulate
from okx_doctor.cli import group
from okx_doctor.cli.waiting import until_healthy
from okx_doctor.gate.api.faults import Fault
from okx_doctor.gate.serve.exchange import Exchange, Plan
from okx_doctor.settings import Options
from tests.cli.running import account, at, clean, okx_doctor

pytestmark = pytest.mark.slow

IDLE = "--simulate=api-key-expiring"


def test_several_formats_of_one_run_go_to_their_files_and_one_to_stdout(tmp_path: Path) -> None:
    forms = ("--format", "text", "--format", "junit:report.xml", "--format", "json:report.json")
    done = okx_doctor("check", "--simulate=wrong-site", *forms, env=clean(), cwd=tmp_path)

    key = json.loads((tmp_path / "report.json").read_text())["target"]["key"]
    suite = ET.parse(tmp_path / "report.xml").getroot()[0]
    assert done.status == 1
    assert f"key {key} " in done.text and key in suite.get("name", "")


@pytest.mark.parametrize(
    "forms",
    [
        ("--format", "text", "--format", "json"),
        ("--format", "json:a", "--format", "junit:a"),
        ("--format", "json:a", "--output", "b"),
        ("--format", "json:"),
        ("--format", "yaml"),
    ],
)
def test_formats_that_have_no_place_of_their_own_are_wrong_usage(forms: tuple[str, ...], tmp_path: Path) -> None:
    assert okx_doctor("check", "--simulate", *forms, env=clean(), cwd=tmp_path).is_one_line_of_usage()
    assert list(tmp_path.iterdir()) == []


def test_of_a_file_nothing_is_told_where_no_terminal_shows_it(tmp_path: Path) -> None:
    done = okx_doctor("check", "--simulate", "--output", "report.txt", env=clean(), cwd=tmp_path)

    assert (done.status, done.out) == (0, b"")
    assert done.said == ""


def test_the_limit_that_was_hit_is_named_with_the_option_that_raises_it(tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(),), faults=(("*", Fault.HANG),))) as exchange:
        done = okx_doctor("check", "--timeout", "1", env=at(exchange), cwd=tmp_path)

    assert re.search(r"no complete answer within 0\.\d s", done.flat)
    assert "$ okx-doctor check --timeout 60" in done.text


def test_a_measurement_that_the_verdict_did_not_need_is_skipped_in_junit(tmp_path: Path) -> None:
    with Exchange(Plan(accounts=(account(),))) as exchange:
        env = at(exchange, OKX_DOCTOR_NTP="127.0.0.1:9")
        done = okx_doctor("check", "--format", "junit", env=env, cwd=tmp_path)

    root = ET.fromstring(done.text)
    (case,) = (case for case in root.iter("testcase") if case.get("name", "").startswith("clock.ntp"))
    assert (done.status, root.get("errors"), root.get("failures")) == (0, "0", "0")
    assert [child.tag for child in case] == ["skipped"]


def test_waiting_ends_with_health_or_with_the_time() -> None:
    sick, well = simulate(Options(), ("wrong-site",))[0], simulate(Options())[0]
    clock = [0.0]
    runs = [sick, sick, well, sick]

    def pause(seconds: float) -> None:
        clock[0] += seconds

    assert until_healthy(lambda: [runs.pop(0)], 60, lambda: clock[0], pause) == [well]
    assert clock[0] == 20
    assert until_healthy(lambda: [sick], 25, lambda: clock[0], pause) == [sick]
    assert clock[0] == 45


@pytest.mark.parametrize("time", ["0", "-1", "5x", "m", "25h", "1e9"])
def test_a_time_that_is_none_is_wrong_usage(time: str, tmp_path: Path) -> None:
    assert okx_doctor("check", "--simulate", f"--wait={time}", env=clean(), cwd=tmp_path).is_one_line_of_usage()


def test_an_accepted_warning_is_shown_as_ignored_and_does_not_count(tmp_path: Path) -> None:
    strict = ("check", IDLE, "--fail-on", "warning")
    alone = okx_doctor(*strict, env=clean(), cwd=tmp_path)
    accepted = okx_doctor(*strict, "--ignore", "api-key-expiring", env=clean(), cwd=tmp_path)

    assert (alone.status, accepted.status) == (1, 0)
    assert "[tool.okx-doctor]: api-key-expiring" in accepted.flat


@pytest.mark.parametrize("cause", ["wrong-site", "clock-drift", "api-key-malformed"])
def test_an_error_cannot_be_ignored(cause: str, tmp_path: Path) -> None:
    done = okx_doctor("check", f"--simulate={cause}", "--ignore", cause, env=clean(), cwd=tmp_path)

    assert done.status == 1
    assert "ignored" not in done.text


def test_the_table_of_the_project_accepts_warnings_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.okx-doctor]\nignore = ["api-key-expiring"]\n')
    strict = ("check", IDLE, "--fail-on", "warning")

    assert okx_doctor(*strict, env=clean(), cwd=tmp_path).status == 0
    assert okx_doctor(*strict, "--no-settings", env=clean(), cwd=tmp_path).status == 1


@pytest.mark.parametrize(
    "table", ['ignore = ["no-such-cause"]', 'ignore = "api-key-expiring"', 'site = "eea"', "ignore = [1]"]
)
def test_a_table_that_says_anything_else_is_wrong_usage(table: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.okx-doctor]\n{table}\n")

    assert okx_doctor("check", "--simulate", env=clean(), cwd=tmp_path).is_one_line_of_usage()


@pytest.mark.parametrize("content", ["[tool", "tool = 1", "\xff"])
def test_a_broken_file_of_another_program_is_left_to_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content.encode("latin-1"))

    assert okx_doctor("check", "--simulate", env=clean(), cwd=tmp_path).status == 0


@pytest.mark.parametrize(
    ("word", "cause"), [("clock", "clock-drift"), ("IP", "ip-not-allowlisted"), ("dns", "dns-failure")]
)
def test_a_word_leads_to_the_cause_that_is_meant(word: str, cause: str, tmp_path: Path) -> None:
    for arguments in (("check", f"--simulate={word}"), ("explain", word)):
        assert f"did you mean {cause}?" in okx_doctor(*arguments, env=clean(), cwd=tmp_path).said


def test_every_word_leads_to_a_cause_that_exists_and_to_one_only() -> None:
    words = [word for each in _MEANT.values() for word in each]
    assert set(_MEANT) <= set(ids())
    assert len(words) == len(set(words))
    assert not set(words) & set(ids())
    assert meant("no such word", ids()) == ""


def test_help_lists_every_check(tmp_path: Path) -> None:
    shown = okx_doctor("check", "--help", env=clean(), cwd=tmp_path).flat
    assert [name for name in IDS if name not in shown] == []


@pytest.mark.parametrize(
    ("words", "incomplete", "offered"),
    [
        ([], "ex", "explain"),
        (["explain"], "clock-d", "clock-drift"),
        (["explain"], "5010", "50101"),
        (["explain"], "okx-doctor/rep", "okx-doctor/report/1"),
        (["check"], "--sim", "--simulate"),
        (["check", "--only"], "clock", "clock"),
        (["check", "--skip"], "key.", "key.binding"),
        (["check", "--ignore"], "api-key-e", "api-key-expiring"),
        (["check", "--simulate"], "wrong-site,dns", "wrong-site,dns-failure"),
        (["check", "--format"], "ju", "junit"),
    ],
)
def test_a_shell_completes(words: list[str], incomplete: str, offered: str) -> None:
    complete = ShellComplete(group, {}, "okx-doctor", "_OKX_DOCTOR_COMPLETE")
    assert offered in [item.value for item in complete.get_completions(words, incomplete)]


def test_every_group_is_completed() -> None:
    complete = ShellComplete(group, {}, "okx-doctor", "_OKX_DOCTOR_COMPLETE")
    offered = [item.value for item in complete.get_completions(["check", "--only"], "")]
    assert {check.group for check in ALL} <= set(offered)
