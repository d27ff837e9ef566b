"""The last lines of a report are its answer, whole on a small screen, for every cause alone and for many."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from functools import cache
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from okx_doctor.catalogue.causes import CAUSES, entry
from okx_doctor.checking.simulation import STAGES, simulate
from okx_doctor.forensics.remedies import remedy
from okx_doctor.model import Cause, CheckStatus, Confidence, Health, Report, Severity, Verdict
from okx_doctor.report.text import Answer, render_paragraphs, render_text
from okx_doctor.report.wording import first_sentence, is_command
from okx_doctor.settings import Options

pytestmark = pytest.mark.slow

CLIENTS = ("", "requests", "httpx", "axios", "go", "php", "okhttp", "curl", "ccxt")
SCREEN_LINES = 20
ANSWER_LINES = 6
EVERY = tuple(cause.id for cause in CAUSES)


@cache
def staged(cause: str) -> Report:
    with patch.object(socket, "getaddrinfo", _no_names):
        return simulate(Options(), (cause,))[0]


def _no_names(host: object, *rest: object, **options: object) -> object:
    if host == "127.0.0.1":
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, rest[0]))]
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def of_a_request(cause: str, client: str = "") -> Cause:
    known = entry(cause)
    return Cause(
        id=cause,
        severity=known.severity,
        confidence=Confidence.PROVEN,
        title=known.title,
        because=("so made, the signature comes out byte for byte as it was sent",),
        remedy=remedy(cause, client),
        checks=(),
    )


def uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def flat(text: str) -> str:
    return " ".join(text.split())


def rows(text: str, width: int) -> int:
    """How many rows of a terminal a text takes: a command that is longer than a row is not broken by us."""
    return sum(-(-max(1, len(line)) // width) for line in text.splitlines())


def holds_the_answer(text: str, cause: Cause) -> None:
    last = "\n".join(text.splitlines()[-SCREEN_LINES:])
    assert cause.title in flat(last)
    assert first_sentence(cause.remedy.text) in flat(last)
    for command in (*cause.remedy.commands[:1], cause.remedy.verify):
        if command.startswith("okx-doctor") or command in cause.remedy.commands:
            assert any(line.strip().endswith(command) for line in last.splitlines()), command
        else:
            assert command in flat(last)


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("colour", [False, True], ids=["piped", "terminal"])
@pytest.mark.parametrize("cause", STAGES)
def test_a_run_with_one_fault_ends_in_its_title_its_fix_and_the_next_command(
    cause: str, colour: bool, width: int
) -> None:
    report = staged(cause)
    text = uncoloured(render_text(report, width=width, colour=colour))
    assert report.verdict.causes
    for found in report.verdict.causes:
        holds_the_answer(text, found)
    assert rows("\n".join(text.splitlines()[-SCREEN_LINES:]), width) <= 23


@pytest.mark.parametrize("cause", STAGES)
def test_the_answer_of_one_cause_takes_two_to_six_lines_of_80_columns(cause: str) -> None:
    report = staged(cause)
    for found in report.verdict.causes:
        alone = replace(report, verdict=replace(report.verdict, causes=(found,)))
        assert 2 <= rows(render_text(alone, detail="answer"), 80) <= ANSWER_LINES


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("cause", STAGES)
def test_a_command_of_a_report_takes_one_row_wherever_it_fits_into_one(cause: str, width: int) -> None:
    report = staged(cause)
    lines = render_text(report, width=width).splitlines()
    for found in report.verdict.causes:
        for command in (*found.remedy.commands, found.remedy.verify, f"okx-doctor explain {found.id}"):
            its = [line for line in lines if line.strip().endswith(command)]
            assert not is_command(command) or its, command
            assert [line for line in its if len(line) > width >= len(command) + 2] == []


@pytest.mark.parametrize("colour", [False, True], ids=["piped", "terminal"])
@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("cause", EVERY)
def test_the_answer_about_a_request_is_whole_for_every_cause_and_client(cause: str, width: int, colour: bool) -> None:
    for client in CLIENTS:
        found = of_a_request(cause, client)
        text = uncoloured(
            render_paragraphs(
                [Answer(sign="✗", headline=f"1 request: 1 invalid. {found.title}", causes=(found,))],
                width=width,
                colour=colour,
            )
        )
        holds_the_answer(text, found)
        assert rows(text, width) <= (ANSWER_LINES if width == 80 else SCREEN_LINES)


def test_every_cause_of_the_catalogue_is_answered_by_a_run_or_about_a_request() -> None:
    by_request = {cause for cause in EVERY if remedy(cause) != remedy("no such cause")}
    by_paste = {"client-refused-header", "websocket-login-missing"}
    assert set(EVERY) <= by_request | by_paste | set(STAGES)


@pytest.mark.parametrize("count", [2, 3, 5, 12, 40])
@pytest.mark.parametrize("width", [80, 40])
def test_the_answer_of_many_causes_fits_on_a_screen(count: int, width: int, reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    many = (report.verdict.causes * count)[:count]
    text = render_text(replace(report, verdict=replace(report.verdict, causes=many)), width=width, detail="answer")
    assert rows(text, width) <= (SCREEN_LINES if width == 80 else 40)
    assert many[0].title in flat(text)
    assert text.splitlines()[-1].strip() == "then okx-doctor check --site eea"


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_command_is_broken(width: int, reports: Mapping[str, Report]) -> None:
    for report in (*reports.values(), *map(staged, ("clock-drift", "wrong-site", "credentials-exposed"))):
        lines = render_text(report, width=width, detail="all").splitlines()
        for cause in report.verdict.causes:
            for command in (f"okx-doctor explain {cause.id}", *cause.remedy.commands):
                if command.isprintable() and command.isascii():
                    assert any(line.rstrip().endswith(command) for line in lines), command
        assert not [line for line in lines if line.endswith("okx-doctor")]


def test_what_is_in_order_is_folded_to_a_count_and_shown_with_all_of_it(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    usual, everything = render_text(report), render_text(report, detail="all")
    passed = [check.id for check in report.checks if check.status is CheckStatus.PASS]
    skipped = [check.id for check in report.checks if check.status is CheckStatus.SKIP]
    assert f"{len(passed)} passed, {len(skipped)} skipped; -v shows them" in usual
    assert not [name for name in (*passed, *skipped) if f" {name} " in usual]
    assert all(f" {name} " in everything for name in (*passed, *skipped))
    assert "Not judged" not in usual
    assert "Not judged before this is fixed" in everything


def test_quiet_is_the_answer_alone(reports: Mapping[str, Report]) -> None:
    for report in reports.values():
        if report.verdict.causes or report.status is not Health.HEALTHY:
            assert render_text(report).endswith("\n" + render_text(report, detail="answer"))
        else:
            assert flat(render_text(report)).startswith(flat(render_text(report, detail="answer")))


def test_plain_has_words_and_no_signs(reports: Mapping[str, Report]) -> None:
    for name, report in reports.items():
        if name != "hostile":
            text = render_text(report, plain=True, detail="all")
            assert not set("✓✗☠●│─") & set(text)
            assert not re.search(r"^ *[!?] ", text, re.MULTILINE)
    assert render_text(reports["one-cause"], plain=True, detail="answer").startswith("fail: unhealthy: ")
    assert render_text(reports["healthy"], plain=True).startswith("pass: healthy")
    assert "warning: The key is bound" in flat(render_text(reports["warning-only"], plain=True))


def test_signs_and_words_agree() -> None:
    for report in (simulate(Options())[0], *map(staged, STAGES)):
        for check in report.checks:
            if check.status is CheckStatus.PASS:
                assert not re.search(r"\b(?:does|do|is|are|will|did|has) not\b", check.summary), check
            if check.status is CheckStatus.FAIL:
                assert check.title not in render_text(report)
                assert not check.summary.startswith(("letters", "no quotes", "each value")), check


def test_one_command_checks_everything_again(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    demo = replace(
        report.verdict.causes[0], remedy=replace(report.verdict.causes[0].remedy, verify="okx-doctor check --demo")
    )
    text = render_text(replace(report, verdict=Verdict(causes=(demo, *report.verdict.causes[1:]))), detail="answer")
    assert text.splitlines()[-1].strip() == "then okx-doctor check --demo --site eea"


def test_a_warning_alone_is_told_as_one(reports: Mapping[str, Report]) -> None:
    text = render_text(reports["warning-only"], detail="answer")
    assert text.startswith("✓ healthy from here, with a warning: The key is bound to no IP")
    assert reports["warning-only"].verdict.causes[0].severity is Severity.WARNING
