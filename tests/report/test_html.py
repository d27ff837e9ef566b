"""The report as a page: read back by a parser here, and by a browser in ``test_browser.py``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from msgspec.structs import replace

from okx_doctor.model import CheckStatus, Report
from okx_doctor.report.html import render_html
from okx_doctor.report.sharing import for_others, masked
from okx_doctor.secrets.foreign_text import visible
from tests.report.conftest import HOSTILE_MARKUP, with_offset

pytestmark = pytest.mark.slow

CASES = ("healthy", "one-cause", "three-causes", "undetermined", "warning-only", "crash", "requests", "hostile")
ELEMENTS = (
    "html head meta title link style body header main footer section article div p span h1 h2 h3 h4 ul ol li dl dt dd "
    "b code pre figure figcaption svg rect line circle text g"
)
OWN = set(ELEMENTS.split())
LOADING = {"src", "srcset", "action", "formaction", "poster", "background", "ping", "xlink:href", "style"}


def page(report: Report, note: str = "") -> html.HtmlElement:
    return html.document_fromstring(render_html(report, note=note))


def told(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def _without_style(text: str) -> str:
    return re.sub(r"<style>.*?</style>", "<style/>", text, flags=re.DOTALL)


@pytest.mark.parametrize("case", CASES)
def test_a_report_reads_as_its_golden_page(
    case: str, reports: Mapping[str, Report], golden: Callable[[str, str], None]
) -> None:
    golden(f"{case}.page.html", _without_style(re.sub(r"sha256-[^']+", "sha256-HASH", render_html(reports[case]))))


@pytest.mark.parametrize("case", CASES)
def test_the_page_holds_the_verdict_and_every_check(case: str, reports: Mapping[str, Report]) -> None:
    report = reports[case]
    body = page(report, note="a note of its own").find("body")
    text = told(body)
    for cause in report.verdict.causes:
        parts = (cause.title, cause.id, cause.confidence.value, *cause.because, cause.remedy.text, cause.remedy.verify)
        for part in (*parts, *cause.remedy.commands):
            assert " ".join(visible(masked(part)).split()) in text
    for check in for_others(report).checks:
        assert check.id in text
        assert check.title in text or check.status is not CheckStatus.PASS
        assert " ".join(visible(masked(check.summary)).split()) in text
    for ruled_out in report.verdict.ruled_out:
        assert ruled_out.because in text
    assert "a note of its own" in text and "IP addresses are cut short" in text


def test_the_page_loads_nothing_and_its_policy_allows_no_more(hostile_markup: Report) -> None:
    root = page(hostile_markup)
    assert {node.tag for node in root.iter()} <= OWN
    attributes = [(name, value) for node in root.iter() for name, value in node.attrib.items()]
    assert not [name for name, _ in attributes if name in LOADING or name.startswith("on")]
    assert [value[:19] for name, value in attributes if name == "href"] == ["data:image/svg+xml,"]
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert re.fullmatch(
        r"default-src 'none'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'", policy
    )
    assert "url(" not in files("okx_doctor.report").joinpath("page.css").read_text("utf-8")


def test_hostile_text_is_shown_as_it_is(hostile_markup: Report) -> None:
    text = told(page(hostile_markup).find("body"))
    for part in HOSTILE_MARKUP:
        assert " ".join(visible(masked(part)).split()) in text


def test_the_page_has_landmarks_a_language_and_headings_in_order(reports: Mapping[str, Report]) -> None:
    root = page(reports["three-causes"])
    assert root.get("lang") == "en"
    assert [len(root.findall(f"body/{name}")) for name in ("header", "main", "footer")] == [1, 1, 1]
    levels = [int(node.tag[1]) for node in root.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    named = root.xpath("//section/@aria-labelledby")
    assert len(named) == len(set(named)) == len(root.xpath("//section"))
    assert sorted(root.xpath("//h2/@id")) == sorted(named)


@pytest.mark.parametrize(
    ("seconds", "words", "inside"),
    [
        (-45.0, "45.0 s behind OKX", False),
        (-29.0, "29.0 s behind OKX", True),
        (0.0, "0.000 s ahead of OKX", True),
        (3.0, "3.0 s ahead of OKX", True),
        (30.0, "30.0 s ahead of OKX", True),
        (8 * 3600.0, "8 h 0 min ahead of OKX", False),
    ],
)
def test_the_clock_stands_where_it_is_in_the_window(
    seconds: float, words: str, inside: bool, reports: Mapping[str, Report]
) -> None:
    root = page(with_offset(reports["one-cause"], seconds))
    (drawing,) = root.iter("svg")
    assert words in drawing.get("aria-label", "") and words in told(drawing)
    marks = list(drawing.iter("circle"))
    assert bool(marks) is inside
    (window,) = [node for node in drawing.iter("rect") if node.get("class") == "window"]
    left, width = (float(window.get(name, "").rstrip("%")) for name in ("x", "width"))
    if inside:
        assert float(marks[0].get("cx", "").rstrip("%")) == pytest.approx(left + width * (seconds + 30) / 60, abs=0.01)
    else:
        (arrow,) = [node for node in drawing.iter("text") if node.get("class") == "mark outside"]
        at = float(arrow.get("x", "").rstrip("%"))
        assert (at < left, at > left + width) == (seconds < 0, seconds > 0)


def test_the_doubt_is_drawn_as_wide_as_it_is(reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]
    row: dict[str, object] = {"offset_s": 10.0, "uncertainty_s": 6.0}
    checks = tuple(
        replace(check, observations={"exchange_times": [row]} if check.id == "clock.exchange" else {})
        for check in for_others(report).checks
    )
    root = page(replace(report, checks=checks))
    (bar,) = [node for node in root.iter("rect") if node.get("class") == "doubt"]
    (window,) = [node for node in root.iter("rect") if node.get("class") == "window"]
    wide, whole = (float(node.get("width", "").rstrip("%")) for node in (bar, window))
    assert wide / whole == pytest.approx(12 / 60, abs=0.001)


def test_without_any_time_there_is_no_clock(reports: Mapping[str, Report]) -> None:
    assert not list(page(reports["healthy"]).iter("svg"))


@given(text=st.text())
def test_whatever_a_server_says_the_page_says_it_and_is_the_same_page(text: str, reports: Mapping[str, Report]) -> None:
    report = reports["one-cause"]

    def saying(words: str) -> html.HtmlElement:
        cause = replace(report.verdict.causes[0], because=(words,))
        checks = tuple(replace(check, summary=words) for check in for_others(report).checks)
        return page(replace(report, verdict=replace(report.verdict, causes=(cause,)), checks=checks))

    root = saying(text)
    assert [(node.tag, node.keys()) for node in root.iter()] == [(node.tag, node.keys()) for node in saying("x").iter()]
    assert root.xpath("//article/ul/li")[0].text_content() == visible(masked(text))


def _colours(css: str) -> Iterator[dict[str, str]]:
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL):
        yield dict(re.findall(r"--([\w-]+): (#\w{6})", block))


def _luminance(colour: str) -> float:
    """Relative luminance. Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PAIRS = [("text", ground) for ground in ("page", "card", "code")] + [
    (ink, ground) for ink in ("muted", "good", "bad", "unsure") for ground in ("page", "card")
]
PAIRS += [
    ("good", "good-soft"),
    ("bad", "bad-soft"),
    ("unsure", "unsure-soft"),
    ("text", "good-soft"),
    ("muted", "code"),
]


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_words_stand_out_from_their_ground_in_light_and_dark_and_print(ink: str, ground: str) -> None:
    schemes = list(_colours(files("okx_doctor.report").joinpath("page.css").read_text("utf-8")))
    assert len(schemes) == 3
    for scheme in schemes:
        high, low = sorted((_luminance(scheme[ink]), _luminance(scheme[ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, "WCAG 2.2 AA"
