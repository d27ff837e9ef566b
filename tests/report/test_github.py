"""The report for GitHub Actions, read back by the runner's own grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from okx_doctor.model import Health, Remedy, Report
from okx_doctor.report.github import render_github, workflow_command
from okx_doctor.report.sharing import masked
from okx_doctor.report.wording import target
from okx_doctor.secrets.foreign_text import inert, visible
from tests.report.foreign import with_foreign

pytestmark = pytest.mark.slow

CASES = ("healthy", "one-cause", "three-causes", "undetermined", "warning-only", "crash", "requests", "hostile")
NOTE = "Simulated: an exchange inside this process, with credentials made for it. OKX was not asked."


class Command(Struct, frozen=True):
    name: str
    properties: Mapping[str, str]
    data: str


def read(log: str) -> list[Command]:
    """What the runner takes for commands in a log, as its ``ActionCommand.cs`` (actions/runner, MIT) reads lines.

    A line is a command of version 2 where it begins, blanks aside, with ``::``, and of version 1 where ``##[`` stands
    anywhere in it. ``\\r`` ends a line as ``\\n`` does.
    """
    found: list[Command] = []
    for line in re.split(r"\r\n|\r|\n", log):
        start = line.lstrip()
        if start.startswith("::") and "::" in start[2:]:
            head, _, data = start[2:].partition("::")
            name, _, rest = head.partition(" ")
            pairs = (pair.partition("=") for pair in rest.strip().split(",") if "=" in pair)
            found.append(Command(name, {key: _decoded(value) for key, _, value in pairs}, _decoded(data)))
        elif "##[" in line and "]" in line.partition("##[")[2]:
            found.append(Command("legacy", {}, line))
    return found


def _decoded(text: str) -> str:
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


@pytest.mark.parametrize("case", CASES)
def test_a_report_reads_as_its_golden_text(
    case: str, reports: Mapping[str, Report], golden: Callable[[str, str], None]
) -> None:
    golden(f"{case}.github.txt", render_github(reports[case], note=NOTE))


def test_every_cause_is_one_annotation_with_its_proof_and_its_remedy(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    commands = read(render_github(report))
    assert [command.properties["title"] for command in commands] == [
        "okx-doctor: clock-drift, proven",
        "okx-doctor: wrong-site, proven",
        "okx-doctor: passphrase-wrong, stated",
    ]
    for command, cause in zip(commands, report.verdict.causes, strict=True):
        assert command.name == "error"
        for part in (cause.title, *cause.because, cause.remedy.text, *cause.remedy.commands, cause.remedy.verify):
            assert part in command.data


@pytest.mark.parametrize(
    ("case", "levels"),
    [
        ("healthy", ["notice"]),
        ("healthy-offline", ["notice"]),
        ("warning-only", ["warning", "notice"]),
        ("one-cause", ["error"]),
        ("undetermined", ["error", "error"]),
        ("undetermined-without-a-cause", ["error"]),
        ("crash", ["error", "error"]),
    ],
)
def test_annotations_are_as_severe_as_the_verdict(case: str, levels: list[str], reports: Mapping[str, Report]) -> None:
    assert [command.name for command in read(render_github(reports[case]))] == levels


def test_the_log_tells_the_verdict_to_its_reader_before_the_annotations(reports: Mapping[str, Report]) -> None:
    log, _, commands = render_github(reports["one-cause"]).partition("\n::")
    assert "✗ This machine's clock is off" in log and "clock.exchange" in log
    assert "::" not in log and commands


def test_addresses_are_cut_short(reports: Mapping[str, Report]) -> None:
    log = render_github(reports["requests"])
    assert "203.0.113.77" not in log and "203.0.113.x" in log


def test_no_foreign_text_becomes_a_command(hostile_markup: Report) -> None:
    log = render_github(hostile_markup)
    assert [command.name for command in read(log)] == ["error", "error"]
    assert {key for command in read(log) for key in command.properties} == {"title"}
    assert "##[" not in log
    assert not re.search(r"^\s*::(?!error title=okx-doctor)", log, re.MULTILINE)


@pytest.mark.parametrize("case", ["healthy", "undetermined", "warning-only", "three-causes", "crash"])
@pytest.mark.parametrize("text", ["\n::error::x\n", "\r::warning::x", " ##[error]x", "%0A::notice::x", ",a=b::x"])
def test_whatever_a_saved_report_holds_only_the_own_commands_are_there(
    case: str, text: str, reports: Mapping[str, Report]
) -> None:
    report = reports[case]
    wanted = [(command.name, set(command.properties)) for command in read(render_github(report))]
    commands = read(render_github(with_foreign(report, text)))

    assert [(command.name, set(command.properties)) for command in commands] == wanted
    assert [command.data for command in commands if "\r" in command.data] == []


def test_a_run_that_nothing_kept_from_a_judgement_names_its_target(reports: Mapping[str, Report]) -> None:
    report = replace(reports["healthy"], status=Health.UNDETERMINED)

    (command,) = read(render_github(report))
    assert (command.name, command.data) == ("error", f"could not judge: {target(report)}")


@given(text=st.text(st.sampled_from(list("::##[]%,=\r\n \t\x0b\u2028acdeilmorst;01AD")), max_size=60))
def test_whatever_a_server_says_only_the_own_commands_are_there(text: str, reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    bad = replace(report.verdict.causes[0], because=(text, "x" + text), remedy=Remedy(text=text, commands=(text,)))
    checks = tuple(replace(check, summary=text) for check in report.checks)
    log = render_github(replace(report, verdict=replace(report.verdict, causes=(bad,)), checks=checks), note="")
    (command,) = read(log)
    assert command.name == "error"
    assert inert(f"- {visible(masked(text))}") in command.data
    assert read(command.data) == []


@pytest.mark.parametrize("case", ["healthy", "crash", "undetermined", "one-cause"])
def test_no_data_of_an_own_command_is_a_command_for_a_runner_that_prints_it(
    case: str, reports: Mapping[str, Report]
) -> None:
    report = reports[case]
    said = "x\n::error::y ##[error]z"
    causes = tuple(replace(cause, title=said) for cause in report.verdict.causes)
    checks = tuple(replace(check, id=said, summary=said) for check in report.checks)
    foreign = replace(
        report,
        target=replace(report.target, base_url=f"https://okx.example/ {said}"),
        verdict=replace(report.verdict, causes=causes),
        checks=checks,
    )

    log = render_github(foreign)

    commands = [command for command in read(log) if command.name != "legacy"]
    assert commands
    assert [read(command.data) for command in commands if read(command.data)] == []


ESCAPED = st.text() | st.text(st.sampled_from(list("%:,=0123ACDacd\r\n x")), max_size=20)


@example("okx-doctor", "a\n::error::b\n##[group]c")
@given(ESCAPED.map(str.strip).filter(bool), ESCAPED)  # the runner trims what stands around properties
@example("100%0A", "%0D%3A%25\r\n")
def test_a_command_is_one_line_that_reads_back_as_it_was_meant(title: str, message: str) -> None:
    line = workflow_command("error", title, message)
    assert not re.search(r"[\r\n]", line)
    assert read(line) == [Command("error", {"title": title}, "\n".join(map(inert, message.split("\n"))))]


LINE = st.text(st.characters(exclude_characters="\r\n"), max_size=20)
COMMAND = st.sampled_from(["::error::", "::x y=z::", "::::", "##[error]", "##[group]x", " ::set-output name=a::"])


@given(st.lists(LINE | COMMAND | st.sampled_from([" ", "\t", "\u2028", ":"]), max_size=4).map("".join))
@example("::error::x")
@example(" \t::error title=x::y")
def test_an_inert_line_is_no_command_and_nothing_of_it_is_lost(line: str) -> None:
    assert read(inert(line)) == []
    assert inert(line).replace("\\", "") == line.replace("\\", "")


def test_a_line_that_no_runner_takes_for_a_command_stays_as_it_is() -> None:
    lines = ["- OKX answers 50113", "  Fix: a :: b", "a ::error::x", ": :", ""]
    assert [inert(line) for line in lines] == lines
