"""The text report: read the golden files to see what people see."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from okx_doctor.model import CheckStatus, Health, Report
from okx_doctor.report.text import clock_gauge, render_text
from okx_doctor.secrets.foreign_text import visible

CASES = (
    "healthy",
    "healthy-offline",
    "one-cause",
    "three-causes",
    "undetermined",
    "undetermined-without-a-cause",
    "warning-only",
    "crash",
    "hostile",
)
WHOLE = ("$ ", "then ", "more: ")
"""How lines begin that hold a command, and so are not broken."""
OFFSETS = (-8 * 3600.0, -45.0, -29.0, -3.0, 0.0, 3.0, 29.0, 45.0, 8 * 3600.0)
NOTE = "Simulated: an exchange inside this process, with credentials made for it. OKX was not asked."

each = pytest.mark.parametrize("case", CASES)
Golden = Callable[[str, str], None]


@each
def test_a_report_reads_as_its_golden_text(case: str, reports: Mapping[str, Report], golden: Golden) -> None:
    golden(case, render_text(reports[case]))


def test_a_report_for_a_terminal_without_utf_8_reads_as_its_golden_text(
    reports: Mapping[str, Report], golden: Golden
) -> None:
    golden("one-cause-ascii", render_text(reports["one-cause"], ascii_only=True))


def test_a_coloured_report_reads_as_its_golden_text(reports: Mapping[str, Report], golden: Golden) -> None:
    golden("three-causes-coloured", render_text(reports["three-causes"], colour=True))


def test_a_report_with_a_note_reads_as_its_golden_text(reports: Mapping[str, Report], golden: Golden) -> None:
    golden("healthy-with-a-note", render_text(reports["healthy"], note=NOTE))


def test_the_clock_gauge_reads_as_its_golden_text(offset_report: Callable[[float], Report], golden: Golden) -> None:
    golden(
        "gauge",
        "\n\n".join(f"{seconds:+g} s\n{clock_gauge(offset_report(seconds))}" for seconds in OFFSETS) + "\n",
    )


@each
@pytest.mark.parametrize("width", [40, 60, 80, 100])
@pytest.mark.parametrize("colour", [False, True], ids=["plain", "coloured"])
def test_no_line_is_wider_than_the_terminal(case: str, width: int, colour: bool, reports: Mapping[str, Report]) -> None:
    text = render_text(reports[case], width=width, colour=colour, note=NOTE)
    for line in _uncoloured(text).splitlines():
        assert cell_len(line) <= width or line.lstrip().startswith(WHOLE), line


@pytest.mark.parametrize("seconds", OFFSETS)
def test_no_line_with_a_gauge_is_wider_than_80_columns(
    seconds: float, offset_report: Callable[[float], Report]
) -> None:
    for line in render_text(offset_report(seconds)).splitlines():
        assert cell_len(line) <= 80, line


@pytest.mark.parametrize("seconds", [-29.0, -3.0, 0.0, 3.0, 29.0])
def test_the_gauge_puts_the_mark_where_the_clock_is(seconds: float, offset_report: Callable[[float], Report]) -> None:
    scale, mark = clock_gauge(offset_report(seconds)).splitlines()
    left, middle, right = (found.start() for found in re.finditer("│", scale))
    assert middle - left == right - middle
    assert abs((mark.index("●") - middle) / (right - middle) - seconds / 30) <= 0.5 / (right - middle)


@pytest.mark.parametrize("seconds", [-8 * 3600.0, -45.0, 45.0, 8 * 3600.0])
def test_the_gauge_points_out_of_the_window_where_the_clock_is_outside(
    seconds: float, offset_report: Callable[[float], Report]
) -> None:
    scale, mark = clock_gauge(offset_report(seconds)).splitlines()
    assert "outside" in mark
    assert ("<●" in mark, "●>" in mark) == (seconds < 0, seconds > 0)
    assert (mark.index("●") < scale.index("│")) is (seconds < 0)
    assert (mark.index("●") > scale.rindex("│")) is (seconds > 0)


def test_without_any_time_there_is_no_gauge(reports: Mapping[str, Report]) -> None:
    assert clock_gauge(reports["undetermined"]) == ""


def test_the_gauge_and_the_proof_tell_the_same_offset(reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    rough: dict[str, object] = {"offset_s": 43.2, "uncertainty_s": 2.0}
    checks = tuple(
        replace(check, observations={"exchange_times": [rough]}) if check.id == "network.connection" else check
        for check in report.checks
    )
    assert "45.0 s behind" in clock_gauge(replace(report, checks=checks))


def test_the_gauge_leaves_out_the_time_server_that_the_others_contradict(reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    rows: list[dict[str, object]] = [
        {"server": server, "offset_s": offset, "uncertainty_s": doubt, "stratum": 2}
        for server, offset, doubt in (("a", 45.0, 0.02), ("b", 45.0, 0.03), ("the odd one", -300.0, 0.001))
    ]

    def seen(*times: dict[str, object]) -> Report:
        checks = (
            replace(check, observations={"ntp_times": list(times)} if check.id == "clock.ntp" else {})
            for check in report.checks
        )
        return replace(report, checks=tuple(checks))

    assert "45.0 s behind" in clock_gauge(seen(*rows))
    assert clock_gauge(seen(*rows[1:])) == ""


def test_a_title_drives_the_terminal_as_little_as_other_text(reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    (cause,) = report.verdict.causes
    titled = replace(cause, title="\x1b[31mred \udc80")
    text = render_text(replace(report, verdict=replace(report.verdict, causes=(titled,))))
    assert "\\x1b[31mred \\udc80" in text
    assert text.encode()


@each
def test_without_colour_there_is_no_control_character(case: str, reports: Mapping[str, Report]) -> None:
    text = render_text(reports[case])
    assert [char for char in text if not char.isprintable() and char != "\n"] == []


def test_foreign_text_is_shown_and_neither_drives_the_terminal_nor_the_markup(
    reports: Mapping[str, Report],
) -> None:
    for colour in (False, True):
        text = render_text(reports["hostile"], colour=colour)
        assert "[/red]" in text
        assert "\\x1b[31mred\\x1b]0;title\\x07" in text
        assert not set("\u202e\u202c\u200b\ufeff\x07\r\t") & set(text)
        assert _uncoloured(text).count("\x1b") == 0


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        ("plain [/red]", "plain [/red]"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\u202eb", "a\\u202eb"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x9b31m\x00", "\\x9b31m\\x00"),
        ("a\u2028b", "a\\u2028b"),
        ("\ud800", "\\ud800"),
        ("服务 Türkiye ±", "服务 Türkiye ±"),
    ],
)
def test_control_and_format_characters_are_made_visible(foreign: str, shown: str) -> None:
    assert visible(foreign) == shown


@each
def test_colour_changes_nothing_but_colour(case: str, reports: Mapping[str, Report]) -> None:
    coloured = [line.rstrip() for line in _uncoloured(render_text(reports[case], colour=True)).splitlines()]
    assert coloured == render_text(reports[case]).splitlines()


@pytest.mark.parametrize("case", [case for case in CASES if case != "hostile"])
def test_ascii_only_is_ascii(case: str, reports: Mapping[str, Report]) -> None:
    text = render_text(reports[case], ascii_only=True)
    assert text.isascii()
    assert len(text.splitlines()) == len(render_text(reports[case]).splitlines())


def test_ascii_only_is_ascii_with_foreign_text_too(reports: Mapping[str, Report]) -> None:
    assert render_text(reports["hostile"], ascii_only=True).isascii()


@pytest.mark.parametrize("case", CASES)
def test_no_proof_and_no_summary_is_cut_short(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    text = "".join(render_text(report).split())
    told = [line for cause in report.verdict.causes for line in (*cause.because, cause.remedy.text)]
    if report.status is not Health.HEALTHY:
        told += [check.summary for check in report.checks if check.status not in (CheckStatus.PASS, CheckStatus.SKIP)]
    for line in told:
        assert "".join(visible(line).split()) in text


@each
def test_the_last_paragraph_tells_how_it_stands(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    last = render_text(report).split("\n\n")[-1]
    match report.status:
        case Health.HEALTHY:
            assert last.startswith("✓ healthy")
        case Health.UNHEALTHY:
            assert last.startswith("✗ unhealthy: ")
            assert report.verdict.causes[0].title in last
        case Health.UNDETERMINED:
            assert last.startswith("? could not judge: ")


def test_a_healthy_report_is_quiet(reports: Mapping[str, Report]) -> None:
    text = render_text(reports["healthy"])
    assert len(text.splitlines()) <= 12
    assert "Proof" not in text and "Fix" not in text


@pytest.mark.parametrize("case", ["one-cause", "three-causes", "undetermined", "warning-only"])
def test_every_cause_stands_with_its_proof_its_remedy_and_where_to_read_on(
    case: str, reports: Mapping[str, Report]
) -> None:
    report = reports[case]
    text = " ".join(render_text(report).split())
    at = 0
    for cause in report.verdict.causes:
        for part in (
            cause.title,
            f"{cause.id}: {cause.confidence.value}",
            *cause.because,
            cause.remedy.text,
            *cause.remedy.commands,
            cause.remedy.verify,
            f"okx-doctor explain {cause.id}",
        ):
            found = text.find(" ".join(part.split()), at)
            assert found >= at, f"{part!r} is missing, or out of order"
            at = found


def test_the_checklist_shows_every_check_once(reports: Mapping[str, Report]) -> None:
    report = reports["three-causes"]
    listing = render_text(report, detail="all").partition("Checked")[2]
    ids = re.findall(r"^\s*[✓✗!?☠-]\s+([a-z]+\.[a-z]+) ", listing, re.MULTILINE)
    assert ids == [check.id for check in report.checks]


def _uncoloured(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
