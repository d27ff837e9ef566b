"""The page in headless Chromium: it loads nothing, runs nothing, complains of nothing and can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from okx_doctor.model import Report
from okx_doctor.report.html import render_html
from okx_doctor.report.sharing import masked
from okx_doctor.secrets.foreign_text import visible
from tests.needs import needs, program
from tests.report.browser import Page, Trap, chromium, local, trap
from tests.report.conftest import HOSTILE_MARKUP

pytestmark = [pytest.mark.machine, needs("chromium")]
CASES = ("healthy", "one-cause", "three-causes", "undetermined", "warning-only", "crash", "requests", "hostile")
SHOWN = "document.body.innerText"


@pytest.fixture(scope="module")
def trapped() -> Iterator[Trap]:
    with trap() as found:
        yield found


@pytest.fixture(scope="module")
def tab(trapped: Trap) -> Iterator[Page]:
    with chromium(program("chromium"), trapped.port) as found:
        yield found


@pytest.fixture
def every(reports: Mapping[str, Report], hostile_markup: Report) -> Mapping[str, Report]:
    return {**reports, "hostile-markup": hostile_markup}


def saved(report: Report, folder: Path) -> str:
    file = folder / "report.html"
    file.write_text(render_html(report, note="a note of its own"), "utf-8")
    return local(file)


@pytest.mark.parametrize("case", [*CASES, "hostile-markup"])
def test_a_page_loads_nothing_runs_nothing_and_shows_the_verdict(
    case: str, every: Mapping[str, Report], tab: Page, trapped: Trap, tmp_path: Path
) -> None:
    report = every[case]
    trapped.asked.clear()
    address = saved(report, tmp_path)
    seen = tab.open(address)
    assert [url for url in seen.requested if url != address and not url.startswith("data:")] == []
    assert trapped.asked == []
    assert seen.console == []
    assert seen.exceptions == []
    assert tab.evaluate("typeof window.hacked") == "undefined"
    assert tab.evaluate("document.scripts.length") == 0
    shown = " ".join(tab.evaluate(SHOWN).split())
    for cause in report.verdict.causes:
        for part in (cause.title, cause.confidence.value, *cause.because, cause.remedy.text, *cause.remedy.commands):
            assert " ".join(visible(masked(part)).split()) in shown
    for check in report.checks:
        if check.id != "credentials.passphrase":  # what it is made of is not for other eyes
            assert " ".join(visible(masked(check.summary)).split()) in shown
    assert "a note of its own" in shown


def test_the_browser_would_tell_if_a_page_loaded_or_ran_something(tab: Page, trapped: Trap, tmp_path: Path) -> None:
    trapped.asked.clear()
    file = tmp_path / "bad.html"
    file.write_text(
        f"<!doctype html><title>x</title>{HOSTILE_MARKUP[0]}<script>console.error('e');x.y</script>", "utf-8"
    )
    seen = tab.open(local(file))
    assert "http://trap.invalid/x" in seen.requested
    assert trapped.asked == ["trap.invalid/x"]
    assert tab.evaluate("window.hacked") == 1
    assert seen.console and seen.exceptions


def test_the_policy_of_the_page_stops_what_would_load_or_run(
    reports: Mapping[str, Report], tab: Page, trapped: Trap, tmp_path: Path
) -> None:
    trapped.asked.clear()
    file = tmp_path / "broken.html"
    page = render_html(reports["healthy"]).replace("<main>", f"<main>{HOSTILE_MARKUP[0]}<p style='color:red'>")
    assert "<script>" in page
    file.write_text(page, "utf-8")
    seen = tab.open(local(file))
    assert trapped.asked == []
    assert tab.evaluate("typeof window.hacked") == "undefined"
    assert len([line for line in seen.console if re.search("Content Security Policy", line)]) >= 3


def test_the_style_sheet_is_the_one_that_the_policy_allows(
    reports: Mapping[str, Report], tab: Page, tmp_path: Path
) -> None:
    address = saved(reports["one-cause"], tmp_path)
    ground = "getComputedStyle(document.body).backgroundColor"
    found = {}
    for scheme in ("light", "dark"):
        tab.scheme(scheme)
        tab.open(address)
        found[scheme] = tab.evaluate(ground)
    assert found == {"light": "rgb(246, 247, 249)", "dark": "rgb(16, 19, 23)"}
    tab.scheme("dark", "print")
    assert tab.evaluate(ground) == "rgb(255, 255, 255)"
    tab.scheme("light")


@pytest.mark.parametrize("pixels", [320, 390, 1280])
@pytest.mark.parametrize("case", ["three-causes", "requests", "hostile", "hostile-markup"])
def test_a_page_fits_its_window_without_scrolling_sideways(
    case: str, pixels: int, every: Mapping[str, Report], tab: Page, tmp_path: Path
) -> None:
    tab.width(pixels)
    tab.open(saved(every[case], tmp_path))
    assert tab.evaluate("document.documentElement.scrollWidth") <= pixels
    widest = "Math.max(...[...document.querySelectorAll('body *')].map(e => e.getBoundingClientRect().right))"
    assert tab.evaluate(widest) <= pixels
    assert (
        tab.evaluate(
            "Math.min(...[...document.querySelectorAll('body *')].filter(e => e.textContent)"
            ".map(e => parseFloat(getComputedStyle(e).fontSize)))"
        )
        >= 11
    )
