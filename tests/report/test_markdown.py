"""The report as Markdown, rendered by a real parser with GitHub's tables, strikethrough and links, and read back."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt
from msgspec.structs import replace

from okx_doctor.model import Remedy, Report
from okx_doctor.report.markdown import code, escape, fenced, render_markdown
from okx_doctor.report.sharing import for_others, masked
from okx_doctor.secrets.foreign_text import visible
from tests.report.conftest import HOSTILE_MARKUP

pytestmark = pytest.mark.slow

CASES = ("healthy", "one-cause", "three-causes", "undetermined", "warning-only", "crash", "requests", "hostile")
ELEMENTS = "div h2 h3 p code ul li strong pre details summary table thead tbody tr th td em sub"
OWN = set(ELEMENTS.split())
"""Elements that the report is made of. Links, pictures and everything that runs are not among them."""

SIGNS = st.text(st.sampled_from(list("`*_~<>&|\\[](){}#+-=.!@:/$'\" ax1w\n\t;")), max_size=40)


def rendered(markdown: str) -> html.HtmlElement:
    """As GitHub renders it: HTML passes (it filters elements, and none of the foreign kind may be there at all)."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "strikethrough", "linkify"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False})  # GitHub links no bare host names
    return html.fragment_fromstring(parser.render(markdown), create_parent="div")


def told(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def flat(text: str) -> str:
    return " ".join(visible(masked(text)).split())


@pytest.mark.parametrize("case", CASES)
def test_a_report_reads_as_its_golden_text(
    case: str, reports: Mapping[str, Report], golden: Callable[[str, str], None]
) -> None:
    golden(f"{case}.markdown.txt", render_markdown(reports[case]))


@pytest.mark.parametrize("case", CASES)
def test_every_cause_every_check_and_nothing_foreign_is_on_the_page(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    page = rendered(render_markdown(report, note="a note"))
    text = told(page)
    assert {node.tag for node in page.iter()} <= OWN
    for cause in report.verdict.causes:
        for part in (cause.title, cause.id, *cause.because, cause.remedy.text, *cause.remedy.commands):
            assert flat(part) in text
    rows = [[told(cell) for cell in row.iter("td")] for row in page.iter("tr") if row.find("td") is not None]
    assert [row[1:] for row in rows] == [[check.id, flat(check.summary)] for check in for_others(report).checks]
    assert [row[0].split()[-1] for row in rows] == [check.status.value for check in for_others(report).checks]


def test_hostile_text_is_shown_and_does_nothing(hostile_markup: Report) -> None:
    page = rendered(render_markdown(hostile_markup))
    text = told(page)
    assert {node.tag for node in page.iter()} <= OWN
    assert {name for node in page.iter() for name in node.attrib} <= {"class"}
    for part in HOSTILE_MARKUP:
        assert flat(part) in text
    rows = [row for row in page.iter("tr") if row.find("td") is not None]
    assert [len(row.findall("td")) for row in rows] == [3] * len(hostile_markup.checks)


def _outside_code(page: html.HtmlElement) -> str:
    for node in list(page.iter("code")):
        node.text = ""
    return str(page.text_content())


def test_nobody_is_notified_and_nothing_is_linked(hostile_markup: Report) -> None:
    prose = _outside_code(rendered(render_markdown(hostile_markup)))
    assert "item" in prose  # the rest is there
    assert not re.search(r"@\w|#\d|gh-\d|://|www\.", prose, re.IGNORECASE)


@pytest.mark.parametrize("commit", ["0a1b2c3", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "DEADBEEF"])
@pytest.mark.parametrize("around", ["{}", "see {}.", "({})", "owner/name@{}", "a-{}-b"])
def test_what_github_takes_for_a_commit_is_code(commit: str, around: str) -> None:
    page = rendered(escape(around.format(commit)))
    assert commit in told(page)
    assert commit not in _outside_code(page)


def test_addresses_are_cut_short_and_the_page_says_so(reports: Mapping[str, Report]) -> None:
    text = render_markdown(reports["requests"])
    assert "203.0.113.77" not in text and "203.0.113.x" in text
    assert "IP addresses are cut short" in text


@given(SIGNS | st.text())
def test_escaped_text_is_shown_as_it_is_wherever_it_stands(text: str) -> None:
    shown = " ".join(visible(text).split())
    for template, where in (
        ("- {}", "li"),
        ("### x{}", "h3"),
        ("|h|\n|-|\n|{}|", "td"),
        ("{}", "p"),
        ("**F.** {}", "p"),
    ):
        page = rendered(template.format(escape(text)))
        assert {node.tag for node in page.iter()} <= OWN
        if shown:
            found = page.xpath(f"//{where}")
            assert len(found) == 1
            prefix = {"h3": "x", "p": "F. " if "F." in template else ""}.get(where, "")
            assert told(found[0]) == f"{prefix}{shown}"


@given(SIGNS | st.text())
def test_code_is_shown_as_it_is_in_a_table_too(text: str) -> None:
    for template in ("x {} y", "|h|\n|-|\n|x {} y|"):
        page = rendered(template.format(code(text)))
        assert {node.tag for node in page.iter()} <= OWN
        assert told(page).removeprefix("h ") == " ".join(f"x {visible(text)} y".split())


@given(st.lists(SIGNS | st.text(), min_size=1, max_size=4))
def test_a_command_cannot_leave_its_fence(lines: list[str]) -> None:
    page = rendered(f"a\n\n{fenced(tuple(lines))}\n\nb")
    (block,) = page.iter("pre")
    assert block.text_content() == "".join(f"{visible(line)}\n" for line in lines)
    assert told(page).endswith("b")


@given(text=SIGNS)
def test_whatever_a_server_says_the_report_keeps_its_form(text: str, reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    cause = replace(report.verdict.causes[0], because=(text, text), remedy=Remedy(text=text, commands=(text,)))
    checks = tuple(replace(check, summary=text) for check in for_others(report).checks)
    target = replace(report.target, base_url=text, site=text)
    verdict = replace(report.verdict, causes=(cause,))
    page = rendered(render_markdown(replace(report, verdict=verdict, checks=checks, target=target)))
    assert {node.tag for node in page.iter()} <= OWN
    assert [len(row.findall("td")) for row in page.iter("tr")][1:] == [3] * len(checks)
    assert [len(list(page.iter(tag))) for tag in ("h2", "h3", "ul", "pre", "table")] == [1, 1, 1, 1, 1]
